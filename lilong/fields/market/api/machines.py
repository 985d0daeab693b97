"""Machines over HTTP: setting them up, buying, passes, contesting. What machines themselves say goes over MQTT."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field

from lilong.fields.market.drafts import MachineDraft, TakeDraft
from lilong.fields.market.queries import machine_users as users
from lilong.fields.market.services import disputes, machines, passes, vending
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request

router = Router(auth=ANY_CREDENTIAL)
_BIG = 10**9


class _In(Schema):
    model_config = ConfigDict(extra="forbid")


class MachineIn(_In):
    """A machine at a place of its owner's; temperatures in thousandths of a degree Celsius."""

    id: UUID
    place: UUID
    coldest_mc: int | None = Field(None, ge=-60_000, le=90_000)
    warmest_mc: int | None = Field(None, ge=-60_000, le=90_000)


class MachineOut(Schema):
    device: UUID
    place: UUID
    seller: UUID


class CredentialsOut(Schema):
    """For the machine: MQTT user name and secret (shown this once), and the key it knows the house's commands by."""

    device: UUID
    secret: str
    house_key: str


class MachineSlotIn(_In):
    product: UUID | None = None
    capacity: int = Field(ge=1, le=500)
    par: int | None = Field(None, ge=0, le=500)


class MachineSlotOut(Schema):
    code: str
    capacity: int
    par: int
    fault: str


class LoadIn(_In):
    id: UUID
    slot: str = Field(max_length=12)
    lot: UUID
    source: UUID
    quantity: int = Field(ge=1, le=500)


class TakeIn(_In):
    slot: str = Field(max_length=12)
    quantity: int = Field(ge=1, le=20)
    price: int = Field(ge=0, le=_BIG)


class PurchaseIn(_In):
    """What to buy, slot by slot, at the prices shown. `id` is the order's."""

    id: UUID
    lines: list[TakeIn] = Field(min_length=1, max_length=8)


class PurchaseOut(Schema):
    """`state`: reserved, settled, released (the machine was silent), late (settled after that)."""

    id: UUID
    state: str
    charged: int
    order: UUID | None


class PassOut(Schema):
    token: str


class ContestIn(_In):
    id: UUID
    line: int = Field(ge=0, le=200)
    quantity: int = Field(ge=1, le=_BIG)
    reason: str = Field(min_length=3, max_length=500)


class DisputeOut(Schema):
    id: UUID
    kind: str
    quantity: int
    amount: int
    state: str


@router.post("/machines", response={201: MachineOut}, summary="Register a machine")
def register(request: HttpRequest, body: MachineIn) -> Any:
    made = machines.register_machine(actor_of_request(request), MachineDraft(**body.model_dump()))
    return Status(201, {"device": made.device, "place": made.place_id, "seller": made.seller})


@router.post("/machines/{uuid:id}/credentials", response={201: CredentialsOut}, summary="New credentials of a machine")
def credentials(request: HttpRequest, id: UUID) -> Any:
    return Status(201, machines.issue_credentials(actor_of_request(request), machine=id)._asdict())


@router.put("/machines/{uuid:id}/slots/{code}", response=MachineSlotOut, summary="Lay out a slot")
def slot(request: HttpRequest, id: UUID, code: str, body: MachineSlotIn) -> Any:
    return machines.set_slot(actor_of_request(request), machine=id, code=code, **body.model_dump())


@router.post("/machines/{uuid:id}/loads", response={201: None}, summary="Load goods of a lot into a slot")
def load(request: HttpRequest, id: UUID, body: LoadIn) -> Any:
    given = body.model_dump()
    machines.load(actor_of_request(request), machine=id, **given)
    return Status(201, None)


@router.post("/machines/{uuid:id}/purchases", response={201: PurchaseOut}, summary="Buy at a vending machine")
def buy(request: HttpRequest, id: UUID, body: PurchaseIn) -> Any:
    actor = actor_of_request(request)
    lines = [TakeDraft(**line.model_dump()) for line in body.lines]
    vending.reserve(actor, id=body.id, machine=id, lines=lines)
    return Status(201, users.purchase(actor, body.id))


@router.get("/machines/purchases/{uuid:id}", response=PurchaseOut, summary="How a purchase stands")
def purchase(request: HttpRequest, id: UUID) -> Any:
    return users.purchase(actor_of_request(request), id)


@router.post("/places/{uuid:id}/passes", response={201: PassOut}, summary="A pass for a gate")
def entry(request: HttpRequest, id: UUID) -> Any:
    return Status(201, {"token": passes.issue(actor_of_request(request), place=id)})


@router.post("/machines/orders/{uuid:order}/contests", response={201: DisputeOut}, summary="Contest what was charged")
def contest(request: HttpRequest, order: UUID, body: ContestIn) -> Any:
    return Status(201, disputes.contest(actor_of_request(request), order=order, **body.model_dump()))
