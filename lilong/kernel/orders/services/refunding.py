"""Refunds after completion: money goes back line by line, goods go back to stock if they may."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Violation, invalid
from lilong.kernel.events.services import emit
from lilong.kernel.ledger.services import Move, post_all
from lilong.kernel.orders import guards, rules
from lilong.kernel.orders.events import Item, OrderRefunded
from lilong.kernel.orders.models import Line, Order, Refund
from lilong.kernel.orders.services import standing
from lilong.kernel.parties.actor import Actor


@transaction.atomic
def refund(
    actor: Actor,
    *,
    id: UUID,
    refund_id: UUID,
    lines: Mapping[int, int],
    reason: str,
    restock: bool = False,
    through: str = "",
) -> Refund:
    """Pays back `lines` (line number -> units) of a completed order from the seller's sales account.

    The seller decides. All refunds of a line together are exactly what it cost. With `restock` the units return to the
    lots they came from; otherwise they stay sold (perishables). The same `refund_id` with the same lines answers the same.
    """
    order = standing.locked(actor, id, buyer=False, seller=True)
    wanted = {str(n): quantity for n, quantity in sorted(lines.items())}
    known = Refund.objects.filter(id=refund_id).first()
    if known is not None:
        if (known.order_id, known.lines, known.restock) == (order.id, wanted, restock):
            return known
        raise Conflict("id-taken", violations=[Violation(pointer="/refund_id", rule="same-body")])
    standing.refuse_unless(order, "completed", "part-refunded")
    guard = guards.ask(actor, order, "refund", through)
    if not wanted:
        raise invalid("/lines", "required")
    changed, returned = _amounts(order, lines)
    amount = sum(item.amount for item in returned)
    pay, takes = standing.moves_of(order)
    moves = [standing.reversal(pay, ids.child(refund_id, 0), amount, "order.refund")] if pay and amount else []
    if restock:
        moves += _back_to_stock(refund_id, changed, lines, takes)
    post_all((guard.refunding(order, refund_id, amount, moves) if guard else []) + moves)
    Line.objects.bulk_update(changed, ["refunded"])
    order.refunded += amount
    whole = all(line.refunded == line.actual for line in order.lines.all())
    standing.turn(order, "refunded" if whole else "part-refunded", "refunded")
    emit(
        OrderRefunded(**standing.told(order), total=amount, reason=reason, lines=returned),  # type: ignore[arg-type]
        subject=order.id,
        actor=actor.party,
    )
    return Refund.objects.create(
        id=refund_id, order=order, amount=amount, lines=wanted, reason=reason, restock=restock, at=clock.now()
    )


def _amounts(order: Order, lines: Mapping[int, int]) -> tuple[list[Line], list[Item]]:
    known = {line.n: line for line in order.lines.all()}
    changed, items = [], []
    for n, back in lines.items():
        line = known.get(n)
        if line is None:
            raise invalid(f"/lines/{n}", "unknown-line")
        amount = rules.refund_amount(line.price, line.per, line.actual or 0, line.refunded, back)
        line.refunded += back
        changed.append(line)
        items.append(Item(offer=line.offer, quantity=back, amount=amount))
    return changed, items


def _back_to_stock(
    refund_id: UUID, changed: list[Line], lines: Mapping[int, int], takes: dict[int, list[Move]]
) -> list[Move]:
    """Reversals of the lines' takes: what was taken last goes back first, after what earlier refunds put back."""
    moves: list[Move] = []
    for line in changed:
        skip, left = line.refunded - lines[line.n], lines[line.n]
        handed = rules.spread(
            line.actual or 0, [rules.Take(t.source, t.target, t.amount) for t in takes.get(line.n, [])]
        )
        for take, share in reversed(list(zip(takes.get(line.n, []), handed, strict=True))):
            part = min(left, max(0, share - skip))
            skip = max(0, skip - share)
            if part:
                moves.append(standing.reversal(take, ids.child(refund_id, 1 + len(moves)), part, "order.restock"))
                left -= part
    return moves
