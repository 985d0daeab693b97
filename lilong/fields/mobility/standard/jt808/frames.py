"""Frames (JT/T 808-2019 section 4.4): 0x7e, header, body, XOR of both, 0x7e; 0x7e and 0x7d inside are escaped.

The header of 2019 is told from that of 2013 by bit 14 of the properties: it has a version byte, and ten bytes of BCD for the
phone number instead of six. Bodies are up to 1,023 bytes; longer ones travel in numbered packages.
"""

from functools import reduce
from operator import xor
from typing import NamedTuple

DELIMITER = 0x7E
BODY_MAX = 0x3FF
FRAME_MAX = 2 * (BODY_MAX + 22) + 2  # every byte of the longest escaped
_ENCRYPTED, _PACKAGED, _VERSIONED = 0x1C00, 0x2000, 0x4000


class Frame(NamedTuple):
    """`phone` is digits without leading zeros; `version` is None for 2013, else the version byte. `package` counts from 1."""

    id: int
    phone: str
    serial: int
    body: bytes
    version: int | None = None
    total: int = 1
    package: int = 1


class Bad(NamedTuple):
    """What is no frame, and why. `raw` is as received, without delimiters."""

    raw: bytes
    reason: str


class Splitter:
    """Cuts a stream of bytes into frames, however the network cut it. Never raises, keeps at most one frame's bytes."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._skipping = False

    def feed(self, data: bytes) -> list[Frame | Bad]:
        found: list[Frame | Bad] = []
        *ended, rest = data.split(b"\x7e")
        for piece in ended:
            self._add(piece, found)
            if self._rest and not self._skipping:
                found.append(read(bytes(self._rest)))
            self._rest.clear()
            self._skipping = False
        self._add(rest, found)
        return found

    def _add(self, piece: bytes, found: list[Frame | Bad]) -> None:
        """What has no end is given up once it is longer than any frame; the rest of it is skipped."""
        if self._skipping:
            return
        self._rest += piece
        if len(self._rest) > FRAME_MAX:
            found.append(Bad(bytes(self._rest[:FRAME_MAX]), "too-long"))
            self._rest.clear()
            self._skipping = True


def read(raw: bytes) -> Frame | Bad:
    """The frame between two delimiters. Encrypted ones are refused: no platform key is agreed with anybody."""
    data = unescaped(raw)
    if data is None:
        return Bad(raw, "escape")
    if len(data) < 13:  # noqa: PLR2004 (the shorter header and the checksum)
        return Bad(raw, "too-short")
    if reduce(xor, data):
        return Bad(raw, "checksum")
    properties = int.from_bytes(data[2:4], "big")
    if properties & _ENCRYPTED:
        return Bad(raw, "encrypted")
    versioned = bool(properties & _VERSIONED)
    phone_at, phone_length = (5, 10) if versioned else (4, 6)
    end = phone_at + phone_length + 2 + (4 if properties & _PACKAGED else 0)
    if len(data) != end + (properties & BODY_MAX) + 1:
        return Bad(raw, "length")
    phone = data[phone_at : phone_at + phone_length].hex()
    if not phone.isdecimal():
        return Bad(raw, "phone")
    serial_at = phone_at + phone_length
    total = package = 1
    if properties & _PACKAGED:
        total, package = (int.from_bytes(data[n : n + 2], "big") for n in (serial_at + 2, serial_at + 4))
        if not 1 <= package <= total:
            return Bad(raw, "package")
    return Frame(
        id=int.from_bytes(data[0:2], "big"),
        phone=phone.lstrip("0"),
        serial=int.from_bytes(data[serial_at : serial_at + 2], "big"),
        body=data[end:-1],
        version=data[4] if versioned else None,
        total=total,
        package=package,
    )


def written(frame: Frame) -> bytes:
    """With its delimiters. Raises ValueError for a body too long for one frame, or a phone number that is none."""
    if len(frame.body) > BODY_MAX:
        raise ValueError(f"a body of {len(frame.body)} bytes needs packages")
    versioned = frame.version is not None
    digits = 20 if versioned else 12
    if not (frame.phone.isdecimal() and frame.phone.isascii() and len(frame.phone) <= digits):
        raise ValueError(f"{frame.phone!r} is no phone number of {digits} digits")
    packaged = frame.total > 1
    properties = len(frame.body) | (_PACKAGED if packaged else 0) | (_VERSIONED if versioned else 0)
    head = frame.id.to_bytes(2, "big") + properties.to_bytes(2, "big")
    if frame.version is not None:
        head += bytes([frame.version])
    head += bytes.fromhex(frame.phone.zfill(digits)) + frame.serial.to_bytes(2, "big")
    if packaged:
        head += frame.total.to_bytes(2, "big") + frame.package.to_bytes(2, "big")
    data = head + frame.body
    return b"\x7e" + escaped(data + bytes([reduce(xor, data)])) + b"\x7e"


def packages(frame: Frame) -> list[Frame]:
    """The frame, or as many as its body needs, numbered on from its serial number."""
    if len(frame.body) <= BODY_MAX:
        return [frame]
    parts = [frame.body[n : n + BODY_MAX] for n in range(0, len(frame.body), BODY_MAX)]
    return [
        frame._replace(body=part, total=len(parts), package=n + 1, serial=(frame.serial + n) & 0xFFFF)
        for n, part in enumerate(parts)
    ]


def escaped(data: bytes) -> bytes:
    return data.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02")


def unescaped(raw: bytes) -> bytes | None:
    """None where 0x7d is followed by anything but 0x01 or 0x02."""
    head, *pieces = raw.split(b"\x7d")
    data = bytearray(head)
    for piece in pieces:
        if piece[:1] not in (b"\x01", b"\x02"):
            return None
        data.append(0x7C + piece[0])
        data += piece[1:]
    return bytes(data)
