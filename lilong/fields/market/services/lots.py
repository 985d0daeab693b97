"""Goods in: deliveries of lots, in batches of any size by a handful of statements."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from lilong.fields.market.drafts import LotDraft, Received, Refused
from lilong.fields.market.events.stock import LotReceived
from lilong.fields.market.models import Lot, Place, Product, Stock, StockPaper
from lilong.fields.market.rules import arrivals, expiry, prices, roles
from lilong.fields.market.services import papers, supplies
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Gone, Missing, Problem, Violation
from lilong.kernel.catalog import queries as catalog
from lilong.kernel.events.services import Emission, emit_many
from lilong.kernel.ledger import services as ledger
from lilong.kernel.ledger.services import Move
from lilong.kernel.parties.actor import Actor


def receive_lot(actor: Actor, draft: LotDraft) -> Received:
    """Takes in one delivery; raises what `receive_lots` would answer."""
    (found,) = receive_lots(actor, [draft])
    if isinstance(found, Refused):
        raise found.problem
    return found


@transaction.atomic
def receive_lots(actor: Actor, drafts: Sequence[LotDraft]) -> list[Received | Refused]:
    """Takes in deliveries: lots and their ledger accounts where new, stock, supplies, papers; one answer each, in order.

    The same id with the same draft answers the same. Refusals: `invalid` (expired, too little left, bad quantity or lot
    code), `no-such-product`, `no-such-place`, `not-yours`, `product-withdrawn`, `place-closed`, `lot-differs` (known with
    another best-before day), `lot-recalled`, `id-taken`.
    """
    batch = _Batch(actor, drafts)
    answers: list[Received | Refused | None] = []
    ready: list[LotDraft] = []
    for draft in drafts:
        try:
            standing = batch.standing(draft)
            if standing is None:
                batch.require(draft)
                ready.append(draft)
            answers.append(standing)
        except Problem as problem:
            answers.append(Refused(id=draft.id, problem=problem))
    taken = iter(batch.take(ready))
    return [answer or next(taken) for answer in answers]


class _Batch:
    """What deliveries need to know, read once."""

    def __init__(self, actor: Actor, drafts: Sequence[LotDraft]) -> None:
        self.actor, self.now = actor, clock.now()
        self.products = {p.id: p for p in Product.objects.filter(id__in={d.product for d in drafts})}
        self.places = {p.id: p for p in Place.objects.filter(id__in={d.place for d in drafts})}
        self.terms = catalog.terms({p.offer for p in self.products.values()})
        self.papers = {p.id: p for p in StockPaper.objects.filter(id__in=[d.id for d in drafts])}
        self.may: set[UUID] = set()

    def standing(self, draft: LotDraft) -> Received | None:
        """What this very delivery was answered before. Raises Conflict when its id stands for something else."""
        paper = self.papers.get(draft.id)
        if paper is None:
            return None
        lot = Lot.objects.select_related("product").get(id=paper.lot_id)
        self.actor.require(lot.product.seller, *roles.STOCK, scope=roles.MOVE)
        papers.require_asked(paper, _asked(draft))
        account = Stock.objects.get(lot=lot, place=paper.place_id).account
        return Received(id=paper.id, lot=lot.id, account=account, quantity=paper.quantity)

    def require(self, draft: LotDraft) -> None:
        """Raises the problem of a delivery that can be seen without its lot."""
        product, place = self.products.get(draft.product), self.places.get(draft.place)
        if product is None:
            raise Missing("no-such-product", violations=[Violation(pointer="/product", rule="known")])
        if place is None:
            raise Missing("no-such-place", violations=[Violation(pointer="/place", rule="known")])
        for owner in {product.seller, place.owner} - self.may:
            self.actor.require(owner, *roles.STOCK, scope=roles.MOVE)
            self.may.add(owner)
        if product.withdrawn_at:
            raise Gone("product-withdrawn", violations=[Violation(pointer="/product", rule="selling")])
        if place.closed_at:
            raise Gone("place-closed", violations=[Violation(pointer="/place", rule="open")])
        arrivals.require(draft, on=clock.today(), margin_days=product.margin_days)

    def take(self, drafts: list[LotDraft]) -> list[Received | Refused]:
        """Takes in what `require` let through."""
        if not drafts:
            return []
        lots = self._lots(drafts)
        stocks = open_stocks(list(lots.values()), {(lots[d.product, d.lot_code].id, d.place) for d in drafts})
        answers: list[Received | Refused] = []
        wanted = []
        for draft in drafts:
            lot = lots[draft.product, draft.lot_code]
            stock = stocks[lot.id, draft.place]
            clash = _clash(lot, draft)
            if clash is None:
                wanted.append((draft, lot, stock))
                done = Received(id=draft.id, lot=lot.id, account=stock.account, quantity=draft.quantity)
                answers.append(done)
            else:
                answers.append(Refused(id=draft.id, problem=clash))
        taken = self._write(wanted)
        return [taken.get(answer.id, answer) for answer in answers]

    def _lots(self, drafts: list[LotDraft]) -> dict[tuple[UUID, str], Lot]:
        """The drafts' lots, made where new, locked in the order of their ids."""
        first = {(d.product, d.lot_code): d for d in reversed(drafts)}
        wanted = {lot_id(*key): draft for key, draft in first.items()}
        fresh = set(wanted) - set(Lot.objects.filter(id__in=wanted).values_list("id", flat=True))
        Lot.objects.bulk_create(self._new([(id, wanted[id]) for id in sorted(fresh)]), ignore_conflicts=True)
        rows = (
            Lot.objects.select_for_update(of=("self",)).select_related("product").filter(id__in=wanted).order_by("id")
        )
        return {(row.product_id, row.code): row for row in rows}

    def _new(self, drafts: list[tuple[UUID, LotDraft]]) -> list[Lot]:
        units = [self.products[draft.product].unit for _, draft in drafts]
        assets = ledger.open_assets(
            [(f"lot:{id}", "stock", unit, 0) for (id, _), unit in zip(drafts, units, strict=True)]
        )
        accounts = ledger.open_accounts(
            [
                (self.products[draft.product].seller, asset, purpose, floor)
                for (_, draft), asset in zip(drafts, assets, strict=True)
                for purpose, floor in (("supplier", None), ("sold", 0), ("waste", 0))
            ]
        )
        return [
            Lot(
                id=id,
                product_id=draft.product,
                code=draft.lot_code,
                best_before=draft.best_before,
                last_day=expiry.last_day(draft.best_before, self.products[draft.product].margin_days),
                produced_on=draft.produced_on,
                supplier=draft.supplier,
                asset=asset,
                supplied=accounts[3 * n],
                sold=accounts[3 * n + 1],
                waste=accounts[3 * n + 2],
                received_at=self.now,
            )
            for n, ((id, draft), asset) in enumerate(zip(drafts, assets, strict=True))
        ]

    def _write(self, wanted: list[tuple[LotDraft, Lot, Stock]]) -> dict[UUID, Received | Refused]:
        """Papers, moves, supplies and facts of the deliveries whose paper is new; answers for the others."""
        new = [self._paper(draft, lot) for draft, lot, _ in wanted]
        standing = papers.write(new)
        answers: dict[UUID, Received | Refused] = {}
        fresh: list[tuple[StockPaper, Stock]] = []
        for paper, (_, _, stock) in zip(new, wanted, strict=True):
            try:
                if paper.id in standing:
                    papers.require_same(standing[paper.id], paper)
                else:
                    fresh.append((paper, stock))
            except Conflict as problem:
                answers[paper.id] = Refused(id=paper.id, problem=problem)
        ledger.post_all(
            [
                Move(ids.child(p.id, 0), s.lot.supplied, s.account, p.quantity, ref=p.id, code="market.receive")
                for p, s in fresh
            ]
        )
        supplies.supply({stock.account: stock for _, stock in fresh}.values())
        emit_many([self._fact(paper, stock) for paper, stock in fresh])
        return answers

    def _paper(self, draft: LotDraft, lot: Lot) -> StockPaper:
        terms = self.terms[lot.product.offer]
        return papers.paper(
            self.actor,
            id=draft.id,
            kind="receipt",
            lot=lot,
            place=self.places[draft.place],
            quantity=draft.quantity,
            value=prices.value_at(draft.quantity, terms.price, terms.per),
            asked=_asked(draft),
        )

    def _fact(self, paper: StockPaper, stock: Stock) -> Emission:
        product = stock.lot.product
        fact = LotReceived(
            lot=stock.lot_id,
            product=product.id,
            place=stock.place_id,
            seller=product.seller,
            district=self.places[stock.place_id].district,
            category=product.category,
            unit=product.unit,
            quantity=paper.quantity,
            value=paper.value,
            best_before=stock.lot.best_before,
        )
        return Emission(fact, subject=stock.lot_id, actor=self.actor.party)


def lot_id(product: UUID, code: str) -> UUID:
    """The id of a product's lot: fixed by its code, so that two deliveries at once make one lot."""
    return ids.named("market", "lot", product, code)


def _asked(draft: LotDraft) -> dict[str, Any]:
    return {
        "kind": "receipt",
        "lot": str(lot_id(draft.product, draft.lot_code)),
        "place": str(draft.place),
        "quantity": draft.quantity,
        "best_before": draft.best_before.isoformat(),
        "produced_on": draft.produced_on.isoformat() if draft.produced_on else None,
        "supplier": draft.supplier,
    }


def _clash(lot: Lot, draft: LotDraft) -> Problem | None:
    if lot.state == "recalled":
        return Conflict("lot-recalled", violations=[Violation(pointer="/lot_code", rule="not-recalled")])
    if lot.best_before != draft.best_before:
        detail = lot.best_before.isoformat()
        return Conflict("lot-differs", violations=[Violation(pointer="/best_before", rule="same-lot", detail=detail)])
    return None


def open_stocks(lots: Sequence[Lot], wanted: set[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], Stock]:
    """The stock of (lot, place) pairs, with its ledger account, made where new. Lots come with their products."""
    by_id = {lot.id: lot for lot in lots}
    pairs = sorted(wanted)
    accounts = ledger.open_accounts(
        [(by_id[lot].product.seller, by_id[lot].asset, f"stock:{place}", 0) for lot, place in pairs]
    )
    now = clock.now()
    stocks = {
        pair: Stock(account=account, lot=by_id[pair[0]], place_id=pair[1], since=now)
        for pair, account in zip(pairs, accounts, strict=True)
    }
    Stock.objects.bulk_create(stocks.values(), ignore_conflicts=True)
    return stocks
