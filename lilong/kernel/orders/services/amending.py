"""Substituting a line before completion: what is not there is replaced, never for more money than is held."""

from uuid import UUID

from django.db import transaction

from lilong.kernel.base import clock
from lilong.kernel.base.money import price_of
from lilong.kernel.base.problems import Conflict, Violation, invalid
from lilong.kernel.catalog import queries as catalog
from lilong.kernel.events.services import emit
from lilong.kernel.ledger import services as ledger
from lilong.kernel.ledger.services import PENDING, VOID, Move
from lilong.kernel.orders import guards, rules
from lilong.kernel.orders.events import OrderAmended
from lilong.kernel.orders.models import Line, Order
from lilong.kernel.orders.services import standing
from lilong.kernel.parties.actor import Actor


@transaction.atomic
def amend(
    actor: Actor, *, id: UUID, line: int, offer: UUID | None = None, quantity: int = 0, reason: str = "substituted"
) -> Order:
    """Takes line `line` out of a placed, held order and puts `quantity` of `offer` in its place (nothing if None).

    The seller does it. The substitute is charged at its own price; the order as a whole never costs more than is held.
    Amending a line that was replaced by the same already answers the same.
    """
    order = standing.locked(actor, id, buyer=False, seller=True)
    standing.refuse_unless(order, "placed")
    lines = {each.n: each for each in order.lines.all()}
    if line not in lines:
        raise invalid("/line", "unknown-line")
    replaced = lines[line]
    if replaced.actual is not None:
        twin = next((each for each in lines.values() if each.replaces == line), None)
        if (twin.offer, twin.quantity) == (offer, quantity) if twin else offer is None:
            return order
        raise Conflict("already-replaced", violations=[Violation(pointer="/line", rule="once")])
    guards.ask(actor, order, "amend", "")
    pay, takes = standing.moves_of(order)
    if pay is not None and not standing.is_held(pay):
        raise Conflict("already-paid", violations=[Violation(pointer="/id", rule="held")])
    substitute = _substitute(order, lines, replaced, offer, quantity) if offer else None
    _move_stock(order, replaced, substitute, takes.get(line, []))
    replaced.actual = 0
    replaced.save(update_fields=["actual"])
    order.total -= replaced.amount
    if substitute:
        substitute.save(force_insert=True)
        order.total += substitute.amount
    standing.turn(order, "placed", "total")
    emit(
        OrderAmended(
            buyer=order.buyer,
            seller=order.seller,
            line=line,
            offer=offer or replaced.offer,
            quantity=quantity,
            reason=reason,
        ),
        subject=order.id,
        actor=actor.party,
    )
    return order


def _substitute(order: Order, lines: dict[int, Line], replaced: Line, offer: UUID, quantity: int) -> Line:
    terms = catalog.terms([offer]).get(offer)
    if terms is None or terms.seller != order.seller or terms.currency != order.currency:
        raise invalid("/offer", "same-seller")
    if terms.guard not in ("", order.guard):
        raise Conflict(
            "not-sold-singly", violations=[Violation(pointer="/offer", rule="sold-through", detail=terms.guard)]
        )
    if quantity < 1:
        raise invalid("/quantity", "minimum", "1")
    n = max(lines) + 1
    if n >= rules.USED_LINES_MAX:
        raise Conflict("too-many-lines")
    amount = price_of(quantity, terms.price, terms.per)
    if order.total - replaced.amount + amount > order.held:
        raise Conflict(
            "above-held", violations=[Violation(pointer="/quantity", rule="within-held")], extra={"held": order.held}
        )
    return Line(
        order=order,
        n=n,
        offer=offer,
        quantity=quantity,
        price=terms.price,
        per=terms.per,
        amount=amount,
        replaces=replaced.n,
    )


def _move_stock(order: Order, replaced: Line, substitute: Line | None, takes: list[Move]) -> None:
    stocks: list[rules.Stock] = []
    if substitute:
        places = None if order.place is None else [order.place]
        found = catalog.supplies([substitute.offer], places)
        stocks = [rules.Stock(each.place, each.account, each.sink, each.use_by) for each in found]
    touched = {account for stock in stocks for account in (stock.account, stock.sink)}
    touched |= {account for take in takes for account in (take.source, take.target)}
    with ledger.batch(accounts=touched, settles=[take.id for take in takes]) as batch:
        moves = [
            Move(rules.settling(t.id), t.source, t.target, 0, VOID, of=t.id, ref=order.id, code="order.take")
            for t in takes
        ]
        if substitute and stocks:
            good_on = order.use_on or clock.today()
            chosen, missing = rules.allocate(substitute.quantity, stocks, good_on, batch.available)
            if missing:
                raise rules.sold_out("/quantity", substitute.offer, substitute.quantity - missing)
            moves += [
                Move(
                    rules.take_id(order.id, substitute.n, k),
                    take.account,
                    take.sink,
                    take.quantity,
                    PENDING,
                    ref=order.id,
                    code="order.take",
                )
                for k, take in enumerate(chosen)
            ]
        refused = batch.add(moves) if moves else None
        if refused:
            raise Conflict(f"ledger-{refused.status}")
