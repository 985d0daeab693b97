"""Rides over HTTP, for riders: quotes, asking, calling off, starting a robotaxi, ending, afterwards. Scope `mobility:ride`."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status

from lilong.fields.mobility.api import ride_shapes as shapes
from lilong.fields.mobility.queries import duties as desk
from lilong.fields.mobility.queries import rides as queries
from lilong.fields.mobility.queries.duties import AlarmView, LostView
from lilong.fields.mobility.queries.rides import RideQuoteView, RideRow, RideView
from lilong.fields.mobility.services.rides import after, driving, ending, quotes, requests, safety
from lilong.kernel.base.documented import answers, pages
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request

router = Router(auth=ANY_CREDENTIAL)


@router.post("/rides/quotes", openapi_extra=answers(list[RideQuoteView], 201), summary="Prices for a way")
def quote(request: HttpRequest, body: shapes.RideQuoteIn) -> HttpResponse:
    actor = actor_of_request(request)
    way = quotes.Way(
        start=body.start.point(),
        end=body.end.point(),
        stops=[stop.point() for stop in body.stops],
        people=body.people,
        wheelchair=body.wheelchair,
    )
    if body.plan is None:
        made = quotes.quote_all(actor, id=body.id, way=way)
    else:
        made = [quotes.quote(actor, id=body.id, plan=body.plan, way=way)]
    return shapes.answered([queries.quoted(row) for row in made], 201)


@router.get("/rides/quotes/{uuid:id}", openapi_extra=answers(RideQuoteView), summary="A quote of mine")
def one_quote(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(queries.quote(actor_of_request(request), id))


@router.post("/rides", openapi_extra=answers(RideView, 201), summary="Ask for the ride of a quote")
def ask(request: HttpRequest, body: shapes.RideRequestIn) -> HttpResponse:
    actor = actor_of_request(request)
    requests.request(actor, id=body.id, quote=body.quote)
    return shapes.answered(queries.ride(actor, body.id), 201)


@router.get("/rides", openapi_extra=pages(RideRow), summary="My rides")
def mine(request: HttpRequest, cursor: str = "", size: int = Query(20, ge=1, le=100)) -> HttpResponse:
    return shapes.answered(queries.rides_of(actor_of_request(request), cursor=cursor, size=size))


@router.get("/rides/{uuid:id}", openapi_extra=answers(RideView), summary="A ride")
def one(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(queries.ride(actor_of_request(request), id))


@router.post("/rides/{uuid:id}/cancel", openapi_extra=answers(RideView), summary="Call a ride off")
def cancel(request: HttpRequest, id: UUID, body: shapes.RideCancelIn) -> HttpResponse:
    actor = actor_of_request(request)
    ending.cancel(actor, ride=id, reason=body.reason)
    return shapes.answered(queries.ride(actor, id))


@router.post("/rides/{uuid:id}/code", openapi_extra=answers(RideView), summary="Another start code")
def code(request: HttpRequest, id: UUID) -> HttpResponse:
    actor = actor_of_request(request)
    requests.new_code(actor, ride=id)
    return shapes.answered(queries.ride(actor, id))


@router.post("/rides/{uuid:id}/start", openapi_extra=answers(RideView), summary="Start, by the code")
def start(request: HttpRequest, id: UUID, body: shapes.RideCodeIn) -> HttpResponse:
    """The rider types what a robotaxi's door shows; the driver what the rider says."""
    actor = actor_of_request(request)
    driving.start(actor, ride=id, code=body.code)
    return shapes.answered(queries.ride(actor, id))


@router.post(
    "/rides/{uuid:id}/quotes", openapi_extra=answers(RideQuoteView, 201), summary="Price of another destination"
)
def requote(request: HttpRequest, id: UUID, body: shapes.RideRequoteIn) -> HttpResponse:
    actor = actor_of_request(request)
    stops = [stop.point() for stop in body.stops]
    made = quotes.requote(actor, id=body.id, ride=id, end=body.end.point(), stops=stops)
    return shapes.answered(queries.quoted(made), 201)


@router.post("/rides/{uuid:id}/redirect", openapi_extra=answers(RideView), summary="Go there instead, at that price")
def redirect(request: HttpRequest, id: UUID, body: shapes.RideTakeQuoteIn) -> HttpResponse:
    actor = actor_of_request(request)
    requests.redirect(actor, ride=id, quote=body.quote)
    return shapes.answered(queries.ride(actor, id))


@router.post("/rides/{uuid:id}/end", openapi_extra=answers(RideView), summary="End a trip here")
def end(request: HttpRequest, id: UUID, body: shapes.RideEndIn) -> HttpResponse:
    actor = actor_of_request(request)
    ending.end(actor, ride=id, place=body.place.point() if body.place else None, broken=body.broken)
    return shapes.answered(queries.ride(actor, id))


@router.post(
    "/rides/{uuid:id}/ratings", openapi_extra=answers(shapes.RideRatingView, 201), summary="Rate the other side"
)
def rate(request: HttpRequest, id: UUID, body: shapes.RideRatingIn) -> HttpResponse:
    made = after.rate(actor_of_request(request), id=body.id, ride=id, stars=body.stars, words=body.words)
    return shapes.answered(shapes.RideRatingView(made.id, made.ride_id, made.by, made.stars), 201)


@router.post("/rides/{uuid:id}/tip", openapi_extra=answers(RideView), summary="Something for the driver")
def tip(request: HttpRequest, id: UUID, body: shapes.RideTipIn) -> HttpResponse:
    actor = actor_of_request(request)
    after.tip(actor, ride=id, amount=body.amount)
    return shapes.answered(queries.ride(actor, id))


@router.post("/rides/{uuid:id}/refund", openapi_extra=answers(RideView), summary="Give back what was paid (operators)")
def refund(request: HttpRequest, id: UUID, body: shapes.RideRefundIn) -> HttpResponse:
    actor = actor_of_request(request)
    after.refund(actor, ride=id, reason=body.reason)
    return shapes.answered(queries.ride(actor, id))


@router.post("/rides/{uuid:id}/shares", openapi_extra=answers(shapes.RideShareView, 201), summary="A link to watch by")
def share(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(shapes.RideShareView(safety.share(actor_of_request(request), ride=id)), 201)


@router.delete("/rides/{uuid:id}/shares", response={204: None}, summary="End all links to a ride")
def stop_sharing(request: HttpRequest, id: UUID) -> Any:
    safety.stop_sharing(actor_of_request(request), ride=id)
    return Status(204, None)


@router.post("/rides/{uuid:id}/alarms", openapi_extra=answers(AlarmView, 201), summary="Emergency")
def alarm(request: HttpRequest, id: UUID, body: shapes.RideIdIn) -> HttpResponse:
    return shapes.answered(desk.alarm_of(safety.alarm(actor_of_request(request), id=body.id, ride=id)), 201)


@router.post("/rides/{uuid:id}/lost", openapi_extra=answers(LostView, 201), summary="Something left in the car")
def lose(request: HttpRequest, id: UUID, body: shapes.RideLostIn) -> HttpResponse:
    return shapes.answered(
        desk.lost_of(after.report_lost(actor_of_request(request), id=body.id, ride=id, what=body.what)), 201
    )
