"""Reads of lots and stock, for their seller."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from django.db.models import QuerySet

from lilong.fields.market.models import Lot, Stock, StockPaper
from lilong.fields.market.rules import expiry, picking, roles
from lilong.fields.market.rules.picking import Candidate, Plan
from lilong.kernel.base import clock
from lilong.kernel.base.paging import SIZE_DEFAULT, SIZE_MAX, Slice, page
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.base.words import Words
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.parties.actor import Actor


class StockView(msgspec.Struct, frozen=True, kw_only=True):
    """A lot at a place. `on_hand` counts what orders hold, `available` does not; `days_left` counts today (1: last day)."""

    lot: UUID
    product: UUID
    name: Words
    unit: str
    code: str
    place: UUID
    account: int
    best_before: date
    last_day: date
    days_left: int
    days_in_stock: int
    state: str
    on_hand: int
    available: int


def stock_at(actor: Actor, seller: UUID, *, place: UUID | None = None, product: UUID | None = None) -> list[StockView]:
    """A seller's stock that is not used up, first to expire first; at a place or of a product alone where given."""
    _require(actor, seller)
    rows = Stock.objects.filter(lot__product__seller=seller).exclude(lot__state="closed")
    if place is not None:
        rows = rows.filter(place=place)
    if product is not None:
        rows = rows.filter(lot__product=product)
    return [view for view in _views(rows) if view.on_hand]


def expired_stock(actor: Actor, seller: UUID) -> list[StockView]:
    """What must be taken off the shelf and booked as waste: past its last day of sale and still there."""
    _require(actor, seller)
    rows = Stock.objects.filter(lot__product__seller=seller, lot__state="active", lot__last_day__lt=clock.today())
    return [view for view in _views(rows) if view.on_hand]


class LotView(msgspec.Struct, frozen=True, kw_only=True):
    """A lot and how it stands: units received, sold, thrown away, and still somewhere in stock."""

    id: UUID
    product: UUID
    seller: UUID
    code: str
    best_before: date
    produced_on: date | None
    supplier: str
    state: str
    received: int
    sold: int
    waste: int
    on_hand: int


def lot(actor: Actor, id: UUID) -> LotView:
    """One lot, for its seller; Missing for others."""
    found = Lot.objects.select_related("product").filter(id=id).first()
    if found is None or not _sees(actor, found.product.seller):
        raise Missing("no-such-lot", violations=[Violation(pointer="/id", rule="known")])
    accounts = list(found.stocks.values_list("account", flat=True))
    balances = ledger.balances([found.supplied, found.sold, found.waste, *accounts])
    return LotView(
        id=found.id,
        product=found.product_id,
        seller=found.product.seller,
        code=found.code,
        best_before=found.best_before,
        produced_on=found.produced_on,
        supplier=found.supplier,
        state=found.state,
        received=-balances[found.supplied].posted,
        sold=balances[found.sold].posted,
        waste=balances[found.waste].posted,
        on_hand=sum(balances[account].posted for account in accounts),
    )


class PaperView(msgspec.Struct, frozen=True, kw_only=True):
    """The paper of a stock movement: a receipt, transfer, waste or count. `value` in fen at list price that day."""

    id: UUID
    kind: str
    lot: UUID
    code: str
    product: UUID
    place: UUID
    to_place: UUID | None
    quantity: int
    value: int
    reason: str
    actor: UUID
    at: datetime


def papers(
    actor: Actor, seller: UUID, *, kind: str = "", place: UUID | None = None, cursor: str = "", size: int = SIZE_DEFAULT
) -> Slice:
    """A seller's stock papers, newest first, as PaperViews; Missing for others."""
    _require(actor, seller)
    rows = StockPaper.objects.filter(lot__product__seller=seller).select_related("lot")
    if kind:
        rows = rows.filter(kind=kind)
    if place is not None:
        rows = rows.filter(place=place)
    found = page(rows, by=("-at", "-id"), cursor=cursor, size=size)
    return Slice(items=[_paper(row) for row in found.items], next=found.next)


def pick_plan(actor: Actor, *, product: UUID, place: UUID, quantity: int, deliver_on: date | None = None) -> Plan:
    """Which lots to pick for `quantity` units handed over on a day, first expired first out, every choice explained."""
    rows = list(Stock.objects.filter(lot__product=product, place=place).select_related("lot__product"))
    if not rows:
        raise Missing("no-such-stock", violations=[Violation(pointer="/place", rule="has-product")])
    _require(actor, rows[0].lot.product.seller)
    balances = ledger.balances([row.account for row in rows])
    candidates = [
        Candidate(
            lot=row.lot_id,
            code=row.lot.code,
            best_before=row.lot.last_day,
            available=balances[row.account].available,
            recalled=row.lot.state == "recalled",
        )
        for row in rows
    ]
    return picking.plan(quantity, candidates, deliver_on or clock.today())


def orders_holding(accounts: Iterable[int]) -> dict[UUID, int]:
    """Orders that hold units of these stock accounts without having handed them over yet, and how many."""
    found: dict[UUID, int] = {}
    for account in accounts:
        for order, units in _holding(account, ledger.balance(account).held):
            found[order] = found.get(order, 0) + units
    return found


def _holding(account: int, held: int) -> Iterable[tuple[UUID, int]]:
    """The open holds of an account, newest first, read back no further than to the oldest of them."""
    settled: set[UUID] = set()
    cursor = ""
    while held > 0:
        entries = ledger.statement(account, cursor=cursor, size=SIZE_MAX)
        for entry in entries.items:
            if entry.of is not None:
                settled.add(entry.of)
            elif entry.kind == "pending" and entry.id not in settled and entry.ref is not None:
                held -= entry.amount
                yield entry.ref, entry.amount
        cursor = entries.next
        if not cursor:
            return


def lots_of_accounts(accounts: Iterable[int]) -> dict[int, tuple[UUID, str, date]]:
    """Of ledger stock accounts: lot, lot code, best-before day (what was taken for an order, on a pick list)."""
    rows = Stock.objects.filter(account__in=list(accounts)).select_related("lot")
    return {row.account: (row.lot_id, row.lot.code, row.lot.best_before) for row in rows}


def _views(rows: QuerySet[Stock]) -> list[StockView]:
    stocks: Sequence[Stock] = rows.select_related("lot__product").order_by("lot__best_before", "account")
    balances = ledger.balances([row.account for row in stocks])
    today = clock.today()
    return [
        StockView(
            lot=row.lot_id,
            product=row.lot.product_id,
            name=Words.read(row.lot.product.name),
            unit=row.lot.product.unit,
            code=row.lot.code,
            place=row.place_id,
            account=row.account,
            best_before=row.lot.best_before,
            last_day=row.lot.last_day,
            days_left=expiry.days_left(row.lot.best_before, today),
            days_in_stock=(today - row.since.astimezone(clock.CITY_ZONE).date()).days,
            state=row.lot.state,
            on_hand=balances[row.account].posted,
            available=balances[row.account].available,
        )
        for row in stocks
    ]


def _paper(row: StockPaper) -> PaperView:
    return PaperView(
        id=row.id,
        kind=row.kind,
        lot=row.lot_id,
        code=row.lot.code,
        product=row.lot.product_id,
        place=row.place_id,
        to_place=row.to_place_id,
        quantity=row.quantity,
        value=row.value,
        reason=row.reason,
        actor=row.actor,
        at=row.at,
    )


def _sees(actor: Actor, seller: UUID) -> bool:
    return actor.staff or actor.acts_for(seller, *roles.STOCK, *roles.PAPERS)


def _require(actor: Actor, seller: UUID) -> None:
    if not _sees(actor, seller):
        raise Missing("no-such-seller", violations=[Violation(pointer="/seller", rule="known")])
