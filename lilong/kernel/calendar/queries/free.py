"""What is open and what is free."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from lilong.kernel.base import clock
from lilong.kernel.calendar import refusals
from lilong.kernel.calendar.drafts import CAPACITY_MAX, LENGTH_MAX, Slot
from lilong.kernel.calendar.models import DayException, Opening, Resource
from lilong.kernel.calendar.rules import slots
from lilong.kernel.calendar.rules.booking import SECONDS_MAX, seconds
from lilong.kernel.calendar.rules.opening import Rule, Window, allowed, whole_day, windows

SPAN_MAX = 92 * 86_400  # seconds one search may look over
RESOURCES_MAX, SLOTS_MAX = 200, 2000
NEARBY, NEARBY_SPANS = 3, (86_400, 7 * 86_400)  # how many alternatives, and how far ahead (seconds) they are looked for

_BUSY = """
SELECT b.resource_id, u.number, b.start, b.busy_until
FROM calendar_booking b JOIN calendar_unit u ON u.id = b.unit
WHERE b.resource_id = ANY(%s) AND b.busy_until > %s AND b.start < %s
  AND b.state IN ('held', 'booked') AND (b.state = 'booked' OR b.held_until > %s)
"""


class Book:
    """The hours of some resources, read once: which windows they have in a stretch of time."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.resources = {resource.id: resource for resource in resources}
        self._rules: dict[UUID, list[Rule]] = {}
        self._exceptions: dict[UUID, dict[date, list[Rule]]] = {}
        self._windows: dict[tuple[UUID, int, int], list[Window]] = {}
        for row in Opening.objects.filter(resource__in=self.resources).order_by("id"):
            self._rules.setdefault(row.resource_id, []).append(_rule(row))
        for change in DayException.objects.filter(resource__in=self.resources):
            hours = [Rule(*given) for given in change.hours]
            self._exceptions.setdefault(change.resource_id, {})[change.day] = hours

    def windows(self, resource: UUID, start: int, end: int) -> list[Window]:
        """The windows of a resource that touch `start` .. `end` (seconds); without rules it is always open."""
        key = (resource, start, end)
        if key not in self._windows:
            row = self.resources[resource]
            rules = self._rules.get(resource) or [whole_day(row.capacity)]
            changes = self._exceptions.get(resource, {})
            self._windows[key] = windows(rules, changes, ZoneInfo(row.zone), row.capacity, start, end)
        return self._windows[key]


def find(
    resources: Sequence[UUID] | str,
    start: datetime,
    end: datetime,
    *,
    seconds: int | None = None,
    units: int = 1,
) -> list[Slot]:
    """What can be booked within `start` .. `end`: of these resources, or of all active ones of a kind.

    By start, at most 2000. Slots last `seconds` where given, else one slot (or step) of the resource; a resource with
    neither gives its free stretches whole. What has begun already is left out. Raises Invalid for a span over 92 days,
    over 200 resources, and senseless numbers.
    """
    _check(resources, start, end, seconds, units)
    rows = Resource.objects.filter(active=True)
    rows = rows.filter(kind=resources) if isinstance(resources, str) else rows.filter(id__in=resources)
    book = Book(rows.order_by("id")[:RESOURCES_MAX])
    return _find(book, start, end, seconds, units)


def free(resources: Sequence[UUID], start: datetime, end: datetime) -> set[UUID]:
    """Those of the active resources of which a lane can be booked from `start` to `end`, turnaround and hours included.

    At most 200 resources; a start that is just behind us is now. Raises Invalid as `find` does.
    """
    _check(resources, start, end, None, 1)
    since, until = seconds(start), seconds(end)
    book = Book(Resource.objects.filter(active=True, id__in=resources))
    busy = _busy(book, since, until)
    found = set()
    for id, resource in book.resources.items():
        taken = {
            each.lane
            for each in busy.get(id, [])
            if each.start < until + resource.buffer_seconds and since < each.until
        }
        open_lanes = allowed(book.windows(id, since, until), since, until, resource.step_seconds)
        if len(taken) < open_lanes:
            found.add(id)
    return found


def alternatives(book: Book, resource: UUID, start: int, end: int, units: int) -> list[Slot]:
    """The next free times of the same length on that resource, from `start` (seconds) on, within a week."""
    only, found = Book([book.resources[resource]]), []
    for span in NEARBY_SPANS:
        until = datetime.fromtimestamp(min(start + span, SECONDS_MAX), UTC)
        found = _find(only, datetime.fromtimestamp(start, UTC), until, end - start, units)
        if len(found) >= NEARBY:
            break
    return [cut for slot in found[:NEARBY] for cut in _cuts(slot, end - start)][:NEARBY]


def _find(book: Book, start: datetime, end: datetime, length: int | None, units: int) -> list[Slot]:
    since, until = max(seconds(start), seconds(clock.now()) + 1), seconds(end)
    if since >= until:
        return []
    busy = _busy(book, since, until)
    found = [
        Slot(id, datetime.fromtimestamp(at, UTC), datetime.fromtimestamp(to, UTC), free)
        for id, resource in book.resources.items()
        for at, to, free in slots.free_slots(
            book.windows(id, since, until),
            busy.get(id, []),
            start=since,
            end=until,
            seconds=length,
            step=resource.step_seconds,
            buffer=resource.buffer_seconds,
            units=units,
            limit=SLOTS_MAX,
        )
    ]
    return sorted(found, key=lambda slot: (slot.start, slot.end, slot.resource))[:SLOTS_MAX]


def _busy(book: Book, since: int, until: int) -> dict[UUID, list[slots.Busy]]:
    """The taken stretches of every lane that touch `since` .. `until` or its turnaround."""
    if not book.resources:
        return {}
    widest = max(resource.buffer_seconds for resource in book.resources.values())
    found: dict[UUID, list[slots.Busy]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_BUSY, [list(book.resources), since, until + widest, clock.now()])
        for resource, lane, start, busy_until in cursor.fetchall():
            found.setdefault(resource, []).append(slots.Busy(lane, start, busy_until))
    return found


def _check(resources: Sequence[UUID] | str, start: datetime, end: datetime, seconds: int | None, units: int) -> None:
    found = []
    for name, moment in (("/start", start), ("/end", end)):
        if moment.tzinfo is None:
            found.append((name, "time-zone", ""))
    if not found and not 0 < (end - start).total_seconds() <= SPAN_MAX:
        found.append(("/end", "span", f"1..{SPAN_MAX}"))
    elif not found and not 0 <= start.timestamp() <= end.timestamp() <= SECONDS_MAX:
        found.append(("/start", "range", "1970..2242"))
    if not isinstance(resources, str) and len(resources) > RESOURCES_MAX:
        found.append(("/resources", "max-length", str(RESOURCES_MAX)))
    if seconds is not None and not 1 <= seconds <= LENGTH_MAX:
        found.append(("/seconds", "range", f"1..{LENGTH_MAX}"))
    if not 1 <= units <= CAPACITY_MAX:
        found.append(("/units", "range", f"1..{CAPACITY_MAX}"))
    if found:
        raise refusals.broken(found)


def _rule(row: Opening) -> Rule:
    return Rule(
        row.start, row.end, row.slot_seconds, row.capacity, frozenset(row.weekdays), row.valid_from, row.valid_until
    )


def _cuts(slot: Slot, length: int) -> list[Slot]:
    """Free stretches are longer than asked for: as many of that length as are offered, one after another."""
    since, until = seconds(slot.start), seconds(slot.end)
    starts = range(since, until - length + 1, length)[:NEARBY]
    return [
        slot._replace(start=datetime.fromtimestamp(at, UTC), end=datetime.fromtimestamp(at + length, UTC))
        for at in starts
    ]
