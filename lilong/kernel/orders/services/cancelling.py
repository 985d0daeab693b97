"""Cancelling an order before completion: money, stock, slot and limits go back exactly."""

from uuid import UUID

from django.db import transaction

from lilong.kernel.base.problems import invalid
from lilong.kernel.calendar.services import release
from lilong.kernel.events.services import emit
from lilong.kernel.ledger.services import VOID, Move, post_all
from lilong.kernel.orders import guards, rules
from lilong.kernel.orders.events import OrderCancelled
from lilong.kernel.orders.models import STATES, Order
from lilong.kernel.orders.services import limits, standing
from lilong.kernel.parties.actor import SYSTEM, Actor

REASON_MAX = 200


@transaction.atomic
def cancel(actor: Actor, *, id: UUID, reason: str = "", through: str = "") -> Order:
    """Undoes a placed order whole: held moves are voided, posted ones reversed, the slot is released.

    Buyer or seller may, unless the order's guard (`orders.guards`) has something against it. Cancelling a cancelled order answers the same.
    """
    if len(reason) > REASON_MAX:
        raise invalid("/reason", "length", f"0..{REASON_MAX}")
    order = standing.locked(actor, id, buyer=True, seller=True)
    if STATES[order.state] == "cancelled":
        return order
    standing.refuse_unless(order, "placed")
    guard = guards.ask(actor, order, "cancel", through)
    pay, takes = standing.moves_of(order)
    gone = {line.n for line in order.lines.all() if line.actual is not None}  # replaced lines were undone then
    undone = [take for n, group in takes.items() if n not in gone for take in group]
    post_all([_undo(move) for move in ([pay] if pay else []) + undone])
    if order.booking:
        release(SYSTEM, id=order.booking, reason="order-cancelled")
    quantities: dict[UUID, int] = {}
    for line in order.lines.filter(actual=None):
        quantities[line.offer] = quantities.get(line.offer, 0) + line.quantity
    limits.release(order.buyer, quantities)
    order.captured = 0
    standing.turn(order, "cancelled", "captured")
    if guard is not None:
        guard.cancelled(order)
    emit(
        OrderCancelled(**standing.told(order), total=order.total, reason=reason),  # type: ignore[arg-type]
        subject=order.id,
        actor=actor.party,
    )
    return order


def _undo(move: Move) -> Move:
    if standing.is_held(move):
        return Move(
            rules.settling(move.id), move.source, move.target, 0, VOID, of=move.id, ref=move.ref, code=move.code
        )
    return standing.reversal(move, rules.settling(move.id), move.amount, "order.undo")
