"""Renting over HTTP: find, price, book, open, end, receipt. Scope `mobility:rent`."""

from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import AwareDatetime

from lilong.fields.mobility.api import rental_shapes as shapes
from lilong.fields.mobility.api.rental_shapes import answered
from lilong.fields.mobility.drafts import BookingDraft, PhotoDraft, ReportDraft
from lilong.fields.mobility.queries import finding
from lilong.fields.mobility.queries import rentals as queries
from lilong.fields.mobility.queries.finding import FoundVehicle, RentalPrice
from lilong.fields.mobility.queries.rentals import ReceiptView, RentalView
from lilong.fields.mobility.services.rentals import booking, driving, ending, reports
from lilong.kernel.base.documented import answers, pages
from lilong.kernel.geo.points import parse
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request

router = Router()
_mine: dict[str, Any] = {"auth": ANY_CREDENTIAL}


@router.get(
    "/cars", openapi_extra=answers(list[FoundVehicle]), summary="Shared cars that are free nearby, with their price"
)
def cars(
    request: HttpRequest,
    latitude: float,
    longitude: float,
    start: AwareDatetime,
    end: AwareDatetime,
    radius_m: int = Query(finding.NEAR_M, ge=50, le=finding.FAR_M),
    seats: int = Query(1, ge=1, le=60),
    operator: UUID | None = None,
    foreseen_m: int = Query(0, ge=0, le=5_000_000),
) -> HttpResponse:
    """422 for times that cannot be booked: at least 15 minutes, at most 30 days, within 60 days."""
    near = parse({"latitude": latitude, "longitude": longitude}, "")
    found = finding.cars(near, start, end, radius_m=radius_m, seats=seats, operator=operator, foreseen_m=foreseen_m)
    return answered(found)


@router.get("/bikes", openapi_extra=answers(list[FoundVehicle]), summary="Bikes and scooters that can be taken now")
def bikes(
    request: HttpRequest,
    latitude: float,
    longitude: float,
    radius_m: int = Query(500, ge=50, le=5000),
    form_factor: str = Query("", max_length=20, pattern="^[a-z_]*$"),
) -> HttpResponse:
    near = parse({"latitude": latitude, "longitude": longitude}, "")
    return answered(finding.at_once(near, radius_m=radius_m, form_factor=form_factor))


@router.get("/cars/{uuid:id}/price", openapi_extra=answers(RentalPrice), summary="What a car would cost, line by line")
def price(
    request: HttpRequest,
    id: UUID,
    start: AwareDatetime,
    end: AwareDatetime,
    foreseen_m: int = Query(0, ge=0, le=5_000_000),
) -> HttpResponse:
    return answered(finding.quote(id, start, end, foreseen_m=foreseen_m))


@router.post("/rentals", openapi_extra=answers(RentalView, 201), summary="Book a shared car", **_mine)
def book(request: HttpRequest, body: shapes.RentalIn) -> HttpResponse:
    """Idempotent by the id. 409: `vehicle-taken` (with `alternatives`), `price-changed`, `licence-needed`,
    `insufficient-funds`, `fares-owed`, `id-taken`."""
    actor = actor_of_request(request)
    made = booking.book(actor, msgspec.convert(body.model_dump(), BookingDraft))
    return answered(queries.rental(actor, made.id), 201)


@router.get("/rentals", openapi_extra=pages(RentalView), summary="My rentals, newest first", **_mine)
def mine(request: HttpRequest, cursor: str = "", size: int = Query(20, ge=1, le=100)) -> HttpResponse:
    return answered(queries.rentals_of(actor_of_request(request), cursor=cursor, size=size))


@router.get("/rentals/{uuid:id}", openapi_extra=answers(RentalView), summary="One rental", **_mine)
def one(request: HttpRequest, id: UUID) -> HttpResponse:
    return answered(queries.rental(actor_of_request(request), id))


@router.post("/rentals/{uuid:id}/unlock", openapi_extra=answers(RentalView), summary="Open the vehicle", **_mine)
def unlock(request: HttpRequest, id: UUID, body: shapes.RentalOpenIn) -> HttpResponse:
    """The vehicle answers by itself: `state` is `unlocking` until then. 409: `too-early`, `vehicle-away`, `zone-forbids`,
    `rental-running`, `vehicle-on-trip`, `licence-needed`."""
    actor = actor_of_request(request)
    driving.unlock(actor, id=body.id, rental=id, position=body.place.point())
    return answered(queries.rental(actor, id))


@router.post("/rentals/{uuid:id}/lock", openapi_extra=answers(RentalView), summary="Lock the vehicle", **_mine)
def lock(request: HttpRequest, id: UUID, body: shapes.RentalCommandIn) -> HttpResponse:
    actor = actor_of_request(request)
    driving.lock(actor, id=body.id, rental=id)
    return answered(queries.rental(actor, id))


@router.post("/rentals/{uuid:id}/extend", openapi_extra=answers(RentalView), summary="Keep the car longer", **_mine)
def extend(request: HttpRequest, id: UUID, body: shapes.LongerIn) -> HttpResponse:
    """409 `next-booking`: `free_until` says how long the car is free."""
    actor = actor_of_request(request)
    booking.extend(actor, id=body.id, rental=id, end=body.end)
    return answered(queries.rental(actor, id))


@router.post("/rentals/{uuid:id}/cancel", openapi_extra=answers(RentalView), summary="Call a booking off", **_mine)
def cancel(request: HttpRequest, id: UUID) -> HttpResponse:
    actor = actor_of_request(request)
    booking.cancel(actor, rental=id)
    return answered(queries.rental(actor, id))


@router.post("/rentals/{uuid:id}/end", openapi_extra=answers(RentalView), summary="End the trip", **_mine)
def end(request: HttpRequest, id: UUID) -> HttpResponse:
    """409: `vehicle-not-closed`, `vehicle-silent`, `zone-forbids` (zone, rule and the nearest place)."""
    actor = actor_of_request(request)
    ending.end(actor, rental=id)
    return answered(queries.rental(actor, id))


@router.post("/bikes/{uuid:id}/take", openapi_extra=answers(RentalView, 201), summary="Take a bike or scooter", **_mine)
def take(request: HttpRequest, id: UUID, body: shapes.RentalOpenIn) -> HttpResponse:
    """`id` of the body is the rental's. 409 `vehicle-taken` where somebody was quicker."""
    actor = actor_of_request(request)
    made = driving.take(actor, id=body.id, vehicle=id, position=body.place.point())
    return answered(queries.rental(actor, made.id), 201)


@router.get("/trips/{uuid:id}/receipt", openapi_extra=answers(ReceiptView), summary="A receipt, to the fen", **_mine)
def receipt(request: HttpRequest, id: UUID) -> HttpResponse:
    return answered(queries.receipt(actor_of_request(request), id))


@router.post("/rentals/{uuid:id}/pay", openapi_extra=answers(RentalView), summary="Pay what was left to pay", **_mine)
def pay(request: HttpRequest, id: UUID) -> HttpResponse:
    actor = actor_of_request(request)
    reports.pay_owed(actor, rental=id)
    return answered(queries.rental(actor, id))


@router.post("/rentals/{uuid:id}/reports", openapi_extra=answers(RentalView, 201), summary="Report damage", **_mine)
def report(request: HttpRequest, id: UUID, body: shapes.VehicleReportIn) -> HttpResponse:
    actor = actor_of_request(request)
    photos = tuple(PhotoDraft(id=photo.id, content=photo.content) for photo in body.photos)
    draft = ReportDraft(id=body.id, rental=id, phase=body.phase, note=body.note, damaged=body.damaged, photos=photos)
    reports.report(actor, draft)
    return answered(queries.rental(actor, id), 201)


@router.get("/photos/{uuid:id}", summary="A photograph of a report", **_mine)
def photo(request: HttpRequest, id: UUID) -> HttpResponse:
    media_type, content = queries.photo(actor_of_request(request), id)
    response = HttpResponse(content, content_type=media_type)
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
