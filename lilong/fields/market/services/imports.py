"""Sellers' tables taken in: each row on its own feet, or all or nothing; the report names every refused row.

Rows are idempotent by the file: the same file again, or a run resumed after a crash, changes nothing twice.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from lilong.fields.market.drafts import LotDraft, ProductDraft, Refused
from lilong.fields.market.events.papers import ImportFinished
from lilong.fields.market.models import Import, Place, Product
from lilong.fields.market.rules import product_rows, roles, sheet, stock_rows
from lilong.fields.market.rules.sheet import Refusal, Row
from lilong.fields.market.services import lots, products
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Missing, Problem, Violation, invalid
from lilong.kernel.events.services import emit
from lilong.kernel.parties.actor import Actor

COLUMNS = {"products": product_rows.COLUMNS, "stock": stock_rows.COLUMNS}
_ROWS_AT_ONCE = 200
_AS_COLUMN = {"name": "name_zh", "lot_code": "lot", "product": "code"}  # where a draft calls a column otherwise

Progress = Callable[[int, int], None]


@transaction.atomic
def start_import(
    actor: Actor, *, id: UUID, seller: UUID, kind: str, content: bytes, dry_run: bool = False, whole: bool = False
) -> Import:
    """Takes a table (CSV) of `products` or `stock` in hand; `run_import` then works through it.

    `dry_run` reports what would happen and changes nothing; `whole` takes all rows or none. The same id with the same body:
    the same answer. Raises Invalid at once for what spoils the whole file (encoding, header, no rows), Forbidden, Conflict.
    """
    if kind not in COLUMNS:
        raise invalid("/kind", "choice", ", ".join(COLUMNS))
    _require(actor, seller, kind)
    digest = hashlib.sha256(content).hexdigest()
    asked = {"seller": seller, "kind": kind, "sha256": digest, "dry_run": dry_run, "whole": whole}
    known = Import.objects.filter(id=id).first()
    if known is not None:
        if all(getattr(known, name) == value for name, value in asked.items()):
            return known
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    table = sheet.read(content, COLUMNS[kind])
    return Import.objects.create(
        id=id,
        actor=actor.party,
        content=content,
        rows=len(table.rows),
        unknown=list(table.unknown),
        created_at=clock.now(),
        **asked,
    )


def run_import(actor: Actor, *, id: UUID, on_progress: Progress | None = None) -> Import:
    """Works through an import and answers it with its report; a finished one is answered as it is.

    `on_progress(done, rows)` is called after each piece of work; `Import.done` shows it to others, except while `whole` or
    `dry_run` keep everything in one transaction. Killed in between, run it again.
    """
    run = Import.objects.filter(id=id).first()
    if run is None:
        raise Missing("no-such-import", violations=[Violation(pointer="/id", rule="known")])
    _require(actor, run.seller, run.kind)
    if run.state in ("done", "refused"):
        return run
    run.state, run.done, run.taken, run.report = "running", 0, 0, []
    run.save(update_fields=["state", "done", "taken", "report"])
    work = _Work(actor, run, on_progress or (lambda done, rows: None))
    if run.dry_run or run.whole:
        with transaction.atomic():
            work.all()
            if run.dry_run or run.report:
                transaction.set_rollback(True)
    else:
        work.all()
    return _finish(actor, run)


def _require(actor: Actor, seller: UUID, kind: str) -> None:
    if kind == "products":
        actor.require(seller, *roles.RANGE, scope=roles.WRITE)
    else:
        actor.require(seller, *roles.STOCK, scope=roles.MOVE)


@transaction.atomic
def _finish(actor: Actor, run: Import) -> Import:
    refused = len({entry["row"] for entry in run.report})
    if run.whole and refused:
        run.taken = 0
    run.state = "refused" if run.whole and refused else "done"
    run.done, run.finished_at, run.content = run.rows, clock.now(), b""
    run.save()
    if not run.dry_run:
        fact = ImportFinished(seller=run.seller, kind=run.kind, rows=run.rows, taken=run.taken, refused=refused)
        emit(fact, subject=run.id, actor=actor.party)
    return run


class _Work:
    """One run: pieces of rows, each piece a transaction of its own."""

    def __init__(self, actor: Actor, run: Import, on_progress: Progress) -> None:
        self.actor, self.run, self.on_progress = actor, run, on_progress
        self.take = self._products if run.kind == "products" else self._stock
        self.places = {} if run.kind == "products" else _places(run.seller)

    def all(self) -> None:
        rows = sheet.read(bytes(self.run.content), COLUMNS[self.run.kind]).rows
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            piece = rows[start : start + _ROWS_AT_ONCE]
            with transaction.atomic():
                refusals = self.take(piece)
                self.run.done = start + len(piece)
                self.run.taken += len(piece) - len({refusal.row for refusal in refusals})
                self.run.report += [msgspec.to_builtins(refusal) for refusal in refusals]
                self.run.save(update_fields=["done", "taken", "report"])
            self.on_progress(self.run.done, self.run.rows)

    def _products(self, rows: Sequence[Row]) -> list[Refusal]:
        seller, refusals = self.run.seller, list[Refusal]()
        known = {
            p.code: p
            for p in Product.objects.filter(seller=seller, code__in=[row.cells.get("code", "") for row in rows])
        }
        fresh: list[tuple[int, ProductDraft]] = []
        seen: set[str] = set()
        for row in rows:
            try:
                code = row.cells.get("code", "")
                if code in seen:
                    raise invalid("/code", "repeated", code)
                seen.add(code)
                standing = known.get(code)
                cells = row.cells if standing is None or "gtin" in row.cells else _with_gtin(row.cells, standing)
                id = standing.id if standing else ids.named("market", "product", seller, code)
                draft = product_rows.draft(cells, id, seller)
                if standing is None:
                    fresh.append((row.number, draft))
                else:
                    products.change_product(self.actor, draft)
            except Problem as problem:
                refusals += _refusals(row.number, problem)
        answers = products.register_products(self.actor, [draft for _, draft in fresh])
        return refusals + _refused([number for number, _ in fresh], answers)

    def _stock(self, rows: Sequence[Row]) -> list[Refusal]:
        seller, refusals = self.run.seller, list[Refusal]()
        codes = [row.cells.get("code", "") for row in rows]
        known = {p.code: p for p in Product.objects.filter(seller=seller, code__in=codes)}
        ready: list[tuple[int, LotDraft]] = []
        for row in rows:
            try:
                came = stock_rows.arrival(row.cells)
                product, place = known.get(came.code), self.places.get(came.place.casefold())
                if product is None:
                    raise invalid("/code", "unknown", came.code)
                if place is None:
                    raise invalid("/place", "unknown", came.place)
                draft = LotDraft(
                    id=ids.named("market", "import", seller, self.run.sha256, row.number),
                    product=product.id,
                    place=place,
                    lot_code=came.lot,
                    best_before=stock_rows.best_before(came, product.shelf_life_days),
                    produced_on=came.produced_on,
                    quantity=came.quantity,
                    supplier=came.supplier,
                )
                ready.append((row.number, draft))
            except Problem as problem:
                refusals += _refusals(row.number, problem)
        answers = lots.receive_lots(self.actor, [draft for _, draft in ready])
        return refusals + _refused([number for number, _ in ready], answers)


def _with_gtin(cells: dict[str, str], standing: Product) -> dict[str, str]:
    return cells | ({"gtin": standing.item_id} if standing.item_id else {})


def _places(seller: UUID) -> dict[str, UUID]:
    """A seller's open places by id and by each of their names."""
    found: dict[str, UUID] = {}
    for place in Place.objects.filter(owner=seller, closed_at=None):
        found |= dict.fromkeys((str(place.id), *(name.casefold() for name in place.name.values())), place.id)
    return found


def _refused(numbers: Sequence[int], answers: Sequence[Any]) -> list[Refusal]:
    return [
        refusal
        for number, answer in zip(numbers, answers, strict=True)
        if isinstance(answer, Refused)
        for refusal in _refusals(number, answer.problem)
    ]


def _refusals(number: int, problem: Problem) -> list[Refusal]:
    found = sheet.refusals(number, problem)
    return [msgspec.structs.replace(each, column=_AS_COLUMN.get(each.column, each.column)) for each in found]
