"""Shipments over HTTP: promises, asking for one, following it, its custody; claims and ratings."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from lilong.fields.delivery.api import shapes
from lilong.fields.delivery.drafts import ShipmentDraft
from lilong.fields.delivery.queries import claims as claim_queries
from lilong.fields.delivery.queries import promises
from lilong.fields.delivery.queries import shipments as queries
from lilong.fields.delivery.services import booking, claims, codes, journey, ratings, stopping
from lilong.kernel.base import clock
from lilong.kernel.base.documented import answers, pages
from lilong.kernel.geo.points import Point
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request

router = Router(auth=ANY_CREDENTIAL)
_ONE = answers(queries.ShipmentView)


@router.post(
    "/promises",
    openapi_extra=answers(list[promises.PromiseView]),
    summary="What can be promised, before anything is bought",
)
def promised(request: HttpRequest, body: shapes.PromisesIn) -> HttpResponse:
    to = Point.of_e6(body.to.latitude_e6, body.to.longitude_e6)
    return shapes.answered(promises.at_depot(body.depot, to, body.weight_g, body.temperature, clock.now()))


@router.post("/shipments", openapi_extra=answers(queries.ShipmentView, 201), summary="Ask for a shipment")
def ask(request: HttpRequest, body: shapes.ShipmentIn) -> HttpResponse:
    actor = actor_of_request(request)
    made = booking.request_shipment(actor, shapes.draft(body, ShipmentDraft))
    return shapes.answered(queries.shipment(actor, made.id), 201)


@router.get("/shipments", openapi_extra=pages(queries.ShipmentView), summary="What a party receives or sends")
def mine(
    request: HttpRequest, party: UUID, side: str = "recipient", cursor: str = "", size: int = Query(20, ge=1, le=100)
) -> HttpResponse:
    return shapes.answered(queries.mine(actor_of_request(request), party, side=side, cursor=cursor, size=size))


@router.get("/carriers/{uuid:id}/shipments", openapi_extra=pages(queries.ShipmentView), summary="A carrier's shipments")
def of_carrier(
    request: HttpRequest,
    id: UUID,
    state: str = "",
    late: bool = False,
    cursor: str = "",
    size: int = Query(20, ge=1, le=100),
) -> HttpResponse:
    found = queries.of_carrier(actor_of_request(request), id, state=state, late=late, cursor=cursor, size=size)
    return shapes.answered(found)


@router.get("/shipments/{uuid:id}", openapi_extra=_ONE, summary="One shipment")
def one(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(queries.shipment(actor_of_request(request), id))


@router.get(
    "/orders/{uuid:id}/shipments", openapi_extra=answers(list[queries.ShipmentView]), summary="An order's shipments"
)
def of_order(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(queries.shipments_of_order(actor_of_request(request), id))


@router.get(
    "/shipments/{uuid:id}/custody",
    openapi_extra=answers(list[queries.HandOverView]),
    summary="Who had which parcel when",
)
def custody(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(queries.custody(actor_of_request(request), id))


@router.get(
    "/shipments/{uuid:id}/attempts", openapi_extra=answers(list[queries.AttemptView]), summary="The tries that failed"
)
def attempts(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(queries.attempts(actor_of_request(request), id))


@router.get(
    "/shipments/{uuid:id}/code", openapi_extra=answers(codes.CodeView), summary="My code: shown, sent or printed"
)
def code(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(codes.code_of(actor_of_request(request), shipment=id))


@router.post("/shipments/{uuid:id}/cancel", openapi_extra=_ONE, summary="Call a shipment off")
def cancel(request: HttpRequest, id: UUID, body: shapes.WhyIn) -> HttpResponse:
    actor = actor_of_request(request)
    journey.cancel(actor, shipment=id, reason=body.reason)
    return shapes.answered(queries.shipment(actor, id))


@router.post("/shipments/{uuid:id}/accept", openapi_extra=_ONE, summary="Take a shipment on")
def accept(request: HttpRequest, id: UUID) -> HttpResponse:
    actor = actor_of_request(request)
    journey.accept(actor, shipment=id)
    return shapes.answered(queries.shipment(actor, id))


@router.post("/shipments/{uuid:id}/send-back", openapi_extra=_ONE, summary="Send a shipment back")
def send_back(request: HttpRequest, id: UUID, body: shapes.WhyIn) -> HttpResponse:
    actor = actor_of_request(request)
    journey.send_back(actor, shipment=id, reason=body.reason)
    return shapes.answered(queries.shipment(actor, id))


@router.post("/shipments/{uuid:id}/lose", openapi_extra=_ONE, summary="Report parcels as lost")
def lose(request: HttpRequest, id: UUID, body: shapes.LostIn) -> HttpResponse:
    actor = actor_of_request(request)
    journey.lose(actor, shipment=id, reason=body.reason, parcels=body.parcels)
    return shapes.answered(queries.shipment(actor, id))


@router.post("/shipments/{uuid:id}/find", openapi_extra=_ONE, summary="What was lost turned up")
def find(request: HttpRequest, id: UUID, body: shapes.CarriedByIn) -> HttpResponse:
    actor = actor_of_request(request)
    journey.find_again(actor, shipment=id, vehicle=body.vehicle)
    return shapes.answered(queries.shipment(actor, id))


@router.post("/shipments/{uuid:id}/stop", openapi_extra=_ONE, summary="Stop a shipment: it is handed to nobody")
def stop(request: HttpRequest, id: UUID, body: shapes.StopIn) -> HttpResponse:
    actor = actor_of_request(request)
    stopping.stop(actor, shipment=id, reason=body.reason)
    return shapes.answered(queries.shipment(actor, id))


@router.post("/shipments/{uuid:id}/go-on", openapi_extra=_ONE, summary="Let a stopped shipment go on")
def go_on(request: HttpRequest, id: UUID) -> HttpResponse:
    actor = actor_of_request(request)
    stopping.go_on(actor, shipment=id)
    return shapes.answered(queries.shipment(actor, id))


@router.post("/shipments/{uuid:id}/rating", openapi_extra=_ONE, summary="Rate a delivery")
def rate(request: HttpRequest, id: UUID, body: shapes.ShipmentRatingIn) -> HttpResponse:
    actor = actor_of_request(request)
    ratings.rate(actor, shipment=id, stars=body.stars, text=body.text)
    return shapes.answered(queries.shipment(actor, id))


@router.post(
    "/claims", openapi_extra=answers(claim_queries.ClaimView, 201), summary="Claim for loss, damage or lateness"
)
def open_claim(request: HttpRequest, body: shapes.ClaimIn) -> HttpResponse:
    made = claims.open_claim(actor_of_request(request), **body.model_dump())
    return shapes.answered(claim_queries.view(made), 201)


@router.get("/claims", openapi_extra=pages(claim_queries.ClaimView), summary="What a party claimed")
def my_claims(
    request: HttpRequest, claimant: UUID, cursor: str = "", size: int = Query(20, ge=1, le=100)
) -> HttpResponse:
    return shapes.answered(claim_queries.of_claimant(actor_of_request(request), claimant, cursor=cursor, size=size))


@router.get(
    "/carriers/{uuid:id}/claims", openapi_extra=pages(claim_queries.ClaimView), summary="What is claimed of a carrier"
)
def carrier_claims(
    request: HttpRequest, id: UUID, state: str = "", cursor: str = "", size: int = Query(20, ge=1, le=100)
) -> HttpResponse:
    found = claim_queries.of_carrier(actor_of_request(request), id, state=state, cursor=cursor, size=size)
    return shapes.answered(found)


@router.get("/claims/{uuid:id}", openapi_extra=answers(claim_queries.ClaimView), summary="One claim")
def claim(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(claim_queries.claim(actor_of_request(request), id))


@router.post(
    "/claims/{uuid:id}/assess", openapi_extra=answers(claim_queries.ClaimView), summary="Say what will be paid"
)
def assess(request: HttpRequest, id: UUID, body: shapes.AssessIn) -> HttpResponse:
    made = claims.assess(actor_of_request(request), id=id, amount=body.amount, answer=body.answer)
    return shapes.answered(claim_queries.view(made))


@router.post("/claims/{uuid:id}/settle", openapi_extra=answers(claim_queries.ClaimView), summary="Pay, or refuse")
def settle(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(claim_queries.view(claims.settle(actor_of_request(request), id=id)))


@router.post("/claims/{uuid:id}/appeal", openapi_extra=answers(claim_queries.ClaimView), summary="Appeal to the city")
def appeal(request: HttpRequest, id: UUID, body: shapes.AppealIn) -> HttpResponse:
    return shapes.answered(claim_queries.view(claims.appeal(actor_of_request(request), id=id, text=body.text)))


@router.post(
    "/claims/{uuid:id}/decide", openapi_extra=answers(claim_queries.ClaimView), summary="Decide an appeal (operators)"
)
def decide(request: HttpRequest, id: UUID, body: shapes.AssessIn) -> HttpResponse:
    made = claims.decide(actor_of_request(request), id=id, amount=body.amount, answer=body.answer)
    return shapes.answered(claim_queries.view(made))
