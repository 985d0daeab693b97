"""Planning and dispatching over HTTP: for a carrier's office, and for couriers who answer what they are given."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status

from lilong.fields.delivery import jobs
from lilong.fields.delivery.queries import plans as queries
from lilong.fields.delivery.services import dispatch as dispatching
from lilong.fields.delivery.services import planning
from lilong.kernel.base.documented import answers
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request

router = Router(auth=ANY_CREDENTIAL)


class RoutePlanIn(Schema):
    """`seconds` of search, 1 to 600. `depot`: only its shipments."""

    id: UUID
    day: date
    depot: UUID | None = None
    seconds: int = 30


class MendIn(Schema):
    why: str = "asked"


class CourierIn(Schema):
    vehicle: UUID


class GivenOut(Schema):
    """Who brings it and when; or `vehicle` is null and `code` says why nobody can (`late_seconds`: by so much the nearest)."""

    shipment: UUID
    vehicle: UUID | None
    eta: datetime | None
    code: str = ""
    late_seconds: int = 0


class MendedOut(Schema):
    """How many shipments are on runs now, how many changed their vehicle, how many are on none."""

    shipments: int
    moved: int
    unplaced: int


@router.post("/carriers/{uuid:carrier}/plans", openapi_extra=answers(queries.RoutePlanView, 202), summary="Plan a day")
def ask(request: HttpRequest, carrier: UUID, body: RoutePlanIn) -> Any:
    """Answered at once; ask the plan for how far it is. It becomes active by itself, unless another did meanwhile."""
    actor = actor_of_request(request)
    made = planning.ask_plan(actor, id=body.id, carrier=carrier, day=body.day, depot=body.depot, seconds=body.seconds)
    if made.state == "asked":
        jobs.make_plan.defer(id=str(made.id), party=str(actor.party))
    return _answered(queries.plan(actor, made.id), 202)


@router.get(
    "/carriers/{uuid:carrier}/plans",
    openapi_extra=answers(list[queries.RoutePlanView]),
    summary="A carrier's last plans",
)
def mine(request: HttpRequest, carrier: UUID, day: date | None = None) -> Any:
    return _answered(queries.plans(actor_of_request(request), carrier, day))


@router.get("/plans/{uuid:id}", openapi_extra=answers(queries.RoutePlanView), summary="How far a plan is")
def one(request: HttpRequest, id: UUID) -> Any:
    return _answered(queries.plan(actor_of_request(request), id))


@router.post("/carriers/{uuid:carrier}/mend", response=MendedOut, summary="Make today's runs hold again")
def mend(request: HttpRequest, carrier: UUID, body: MendIn) -> Any:
    """With the least change: what cannot be kept goes to others, what is on no run gets one if there is room."""
    found = planning.mend(actor_of_request(request), carrier=carrier, why=body.why)
    planned = {act.task for route in found.routes for act in route.acts}
    return MendedOut(shipments=len(planned), moved=found.moved, unplaced=len(found.unassigned))


@router.get(
    "/carriers/{uuid:carrier}/runs",
    openapi_extra=answers(list[queries.RunRouteView]),
    summary="Open runs with their stops",
)
def runs(request: HttpRequest, carrier: UUID) -> Any:
    return _answered(queries.routes(actor_of_request(request), carrier))


@router.get("/carriers/{uuid:carrier}/map", response=dict[str, Any], summary="Vehicles, ways and stops as GeoJSON")
def on_map(request: HttpRequest, carrier: UUID) -> Any:
    return queries.on_map(actor_of_request(request), carrier)


@router.get(
    "/carriers/{uuid:carrier}/unplaced",
    openapi_extra=answers(list[queries.UnplacedView]),
    summary="What is on no run, and why",
)
def unplaced(request: HttpRequest, carrier: UUID) -> Any:
    return _answered(queries.unplaced(actor_of_request(request), carrier))


@router.post("/shipments/{uuid:id}/dispatch", response=GivenOut, summary="Give a shipment to a vehicle now")
def dispatch(request: HttpRequest, id: UUID) -> Any:
    """The cheapest vehicle that breaks no promise. One that has a vehicle keeps it."""
    return _given(dispatching.dispatch(actor_of_request(request), shipment=id))


@router.get(
    "/shipments/{uuid:id}/why", openapi_extra=answers(queries.UnplacedView), summary="Why a shipment is on no run"
)
def why(request: HttpRequest, id: UUID) -> Any:
    """204: it is on one, or nobody has looked yet."""
    found = queries.why(actor_of_request(request), id)
    return HttpResponse(status=204) if found is None else _answered(found)


@router.post("/shipments/{uuid:id}/take", response={204: None}, summary="Take a shipment one was given")
def take(request: HttpRequest, id: UUID, body: CourierIn) -> Any:
    dispatching.accept(actor_of_request(request), shipment=id, vehicle=body.vehicle)
    return Status(204, None)


@router.post("/shipments/{uuid:id}/refuse", response={204: None}, summary="Refuse a shipment one was given")
def refuse(request: HttpRequest, id: UUID, body: CourierIn) -> Any:
    """Before one has the goods. It goes to another at once."""
    dispatching.decline(actor_of_request(request), shipment=id, vehicle=body.vehicle)
    return Status(204, None)


@router.get(
    "/vehicles/{uuid:vehicle}/offers",
    openapi_extra=answers(list[queries.GivenOfferView]),
    summary="What a courier has to answer",
)
def offers(request: HttpRequest, vehicle: UUID) -> Any:
    return _answered(queries.offers(actor_of_request(request), vehicle))


def _answered(found: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(found), content_type="application/json", status=status)


def _given(found: dispatching.Given) -> GivenOut:
    reason = found.reason
    return GivenOut(
        shipment=found.shipment, vehicle=found.vehicle, eta=found.eta, code=reason.code if reason else "",
        late_seconds=reason.late if reason else 0,
    )  # fmt: skip
