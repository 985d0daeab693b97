"""From a number down to its events, as far as the reader may see.

The public sees how many events are behind a number, and what it is made of. The parties that an event names, and those
who act for them, see their own events. Operators see all, with a reason (`services.opened`).
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from django.db import connection

from lilong.kernel.base.manifest import Indicator
from lilong.kernel.base.paging import SIZE_DEFAULT, SIZE_MAX
from lilong.kernel.base.problems import invalid
from lilong.kernel.events import queries as log
from lilong.kernel.events.rules.envelope import Recorded
from lilong.kernel.parties.actor import Actor
from lilong.plan import registry
from lilong.plan.queries.origins import origins_of
from lilong.plan.rules.contributions import Contribution, contributions
from lilong.plan.rules.figures import months_of

READ = "plan:events"
ROLES = ("manager", "auditor")
SCAN, SCAN_MAX = 500, 5000
_CANDIDATES = f"""
SELECT l.seq, {log.COLUMNS} FROM (
  SELECT DISTINCT seq FROM plan_source WHERE type = ANY(%(types)s) AND month = ANY(%(months)s) AND seq < %(before)s
) AS s JOIN events_leaf l ON l.seq = s.seq JOIN events_event e ON e.pk = l.event_pk
WHERE %(parties)s::text[] IS NULL OR e.actor = ANY(%(parties)s::uuid[]) OR e.subject = ANY(%(parties)s::uuid[])
  OR e.data ->> 'buyer' = ANY(%(parties)s) OR e.data ->> 'seller' = ANY(%(parties)s) OR e.data ->> 'party' = ANY(%(parties)s)
ORDER BY l.seq DESC LIMIT {SCAN}
"""  # noqa: S608 (constants only)


class Behind(msgspec.Struct, frozen=True, kw_only=True):
    """An event behind a number: what it added to the numerator and to the denominator (None: nothing to that part)."""

    seq: int
    event: UUID
    type: str
    subject: UUID
    at: datetime
    recorded_at: datetime
    district: str
    numerator: int | None
    denominator: int | None
    parties: list[UUID]


class Drill(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the events that the reader may see, newest first; `next` is the cursor of the next page."""

    items: list[Behind]
    next: str = ""


def concerned(actor: Actor) -> list[UUID]:
    """The parties whose events the actor may see: itself, and the organisations it manages or audits."""
    return [actor.party, *(owner for owner in actor.roles if owner != actor.party and actor.acts_for(owner, *ROLES))]


def behind(
    indicator: Indicator,
    start: date,
    slice: str,
    parties: Sequence[UUID] | None,
    *,
    cursor: str = "",
    size: int = SIZE_DEFAULT,
) -> Drill:
    """The events behind the number of that period and slice that name one of `parties` (None: all of them).

    A page may be shorter than `size` while `next` is not empty: no more than SCAN_MAX events are looked at for one page.
    """
    if not 1 <= size <= SIZE_MAX:
        raise invalid("/size", "range", f"1..{SIZE_MAX}")
    if cursor and not (cursor.isdigit() and len(cursor) < 19):  # noqa: PLR2004 (digits of a bigint)
        raise invalid("/cursor", "format")
    before, scanned, items = int(cursor or 2**63 - 1), 0, list[Behind]()
    while len(items) < size and scanned < SCAN_MAX:
        events = _candidates(indicator, start, parties, before)
        for event in events:
            before, scanned = event.seq or 0, scanned + 1
            items.extend(_counted(event, indicator, start, slice))
            if len(items) == size:
                return Drill(items=items, next=str(before))
        if len(events) < SCAN:
            return Drill(items=items)
    return Drill(items=items, next=str(before))


def _candidates(indicator: Indicator, start: date, parties: Sequence[UUID] | None, before: int) -> list[Recorded]:
    types = sorted(type for type, terms in registry.terms().items() if any(t.indicator == indicator.id for t in terms))
    parameters: dict[str, list[str] | list[date] | int | None] = {
        "types": types,
        "months": months_of(start, indicator.period),
        "before": before,
        "parties": None if parties is None else [str(party) for party in parties],
    }
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, parameters)
        return [log.recorded(row) for row in cursor.fetchall()]


def _counted(event: Recorded, indicator: Indicator, start: date, slice: str) -> list[Behind]:
    """The event as one line, if it counts in that number at all."""
    terms = registry.terms()
    own = {event.type: [term for term in terms.get(event.type, ()) if term.indicator == indicator.id]}
    taken_back = sorted({type for term in own[event.type] for type in term.reverses})
    months = months_of(start, indicator.period)
    origins = origins_of({event.subject}, taken_back) if taken_back else {}
    sides: dict[str, int] = {}
    for contribution in contributions(event, own, origins):
        if contribution.key.slice == slice and contribution.key.month in months:
            sides[contribution.key.part] = sides.get(contribution.key.part, 0) + _amount(contribution)
    return [_line(event, sides)] if sides else []


def _amount(contribution: Contribution) -> int:
    return contribution.amount + sum(uses for _, uses in contribution.values)


def _line(event: Recorded, sides: dict[str, int]) -> Behind:
    named = [event.data.get(name) for name in ("buyer", "seller", "party")]
    return Behind(
        seq=event.seq or 0,
        event=event.id,
        type=event.type,
        subject=event.subject,
        at=event.at,
        recorded_at=event.recorded_at,
        district=str(event.data.get("district") or ""),
        numerator=sides.get("n"),
        denominator=sides.get("d"),
        parties=[UUID(str(party)) for party in named if party],
    )
