"""The calendar over HTTP: what can be booked, what is free, my bookings; and for owners their resources."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from ninja import Query, Router, Status
from pydantic import AwareDatetime

from lilong.kernel.base import clock
from lilong.kernel.base.problems import Missing, Violation, invalid
from lilong.kernel.base.words import Words
from lilong.kernel.calendar import queries, services
from lilong.kernel.calendar.drafts import CAPACITY_MAX, LENGTH_MAX, Hours, Opening
from lilong.kernel.calendar.rules.icalendar import CONTENT_TYPE
from lilong.kernel.calendar.shapes import (
    BookIn,
    BookingOut,
    ChangeIn,
    DayIn,
    EntryOut,
    HoldIn,
    HoursIn,
    Kind,
    OpeningIn,
    OpeningOut,
    ReleaseIn,
    ResourceIn,
    ResourceOut,
    SlotOut,
)
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request, throttle

READ = "calendar:read"
AGENDA_DAYS = 31
_HOLDS_A_MINUTE = 60

router = Router(tags=["calendar"], auth=ANY_CREDENTIAL)


@router.get("/resources", response=list[ResourceOut], auth=None, summary="What can be booked, by kind, owner, or both")
def resources(request: HttpRequest, kind: Kind = "", owner: UUID | None = None) -> Any:
    return queries.resources(kind=kind, owner=owner)


@router.get("/resources/{uuid:id}", response=ResourceOut, auth=None, summary="One resource")
def resource(request: HttpRequest, id: UUID) -> Any:
    return queries.resource(id)


@router.get("/resources/{uuid:id}/opening", response=list[OpeningOut], auth=None, summary="Its weekly hours")
def openings(request: HttpRequest, id: UUID) -> Any:
    return queries.openings(queries.resource(id).id)


@router.get("/slots", response=list[SlotOut], auth=None, summary="What is free; at most 2000 slots over 92 days")
def find(
    request: HttpRequest,
    start: AwareDatetime,
    end: AwareDatetime,
    resource: list[UUID] = Query([], max_length=queries.RESOURCES_MAX),  # noqa: B008 (how ninja declares lists)
    kind: Kind = "",
    seconds: int | None = Query(None, ge=1, le=LENGTH_MAX),
    units: int = Query(1, ge=1, le=CAPACITY_MAX),
) -> Any:
    """Of some resources (`resource=` as often as wanted, up to 200) or of all of a kind, by start.

    `free` lanes are free throughout. `seconds` is how long it should be: by default one slot of the resource.
    """
    if bool(resource) == bool(kind):
        raise invalid("/resource", "resource-or-kind")
    found = queries.find(resource or kind, start, end, seconds=seconds, units=units)
    return [slot._asdict() for slot in found]


@router.post("/resources", response={201: ResourceOut}, summary="Create a resource")
def create(request: HttpRequest, body: ResourceIn) -> Any:
    given = body.dict() | {"name": Words(**body.name.dict())}
    return Status(201, services.create_resource(actor_of_request(request), **given))


@router.patch("/resources/{uuid:id}", response=ResourceOut, summary="More or fewer lanes; in or out of booking")
def change(request: HttpRequest, id: UUID, body: ChangeIn) -> Any:
    actor = actor_of_request(request)
    if body.capacity is not None:
        services.set_capacity(actor, resource=id, capacity=body.capacity)
    if body.active is not None:
        services.set_active(actor, resource=id, active=body.active)
    return queries.owned(actor, id)


@router.put("/resources/{uuid:id}/opening", response=list[OpeningOut], summary="Set its weekly hours")
def set_opening(request: HttpRequest, id: UUID, body: list[OpeningIn]) -> Any:
    rules = [Opening(**one.dict() | {"weekdays": tuple(one.weekdays)}) for one in body]
    services.set_opening(actor_of_request(request), resource=id, rules=rules)
    return queries.openings(id)


@router.put("/resources/{uuid:id}/days/{day}", response={204: None}, summary="Close a date, or give it other hours")
def set_day(request: HttpRequest, id: UUID, day: date, body: DayIn) -> Any:
    actor = actor_of_request(request)
    services.set_exception(actor, resource=id, day=day, closed=body.closed, hours=_hours(body.hours))
    return Status(204, None)


@router.delete("/resources/{uuid:id}/days/{day}", response={204: None}, summary="The weekly hours hold again on a date")
def clear_day(request: HttpRequest, id: UUID, day: date) -> Any:
    services.set_exception(actor_of_request(request), resource=id, day=day)
    return Status(204, None)


@router.get("/resources/{uuid:id}/bookings", response=list[BookingOut], summary="Who has it when, for its owner")
def bookings(request: HttpRequest, id: UUID, start: AwareDatetime, end: AwareDatetime) -> Any:
    return queries.bookings(queries.owned(_reader(request), id).id, *_span(start, end))


@router.post("/bookings", response={201: BookingOut}, summary="Book a time")
def book(request: HttpRequest, body: BookIn) -> Any:
    """409 `slot-taken` comes with `alternatives`: the next free times of the same length."""
    actor = actor_of_request(request)
    return Status(201, services.book(actor, **body.dict() | {"party": body.party or actor.party}))


@router.post("/holds", response={201: BookingOut}, summary="Keep a time for some minutes")
def hold(request: HttpRequest, body: HoldIn) -> Any:
    actor = actor_of_request(request)
    throttle("calendar.hold", str(actor.party), _HOLDS_A_MINUTE, 60)
    return Status(201, services.hold(actor, **body.dict() | {"party": body.party or actor.party}))


@router.get("/bookings/{uuid:id}", response=BookingOut, summary="One booking, for its party and the resource's owner")
def booking(request: HttpRequest, id: UUID) -> Any:
    return queries.booking(_reader(request), id)


@router.post("/bookings/{uuid:id}/book", response=BookingOut, summary="Book the time that is held")
def confirm(request: HttpRequest, id: UUID) -> Any:
    return services.book(actor_of_request(request), id=id)


@router.post("/bookings/{uuid:id}/release", response=BookingOut, summary="Give a time back")
def release(request: HttpRequest, id: UUID, body: ReleaseIn) -> Any:
    """409 `part-of-more` for a time that belongs to an order: cancel that."""
    return services.give_back(actor_of_request(request), id=id, reason=body.reason)


@router.get("/agenda", response=list[EntryOut], summary="My agenda, or that of an organisation I act for")
def agenda(
    request: HttpRequest,
    start: AwareDatetime | None = None,
    end: AwareDatetime | None = None,
    party: UUID | None = None,
) -> Any:
    """From now on for 31 days by default; at most 366 days."""
    return _agenda(request, start, end, party)


@router.get("/agenda.ics", summary="My agenda as iCalendar (RFC 5545)", openapi_extra={
    "responses": {200: {"description": "A calendar", "content": {"text/calendar": {"schema": {"type": "string"}}}}},
})  # fmt: skip
def agenda_ics(
    request: HttpRequest,
    start: AwareDatetime | None = None,
    end: AwareDatetime | None = None,
    party: UUID | None = None,
) -> HttpResponse:
    text = queries.agenda_text(_agenda(request, start, end, party), get_language() or "en")
    return HttpResponse(text, content_type=CONTENT_TYPE)


def _agenda(request: HttpRequest, start: datetime | None, end: datetime | None, party: UUID | None) -> Any:
    actor = _reader(request)
    if party is not None and not (actor.staff or actor.acts_for(party, *queries.ROLES)):
        raise Missing("no-such-party", violations=[Violation(pointer="/party", rule="known", detail=str(party))])
    since = start or clock.now()
    until = end or min(since, datetime.max.replace(tzinfo=since.tzinfo) - timedelta(days=60)) + timedelta(AGENDA_DAYS)
    return queries.agenda(party or actor.party, *_span(since, until))


def _span(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    if not 0 < (end - start).total_seconds() <= LENGTH_MAX:
        raise invalid("/end", "span", f"1..{LENGTH_MAX}")
    return start, end


def _hours(given: Sequence[HoursIn]) -> list[Hours]:
    return [Hours(**one.dict()) for one in given]


def _reader(request: HttpRequest) -> Actor:
    actor = actor_of_request(request)
    actor.require_scope(READ)
    return actor
