"""Driving licences over HTTP: their holders hand them in, the city's desk decides."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from lilong.fields.mobility.api import rental_shapes as shapes
from lilong.fields.mobility.api.rental_shapes import answered
from lilong.fields.mobility.queries import rentals as queries
from lilong.fields.mobility.queries.rentals import LicenceView
from lilong.fields.mobility.services import licences as services
from lilong.kernel.base.documented import answers
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request, throttle

router = Router(auth=ANY_CREDENTIAL)
_TRIES, _SECONDS = 20, 86_400  # numbers that one person may hand in a day


@router.post("/licences", openapi_extra=answers(list[LicenceView], 201), summary="Hand in a driving licence")
def submit(request: HttpRequest, body: shapes.LicenceIn) -> HttpResponse:
    """Of the number only a keyed digest is kept. Answers my licences."""
    actor = actor_of_request(request)
    throttle("mobility-licence", str(actor.party), _TRIES, _SECONDS)
    services.submit_licence(actor, id=body.id, number=body.number, classes=body.classes, valid_until=body.valid_until)
    return answered(queries.licences_of(actor), 201)


@router.get("/licences", openapi_extra=answers(list[LicenceView]), summary="My driving licences")
def mine(request: HttpRequest) -> HttpResponse:
    return answered(queries.licences_of(actor_of_request(request)))


@router.get(
    "/licences/waiting", openapi_extra=answers(list[LicenceView]), summary="Licences to decide (the city's desk)"
)
def waiting(request: HttpRequest) -> HttpResponse:
    return answered(queries.licences_to_decide(actor_of_request(request)))


@router.post("/licences/{uuid:id}/decide", openapi_extra=answers(list[LicenceView]), summary="Decide (the city's desk)")
def decide(request: HttpRequest, id: UUID, body: shapes.LicenceDecisionIn) -> HttpResponse:
    """Answers those still waiting. 409 `licence-taken`: another person has this number."""
    actor = actor_of_request(request)
    services.decide_licence(actor, id=id, accept=body.accept, reason=body.reason)
    return answered(queries.licences_to_decide(actor))
