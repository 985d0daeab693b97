"""Picking and delivery over HTTP, for sellers' own tools. Quantities are whole pieces or grams."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from lilong.fields.market.api.shapes import Text, Whole
from lilong.fields.market.queries import fulfilment as queries
from lilong.fields.market.services import fulfilment, waves
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request

router = Router(auth=ANY_CREDENTIAL)


class WayOut(Schema):
    """How far an order is: waiting, picking, packed, on-the-way, delivered, handed-over or failed."""

    order: UUID
    state: str
    picker: UUID | None
    wave: UUID | None
    started_at: datetime | None
    packed_at: datetime | None
    left_at: datetime | None
    ended_at: datetime | None
    reason: str


class JobOut(Schema):
    """An order in the queue, what is due first first; `lines` are those still to be handed over."""

    order: UUID
    placed_at: datetime
    place: UUID | None
    total: int
    lines: int
    way: WayOut


class PickIn(Schema):
    """What was found of a line; `scan` is a GTIN, a lot code or a GS1 Digital Link."""

    quantity: Whole
    scan: Text = ""


class PickedOut(Schema):
    n: int
    quantity: int
    scanned: bool
    at: datetime


class SubstituteIn(Schema):
    """Other goods in a line's place; `agreed` that the buyer was asked."""

    offer: UUID
    quantity: Annotated[int, Field(ge=1, le=10_000_000, strict=True)]
    agreed: bool = False


class ReasonIn(Schema):
    reason: Text


class WaveIn(Schema):
    """Orders of a place to be picked together."""

    id: UUID
    place: UUID
    orders: Annotated[list[UUID], Field(min_length=1, max_length=60)]


class WaveRefusal(Schema):
    order: UUID
    code: str


class WaveOut(Schema):
    """The wave, and the orders that others had taken, with why."""

    id: UUID
    place: UUID
    picker: UUID
    refused: list[WaveRefusal]


@router.get("/picking", response=list[JobOut], summary="A seller's orders to pick and under way, due first")
def queue(request: HttpRequest, seller: UUID, place: UUID | None = None) -> Any:
    return queries.queue(actor_of_request(request), seller, place=place)


@router.post("/picking/waves", response={201: WaveOut}, summary="Take several orders in hand")
def start_wave(request: HttpRequest, body: WaveIn) -> Any:
    made, refused = waves.start_wave(actor_of_request(request), id=body.id, place=body.place, orders=body.orders)
    told = [{"order": order, "code": problem.code} for order, problem in refused]
    return Status(201, {"id": made.id, "place": made.place, "picker": made.picker, "refused": told})


@router.post("/picking/{uuid:order}/start", response=WayOut, summary="Take an order in hand")
def start(request: HttpRequest, order: UUID) -> Any:
    return fulfilment.start_picking(actor_of_request(request), order=order)


@router.put("/picking/{uuid:order}/lines/{line}", response=PickedOut, summary="Report what was found of a line")
def pick(request: HttpRequest, order: UUID, line: int, body: PickIn) -> Any:
    return fulfilment.pick_line(
        actor_of_request(request), order=order, line=line, quantity=body.quantity, scan=body.scan
    )


@router.post("/picking/{uuid:order}/lines/{line}/substitute", response={204: None}, summary="Replace a line")
def substitute(request: HttpRequest, order: UUID, line: int, body: SubstituteIn) -> Any:
    fulfilment.substitute_line(actor_of_request(request), order=order, line=line, **body.model_dump())
    return Status(204, None)


@router.post("/picking/{uuid:order}/put-back", response=WayOut, summary="Let go of an order")
def put_back(request: HttpRequest, order: UUID) -> Any:
    return fulfilment.put_back(actor_of_request(request), order=order)


@router.post("/picking/{uuid:order}/pack", response=WayOut, summary="Close picking")
def pack(request: HttpRequest, order: UUID) -> Any:
    return fulfilment.pack(actor_of_request(request), order=order)


@router.post("/picking/{uuid:order}/dispatch", response=WayOut, summary="Send an order on its way")
def dispatch(request: HttpRequest, order: UUID) -> Any:
    return fulfilment.dispatch(actor_of_request(request), order=order)


@router.post("/picking/{uuid:order}/deliver", response=WayOut, summary="Hand an order over: captures what was picked")
def deliver(request: HttpRequest, order: UUID) -> Any:
    return fulfilment.deliver(actor_of_request(request), order=order)


@router.post("/picking/{uuid:order}/fail", response=WayOut, summary="Say that an order could not be delivered")
def fail(request: HttpRequest, order: UUID, body: ReasonIn) -> Any:
    return fulfilment.fail(actor_of_request(request), order=order, reason=body.reason)
