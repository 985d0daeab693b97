"""Controlled vehicles over HTTP: their protocol names and credentials, how they are, what they are told at once."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from lilong.fields.delivery.api import shapes
from lilong.fields.delivery.queries import vehicles as queries
from lilong.fields.delivery.services import vehicles_command, vehicles_setup
from lilong.kernel.base.documented import answers
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request

router = Router(auth=ANY_CREDENTIAL)
_ONE = answers(queries.ControlView)


class VehicleControlIn(Schema):
    """The names a vehicle has in VDA 5050's topics; letters, digits, `_`, `:` and `-`."""

    manufacturer: shapes.Short
    serial: shapes.Short
    version: Literal["2.1.0", "3.0.0"] = "2.1.0"


class VehicleCommandIn(Schema):
    """Something to do at once; `id` is the caller's."""

    id: UUID
    kind: Literal["startPause", "stopPause", "startCharging", "stopCharging", "stateRequest", "factsheetRequest"]


class VehiclePositionIn(Schema):
    """Where a vehicle that lost itself stands; `theta_mrad` counter-clockwise from east."""

    id: UUID
    latitude_e6: shapes.Whole
    longitude_e6: shapes.Whole
    theta_mrad: Annotated[int, Field(ge=-3142, le=3142, strict=True)] = 0


class VehicleSecretOut(msgspec.Struct, frozen=True):
    """Shown this once: user name and password for MQTT, and what all its topics begin with."""

    device: UUID
    secret: str
    topics: str


@router.put("/vehicles/{uuid:id}/control", openapi_extra=_ONE, summary="A vehicle speaks VDA 5050 with the house")
def control(request: HttpRequest, id: UUID, body: VehicleControlIn) -> HttpResponse:
    actor = actor_of_request(request)
    vehicles_setup.control(actor, vehicle=id, **body.model_dump())
    return shapes.answered(queries.vehicle(actor, id))


@router.get("/vehicles/{uuid:id}/control", openapi_extra=_ONE, summary="How a controlled vehicle is")
def one(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(queries.vehicle(actor_of_request(request), id))


@router.post(
    "/vehicles/{uuid:id}/secret", openapi_extra=answers(VehicleSecretOut, 201), summary="New credentials, shown once"
)
def secret(request: HttpRequest, id: UUID) -> HttpResponse:
    made = vehicles_setup.issue_credentials(actor_of_request(request), vehicle=id)
    return shapes.answered(VehicleSecretOut(made.device, made.secret, made.topics), 201)


@router.post("/vehicles/{uuid:id}/commands", openapi_extra=_ONE, summary="Tell a vehicle something at once")
def command(request: HttpRequest, id: UUID, body: VehicleCommandIn) -> HttpResponse:
    actor = actor_of_request(request)
    vehicles_command.tell(actor, id=body.id, vehicle=id, kind=body.kind)
    return shapes.answered(queries.vehicle(actor, id))


@router.post(
    "/vehicles/{uuid:id}/cancel", openapi_extra=_ONE, summary="Cancel its order; it gets no other until let go"
)
def cancel(request: HttpRequest, id: UUID) -> HttpResponse:
    actor = actor_of_request(request)
    vehicles_command.cancel(actor, vehicle=id)
    return shapes.answered(queries.vehicle(actor, id))


@router.post("/vehicles/{uuid:id}/let-go", openapi_extra=_ONE, summary="It may get orders again")
def let_go(request: HttpRequest, id: UUID) -> HttpResponse:
    actor = actor_of_request(request)
    vehicles_command.let_go(actor, vehicle=id)
    return shapes.answered(queries.vehicle(actor, id))


@router.post("/vehicles/{uuid:id}/pose", openapi_extra=_ONE, summary="Tell a vehicle where it stands")
def pose(request: HttpRequest, id: UUID, body: VehiclePositionIn) -> HttpResponse:
    actor = actor_of_request(request)
    vehicles_command.set_position(actor, vehicle=id, **body.model_dump())
    return shapes.answered(queries.vehicle(actor, id))


@router.get(
    "/carriers/{uuid:id}/controlled",
    openapi_extra=answers(list[queries.ControlView]),
    summary="A carrier's controlled vehicles",
)
def listed(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(queries.vehicles(actor_of_request(request), id))


@router.get(
    "/carriers/{uuid:id}/to-recover",
    openapi_extra=answers(list[queries.Aboard]),
    summary="Parcels aboard vehicles that fell silent",
)
def to_recover(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(queries.to_recover(actor_of_request(request), id))


@router.get("/vehicle-orders/{uuid:id}", openapi_extra=answers(queries.OrderView), summary="An order to a vehicle")
def order(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(queries.order(actor_of_request(request), id))
