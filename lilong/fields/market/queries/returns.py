"""Reads of returns, for buyer and seller."""

from datetime import datetime
from uuid import UUID

from lilong.fields.market.models import ReturnRequest
from lilong.fields.market.rules import returns as rules
from lilong.fields.market.rules import roles
from lilong.kernel.base import clock
from lilong.kernel.base.paging import SIZE_DEFAULT, Slice, page
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.events import queries as events
from lilong.kernel.orders import queries as orders
from lilong.kernel.orders.drafts import OrderView
from lilong.kernel.parties.actor import Actor


def one(actor: Actor, id: UUID) -> ReturnRequest:
    """A return, for its buyer and the seller's people; Missing for others."""
    found = ReturnRequest.objects.filter(id=id).first()
    if found is None or not orders.sees(actor, found.buyer, found.seller):
        raise Missing("no-such-return", violations=[Violation(pointer="/id", rule="known")])
    return found


def of_order(order: UUID) -> list[ReturnRequest]:
    """The returns of an order, oldest first. The caller has checked who may see the order."""
    return list(ReturnRequest.objects.filter(order=order).order_by("asked_at", "id"))


def for_seller(actor: Actor, seller: UUID, *, state: str = "", cursor: str = "", size: int = SIZE_DEFAULT) -> Slice:
    """A seller's returns, newest first; Missing for others."""
    if not (actor.staff or actor.acts_for(seller, *roles.PAPERS)):
        raise Missing("no-such-seller", violations=[Violation(pointer="/seller", rule="known")])
    rows = ReturnRequest.objects.filter(seller=seller)
    if state:
        rows = rows.filter(state=state)
    return page(rows, by=("-asked_at", "-id"), cursor=cursor, size=size)


def handed_over(order: OrderView) -> datetime | None:
    """When an order was handed over; None before (and for a cancelled one)."""
    if order.state in ("placed", "cancelled"):
        return None
    found = events.history(order.id, size=100, newest_first=True).items
    return next((event.at for event in found if event.type == "orders.completed"), None)


def left(order: OrderView) -> dict[int, int]:
    """Line number -> units that can still be given back: handed over, not refunded, not promised by an approved return."""
    promised: dict[str, int] = {}
    for granted in ReturnRequest.objects.filter(order=order.id, state="approved").values_list("granted", flat=True):
        for n, units in granted.items():
            promised[n] = promised.get(n, 0) + units
    found = {line.n: (line.actual or 0) - line.refunded - promised.get(str(line.n), 0) for line in order.lines}
    return {n: units for n, units in found.items() if units > 0}


def may_ask(order: OrderView) -> bool:
    """Whether the buyer of an order can ask to give something of it back now."""
    at = handed_over(order)
    if at is None or clock.now() >= rules.until(at) or not left(order):
        return False
    return not ReturnRequest.objects.filter(order=order.id, state="asked").exists()
