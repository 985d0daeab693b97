"""Giving time back: by somebody's wish, or because a hold was not booked in time."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from lilong.kernel.base import clock
from lilong.kernel.calendar import refusals
from lilong.kernel.calendar.drafts import Booking
from lilong.kernel.calendar.models import Booking as Row
from lilong.kernel.calendar.models import Resource
from lilong.kernel.calendar.queries.bookings import ROLES, grouped, may_touch
from lilong.kernel.calendar.services import told
from lilong.kernel.parties.actor import Actor

SCOPE = "calendar:book"
REASON_MAX = 200


@transaction.atomic
def release(actor: Actor, *, id: UUID, reason: str = "") -> Booking:
    """Gives a held or booked time back; its lanes are free from then on. Releasing again answers the same.

    The booking's party and the resource's owner may; to others there is none (Missing). Raises Conflict
    `hold-expired` for a hold that ran out. The reason is a word for the log, not a text about a person.
    """
    if len(reason) > REASON_MAX or "\x00" in reason:
        raise refusals.broken([("/reason", "max-length", str(REASON_MAX))])
    found = Row.objects.select_for_update(of=("self",), no_key=True).filter(booking=id)
    rows = list(found.select_related("unit", "resource").order_by("n"))
    if not rows or not may_touch(actor, rows[0]):
        raise refusals.unknown_booking()
    actor.require_scope(SCOPE)
    was = rows[0].state
    if was == "released":
        return grouped(rows)[0]
    if was == "expired":
        raise refusals.hold_expired()
    for row in rows:
        row.state = "released"
    Row.objects.filter(booking=id).update(state="released", held_until=None)
    made = grouped(rows)[0]
    told.released(made, rows[0].resource, was, reason, actor.party, clock.now())
    return made


def give_back(actor: Actor, *, id: UUID, reason: str = "") -> Booking:
    """`release` as people may do it by themselves: what was booked for something else (an order, a trip) is undone there.

    Raises Conflict `part-of-more` for the party of such a booking; the resource's owner may all the same.
    """
    row = Row.objects.filter(booking=id, n=0).select_related("resource").first()
    if row is None or not may_touch(actor, row):
        raise refusals.unknown_booking()
    if row.ref is not None and not actor.acts_for(row.resource.owner, *ROLES):
        raise refusals.part_of_more(row.ref)
    return release(actor, id=id, reason=reason)


def expire_due(limit: int = 1000) -> int:
    """Ends holds whose time is over, at most `limit` lanes; answers how many holds. Safe from any number of processes."""
    with transaction.atomic():
        now = clock.now()
        due = Row.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
        first = due.filter(state="held", held_until__lte=now, n=0).order_by("held_until")[:limit]
        return _expire([row.booking for row in first], now)


def expire_stale(resources: Sequence[UUID], now: datetime) -> int:
    """Ends the holds on these resources whose time is over. The caller holds the resources' locks."""
    stale = Row.objects.filter(state="held", held_until__lte=now, n=0, resource__in=resources)
    return _expire(list(stale.values_list("booking", flat=True)), now)


def _expire(bookings: Sequence[UUID], now: datetime) -> int:
    if not bookings:
        return 0
    mine = Row.objects.select_for_update(of=("self",), no_key=True)
    rows = list(mine.filter(booking__in=bookings, state="held").select_related("unit").order_by("booking", "n"))
    Row.objects.filter(booking__in={row.booking for row in rows}, state="held").update(state="expired")
    made = grouped(rows)
    resources = Resource.objects.in_bulk({one.resource for one in made})
    told.expired(made, resources, now)
    return len(made)
