"""Rides over HTTP, for drivers and operators' desks. Scopes `mobility:drive` and `mobility:fleet`."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status

from lilong.fields.mobility.api import ride_shapes as shapes
from lilong.fields.mobility.queries import duties as queries
from lilong.fields.mobility.queries import rides
from lilong.fields.mobility.queries.duties import AlarmView, BoardView, DutyView, LostView
from lilong.fields.mobility.queries.rides import RideRow, RideView
from lilong.fields.mobility.services.rides import after, driving, duties, ending, offers, safety
from lilong.kernel.base.documented import answers, pages
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request

router = Router(auth=ANY_CREDENTIAL)


@router.post("/duties", openapi_extra=answers(DutyView, 201), summary="Go on line with a car")
def online(request: HttpRequest, body: shapes.DutyIn) -> HttpResponse:
    actor = actor_of_request(request)
    duties.go_online(actor, id=body.id, vehicle=body.vehicle, until=body.until)
    return shapes.answered(queries.duty(actor, body.id), 201)


@router.get("/duties/{uuid:id}", openapi_extra=answers(DutyView), summary="A shift: what is offered, what is driven")
def one(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(queries.duty(actor_of_request(request), id))


@router.post("/duties/{uuid:id}/offline", openapi_extra=answers(DutyView), summary="Go off line")
def offline(request: HttpRequest, id: UUID) -> HttpResponse:
    actor = actor_of_request(request)
    duties.go_offline(actor, duty=id)
    return shapes.answered(queries.duty(actor, id))


@router.post("/duties/{uuid:id}/place", openapi_extra=answers(DutyView), summary="Where the driver's phone is")
def here(request: HttpRequest, id: UUID, body: shapes.DutyHereIn) -> HttpResponse:
    actor = actor_of_request(request)
    duties.here(actor, duty=id, place=body.place.point(), at=body.at, heading=body.heading)
    return shapes.answered(queries.duty(actor, id))


@router.post("/offers/{uuid:id}/accept", openapi_extra=answers(RideView), summary="Take an offered ride")
def accept(request: HttpRequest, id: UUID) -> HttpResponse:
    actor = actor_of_request(request)
    return shapes.answered(rides.ride(actor, offers.accept(actor, offer=id).id))


@router.post("/offers/{uuid:id}/decline", response={204: None}, summary="Leave an offered ride to others")
def decline(request: HttpRequest, id: UUID) -> Any:
    offers.decline(actor_of_request(request), offer=id)
    return Status(204, None)


@router.post("/rides/{uuid:id}/depart", openapi_extra=answers(RideView), summary="On the way to the pick-up")
def depart(request: HttpRequest, id: UUID) -> HttpResponse:
    actor = actor_of_request(request)
    driving.depart(actor, ride=id)
    return shapes.answered(rides.ride(actor, id))


@router.post("/rides/{uuid:id}/arrive", openapi_extra=answers(RideView), summary="At the pick-up")
def arrive(request: HttpRequest, id: UUID, body: shapes.RideHereIn) -> HttpResponse:
    actor = actor_of_request(request)
    driving.arrive(actor, ride=id, place=body.place.point() if body.place else None)
    return shapes.answered(rides.ride(actor, id))


@router.post("/rides/{uuid:id}/no-show", response={204: None}, summary="The rider did not come")
def no_show(request: HttpRequest, id: UUID) -> Any:
    ending.no_show(actor_of_request(request), ride=id)
    return Status(204, None)


@router.post("/rides/{uuid:id}/drop", response={204: None}, summary="Give a ride up before its start")
def drop(request: HttpRequest, id: UUID, body: shapes.RideCancelIn) -> Any:
    ending.drop(actor_of_request(request), ride=id, reason=body.reason)
    return Status(204, None)


@router.get("/drives", openapi_extra=pages(RideRow), summary="Rides that I drove")
def driven(request: HttpRequest, cursor: str = "", size: int = Query(20, ge=1, le=100)) -> HttpResponse:
    return shapes.answered(rides.driven_by(actor_of_request(request), cursor=cursor, size=size))


@router.get("/operators/{uuid:operator}/board", openapi_extra=answers(BoardView), summary="Rides and cars now")
def board(request: HttpRequest, operator: UUID) -> HttpResponse:
    return shapes.answered(queries.board(actor_of_request(request), operator))


@router.post(
    "/operators/{uuid:operator}/permits", openapi_extra=answers(shapes.PermitView, 201), summary="A paper was seen"
)
def permit(request: HttpRequest, operator: UUID, body: shapes.PermitIn) -> HttpResponse:
    return shapes.answered(
        _permit(duties.see_permit(actor_of_request(request), operator=operator, **body.model_dump())), 201
    )


@router.post("/permits/{uuid:id}/revoke", openapi_extra=answers(shapes.PermitView), summary="A paper counts no longer")
def revoke(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(_permit(duties.revoke_permit(actor_of_request(request), id=id)))


@router.get("/operators/{uuid:operator}/alarms", openapi_extra=answers(list[AlarmView]), summary="Open emergencies")
def alarms(request: HttpRequest, operator: UUID) -> HttpResponse:
    return shapes.answered(queries.alarms(actor_of_request(request), operator))


@router.post("/alarms/{uuid:id}/take", openapi_extra=answers(AlarmView), summary="Look after an emergency")
def take(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(queries.alarm_of(safety.take_alarm(actor_of_request(request), id=id)))


@router.post("/alarms/{uuid:id}/close", openapi_extra=answers(AlarmView), summary="An emergency is over")
def close(request: HttpRequest, id: UUID, body: shapes.RideOutcomeIn) -> HttpResponse:
    return shapes.answered(queries.alarm_of(safety.close_alarm(actor_of_request(request), id=id, outcome=body.outcome)))


@router.get("/operators/{uuid:operator}/lost", openapi_extra=answers(list[LostView]), summary="Things left in cars")
def lost(request: HttpRequest, operator: UUID) -> HttpResponse:
    return shapes.answered(queries.lost(actor_of_request(request), operator))


@router.post("/lost/{uuid:id}", openapi_extra=answers(LostView), summary="What was found")
def found(request: HttpRequest, id: UUID, body: shapes.RideLostAnswerIn) -> HttpResponse:
    return shapes.answered(
        queries.lost_of(after.answer_lost(actor_of_request(request), id=id, state=body.state, answer=body.answer))
    )


def _permit(row: Any) -> shapes.PermitView:
    return shapes.PermitView(row.id, row.driver, row.kind, row.valid_from, row.valid_until, row.revoked_at is not None)
