"""Opening hours: wall-clock rules of a zone become windows of seconds since 1970, across changes of the clock.

A wall-clock time that the clock skips (a gap) stands for the first moment after it, so that hours wholly inside a gap do
not happen; one that comes twice (a fold) stands for its first, as in RFC 5545 section 3.3.5. Neighbouring hours stay
neighbours and never overlap; a window over a change is an hour shorter or longer, and its slots count elapsed seconds.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from lilong.kernel.calendar.drafts import CAPACITY_MAX, STEP_MAX, Hours, Opening

DAY_MINUTES = 24 * 60


class Rule(NamedTuple):
    """Hours in minutes of the day (`end` above 1440 is the next day's) and the days they hold on."""

    start: int
    end: int
    slot: int
    capacity: int | None
    weekdays: frozenset[int] = frozenset(range(1, 8))
    valid_from: date | None = None
    valid_until: date | None = None

    def holds_on(self, day: date) -> bool:
        return (
            day.isoweekday() in self.weekdays
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_until is None or day <= self.valid_until)
        )


class Window(NamedTuple):
    """Open from `start` to before `end` (seconds since 1970), on a grid of `slot` seconds (0: none) from `start`."""

    start: int
    end: int
    slot: int
    capacity: int


def check_hours(hours: Hours) -> list[tuple[str, str]]:
    """The (field, rule) pairs that hours break."""
    found = []
    try:
        start, end = minutes(hours.start), minutes(hours.end)
    except ValueError:
        return [("start", "HH:MM"), ("end", "HH:MM")]
    if start == DAY_MINUTES:
        found.append(("start", "HH:MM"))
    if start == end:
        found.append(("end", "differs-from-start"))
    if not 0 <= hours.slot_seconds <= STEP_MAX or hours.slot_seconds > _length(start, end) * 60:
        found.append(("slot_seconds", "within-hours"))
    if hours.capacity is not None and not 1 <= hours.capacity <= CAPACITY_MAX:
        found.append(("capacity", f"1..{CAPACITY_MAX}"))
    if isinstance(hours, Opening):
        found += _check_days(hours)
    return found


def minutes(clock: str) -> int:
    """'08:30' -> 510; '24:00' -> 1440. Raises ValueError for anything else."""
    hour, colon, minute = clock.partition(":")
    if len(hour) != 2 or colon != ":" or len(minute) != 2 or not (hour + minute).isdecimal():  # noqa: PLR2004
        raise ValueError(clock)
    value = int(hour) * 60 + int(minute)
    if int(minute) > 59 or value > DAY_MINUTES:  # noqa: PLR2004
        raise ValueError(clock)
    return value


def shown(minute: int) -> str:
    """510 -> '08:30'; minutes of the next day are shown as the clock shows them then."""
    minute = minute if minute <= DAY_MINUTES else minute - DAY_MINUTES
    return f"{minute // 60:02}:{minute % 60:02}"


def rule_of(hours: Hours) -> Rule:
    start, end = minutes(hours.start), minutes(hours.end)
    plain = Rule(start, start + _length(start, end), hours.slot_seconds, hours.capacity)
    if not isinstance(hours, Opening):
        return plain
    return plain._replace(
        weekdays=frozenset(hours.weekdays), valid_from=hours.valid_from, valid_until=hours.valid_until
    )


def whole_day(capacity: int) -> Rule:
    """What counts for a resource without rules: always open."""
    return Rule(0, DAY_MINUTES, 0, capacity)


def windows(
    rules: Sequence[Rule],
    exceptions: Mapping[date, Sequence[Rule]],
    zone: ZoneInfo,
    capacity: int,
    start: int,
    end: int,
) -> list[Window]:
    """Every window that touches `start` .. `end`, by start. An exception's hours stand in place of its day's rules."""
    first = datetime.fromtimestamp(start, zone).date() - timedelta(days=1)  # last night's hours may reach into today
    last = datetime.fromtimestamp(end, zone).date()
    found = [
        window
        for day in _days(first, last)
        for window in day_windows(
            exceptions[day] if day in exceptions else [rule for rule in rules if rule.holds_on(day)],
            day,
            zone,
            capacity,
        )
        if window.start < end and start < window.end
    ]
    return sorted(found)


def day_windows(rules: Iterable[Rule], day: date, zone: ZoneInfo, capacity: int) -> Iterator[Window]:
    """The windows that begin on one date."""
    for rule in rules:
        start, end = moment(day, rule.start, zone), moment(day, rule.end, zone)
        if start < end:
            yield Window(start, end, rule.slot, min(rule.capacity or capacity, capacity))


def moment(day: date, minute: int, zone: ZoneInfo) -> int:
    """The second at which the clock in `zone` first shows that minute of that day (or first after it, in a gap)."""
    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001 (a wall clock's time)
    first = wall.replace(tzinfo=zone, fold=0)
    again = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    if again == wall:
        return int(first.timestamp())
    return _after_gap(int(wall.replace(tzinfo=zone, fold=1).timestamp()), int(first.timestamp()), zone)


def allowed(found: Sequence[Window], start: int, end: int, step: int) -> int:
    """How many lanes are open throughout `start` .. `end`; 0 when not open, or not on the grid of slots or steps."""
    on_grid = [
        window.capacity
        for window in found
        if window.slot
        and window.start <= start
        and end <= window.end
        and (start - window.start) % window.slot == 0
        and (end - start) % window.slot == 0
    ]
    return max([*on_grid, _allowed_freely([window for window in found if not window.slot], start, end, step)])


def _allowed_freely(found: Sequence[Window], start: int, end: int, step: int) -> int:
    at, capacity = start, 0
    while at < end:
        around = [window for window in found if window.start <= at < window.end]
        if not around:
            return 0
        widest = max(around, key=lambda window: (window.capacity, window.end))
        if at == start and step and ((start - widest.start) % step or (end - start) % step):
            return 0
        capacity = min(capacity, widest.capacity) if capacity else widest.capacity
        at = widest.end
    return capacity


def _length(start: int, end: int) -> int:
    return end - start if end > start else end - start + DAY_MINUTES


def _check_days(opening: Opening) -> list[tuple[str, str]]:
    found = []
    if not opening.weekdays or not set(opening.weekdays) <= set(range(1, 8)):
        found.append(("weekdays", "1..7"))
    if opening.valid_from and opening.valid_until and opening.valid_until < opening.valid_from:
        found.append(("valid_until", "after-valid-from"))
    return found


def _days(first: date, last: date) -> Iterator[date]:
    for n in range((last - first).days + 1):
        yield first + timedelta(days=n)


def _after_gap(before: int, after: int, zone: ZoneInfo) -> int:
    """The moment between two at which the zone's offset changes."""
    offset = datetime.fromtimestamp(before, zone).utcoffset()
    while after - before > 1:
        middle = (before + after) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
