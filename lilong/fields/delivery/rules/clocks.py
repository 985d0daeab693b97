"""Times of the city's day as minutes: "08:00" is 480; an end before its start is the next day's."""

import re
from datetime import date, datetime, timedelta

from lilong.kernel.base.clock import CITY_ZONE
from lilong.kernel.base.problems import invalid

DAY = 1440
_CLOCK = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)$")


def minutes(text: str, pointer: str) -> int:
    """Minutes since midnight; "24:00" is 1440. Raises Invalid `time`."""
    if text == "24:00":
        return DAY
    found = _CLOCK.match(text)
    if found is None:
        raise invalid(pointer, "time", "HH:MM")
    return int(found[1]) * 60 + int(found[2])


def span(starts: str, ends: str) -> tuple[int, int]:
    """(start, end) in minutes, end above start and at most a day later. Raises Invalid."""
    start, end = minutes(starts, "/starts") % DAY, minutes(ends, "/ends")
    return start, end if end > start else end + DAY


def text(minute: int) -> str:
    """1500 -> '01:00'; 1440 -> '24:00'."""
    return "24:00" if minute == DAY else f"{minute % DAY // 60:02d}:{minute % 60:02d}"


def moment(day: date, minute: int) -> datetime:
    """A minute of a day of the city, as an aware moment."""
    return datetime(day.year, day.month, day.day, tzinfo=CITY_ZONE) + timedelta(minutes=minute)
