"""Photos that people send: what is a picture, and nothing in it that tells more than it shows.

JPEG: the segments up to the scan are walked, and APP1 to APP15 (EXIF with the place and the phone's number, XMP), comments
are left out; PNG: only the chunks that make the picture stay; WebP: EXIF and XMP go. What does not parse is refused.
"""

import struct

from lilong.kernel.base.problems import invalid

BYTES_MAX = 2 * 1024 * 1024
JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"sRGB", b"gAMA")
_START, _EOI, _SOS, _COM = 0xFF, 0xD9, 0xDA, 0xFE
_APP0, _APP15 = 0xE0, 0xEF
_BARE = frozenset((0x01, *range(0xD0, 0xD8)))  # markers without a length
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MARKER, _LENGTH = 2, 2  # bytes
_PIXELS_MAX = 40_000_000
_WEBP_DROPPED, _WEBP_PICTURES = (b"EXIF", b"XMP "), (b"VP8 ", b"VP8L", b"ANMF")
_EXIF_FLAG, _XMP_FLAG = 0x08, 0x04


class _Damaged(Exception):
    """It does not parse."""


def cleaned(content: bytes, pointer: str = "/photo") -> tuple[bytes, str]:
    """(the picture without what else it carried, its media type). Raises Invalid at `pointer`: `size`, `media-type`,
    `pixels`, `damaged`."""
    if not 0 < len(content) <= BYTES_MAX:
        raise invalid(pointer, "size", f"1..{BYTES_MAX}")
    try:
        if content.startswith(b"\xff\xd8"):
            return _jpeg(content, pointer), JPEG
        if content.startswith(_PNG_HEAD):
            return _png(content, pointer), PNG
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return _webp(content), WEBP
    except _Damaged:
        raise invalid(pointer, "damaged") from None
    raise invalid(pointer, "media-type", f"{JPEG}, {PNG}, {WEBP}")


def _jpeg(content: bytes, pointer: str) -> bytes:
    kept, at, framed = bytearray(b"\xff\xd8"), _MARKER, False
    marker = 0
    while marker != _SOS:
        marker, end = _segment(content, at)
        if marker in _FRAMES:
            framed = True
            _check_pixels(content[at + 5 : at + 9], ">HH", pointer)
        if marker != _SOS and not (_APP0 < marker <= _APP15 or marker == _COM):
            kept += content[at:end]
        at = at if marker == _SOS else end
    end = content.rfind(b"\xff\xd9", at)
    if not framed or end < 0:
        raise _Damaged
    return bytes(kept + content[at : end + 2])


def _segment(content: bytes, at: int) -> tuple[int, int]:
    """The marker of the segment at `at` and where it ends. Raises _Damaged."""
    if at + _MARKER > len(content) or content[at] != _START:
        raise _Damaged
    marker = content[at + 1]
    if marker == _START:  # a fill byte
        return marker, at + 1
    if marker in _BARE:
        return marker, at + _MARKER
    if at + _MARKER + _LENGTH > len(content) or marker == _EOI:
        raise _Damaged
    (length,) = struct.unpack(">H", content[at + 2 : at + 4])
    if length < _LENGTH or at + _MARKER + length > len(content):
        raise _Damaged
    return marker, at + _MARKER + length


def _png(content: bytes, pointer: str) -> bytes:
    kept, at = bytearray(_PNG_HEAD), len(_PNG_HEAD)
    seen: list[bytes] = []
    while not seen or seen[-1] != b"IEND":
        if at + 12 > len(content):
            raise _Damaged
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        if at + 12 + length > len(content) or (not seen and kind != b"IHDR"):
            raise _Damaged
        if kind == b"IHDR":
            _check_pixels(content[at + 8 : at + 16], ">II", pointer)
        if kind in _PNG_KEPT:
            kept += content[at : at + 12 + length]
        seen.append(kind)
        at += 12 + length
    if b"IDAT" not in seen:
        raise _Damaged
    return bytes(kept)


def _webp(content: bytes) -> bytes:
    kept, at, seen = [], 12, set()
    while at < len(content):
        if at + 8 > len(content):
            raise _Damaged
        kind, length = struct.unpack("<4sI", content[at : at + 8])
        chunk = content[at : at + 8 + length + length % 2]
        if len(chunk) < 8 + length or (kind == b"VP8X" and not length):
            raise _Damaged
        if kind == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~(_EXIF_FLAG | _XMP_FLAG)]) + chunk[9:]
        if kind not in _WEBP_DROPPED:
            kept.append(chunk)
        seen.add(kind)
        at += 8 + length + length % 2
    if seen.isdisjoint(_WEBP_PICTURES):
        raise _Damaged
    body = b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _check_pixels(head: bytes, form: str, pointer: str) -> None:
    if len(head) < struct.calcsize(form):
        raise _Damaged
    one, other = struct.unpack(form, head)
    if not 0 < one * other <= _PIXELS_MAX:
        raise invalid(pointer, "pixels", f"1..{_PIXELS_MAX}")
