"""Photographs as they are kept: known kinds alone, not too large, and without what the camera wrote about place and person."""

import struct

from lilong.kernel.base.problems import Invalid, Violation

SIZE_MAX = 2 * 1024 * 1024
_JPEG, _PNG, _RIFF, _WEBP = b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"RIFF", b"WEBP"
_PNG_KEPT = (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"sRGB", b"gAMA", b"cHRM", b"iCCP", b"sBIT", b"pHYs")
_WEBP_DROPPED = (b"EXIF", b"XMP ")
_SOS, _APP0, _APP15, _COM, _ICC = 0xDA, 0xE0, 0xEF, 0xFE, 0xE2
_EXIF_FLAG, _XMP_FLAG = 0x08, 0x04


def cleaned(content: bytes, pointer: str) -> tuple[str, bytes]:
    """The media type and the picture without its remarks. Raises Invalid: `size`, `media-type`, `broken`."""
    if not 0 < len(content) <= SIZE_MAX:
        raise _bad(pointer, "size")
    try:
        if content.startswith(_JPEG):
            return "image/jpeg", _jpeg(content)
        if content.startswith(_PNG):
            return "image/png", _png(content)
        if content[:4] == _RIFF and content[8:12] == _WEBP:
            return "image/webp", _webp(content)
    except (struct.error, IndexError, ValueError):
        raise _bad(pointer, "broken") from None
    raise _bad(pointer, "media-type")


def _jpeg(content: bytes) -> bytes:
    """Without its application segments (Exif, XMP, maker's notes) and comments; JFIF and colour profiles stay."""
    kept, at = [_JPEG], 2
    while True:
        if content[at] != 0xFF:  # noqa: PLR2004 (a marker begins with it)
            raise ValueError("no marker")
        marker = content[at + 1]
        (length,) = struct.unpack(">H", content[at + 2 : at + 4])
        if marker == _SOS:
            kept.append(content[at:])
            return b"".join(kept)
        remark = marker == _COM or (_APP0 < marker <= _APP15 and marker != _ICC)
        if not remark:
            kept.append(content[at : at + 2 + length])
        at += 2 + length


def _png(content: bytes) -> bytes:
    kept, at = [_PNG], len(_PNG)
    while True:
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        chunk = content[at : at + 12 + length]
        if len(chunk) != 12 + length:
            raise ValueError("cut off")
        if kind in _PNG_KEPT:
            kept.append(chunk)
        at += len(chunk)
        if kind == b"IEND":
            return b"".join(kept)


def _webp(content: bytes) -> bytes:
    kept, at = [], 12
    while at < len(content):
        kind, length = struct.unpack("<4sI", content[at : at + 8])
        chunk = content[at : at + 8 + length + length % 2]
        if len(chunk) < 8 + length:
            raise ValueError("cut off")
        if kind == b"VP8X":
            flags = chunk[8] & ~(_EXIF_FLAG | _XMP_FLAG)
            chunk = chunk[:8] + bytes([flags]) + chunk[9:]
        if kind not in _WEBP_DROPPED:
            kept.append(chunk)
        at += 8 + length + length % 2
    if not kept:
        raise ValueError("empty")
    body = b"".join(kept)
    return _RIFF + struct.pack("<I", len(body) + 4) + _WEBP + body


def _bad(pointer: str, rule: str) -> Invalid:
    return Invalid("invalid", violations=[Violation(pointer=pointer, rule=rule)])
