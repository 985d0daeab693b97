"""The location body (JT/T 808-2019 section 8.18): alarm and status bits, position, speed, direction, time, further items."""

from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

from lilong.fields.mobility.standard.jt808.messages import Malformed, Reading

ZONE = timezone(timedelta(hours=8))  # all moments of the standard are Beijing time
ENGINE, LOCATED, SOUTH, WEST, LOCKED = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 12
DOORS = 0b11111 << 13
# Further items: id -> length. 0xE4 is in the range that the standard leaves to users; here it is the battery in percent.
MILEAGE, FUEL, SPEED, SIGNAL, SATELLITES, BATTERY = 0x01, 0x02, 0x03, 0x30, 0x31, 0xE4
_LENGTHS = {MILEAGE: 4, FUEL: 2, SPEED: 2, SIGNAL: 1, SATELLITES: 1, BATTERY: 1}
_YEAR = 2000


class Location(NamedTuple):
    """`speed` in tenths of km/h, `direction` in degrees, `altitude` in metres; `extras` holds the items known here, by id, in
    the standard's units (mileage and fuel in tenths of a kilometre and a litre). Coordinates are as the terminal is set."""

    alarm: int
    status: int
    latitude_e6: int
    longitude_e6: int
    altitude: int
    speed: int
    direction: int
    at: datetime
    extras: dict[int, int]

    @property
    def located(self) -> bool:
        return bool(self.status & LOCATED)


def read_location(body: bytes) -> Location:
    """Raises Malformed. Unknown items are passed over, as the standard asks; known ones of another length too."""
    reading = Reading(body)
    alarm, status, latitude, longitude = (reading.number(4) for _ in range(4))
    altitude, speed, direction = (reading.number(2) for _ in range(3))
    at = _moment(reading.take(6))
    extras = {}
    while reading.left:
        id, length = reading.number(1), reading.number(1)
        value = reading.take(length)
        if _LENGTHS.get(id) == length:
            extras[id] = int.from_bytes(value, "big")
    return Location(
        alarm,
        status,
        -latitude if status & SOUTH else latitude,
        -longitude if status & WEST else longitude,
        altitude,
        speed,
        direction,
        at,
        extras,
    )


def write_location(given: Location) -> bytes:
    """The hemispheres' bits are set by the signs."""
    status = given.status & ~(SOUTH | WEST)
    status |= (SOUTH if given.latitude_e6 < 0 else 0) | (WEST if given.longitude_e6 < 0 else 0)
    words = (given.alarm, status, abs(given.latitude_e6), abs(given.longitude_e6))
    body = b"".join(word.to_bytes(4, "big") for word in words)
    body += b"".join(word.to_bytes(2, "big") for word in (given.altitude, given.speed, given.direction))
    body += bytes.fromhex(given.at.astimezone(ZONE).strftime("%y%m%d%H%M%S"))
    for id, value in given.extras.items():
        body += bytes([id, _LENGTHS[id]]) + value.to_bytes(_LENGTHS[id], "big")
    return body


def _moment(raw: bytes) -> datetime:
    digits = raw.hex()
    try:
        year, month, day, hour, minute, second = (int(digits[n : n + 2]) for n in range(0, 12, 2))
        return datetime(_YEAR + year, month, day, hour, minute, second, tzinfo=ZONE).astimezone(UTC)
    except ValueError:
        raise Malformed("not a moment") from None
