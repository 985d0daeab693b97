"""Stock moved, thrown away, counted. One transaction each: paper, ledger move, event."""

from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from lilong.fields.market.events.stock import StockCounted, StockMoved, WasteBooked
from lilong.fields.market.models import Lot, Place, Stock, StockPaper
from lilong.fields.market.models.lots import WASTE_REASONS
from lilong.fields.market.rules import arrivals, prices, roles
from lilong.fields.market.services import papers, supplies
from lilong.fields.market.services.lots import open_stocks
from lilong.kernel.base import ids
from lilong.kernel.base.problems import Conflict, Gone, Missing, Violation, invalid
from lilong.kernel.catalog import queries as catalog
from lilong.kernel.events.services import emit
from lilong.kernel.ledger import queries as ledger_queries
from lilong.kernel.ledger import services as ledger
from lilong.kernel.ledger.services import Move
from lilong.kernel.parties.actor import Actor


class _Standing(NamedTuple):
    """A lot, locked, with its stock at a place."""

    lot: Lot
    stock: Stock
    place: Place

    def value(self, quantity: int) -> int:
        """At the product's list price now, signed as the quantity is."""
        terms = catalog.terms([self.lot.product.offer])[self.lot.product.offer]
        value = prices.value_at(abs(quantity), terms.price, terms.per)
        return value if quantity >= 0 else -value


@transaction.atomic
def transfer(actor: Actor, *, id: UUID, lot: UUID, source: UUID, target: UUID, quantity: int) -> StockPaper:
    """Moves stock of a lot from one place to another, and supplies it there.

    The same id with the same body: the same answer. Raises Invalid, Missing, Forbidden, Gone (`place-closed`), Conflict
    (`not-enough-stock` with what is available, `lot-recalled`, `id-taken`).
    """
    arrivals.require_quantity(quantity)
    if source == target:
        raise invalid("/target", "differs-from-source")
    at = _standing(actor, lot, source)
    there = _place(actor, target, "/target")
    new = papers.paper(
        actor,
        id=id,
        kind="transfer",
        lot=at.lot,
        place=at.place,
        to_place=there,
        quantity=quantity,
        value=at.value(quantity),
        asked=_asked(lot=lot, source=source, target=target, quantity=quantity),
    )
    if standing := papers.write_one(new):
        return standing
    if there.closed_at:
        raise Gone("place-closed", violations=[Violation(pointer="/target", rule="open")])
    if at.lot.state == "recalled":
        raise Conflict("lot-recalled", violations=[Violation(pointer="/lot", rule="not-recalled")])
    (stock,) = open_stocks([at.lot], {(at.lot.id, there.id)}).values()
    _post(Move(ids.child(id, 0), at.stock.account, stock.account, quantity, ref=id, code="market.transfer"))
    supplies.supply([stock])
    fact = StockMoved(lot=lot, product=at.lot.product_id, source=source, target=target, quantity=quantity)
    emit(fact, subject=lot, actor=actor.party)
    return new


@transaction.atomic
def book_waste(actor: Actor, *, id: UUID, lot: UUID, place: UUID, quantity: int, reason: str) -> StockPaper:
    """Writes stock of a lot at a place off. `reason`: expired, damaged, quality, sample, theft.

    Only what no order holds can be thrown away. The same id with the same body: the same answer. Raises Invalid,
    Missing, Forbidden, Conflict (`not-enough-stock`, `id-taken`).
    """
    arrivals.require_quantity(quantity)
    if reason not in WASTE_REASONS:
        raise invalid("/reason", "choice", ", ".join(WASTE_REASONS))
    at = _standing(actor, lot, place)
    new = papers.paper(
        actor,
        id=id,
        kind="waste",
        lot=at.lot,
        place=at.place,
        quantity=quantity,
        value=at.value(quantity),
        reason=reason,
        asked=_asked(lot=lot, place=place, quantity=quantity, reason=reason),
    )
    if standing := papers.write_one(new):
        return standing
    _post(Move(ids.child(id, 0), at.stock.account, at.lot.waste, quantity, ref=id, code="market.waste"))
    product = at.lot.product
    fact = WasteBooked(
        lot=lot,
        product=product.id,
        place=place,
        seller=product.seller,
        district=at.place.district,
        category=product.category,
        unit=product.unit,
        quantity=quantity,
        value=new.value,
        reason=reason,  # type: ignore[arg-type]
    )
    emit(fact, subject=lot, actor=actor.party)
    return new


@transaction.atomic
def count_stock(actor: Actor, *, id: UUID, lot: UUID, place: UUID, counted: int) -> StockPaper:
    """Books what was counted on the shelf, goods held for orders included; the difference goes to or comes from `counted`.

    The same id with the same body: the same answer. Raises Invalid, Missing, Forbidden, Conflict (`not-enough-stock`:
    less was found than orders hold; `id-taken`).
    """
    arrivals.require_quantity(counted, least=0, pointer="/counted")
    at = _standing(actor, lot, place)
    difference = counted - ledger_queries.balance(at.stock.account).posted
    new = papers.paper(
        actor,
        id=id,
        kind="count",
        lot=at.lot,
        place=at.place,
        quantity=difference,
        value=at.value(difference),
        asked=_asked(lot=lot, place=place, counted=counted),
    )
    if standing := papers.write_one(new):
        return standing
    if difference:
        other = ledger.open_account(at.lot.product.seller, at.lot.asset, "counted", floor=None)
        source, target = (other, at.stock.account) if difference > 0 else (at.stock.account, other)
        _post(Move(ids.child(id, 0), source, target, abs(difference), ref=id, code="market.count"))
    fact = StockCounted(
        lot=lot,
        product=at.lot.product_id,
        place=place,
        district=at.place.district,
        counted=counted,
        difference=difference,
        value=new.value,
    )
    emit(fact, subject=lot, actor=actor.party)
    return new


def _asked(**facts: Any) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, UUID) else value for name, value in facts.items()}


def _standing(actor: Actor, lot: UUID, place: UUID) -> _Standing:
    """Raises Missing for what is unknown or not the actor's."""
    found = Lot.objects.select_for_update(of=("self",)).select_related("product").filter(id=lot).first()
    if found is None:
        raise Missing("no-such-lot", violations=[Violation(pointer="/lot", rule="known")])
    actor.require(found.product.seller, *roles.STOCK, scope=roles.MOVE)
    stock = Stock.objects.select_related("place").filter(lot=found, place=place).first()
    if stock is None:
        raise Missing("no-such-stock", violations=[Violation(pointer="/place", rule="has-lot")])
    return _Standing(found, stock, stock.place)


def _place(actor: Actor, id: UUID, pointer: str) -> Place:
    place = Place.objects.filter(id=id).first()
    if place is None:
        raise Missing("no-such-place", violations=[Violation(pointer=pointer, rule="known")])
    actor.require(place.owner, *roles.STOCK, scope=roles.MOVE)
    return place


def _post(move: Move) -> None:
    (outcome,) = ledger.post([move])
    if outcome.status == "insufficient":
        raise Conflict(
            "not-enough-stock",
            violations=[Violation(pointer="/quantity", rule="available", detail=str(outcome.available))],
            extra={"available": outcome.available},
        )
    if outcome.status not in ("created", "exists"):
        raise Conflict(outcome.status)
