"""Lockers over HTTP: where they are, putting in, collecting by code, doors. Terminals may speak MQTT instead."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from lilong.fields.delivery.api import shapes
from lilong.fields.delivery.drafts import BankDraft
from lilong.fields.delivery.queries import lockers as queries
from lilong.fields.delivery.queries import shipments
from lilong.fields.delivery.services import banks, delivering, lockers, terminals
from lilong.kernel.base.documented import answers
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request

router = Router()
_ONE = answers(shipments.ShipmentView)


@router.get("/lockers", openapi_extra=answers(list[queries.BankView]), summary="Banks of lockers, with what is empty")
def listed(request: HttpRequest, district: str = "", carrier: UUID | None = None) -> HttpResponse:
    return shapes.answered(queries.banks(district=district, carrier=carrier))


@router.post(
    "/lockers", openapi_extra=answers(queries.BankView, 201), auth=ANY_CREDENTIAL, summary="Set up a bank of lockers"
)
def open_bank(request: HttpRequest, body: shapes.LockerBankIn) -> HttpResponse:
    made = banks.open_bank(actor_of_request(request), shapes.draft(body, BankDraft))
    return shapes.answered(queries.bank(made.id), 201)


@router.get("/lockers/{uuid:id}", openapi_extra=answers(queries.BankView), summary="One bank")
def one(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(queries.bank(id))


@router.get(
    "/lockers/{uuid:id}/cells",
    openapi_extra=answers(list[queries.CellView]),
    auth=ANY_CREDENTIAL,
    summary="What is in which cell",
)
def cells(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(queries.cells(actor_of_request(request), id))


@router.post(
    "/shipments/{uuid:id}/locker/open", openapi_extra=answers(lockers.CellsOpened), auth=ANY_CREDENTIAL,
    summary="Open the cells to put a shipment in",
)  # fmt: skip
def open_to_put_in(request: HttpRequest, id: UUID, body: shapes.CarriedByIn) -> HttpResponse:
    return shapes.answered(lockers.open_to_put_in(actor_of_request(request), shipment=id, vehicle=body.vehicle))


@router.post(
    "/shipments/{uuid:id}/locker/put-in", openapi_extra=_ONE, auth=ANY_CREDENTIAL, summary="It is in the locker"
)
def put_in(request: HttpRequest, id: UUID, body: shapes.CarriedByIn) -> HttpResponse:
    actor = actor_of_request(request)
    lockers.put_in(actor, shipment=id, vehicle=body.vehicle, at=body.at)
    return shapes.answered(shipments.shipment(actor, id))


@router.post(
    "/shipments/{uuid:id}/locker/take-back",
    openapi_extra=_ONE,
    auth=ANY_CREDENTIAL,
    summary="Take back what is overdue",
)
def take_back(request: HttpRequest, id: UUID, body: shapes.CarriedByIn) -> HttpResponse:
    actor = actor_of_request(request)
    lockers.take_back(actor, shipment=id, vehicle=body.vehicle)
    return shapes.answered(shipments.shipment(actor, id))


@router.post(
    "/lockers/{uuid:id}/codes",
    openapi_extra=answers(lockers.CellsOpened),
    auth=ANY_CREDENTIAL,
    summary="Enter a code at a bank",
)
def enter_code(request: HttpRequest, id: UUID, body: shapes.LockerCodeIn) -> HttpResponse:
    """422 for a wrong or used code, 429 after too many."""
    return shapes.answered(lockers.pick_up(actor_of_request(request), bank=id, code=body.code, request=body.request))


@router.post(
    "/lockers/{uuid:id}/cells/{int:number}/door", openapi_extra=answers(queries.BankView), auth=ANY_CREDENTIAL,
    summary="A door opened, closed, or stuck",
)  # fmt: skip
def door(request: HttpRequest, id: UUID, number: int, body: shapes.DoorIn) -> HttpResponse:
    actor = actor_of_request(request)
    terminals.door(actor, bank=id, cell=number, said=body.door, at=body.at, full=body.full)
    return shapes.answered(queries.bank(id))


@router.post(
    "/cells/{uuid:id}/out-of-order", openapi_extra=answers(queries.BankView), auth=ANY_CREDENTIAL,
    summary="Take a cell out of order",
)  # fmt: skip
def out_of_order(request: HttpRequest, id: UUID, body: shapes.CellReasonIn) -> HttpResponse:
    made = banks.take_out_of_order(actor_of_request(request), cell=id, reason=body.reason)
    return shapes.answered(queries.bank(made.bank_id))


@router.post(
    "/cells/{uuid:id}/in-order",
    openapi_extra=answers(queries.BankView),
    auth=ANY_CREDENTIAL,
    summary="Put a cell back in order",
)
def in_order(request: HttpRequest, id: UUID) -> HttpResponse:
    made = banks.put_back_in_order(actor_of_request(request), cell=id)
    return shapes.answered(queries.bank(made.bank_id))


@router.post(
    "/vehicles/{uuid:id}/codes", openapi_extra=_ONE, auth=ANY_CREDENTIAL, summary="Enter a code on a vehicle's keypad"
)
def enter_on_vehicle(request: HttpRequest, id: UUID, body: shapes.LockerCodeIn) -> HttpResponse:
    actor = actor_of_request(request)
    made = delivering.open_compartment(actor, vehicle=id, code=body.code)
    return shapes.answered(shipments.shipment(actor, made.id))
