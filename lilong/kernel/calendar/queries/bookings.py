"""Bookings and resources as they stand."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import groupby
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext, override

from lilong.kernel.base import clock
from lilong.kernel.base.words import Words
from lilong.kernel.calendar import refusals
from lilong.kernel.calendar.drafts import Booking, Entry, Opening, ResourceView
from lilong.kernel.calendar.models import ACTIVE, Resource
from lilong.kernel.calendar.models import Booking as Row
from lilong.kernel.calendar.models import Opening as OpeningRow
from lilong.kernel.calendar.rules.booking import seconds
from lilong.kernel.calendar.rules.icalendar import Event, calendar
from lilong.kernel.calendar.rules.opening import shown
from lilong.kernel.parties.actor import Actor

ROLES = ("manager", "clerk")  # of the resource's owner, beside its owner
AGENDA_MAX = 1000
_LONGEST = 367 * 86_400  # seconds: nothing that still runs began earlier than that before


def resource(id: UUID) -> ResourceView:
    """One resource; Missing when there is none. What can be booked is public."""
    found = Resource.objects.filter(id=id).first()
    if found is None:
        raise refusals.unknown_resource()
    return view(found)


def resources(*, kind: str = "", owner: UUID | None = None) -> list[ResourceView]:
    """The active resources of a kind, of an owner, or both, by id; at most 1000."""
    rows = Resource.objects.filter(active=True)
    if kind:
        rows = rows.filter(kind=kind)
    if owner is not None:
        rows = rows.filter(owner=owner)
    return [view(row) for row in rows.order_by("id")[:AGENDA_MAX]]


def owned(actor: Actor, id: UUID) -> ResourceView:
    """One resource, for those who act for its owner; Missing for others."""
    found = resource(id)
    if not (actor.staff or actor.acts_for(found.owner, *ROLES)):
        raise refusals.unknown_resource()
    return found


def openings(resource: UUID) -> list[Opening]:
    """The weekly rules of a resource, as they were set."""
    return [
        Opening(
            weekdays=tuple(row.weekdays),
            start=shown(row.start),
            end=shown(row.end),
            slot_seconds=row.slot_seconds,
            capacity=row.capacity,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
        )
        for row in OpeningRow.objects.filter(resource=resource).order_by("id")
    ]


def booking(actor: Actor, id: UUID) -> Booking:
    """One booking, for its party and the resource's owner; Missing for others."""
    rows = list(Row.objects.filter(booking=id).select_related("unit", "resource").order_by("n"))
    if not rows or not may_touch(actor, rows[0]):
        raise refusals.unknown_booking()
    return grouped(rows)[0]


def bookings_of(ref: UUID) -> list[Booking]:
    """Every booking made for `ref`, whatever its state. The caller has checked who asks."""
    return grouped(Row.objects.filter(ref=ref).select_related("unit").order_by("start", "booking", "n"))


def bookings(resource: UUID, start: datetime, end: datetime) -> list[Booking]:
    """What is held or booked of a resource within `start` .. `end`, by start. The caller has checked who asks."""
    rows = Row.objects.filter(resource=resource, state__in=ACTIVE, busy_until__gt=seconds(start))
    return grouped(_within(rows, start, end).select_related("unit").order_by("start", "booking", "n"))


def agenda(party: UUID, start: datetime, end: datetime) -> list[Entry]:
    """What a party has booked or holds within `start` .. `end`, by start: at most 1000 lanes.

    The caller has checked who asks.
    """
    rows = _within(Row.objects.filter(party=party, state__in=ACTIVE), start, end)
    found = list(rows.select_related("unit", "resource").order_by("start", "booking", "n")[:AGENDA_MAX])
    at = {row.booking: row.resource for row in found}
    return [
        Entry(
            booking=made,
            name=Words.read(at[made.id].name),
            kind=at[made.id].kind,
            owner=at[made.id].owner,
            zone=at[made.id].zone,
        )
        for made in grouped(found)
        if len(made.lanes) == made.units  # the limit may cut through the last one
    ]


def agenda_text(entries: Iterable[Entry], language: str) -> str:
    """Entries of an agenda as iCalendar (RFC 5545), named in that language; holds are tentative."""
    with override(language):
        name = gettext("My calendar")
    return calendar(
        name,
        [
            Event(
                uid=str(entry.booking.id),
                start=entry.booking.start,
                end=entry.booking.end,
                stamp=clock.now(),
                summary=entry.name.within(language),
                category=entry.kind,
                tentative=entry.booking.state == "held",
            )
            for entry in entries
        ],
    )


def may_touch(actor: Actor, row: Row) -> bool:
    """Whether the actor may see and give back a booking: for its party, for the resource's owner, or for the city."""
    return actor.staff or actor.acts_for(row.party, *ROLES) or actor.acts_for(row.resource.owner, *ROLES)


def view(row: Resource) -> ResourceView:
    return ResourceView(
        name=Words.read(row.name),
        **{name: getattr(row, name) for name in ResourceView.__struct_fields__ if name != "name"},
    )


def grouped(rows: Iterable[Row]) -> list[Booking]:
    """Bookings of their rows, which come together and in order."""
    return [_booking(list(lanes)) for _, lanes in groupby(rows, key=lambda row: row.booking)]


def _booking(rows: list[Row]) -> Booking:
    first = rows[0]
    return Booking(
        id=first.booking,
        resource=first.resource_id,
        start=datetime.fromtimestamp(first.start, UTC),
        end=datetime.fromtimestamp(first.end, UTC),
        units=first.units,
        lanes=tuple(row.unit.number for row in rows),
        state=first.state,
        party=first.party,
        ref=first.ref,
        held_until=first.held_until if first.state == "held" else None,
        created_at=first.created_at,
    )


def _within(rows: QuerySet[Row], start: datetime, end: datetime) -> QuerySet[Row]:
    since, until = seconds(start), seconds(end)
    return rows.filter(start__lt=until, start__gt=since - _LONGEST, end__gt=since)
