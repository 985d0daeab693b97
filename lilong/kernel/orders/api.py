"""Orders over HTTP. `POST /api/orders` is answered by the counter; here it is documented, from the same schema."""

from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from lilong.kernel.base.documented import answers, pages
from lilong.kernel.base.problems import Forbidden, Violation
from lilong.kernel.orders import edge, queries, services
from lilong.kernel.orders.drafts import OrderView
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request

router = Router(tags=["orders"], auth=ANY_CREDENTIAL)

_BODIES, _COMPONENTS = edge.schemas()
_PLACE = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": _BODIES[0]}}},
    "responses": {
        200: {"description": "The same order again, or one answer for each order of a list"},
        201: {"description": "Placed", "content": {"application/json": {"schema": _BODIES[1]}}},
    },
}


def document(schema: dict[str, Any]) -> None:
    """Adds the counter's schemas to an OpenAPI document."""
    schema.setdefault("components", {}).setdefault("schemas", {}).update(_COMPONENTS)


@router.post("", openapi_extra=_PLACE, summary="Place an order, or up to 100")
def place(request: HttpRequest) -> HttpResponse:
    """Idempotent by the order's id: the same body again answers 200 with the same order, another body 409 `id-taken`.

    409: `price-changed` (with the new price), `sold-out`, `over-limit`, `insufficient-funds`, `slot-taken`, `offer-closed`.
    A list is answered 200 with one member for each order: `{id, order}` or `{id, problem}`.
    """
    actor = actor_of_request(request)
    if not actor.may("orders:place"):
        raise Forbidden("scope", violations=[Violation(pointer="", rule="scope", detail="orders:place")])
    drafts, many = edge.read(request.body)
    status, kind, body = edge.write(services.place(drafts, actor=actor), many)
    return HttpResponse(body, status=status, content_type=kind)


class Cancel(Schema):
    reason: str = ""


class Complete(Schema):
    actual: dict[int, int] | None = None


class RefundIn(Schema):
    refund_id: UUID
    lines: dict[int, int]
    reason: str = ""
    restock: bool = False


class Amend(Schema):
    line: int
    offer: UUID | None = None
    quantity: int = 0
    reason: str = "substituted"


@router.get("", openapi_extra=pages(OrderView), summary="My orders, newest first")
def mine(request: HttpRequest, state: str = "", field: str = "", cursor: str = "", size: int = 20) -> HttpResponse:
    actor = actor_of_request(request)
    actor.require(actor.party, scope="orders:read")
    return _json(queries.orders_of(actor.party, state=state, field=field, cursor=cursor, size=size))


@router.get("/sold", openapi_extra=pages(OrderView), summary="The orders of a seller I act for, newest first")
def sold(
    request: HttpRequest, seller: UUID, state: str = "", field: str = "", cursor: str = "", size: int = 20
) -> HttpResponse:
    actor_of_request(request).require(seller, "manager", "clerk", "picker", "auditor", scope="orders:read")
    return _json(queries.orders_for(seller, state=state, field=field, cursor=cursor, size=size))


@router.get("/{uuid:id}", openapi_extra=answers(OrderView), summary="One order, for its buyer and its seller")
def one(request: HttpRequest, id: UUID) -> HttpResponse:
    return _json(queries.order(_actor(request, "orders:read"), id))


@router.post(
    "/{uuid:id}/cancel", openapi_extra=answers(OrderView), summary="Cancel before completion (buyer or seller)"
)
def cancel(request: HttpRequest, id: UUID, body: Cancel) -> HttpResponse:
    actor = _actor(request, "orders:write")
    services.cancel(actor, id=id, reason=body.reason)
    return _json(queries.order(actor, id))


@router.post("/{uuid:id}/complete", openapi_extra=answers(OrderView), summary="Hand over and settle (seller)")
def complete(request: HttpRequest, id: UUID, body: Complete) -> HttpResponse:
    actor = _actor(request, "orders:write")
    services.complete(actor, id=id, actual=body.actual)
    return _json(queries.order(actor, id))


@router.post(
    "/{uuid:id}/amend", openapi_extra=answers(OrderView), summary="Substitute a line before completion (seller)"
)
def amend(request: HttpRequest, id: UUID, body: Amend) -> HttpResponse:
    actor = _actor(request, "orders:write")
    services.amend(actor, id=id, line=body.line, offer=body.offer, quantity=body.quantity, reason=body.reason)
    return _json(queries.order(actor, id))


@router.post("/{uuid:id}/refunds", openapi_extra=answers(OrderView), summary="Refund lines after completion (seller)")
def refund(request: HttpRequest, id: UUID, body: RefundIn) -> HttpResponse:
    actor = _actor(request, "orders:write")
    services.refund(actor, id=id, refund_id=body.refund_id, lines=body.lines, reason=body.reason, restock=body.restock)
    return _json(queries.order(actor, id))


def _actor(request: HttpRequest, scope: str) -> Any:
    actor = actor_of_request(request)
    if not actor.may(scope):
        raise Forbidden("scope", violations=[Violation(pointer="", rule="scope", detail=scope)])
    return actor


def _json(found: Any) -> HttpResponse:
    body = msgspec.json.encode(found, enc_hook=str)
    return HttpResponse(body, content_type="application/json")
