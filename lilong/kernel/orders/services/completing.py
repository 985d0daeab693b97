"""Completing an order: the goods are handed over, what was held is captured at what was really handed over."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from lilong.kernel.base.money import price_of
from lilong.kernel.base.problems import Conflict, Violation, invalid
from lilong.kernel.events.services import emit
from lilong.kernel.ledger.services import POST, VOID, Move, post_all
from lilong.kernel.orders import guards, rules
from lilong.kernel.orders.events import OrderCompleted
from lilong.kernel.orders.models import STATES, Line, Order
from lilong.kernel.orders.services import standing
from lilong.kernel.parties.actor import Actor


@transaction.atomic
def complete(actor: Actor, *, id: UUID, actual: Mapping[int, int] | None = None, through: str = "") -> Order:
    """Completes the order; the seller (or a machine of his) says so.

    `actual` gives for lines (by number) the units really handed over, at most what is held for them; lines left out were
    handed over as ordered. Money follows: paid is what `actual` costs, the rest of the hold is released.
    Completing a completed order with the same amounts answers the same; with others it is a Conflict.
    """
    order = standing.locked(actor, id, buyer=False, seller=True)
    lines = list(order.lines.order_by("n"))
    handed = _handed(lines, actual or {})
    if STATES[order.state] != "placed":
        if STATES[order.state] == "completed" and all(line.actual == handed[line.n] for line in lines):
            return order
        standing.refuse_unless(order, "placed")
    guard = guards.ask(actor, order, "complete", through)
    pay, takes = standing.moves_of(order)
    total = sum(price_of(handed[line.n], line.price, line.per) for line in lines)
    if pay is not None and not standing.is_held(pay) and total != order.total:
        raise Conflict("already-paid", violations=[Violation(pointer="/actual", rule="settled-at-once")])
    if total > order.held:
        raise invalid("/actual", "above-held", str(order.held))
    settled = [_settlement(pay, total)] if pay is not None and standing.is_held(pay) else []
    for line in lines:
        held = [take for take in takes.get(line.n, []) if standing.is_held(take)]
        if line.actual is None and held:
            shares = rules.spread(handed[line.n], [rules.Take(t.source, t.target, t.amount) for t in held])
            settled += [_settlement(take, share) for take, share in zip(held, shares, strict=True)]
    post_all(settled + (guard.completing(order, total, settled) if guard else []))
    for line in lines:
        line.actual = handed[line.n]
    Line.objects.bulk_update(lines, ["actual"])
    order.captured = total
    standing.turn(order, "completed", "captured")
    emit(
        OrderCompleted(**standing.told(order), total=total, lines=standing.items(lines)),  # type: ignore[arg-type]
        subject=order.id,
        actor=actor.party,
    )
    return order


def _handed(lines: list[Line], actual: Mapping[int, int]) -> dict[int, int]:
    known = {line.n: line for line in lines}
    for n, quantity in actual.items():
        if n not in known:
            raise invalid(f"/actual/{n}", "unknown-line")
        if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity < 0:
            raise invalid(f"/actual/{n}", "whole-units")
        if known[n].actual == 0 and quantity:
            raise invalid(f"/actual/{n}", "replaced")
    return {line.n: actual.get(line.n, line.actual if line.actual is not None else line.quantity) for line in lines}


def _settlement(move: Move, amount: int) -> Move:
    kind = POST if amount else VOID
    return Move(
        rules.settling(move.id), move.source, move.target, amount, kind, of=move.id, ref=move.ref, code=move.code
    )
