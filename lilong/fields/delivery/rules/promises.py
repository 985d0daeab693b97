"""When a service can be there: pure arithmetic on its hours, what is free, and how long the way takes."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from lilong.fields.delivery.rules import clocks
from lilong.kernel.base.clock import CITY_ZONE

HANDLING_SECONDS = 300  # picking up at the depot and ringing at the door
TOKEN_SECONDS = 600  # how long a promise stands as shown
HOLD_SECONDS = 3600  # a rapid shipment takes one of the hour's places for so long
SOON_SECONDS = 2  # "from now on" in the calendar, which takes nothing whose second has passed when it looks
AHEAD_HOURS = 48
WINDOWS_SHOWN = 3  # of each service


class Hours(NamedTuple):
    """A service's times, as its table has them."""

    starts: int
    ends: int
    lead_seconds: int
    cut_off: int | None


class Window(NamedTuple):
    earliest: datetime
    latest: datetime


def is_open(hours: Hours, at: datetime) -> bool:
    """Whether a moment is within the hours, which may reach into the next day."""
    local = at.astimezone(CITY_ZONE)
    minute = local.hour * 60 + local.minute
    return hours.starts <= minute < hours.ends or minute + clocks.DAY < hours.ends


def rapid(hours: Hours, at: datetime, seconds: int, way_seconds: int) -> Window | None:
    """The window of something that is there within `seconds`; None when closed or when the way alone takes longer."""
    if not is_open(hours, at) or HANDLING_SECONDS + way_seconds > seconds:
        return None
    return Window(at, at + timedelta(seconds=seconds))


def fits(hours: Hours, at: datetime, window: Window, way_seconds: int) -> bool:
    """Whether what is ordered at `at` can be delivered in a window: in time before it, and the way is not too long."""
    if at + timedelta(seconds=hours.lead_seconds) > window.earliest:
        return False
    if hours.cut_off is not None:
        local = at.astimezone(CITY_ZONE)
        same_day = window.earliest.astimezone(CITY_ZONE).date() == local.date()
        if same_day and local.hour * 60 + local.minute > hours.cut_off:
            return False
    return at + timedelta(seconds=HANDLING_SECONDS + way_seconds) <= window.latest


def first(hours: Hours, at: datetime, free: Iterable[Window], way_seconds: int) -> list[Window]:
    """The windows to show, the earliest first."""
    return [each for each in sorted(free) if fits(hours, at, each, way_seconds)][:WINDOWS_SHOWN]


def is_on_time(at: datetime, latest: datetime) -> bool:
    """A minute of grace is none: the promise was the minute, so its last second counts."""
    return at <= latest
