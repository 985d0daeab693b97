"""Until when a delivery window can still be chosen."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from lilong.kernel.base.problems import Conflict, Violation, invalid

LEAD_SECONDS_MAX = 7 * 86_400


class CutOff(msgspec.Struct, frozen=True, kw_only=True):
    """A place's rule: at least `lead_seconds` before the window starts, and, where `day_before` is given ('18:00'), not
    later than that wall-clock time on the day before. The earlier of the two counts."""

    lead_seconds: int = 1800
    day_before: str = ""


def closes_at(start: datetime, rule: CutOff, zone: ZoneInfo) -> datetime:
    """The moment until which (exclusive) a window starting at `start` can be chosen."""
    closing = start - timedelta(seconds=rule.lead_seconds)
    if rule.day_before:
        local = start.astimezone(zone).date() - timedelta(days=1)
        closing = min(closing, datetime.combine(local, read_time(rule.day_before), zone))
    return closing.astimezone(start.tzinfo)


def choosable(start: datetime, now: datetime, rule: CutOff, zone: ZoneInfo) -> bool:
    """Whether a window starting at `start` can still be chosen at `now`."""
    return now < closes_at(start, rule, zone)


def require_choosable(
    start: datetime, now: datetime, rule: CutOff, zone: ZoneInfo, pointer: str = "/slot/start"
) -> None:
    """Raises Conflict `slot-in-the-past` or `slot-closed` (with `closed_at`) when it cannot be chosen at `now`."""
    if start <= now:
        raise Conflict("slot-in-the-past", violations=[Violation(pointer=pointer, rule="future")])
    if not choosable(start, now, rule, zone):
        closed_at = closes_at(start, rule, zone).isoformat()
        raise Conflict(
            "slot-closed", violations=[Violation(pointer=pointer, rule="cut-off")], extra={"closed_at": closed_at}
        )


def read_time(text: str, pointer: str = "/day_before") -> time:
    """A wall-clock time 'HH:MM'. Raises Invalid with rule `time`."""
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 (a wall-clock time has no zone)
    except ValueError:
        raise invalid(pointer, "time", "HH:MM") from None
