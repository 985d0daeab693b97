"""Recalling a lot: nothing of it is sold any more from this moment, and everybody it reached is known."""

from uuid import UUID

from django.db import transaction

from lilong.fields.market.events.stock import LotRecalled, WasteBooked
from lilong.fields.market.models import Lot, Recall, RecallReach, Stock
from lilong.fields.market.queries import recalls
from lilong.fields.market.queries.stock import orders_holding
from lilong.fields.market.rules import prices, roles
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Missing, Violation, invalid
from lilong.kernel.catalog import queries as catalog_queries
from lilong.kernel.catalog import services as catalog
from lilong.kernel.events.services import Emission, emit, emit_many
from lilong.kernel.ledger import services as ledger
from lilong.kernel.ledger.services import Move
from lilong.kernel.orders import queries as orders
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.actor import Actor

REASON_MAX = 500
OUTCOMES = ("destroyed", "returned")


@transaction.atomic
def recall_lot(actor: Actor, *, id: UUID, lot: UUID, reason: str) -> Recall:
    """Recalls a lot: closes its supplies, takes what no order holds into quarantine, lists every order it reached.

    Whoever orders at the same moment is either on the list or refused: the stock's accounts are locked meanwhile. The same
    id with the same body: the same answer; a lot recalled already: Conflict `lot-recalled`. Raises Invalid (`reason`),
    Missing, Forbidden (a manager's task).
    """
    if not 1 <= len(reason.strip()) <= REASON_MAX or "\0" in reason:
        raise invalid("/reason", "length", f"1..{REASON_MAX}")
    found = _locked(actor, lot)
    known = Recall.objects.filter(lot=found).first()
    if known is not None:
        if (known.id, known.reason) == (id, reason):
            return known
        raise Conflict("lot-recalled", violations=[Violation(pointer="/lot", rule="once")])
    stocks = list(Stock.objects.filter(lot=found))
    accounts = [stock.account for stock in stocks]
    catalog.close_supplies(accounts)
    withheld = _quarantine(id, found, stocks)
    recall = Recall.objects.create(id=id, lot=found, reason=reason, actor=actor.party, at=clock.now())
    Lot.objects.filter(id=lot).update(state="recalled")
    reached = RecallReach.objects.bulk_create(_reached(recall, accounts))
    fact = LotRecalled(
        lot=lot,
        product=found.product_id,
        seller=found.product.seller,
        withheld=withheld,
        orders=len(reached),
        reached=sum(each.taken + each.held for each in reached),
    )
    emit(fact, subject=lot, actor=actor.party)
    return recall


@transaction.atomic
def clear_quarantine(actor: Actor, *, id: UUID, lot: UUID, outcome: str) -> int:
    """Ends the quarantine of a recalled lot: `destroyed` (waste, reason quality) or `returned` (to the supplier).

    Goods that came back since (refunds into stock) are taken along. Answers how much it was. Run again under another id it
    takes what came back in between. Raises Invalid, Missing, Forbidden, Conflict `not-recalled`.
    """
    if outcome not in OUTCOMES:
        raise invalid("/outcome", "choice", ", ".join(OUTCOMES))
    found = _locked(actor, lot)
    if found.state != "recalled":
        raise Conflict("not-recalled", violations=[Violation(pointer="/lot", rule="recalled")])
    stocks = list(Stock.objects.filter(lot=found).select_related("place"))
    _quarantine(id, found, stocks)
    held = _quarantines(found, stocks)
    target = found.waste if outcome == "destroyed" else found.supplied
    cleared: list[tuple[Stock, int]] = []
    with ledger.batch(accounts=[*held.values(), target]) as batch:
        for n, stock in enumerate(stocks):
            units = batch.available(held[stock.account])
            if units:
                move = Move(
                    ids.child(id, 0x8000 + n), held[stock.account], target, units, ref=id, code=f"market.{outcome}"
                )
                _require_taken(batch.add([move]))
                cleared.append((stock, units))
    if outcome == "destroyed":
        _tell_waste(actor, found, cleared)
    return sum(units for _, units in cleared)


def _reached(recall: Recall, accounts: list[int]) -> list[RecallReach]:
    """The orders that took of these accounts, and those that hold of them still."""
    taken = {order: (buyer, units) for order, buyer, units in orders.took_from(accounts)}
    held = orders_holding(accounts)
    buyers = {id: view.buyer for id, view in orders.orders_by(held.keys() - taken.keys()).items()}
    buyers |= {order: buyer for order, (buyer, _) in taken.items()}
    return [
        RecallReach(
            recall=recall,
            order=order,
            buyer=buyers[order],
            taken=taken[order][1] if order in taken else 0,
            held=held.get(order, 0),
        )
        for order in sorted(buyers)
    ]


def _locked(actor: Actor, lot: UUID) -> Lot:
    found = Lot.objects.select_for_update(of=("self",)).select_related("product").filter(id=lot).first()
    if found is None:
        raise Missing("no-such-lot", violations=[Violation(pointer="/lot", rule="known")])
    actor.require(found.product.seller, *roles.RECALL, scope=roles.WRITE)
    return found


def _quarantines(lot: Lot, stocks: list[Stock]) -> dict[int, int]:
    """For each stock account the quarantine account of its place."""
    opened = ledger.open_accounts(
        [(lot.product.seller, lot.asset, f"quarantine:{stock.place_id}", 0) for stock in stocks]
    )
    return {stock.account: account for stock, account in zip(stocks, opened, strict=True)}


def _quarantine(id: UUID, lot: Lot, stocks: list[Stock]) -> int:
    """Takes what is available into quarantine; answers how much. Locks the stock's accounts until the transaction ends."""
    into = _quarantines(lot, stocks)
    withheld = 0
    with ledger.batch(accounts=[*into, *into.values()]) as batch:
        for n, stock in enumerate(stocks):
            units = batch.available(stock.account)
            if units:
                move = Move(
                    ids.child(id, n), stock.account, into[stock.account], units, ref=id, code="market.quarantine"
                )
                _require_taken(batch.add([move]))
                withheld += units
    return withheld


def _require_taken(refused: ledger.Outcome | None) -> None:
    if refused is not None:
        raise Conflict(refused.status)


def _tell_waste(actor: Actor, lot: Lot, cleared: list[tuple[Stock, int]]) -> None:
    product = lot.product
    terms = catalog_queries.terms([product.offer])[product.offer]
    emit_many(
        [
            Emission(
                WasteBooked(
                    lot=lot.id,
                    product=product.id,
                    place=stock.place_id,
                    seller=product.seller,
                    district=stock.place.district,
                    category=product.category,
                    unit=product.unit,
                    quantity=units,
                    value=prices.value_at(units, terms.price, terms.per),
                    reason="quality",
                ),
                subject=lot.id,
                actor=actor.party,
            )
            for stock, units in cleared
        ]
    )


@transaction.atomic
def read_report(actor: Actor, *, lot: UUID) -> recalls.Report:
    """The recall of a lot with every order and resident it reached, for its seller; Missing for others.

    That they were looked up is written to each resident's access log.
    """
    found = recalls.report(actor, lot)
    buyers = sorted({each.buyer for each in found.reached})
    parties.record_accesses(
        actor,
        [parties.Access(buyer, f"order in recall {found.notice.recall}", found.notice.reason) for buyer in buyers],
    )
    return found
