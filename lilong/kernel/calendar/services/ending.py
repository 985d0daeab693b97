"""Moving the end of what is booked: longer where nobody comes next, shorter when it is given back early."""

from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Min

from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Violation
from lilong.kernel.calendar import refusals
from lilong.kernel.calendar.drafts import Booking, BookingDraft
from lilong.kernel.calendar.models import ACTIVE, Resource
from lilong.kernel.calendar.models import Booking as Row
from lilong.kernel.calendar.queries.bookings import grouped, may_touch
from lilong.kernel.calendar.queries.free import Book
from lilong.kernel.calendar.rules.booking import check, seconds
from lilong.kernel.calendar.rules.opening import allowed
from lilong.kernel.calendar.services import told
from lilong.kernel.calendar.services.release import SCOPE, expire_stale
from lilong.kernel.parties.actor import Actor


@transaction.atomic
def change_end(actor: Actor, *, id: UUID, end: datetime) -> Booking:
    """The same booking until `end`, on the same lanes, with its turnaround after that. The end it has already: no change.

    The booking's party and the resource's owner may. Raises Missing, Invalid (as booking does), Conflict `slot-taken` (with
    `free_until`: how long it is free, the turnaround taken off), `outside-opening`, `booking-released`, `not-booked`.
    """
    actor.require_scope(SCOPE)
    row = Row.objects.filter(booking=id, n=0).select_related("resource").first()
    if row is None or not may_touch(actor, row):
        raise refusals.unknown_booking()
    book = Book(Resource.objects.select_for_update(no_key=True).filter(id=row.resource_id))
    resource = book.resources[row.resource_id]
    expire_stale([resource.id], clock.now())
    found = Row.objects.select_for_update(of=("self",), no_key=True).filter(booking=id)
    rows = list(found.select_related("unit").order_by("n"))
    made = grouped(rows)[0]
    if made.state in ("released", "expired"):
        raise refusals.released()
    if made.state != "booked":
        raise Conflict("not-booked", violations=[Violation(pointer="/id", rule="booked")])
    draft = BookingDraft(
        id=id, resource=resource.id, start=made.start, end=end, party=made.party, ref=made.ref, units=made.units
    )
    if broken := check(draft):
        raise refusals.broken(broken)
    if end == made.end:
        return made
    if end > made.end:
        _require_free(book, resource, rows, made, end)
    until = seconds(end)
    Row.objects.filter(booking=id).update(end=until, busy_until=until + resource.buffer_seconds)
    for each in rows:
        each.end = until
    after = grouped(rows)[0]
    told.moved(after, resource, made.end, actor.party, clock.now())
    return after


def _require_free(book: Book, resource: Resource, rows: list[Row], made: Booking, end: datetime) -> None:
    since, until = seconds(made.start), seconds(end)
    windows = book.windows(resource.id, since, until)
    if allowed(windows, since, until, resource.step_seconds) < made.units:
        raise refusals.outside_opening()
    others = Row.objects.filter(unit__in=[row.unit_id for row in rows], state__in=ACTIVE, start__gte=rows[0].end)
    following = others.exclude(booking=made.id).aggregate(first=Min("start"))["first"]
    if following is not None and following < until + resource.buffer_seconds:
        free = max(rows[0].end, following - resource.buffer_seconds)
        raise refusals.not_free_until(resource.id, datetime.fromtimestamp(free, UTC))
