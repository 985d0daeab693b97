"""Booking in batches: some statements for any number of drafts at any number of slots; each refusal touches only itself.

The resources' rows are locked in id order, so that those who want the same slot come one after another and get the next
free lane; the database's exclusion constraint stands behind that, for whoever writes past this file.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Problem
from lilong.kernel.calendar import refusals
from lilong.kernel.calendar.drafts import BookingDraft, Outcome
from lilong.kernel.calendar.models import Resource
from lilong.kernel.calendar.queries.free import Book, alternatives
from lilong.kernel.calendar.rules.booking import check, fingerprint, seconds
from lilong.kernel.calendar.rules.opening import allowed
from lilong.kernel.calendar.services import told
from lilong.kernel.calendar.services.release import expire_stale

CREATED, EXISTS = "created", "exists"
_TRIES = 3

# For each wanted time the lowest lanes that are free of it, as many as the batch could ask for.
_FREE = """
SELECT q.n, ARRAY(
  SELECT u.id FROM calendar_unit u
  WHERE u.resource_id = q.resource AND u.number < q.capacity AND NOT EXISTS (
    SELECT FROM calendar_booking b WHERE b.state IN ('held', 'booked')
      AND int8range((b.unit::bigint << 33) | b.start, (b.unit::bigint << 33) | b.busy_until)
       && int8range((u.id::bigint << 33) | q.since, (u.id::bigint << 33) | q.until))
  ORDER BY u.number LIMIT q.wanted)
FROM unnest(%s::int[], %s::uuid[], %s::int[], %s::bigint[], %s::bigint[], %s::int[])
  AS q (n, resource, capacity, since, until, wanted)
"""
_STANDING = """
SELECT booking, state, body FROM calendar_booking WHERE booking = ANY(%s) AND n = 0 ORDER BY booking FOR NO KEY UPDATE
"""
_CONFIRM = """
UPDATE calendar_booking SET state = 'booked', held_until = NULL WHERE booking = ANY(%s) AND state = 'held'
"""
_INSERT = """
INSERT INTO calendar_booking
  (booking, n, resource_id, unit, start, "end", busy_until, units, state, party, ref, held_until, created_at, body)
SELECT booking, n, resource, unit, since, until, busy, units, %s, party, ref, %s, %s, body
FROM unnest(%s::uuid[], %s::smallint[], %s::uuid[], %s::int[], %s::bigint[], %s::bigint[], %s::bigint[],
  %s::smallint[], %s::uuid[], %s::uuid[], %s::bytea[])
  AS given (booking, n, resource, unit, since, until, busy, units, party, ref, body)
"""


class _Standing(NamedTuple):
    state: str
    body: bytes


class _Time(NamedTuple):
    """A stretch of a resource as wanted: until `busy` its lane is taken."""

    resource: UUID
    since: int
    until: int
    busy: int


def book_many(drafts: Sequence[BookingDraft], *, actor: UUID | None = None) -> list[Outcome]:
    """Books each draft or says why not; one outcome for each, in order. For rooms and doors that have checked who asks.

    A draft whose id is held already with the same body is confirmed ('created'); booked already, it 'exists'.
    """
    return occupy(drafts, hold_seconds=0, actor=actor)


def occupy(drafts: Sequence[BookingDraft], *, hold_seconds: int, actor: UUID | None) -> list[Outcome]:
    """`book_many`, or with `hold_seconds` holds for so long."""
    for last in range(_TRIES, 0, -1):
        try:
            with transaction.atomic():
                return _Many(drafts, hold_seconds, actor).run()
        except IntegrityError:  # the same id came in for another resource at the same moment: now it is known
            if last == 1:
                raise
    raise AssertionError("unreachable")


class _Many:
    """One batch on its way."""

    def __init__(self, drafts: Sequence[BookingDraft], hold_seconds: int, actor: UUID | None) -> None:
        self.drafts, self.actor, self.hold_seconds = drafts, actor, hold_seconds
        self.now = clock.now()
        self.bodies = [b"" if check(draft) else fingerprint(draft) for draft in drafts]
        self.outcomes: dict[int, Outcome] = {}
        self.taken: dict[int, list[_Time]] = {}  # by unit: what this batch takes
        self.rows: list[tuple[BookingDraft, int, int, _Time, bytes]] = []  # draft, n, unit, time, body
        self.confirmed: list[int] = []
        self.made: list[int] = []

    def run(self) -> list[Outcome]:
        for n, draft in enumerate(self.drafts):
            if broken := check(draft):
                self._refuse(n, refusals.broken(broken))
        ids = sorted({draft.resource for n, draft in enumerate(self.drafts) if n not in self.outcomes})
        self.book = Book(Resource.objects.select_for_update(no_key=True).filter(id__in=ids).order_by("id"))
        expire_stale(list(self.book.resources), self.now)
        self._recognise()
        wanted = {n: time for n in range(len(self.drafts)) if n not in self.outcomes and (time := self._fits(n))}
        self._choose(wanted)
        self._write()
        self._suggest(wanted)
        return [self.outcomes[n] for n in range(len(self.drafts))]

    def _recognise(self) -> None:
        """Answers the drafts whose ids stand already, and locks those rows: a hold cannot run out meanwhile."""
        standing = _standing([draft.id for draft in self.drafts])
        for n, draft in enumerate(self.drafts):
            known = standing.get(draft.id)
            if n in self.outcomes or known is None:
                continue
            if known.body != self.bodies[n]:
                self._refuse(n, refusals.id_taken())
            elif known.state == "released":
                self._refuse(n, refusals.released())
            elif known.state == "expired":
                self._refuse(n, refusals.hold_expired())
            elif known.state == "held" and not self.hold_seconds:
                self.outcomes[n] = Outcome(draft.id, CREATED)
                self.confirmed.append(n)
                standing[draft.id] = known._replace(state="booked")
            else:
                self.outcomes[n] = Outcome(draft.id, EXISTS)

    def _fits(self, n: int) -> _Time | None:
        """The time a draft wants, or None with its refusal noted."""
        draft = self.drafts[n]
        resource = self.book.resources.get(draft.resource)
        since, until = seconds(draft.start), seconds(draft.end)
        if resource is None:
            self._refuse(n, refusals.unknown_resource())
        elif not resource.active:
            self._refuse(n, refusals.closed())
        elif since < seconds(self.now):
            self._refuse(n, refusals.in_the_past())
        elif draft.units > resource.capacity:
            self._refuse(n, refusals.too_many_units(resource.capacity))
        elif not self._open(resource, since, until):
            self._refuse(n, refusals.outside_opening())
        else:
            return _Time(resource.id, since, until, until + resource.buffer_seconds)
        return None

    def _open(self, resource: Resource, since: int, until: int) -> int:
        return allowed(self.book.windows(resource.id, since, until), since, until, resource.step_seconds)

    def _choose(self, wanted: dict[int, _Time]) -> None:
        """Gives each draft, in order, the lowest lanes that are free; what earlier ones of the batch took counts."""
        free = self._free(wanted)
        first: dict[UUID, int] = {}
        for n, time in wanted.items():
            draft = self.drafts[n]
            twin = first.setdefault(draft.id, n)
            if twin != n:
                self._repeat(n, twin)
                continue
            units = [unit for unit in free[time] if not _overlaps(self.taken.get(unit, ()), time)][: draft.units]
            if len(units) < draft.units:
                self.outcomes[n] = Outcome(draft.id, "slot-taken")
                continue
            self.outcomes[n] = Outcome(draft.id, CREATED)
            self.made.append(n)
            for k, unit in enumerate(units):
                self.taken.setdefault(unit, []).append(time)
                self.rows.append((draft, k, unit, time, self.bodies[n]))

    def _repeat(self, n: int, twin: int) -> None:
        """The same id twice in one batch."""
        if self.bodies[n] != self.bodies[twin]:
            self._refuse(n, refusals.id_taken())
        else:
            before = self.outcomes[twin]
            self.outcomes[n] = before._replace(status=EXISTS) if before.status == CREATED else before

    def _free(self, wanted: dict[int, _Time]) -> dict[_Time, list[int]]:
        asked: dict[UUID, int] = {}
        for n, time in wanted.items():
            asked[time.resource] = asked.get(time.resource, 0) + self.drafts[n].units
        times = list(dict.fromkeys(wanted.values()))
        capacities = [self._open(self.book.resources[t.resource], t.since, t.until) for t in times]
        columns: list[list[Any]] = [
            list(range(len(times))),
            [time.resource for time in times],
            capacities,
            [time.since for time in times],
            [time.busy for time in times],
            [asked[time.resource] for time in times],
        ]
        with connection.cursor() as cursor:
            cursor.execute(_FREE, columns)
            return {times[n]: units for n, units in cursor.fetchall()}

    def _write(self) -> None:
        held_until = self.now + timedelta(seconds=self.hold_seconds) if self.hold_seconds else None
        with connection.cursor() as cursor:
            if self.confirmed:
                cursor.execute(_CONFIRM, [[self.drafts[n].id for n in self.confirmed]])
            if self.rows:
                state = "held" if self.hold_seconds else "booked"
                cursor.execute(_INSERT, [state, held_until, self.now, *self._columns()])
        if not self.hold_seconds:
            resources = self.book.resources
            told.booked([self.drafts[n] for n in [*self.confirmed, *self.made]], resources, self.actor, self.now)

    def _columns(self) -> list[list[Any]]:
        rows = [
            (d.id, k, d.resource, unit, time.since, time.until, time.busy, d.units, d.party, d.ref, body)
            for d, k, unit, time, body in self.rows
        ]
        return [list(column) for column in zip(*rows, strict=True)]

    def _suggest(self, wanted: dict[int, _Time]) -> None:
        """Tells those who came too late what is free nearby: looked up once for each time and number of lanes."""
        found: dict[tuple[_Time, int], Conflict] = {}
        for n, time in wanted.items():
            outcome, units = self.outcomes[n], self.drafts[n].units
            if outcome.status != "slot-taken":
                continue
            if (time, units) not in found:
                nearby = alternatives(self.book, time.resource, time.since, time.until, units)
                found[time, units] = refusals.slot_taken(time.resource, nearby)
            self.outcomes[n] = outcome._replace(problem=found[time, units])

    def _refuse(self, n: int, problem: Problem) -> None:
        self.outcomes[n] = Outcome(self.drafts[n].id, problem.code, problem)


def _standing(ids: Sequence[UUID]) -> dict[UUID, _Standing]:
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [list(ids)])
        return {id: _Standing(state, bytes(body)) for id, state, body in cursor.fetchall()}


def _overlaps(taken: Sequence[_Time], time: _Time) -> bool:
    return any(other.since < time.busy and time.since < other.busy for other in taken)
