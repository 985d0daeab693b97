"""Cutting a stretch of time where prices change: at the borders of bands (by the wall clock) and of each 24 hours."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from lilong.fields.mobility.rules.terms import Band
from lilong.kernel.base.clock import CITY_ZONE

_DAY = 86_400


class Piece(NamedTuple):
    """From `start` to before `end`: band number `band`, in the 24 hours number `day` since the beginning.

    `occurrence` is the day (as an ordinal) on which this run of the band began: a night's two halves have one.
    """

    start: datetime
    end: datetime
    band: int
    day: int
    occurrence: int

    @property
    def seconds(self) -> int:
        return int((self.end - self.start).total_seconds())


def pieces(bands: Sequence[Band], start: datetime, end: datetime, zone: ZoneInfo = CITY_ZONE) -> list[Piece]:
    """The pieces of `start` .. `end`, in order, without gaps. The last band must be one that is always there."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    borders = {start, end} | {edge for edge in _edges(bands, start, end, zone) if start < edge < end}
    days = int((end - start).total_seconds()) // _DAY
    borders |= {start + timedelta(days=n) for n in range(1, days + 1) if start + timedelta(days=n) < end}
    marks = sorted(borders)
    found = []
    for since, until in pairwise(marks):
        band, occurrence = _at(bands, since.astimezone(zone))
        day = int((since - start).total_seconds()) // _DAY
        found.append(Piece(since, until, band, day, occurrence))
    return found


def _edges(bands: Sequence[Band], start: datetime, end: datetime, zone: ZoneInfo) -> set[datetime]:
    """The moments around `start` .. `end` at which the wall clock shows a band's border or midnight, or is itself set."""
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    minutes = {0} | {minute for band in bands for minute in (band.start, band.end % 1440)}
    found = set()
    for n in range((last - first).days + 2):
        day = first + timedelta(days=n)
        found |= {_moment(day, minute, zone, fold) for minute in minutes for fold in (0, 1)}
        found |= _clock_set(_moment(day, 0, zone, 0), zone)
    return found


def _moment(day: date, minute: int, zone: ZoneInfo, fold: int) -> datetime:
    local = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone, fold=fold)
    return local.astimezone(UTC)


def _clock_set(midnight: datetime, zone: ZoneInfo) -> set[datetime]:
    """When, on the day that begins at `midnight`, the zone's clock is put forward or back; seldom ever."""
    low, high = 0, _DAY
    before = midnight.astimezone(zone).utcoffset()
    if before == (midnight + timedelta(seconds=high)).astimezone(zone).utcoffset():
        return set()
    while high - low > 1:
        middle = (low + high) // 2
        if (midnight + timedelta(seconds=middle)).astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return {midnight + timedelta(seconds=high)}


def _at(bands: Sequence[Band], local: datetime) -> tuple[int, int]:
    """The first band that holds at a local moment, and the day its run began."""
    minute, weekday, day = local.hour * 60 + local.minute, local.isoweekday(), local.toordinal()
    before = (weekday - 2) % 7 + 1
    for n, band in enumerate(bands):
        if band.start < band.end:
            if weekday in band.weekdays and band.start <= minute < band.end:
                return n, day
        elif weekday in band.weekdays and minute >= band.start:
            return n, day
        elif before in band.weekdays and minute < band.end:
            return n, day - 1
    raise ValueError("no band holds at all times")  # terms are checked: cannot be
