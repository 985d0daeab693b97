"""WebP pictures: what else they carried goes, what is none is refused. (JPEG and PNG: with the proofs of delivery.)"""

import struct

import pytest

from lilong.kernel.base import photos
from lilong.kernel.base.problems import Invalid

PIXELS = b"VP8L" + struct.pack("<I", 5) + b"/abcd\0"


def webp(*chunks: bytes) -> bytes:
    body = b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def extended(flags: int) -> bytes:
    return b"VP8X" + struct.pack("<I", 10) + bytes([flags]) + bytes(9)


def test_a_webp_keeps_its_pixels_and_loses_place_and_person():
    exif = b"EXIF" + struct.pack("<I", 8) + b"GPS 31.2"
    remark = b"XMP " + struct.pack("<I", 3) + b"abc\0"
    given = webp(extended(0x0C), PIXELS, exif, remark)
    assert photos.cleaned(given) == (webp(extended(0), PIXELS), "image/webp")


@pytest.mark.parametrize(
    "content",
    [
        webp(),
        webp(extended(0)),
        webp(PIXELS)[:-4],
        webp(b"VP8X" + struct.pack("<I", 0), PIXELS),
        webp(PIXELS) + b"rest",
    ],
)
def test_a_broken_webp_is_refused_at_the_pointer(content: bytes):
    with pytest.raises(Invalid) as refused:
        photos.cleaned(content, "/photos/2")
    assert [(each.pointer, each.rule) for each in refused.value.violations] == [("/photos/2", "damaged")]
