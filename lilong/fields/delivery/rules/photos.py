"""Photos as proof: what is a picture, and nothing in it that tells more than it shows.

JPEG: the segments up to the scan are walked, and APP1 to APP15 (EXIF with the place and the phone's number, XMP), comments
are left out; PNG: only the chunks that make the picture stay. What does not parse is refused.
"""

import struct

from lilong.kernel.base.problems import Invalid, invalid

BYTES_MAX = 2 * 1024 * 1024
JPEG, PNG = "image/jpeg", "image/png"
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"sRGB", b"gAMA")
_START, _EOI, _SOS, _COM = 0xFF, 0xD9, 0xDA, 0xFE
_APP0, _APP15 = 0xE0, 0xEF
_BARE = frozenset((0x01, *range(0xD0, 0xD8)))  # markers without a length
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MARKER, _LENGTH = 2, 2  # bytes
_PIXELS_MAX = 40_000_000


def cleaned(content: bytes) -> tuple[bytes, str]:
    """(the picture without what else it carried, its media type). Raises Invalid at `/photo`: `size`, `media-type`,
    `damaged`."""
    if not 0 < len(content) <= BYTES_MAX:
        raise invalid("/photo", "size", f"1..{BYTES_MAX}")
    if content.startswith(b"\xff\xd8"):
        return _jpeg(content), JPEG
    if content.startswith(_PNG_HEAD):
        return _png(content), PNG
    raise invalid("/photo", "media-type", f"{JPEG}, {PNG}")


def _damaged() -> Invalid:
    return invalid("/photo", "damaged")


def _jpeg(content: bytes) -> bytes:
    kept, at, framed = bytearray(b"\xff\xd8"), _MARKER, False
    marker = 0
    while marker != _SOS:
        marker, end = _segment(content, at)
        if marker in _FRAMES:
            framed = True
            _check_pixels(content[at + 5 : at + 9], ">HH")
        if marker != _SOS and not (_APP0 < marker <= _APP15 or marker == _COM):
            kept += content[at:end]
        at = at if marker == _SOS else end
    end = content.rfind(b"\xff\xd9", at)
    if not framed or end < 0:
        raise _damaged()
    return bytes(kept + content[at : end + 2])


def _segment(content: bytes, at: int) -> tuple[int, int]:
    """The marker of the segment at `at` and where it ends. Raises Invalid `damaged`."""
    if at + _MARKER > len(content) or content[at] != _START:
        raise _damaged()
    marker = content[at + 1]
    if marker == _START:  # a fill byte
        return marker, at + 1
    if marker in _BARE:
        return marker, at + _MARKER
    if at + _MARKER + _LENGTH > len(content) or marker == _EOI:
        raise _damaged()
    (length,) = struct.unpack(">H", content[at + 2 : at + 4])
    if length < _LENGTH or at + _MARKER + length > len(content):
        raise _damaged()
    return marker, at + _MARKER + length


def _png(content: bytes) -> bytes:
    kept, at, seen = bytearray(_PNG_HEAD), len(_PNG_HEAD), []
    while not seen or seen[-1] != b"IEND":
        if at + 12 > len(content):
            raise _damaged()
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        if at + 12 + length > len(content) or (not seen and kind != b"IHDR"):
            raise _damaged()
        if kind == b"IHDR":
            _check_pixels(content[at + 8 : at + 16], ">II")
        if kind in _PNG_KEPT:
            kept += content[at : at + 12 + length]
        seen.append(kind)
        at += 12 + length
    if b"IDAT" not in seen:
        raise _damaged()
    return bytes(kept)


def _check_pixels(head: bytes, form: str) -> None:
    if len(head) < struct.calcsize(form):
        raise _damaged()
    one, other = struct.unpack(form, head)
    if not 0 < one * other <= _PIXELS_MAX:
        raise invalid("/photo", "pixels", f"1..{_PIXELS_MAX}")
