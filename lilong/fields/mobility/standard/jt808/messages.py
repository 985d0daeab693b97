"""Bodies of messages (JT/T 808-2019 chapter 8), as far as this platform speaks them. Numbers are big-endian.

From terminals: 0x0001 answer, 0x0002 heartbeat, 0x0003 deregister, 0x0100 register, 0x0102 authenticate, 0x0200 location,
0x0500 answer to vehicle control, 0x0704 batch of locations. To them: 0x8001 answer, 0x8100 answer to registration, 0x8103 set
parameters, 0x8105 terminal control, 0x8500 vehicle control.
"""

from collections.abc import Sequence
from typing import NamedTuple

ANSWER, HEARTBEAT, DEREGISTER, REGISTER, AUTHENTICATE = 0x0001, 0x0002, 0x0003, 0x0100, 0x0102
LOCATION, CONTROL_ANSWER, BATCH = 0x0200, 0x0500, 0x0704
PLATFORM_ANSWER, REGISTER_ANSWER = 0x8001, 0x8100
SET_PARAMETERS, TERMINAL_CONTROL, VEHICLE_CONTROL = 0x8103, 0x8105, 0x8500

# Results of 0x0001 and 0x8001.
DONE, FAILED, WRONG, UNSUPPORTED = 0, 1, 2, 3
# Results of 0x8100.
REGISTERED, VEHICLE_TAKEN, NO_SUCH_VEHICLE, TERMINAL_TAKEN, NO_SUCH_TERMINAL = 0, 1, 2, 3, 4
# Parameters of 0x8103 that the platform sets.
HEARTBEAT_SECONDS, REPORT_SECONDS, SPEED_MAX_KMH = 0x0001, 0x0029, 0x0055


class Malformed(ValueError):
    """The body is not what its message's id says."""


class Reading:
    """Takes a body apart from the front. Every method raises Malformed when there is too little."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, length: int) -> bytes:
        taken = self._data[self._at : self._at + length]
        if len(taken) != length:
            raise Malformed("too short")
        self._at += length
        return taken

    def number(self, length: int) -> int:
        return int.from_bytes(self.take(length), "big")

    def text(self, length: int) -> str:
        return text_of(self.take(length))

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def rest(self) -> bytes:
        return self.take(self.left)


class Registration(NamedTuple):
    """0x0100. `colour` of the plate as in JT/T 415 (1 blue, 4 green, ...; 0: no plate, then `plate` is the VIN)."""

    province: int
    city: int
    maker: str
    model: str
    terminal: str
    colour: int
    plate: str


class Authentication(NamedTuple):
    """0x0102. Terminals of 2013 tell only the code."""

    code: str
    imei: str = ""
    software: str = ""


class Answer(NamedTuple):
    """0x0001 and 0x8001: to which message (serial number and id), with which result."""

    serial: int
    id: int
    result: int


def read_registration(body: bytes, *, versioned: bool) -> Registration:
    reading = Reading(body)
    maker, model, terminal = (11, 30, 30) if versioned else (5, 20, 7)
    return Registration(
        reading.number(2),
        reading.number(2),
        reading.text(maker),
        reading.text(model),
        reading.text(terminal),
        reading.number(1),
        text_of(reading.rest()),
    )


def write_registration(given: Registration, *, versioned: bool) -> bytes:
    maker, model, terminal = (11, 30, 30) if versioned else (5, 20, 7)
    head = given.province.to_bytes(2, "big") + given.city.to_bytes(2, "big")
    names = _padded(given.maker, maker) + _padded(given.model, model) + _padded(given.terminal, terminal)
    return head + names + bytes([given.colour]) + given.plate.encode("gbk")


def read_authentication(body: bytes, *, versioned: bool) -> Authentication:
    if not versioned:
        return Authentication(text_of(body))
    reading = Reading(body)
    code = reading.text(reading.number(1))
    return Authentication(code, reading.text(15), reading.text(20))


def write_authentication(given: Authentication, *, versioned: bool) -> bytes:
    code = given.code.encode("gbk")
    if not versioned:
        return code
    return bytes([len(code)]) + code + _padded(given.imei, 15) + _padded(given.software, 20)


def read_answer(body: bytes) -> Answer:
    reading = Reading(body)
    return Answer(reading.number(2), reading.number(2), reading.number(1))


def write_answer(given: Answer) -> bytes:
    return given.serial.to_bytes(2, "big") + given.id.to_bytes(2, "big") + bytes([given.result])


def read_register_answer(body: bytes) -> tuple[int, int, str]:
    """Serial number of the registration, result, code ('' unless registered)."""
    reading = Reading(body)
    return reading.number(2), reading.number(1), text_of(reading.rest())


def write_register_answer(serial: int, result: int, code: str = "") -> bytes:
    return serial.to_bytes(2, "big") + bytes([result]) + code.encode("gbk")


def read_batch(body: bytes) -> tuple[bool, list[bytes]]:
    """0x0704: whether it supplements a blind spot, and the location bodies. Raises Malformed."""
    reading = Reading(body)
    count, supplement = reading.number(2), reading.number(1)
    items = [reading.take(reading.number(2)) for _ in range(count)]
    if reading.left or supplement not in (0, 1):
        raise Malformed("not a batch")
    return supplement == 1, items


def write_batch(items: Sequence[bytes], *, supplement: bool) -> bytes:
    head = len(items).to_bytes(2, "big") + bytes([supplement])
    return head + b"".join(len(item).to_bytes(2, "big") + item for item in items)


def read_control_answer(body: bytes) -> tuple[int, bytes]:
    """0x0500: the serial number of the control it answers, and a location body."""
    reading = Reading(body)
    return reading.number(2), reading.rest()


def write_vehicle_control(*, lock: bool, versioned: bool) -> bytes:
    """0x8500: central lock. In 2013 a flag byte whose bit 0 locks; in 2019 a list of controls, doors being 0x0001 (1: unlock)."""
    if versioned:
        return (1).to_bytes(2, "big") + (1).to_bytes(2, "big") + bytes([0 if lock else 1])
    return bytes([1 if lock else 0])


def read_vehicle_control(body: bytes, *, versioned: bool) -> bool:
    """The terminal's side: whether to lock. Raises Malformed for controls other than the doors'."""
    reading = Reading(body)
    if not versioned:
        return bool(reading.number(1) & 1)
    if (reading.number(2), reading.number(2)) != (1, 1):
        raise Malformed("not the doors")
    return reading.number(1) == 0


def write_parameters(values: dict[int, int]) -> bytes:
    """0x8103: numbers of four bytes by parameter id."""
    items = (id.to_bytes(4, "big") + bytes([4]) + value.to_bytes(4, "big") for id, value in values.items())
    return bytes([len(values)]) + b"".join(items)


def read_parameters(body: bytes) -> dict[int, int]:
    """The terminal's side."""
    reading = Reading(body)
    return {reading.number(4): reading.number(reading.number(1)) for _ in range(reading.number(1))}


def write_terminal_control(command: int, parameters: str = "") -> bytes:
    """0x8105: 4 resets the terminal, 3 switches it off, ..."""
    return bytes([command]) + parameters.encode("gbk")


def text_of(raw: bytes) -> str:
    """GBK, padded with zeros at either end. Raises Malformed."""
    try:
        text = raw.strip(b"\0").decode("gbk")
    except UnicodeDecodeError:
        raise Malformed("not GBK") from None
    if "\0" in text:
        raise Malformed("zero inside text")
    return text


def _padded(text: str, length: int) -> bytes:
    raw = text.encode("gbk")
    if len(raw) > length:
        raise ValueError(f"{text!r} takes more than {length} bytes")
    return raw.ljust(length, b"\0")
