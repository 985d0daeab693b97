"""Holding and booking one time, on somebody's behalf."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from lilong.kernel.base import clock
from lilong.kernel.base.problems import Forbidden
from lilong.kernel.calendar import refusals
from lilong.kernel.calendar.drafts import HOLD_MAX, Booking, BookingDraft
from lilong.kernel.calendar.models import Booking as Row
from lilong.kernel.calendar.models import Resource
from lilong.kernel.calendar.queries.bookings import ROLES, grouped, may_touch
from lilong.kernel.calendar.services.many import occupy
from lilong.kernel.calendar.services.release import SCOPE
from lilong.kernel.parties.actor import Actor


def hold(
    actor: Actor,
    *,
    id: UUID,
    resource: UUID,
    start: datetime,
    end: datetime,
    party: UUID,
    units: int = 1,
    ref: UUID | None = None,
    seconds: int = 600,
) -> Booking:
    """Keeps a time for `seconds`: nobody else gets it, and `book` with its id makes it a booking.

    Raises Conflict `slot-taken` (with `alternatives`), `outside-opening`, `hold-expired`, `id-taken`; Invalid
    `slot-in-the-past`, `too-many-units`; Forbidden unless the actor acts for the party or the resource's owner.
    """
    if not 1 <= seconds <= HOLD_MAX:
        raise refusals.broken([("/seconds", "range", f"1..{HOLD_MAX}")])
    draft = BookingDraft(id=id, resource=resource, start=start, end=end, party=party, ref=ref, units=units)
    return _occupy(actor, draft, seconds)


def book(
    actor: Actor,
    *,
    id: UUID,
    resource: UUID | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    party: UUID | None = None,
    units: int = 1,
    ref: UUID | None = None,
) -> Booking:
    """Books a time at once; with the id alone, the time that is held under it. Raises as `hold` does."""
    if resource is None and start is None and end is None and party is None:
        return _confirm(actor, id)
    if resource is None or start is None or end is None or party is None:
        given = {"resource": resource, "start": start, "end": end, "party": party}
        raise refusals.broken([(f"/{name}", "required", "") for name, value in given.items() if value is None])
    draft = BookingDraft(id=id, resource=resource, start=start, end=end, party=party, ref=ref, units=units)
    return _occupy(actor, draft, 0)


@transaction.atomic
def _occupy(actor: Actor, draft: BookingDraft, hold_seconds: int) -> Booking:
    _require(actor, draft)
    (outcome,) = occupy([draft], hold_seconds=hold_seconds, actor=actor.party)
    if outcome.problem:
        raise outcome.problem
    return _read(draft.id)


@transaction.atomic
def _confirm(actor: Actor, id: UUID) -> Booking:
    rows = list(Row.objects.filter(booking=id).select_related("resource", "unit").order_by("n"))
    if not rows or not may_touch(actor, rows[0]):
        raise refusals.unknown_booking()
    actor.require_scope(SCOPE)
    made = grouped(rows)[0]
    if made.held_until and made.held_until <= clock.now():
        raise refusals.hold_expired()
    draft = BookingDraft(
        id=id, resource=made.resource, start=made.start, end=made.end, party=made.party, ref=made.ref, units=made.units
    )
    (outcome,) = occupy([draft], hold_seconds=0, actor=actor.party)
    if outcome.problem:
        raise outcome.problem
    return _read(id)


def _require(actor: Actor, draft: BookingDraft) -> None:
    actor.require_scope(SCOPE)
    if actor.staff or actor.acts_for(draft.party, *ROLES):
        return
    owner = Resource.objects.filter(id=draft.resource).values_list("owner", flat=True).first()
    if owner is None or not actor.acts_for(owner, *ROLES):
        raise Forbidden("not-yours", extra={"needs": ["owner", *ROLES]})


def _read(id: UUID) -> Booking:
    return grouped(Row.objects.filter(booking=id).select_related("unit").order_by("n"))[0]
