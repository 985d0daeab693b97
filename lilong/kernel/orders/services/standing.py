"""An order that stands, locked for a change: who may change it, its moves, and the fact that is told of it."""

from collections.abc import Iterable
from uuid import UUID

from lilong.kernel.base import clock, ids
from lilong.kernel.base.money import price_of
from lilong.kernel.base.problems import Conflict, Missing, Violation
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.ledger.services import PENDING, Move
from lilong.kernel.orders import rules
from lilong.kernel.orders.events import Item
from lilong.kernel.orders.models import STATES, Line, Order
from lilong.kernel.parties.actor import Actor

CODES = {name: code for code, name in STATES.items()}
SELLER_ROLES = ("manager", "clerk", "picker")


def locked(actor: Actor, order_id: UUID, *, buyer: bool, seller: bool) -> Order:
    """The order, locked; Missing for whoever may neither see nor change it."""
    order = Order.objects.select_for_update(no_key=True).filter(id=order_id).first()
    may = order is not None and (
        (buyer and actor.acts_for(order.buyer, "manager", "buyer"))
        or (seller and actor.acts_for(order.seller, *SELLER_ROLES))
    )
    if order is None or not may:
        raise Missing("no-such-order", violations=[Violation(pointer="/id", rule="known")])
    return order


def refuse_unless(order: Order, *states: str) -> None:
    """Conflict `wrong-state` unless the order is in one of `states`."""
    state = STATES[order.state]
    if state not in states:
        raise Conflict("wrong-state", violations=[Violation(pointer="/state", rule="one-of")], extra={"state": state})


def moves_of(order: Order) -> tuple[Move | None, dict[int, list[Move]]]:
    """The order's payment, and its takes by line, as they were first made."""
    pay: Move | None = None
    takes: dict[int, list[Move]] = {}
    for move in ledger.moves_between(ids.child(order.id, rules.PAY), ids.child(order.id, rules.SETTLE - 1)):
        if move.id == ids.child(order.id, rules.PAY):
            pay = move
        else:
            takes.setdefault(rules.line_of(move.id), []).append(move)
    return pay, takes


def reversal(move: Move, id: UUID, amount: int, code: str) -> Move:
    """A posted move the other way round."""
    return Move(id, move.target, move.source, amount, ref=move.ref, code=code)


def is_held(move: Move) -> bool:
    return move.kind == PENDING


def items(lines: Iterable[Line]) -> list[Item]:
    """What was handed over, line by line, for a fact."""
    handed = [(line, line.quantity if line.actual is None else line.actual) for line in lines]
    return [Item(offer=line.offer, quantity=n, amount=price_of(n, line.price, line.per)) for line, n in handed if n]


def told(order: Order) -> dict[str, object]:
    """What every fact of an order tells."""
    names = ("buyer", "seller", "field", "channel", "district", "currency")
    return {name: getattr(order, name) for name in names}


def turn(order: Order, state: str, *fields: str) -> None:
    """Writes the order's new state and the other changed fields."""
    order.state, order.changed_at = CODES[state], clock.now()
    order.save(update_fields=["state", "changed_at", *fields])
