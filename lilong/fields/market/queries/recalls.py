"""Reads of recalls: the public notice, the seller's report, and what a buyer must know of his orders."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

import msgspec
from django.db.models import QuerySet

from lilong.fields.market.models import Recall, RecallReach
from lilong.fields.market.rules import roles
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.base.words import Words
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.actor import Actor


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A recall as everybody may know it."""

    recall: UUID
    lot: UUID
    code: str
    best_before: date
    product: UUID
    name: Words
    brand: str
    gtin: str
    seller: UUID
    seller_name: str
    reason: str
    at: datetime


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """An order with goods of a recalled lot, whose it is, and how much: `taken`, and `held` for it but not handed over."""

    order: UUID
    buyer: UUID
    buyer_name: str
    taken: int
    held: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A recall as its seller must know it."""

    notice: Notice
    reached: list[Reached]


class OrderNotice(msgspec.Struct, frozen=True, kw_only=True):
    """What a buyer must know: which of his orders took of a recalled lot, and how much."""

    order: UUID
    quantity: int
    notice: Notice


def notice(lot: UUID) -> Notice:
    """The public notice of a recalled lot. Raises Missing."""
    found = _notices(Recall.objects.filter(lot=lot))
    if not found:
        raise Missing("no-such-recall", violations=[Violation(pointer="/lot", rule="recalled")])
    return next(iter(found.values()))


def report(actor: Actor, lot: UUID) -> Report:
    """The recall of a lot with every order and resident it reached, for its seller; Missing for others.

    Who looks is written to the residents' access log by `services.recalls.read_report`, which edges call.
    """
    found = notice(lot)
    if not (actor.staff or actor.acts_for(found.seller, *roles.PAPERS)):
        raise Missing("no-such-recall", violations=[Violation(pointer="/lot", rule="recalled")])
    rows = list(RecallReach.objects.filter(recall=found.recall).order_by("order"))
    known = parties.parties({row.buyer for row in rows})
    return Report(
        notice=found,
        reached=[
            Reached(
                order=row.order,
                buyer=row.buyer,
                buyer_name=str(known[row.buyer].name) if row.buyer in known else "",
                taken=row.taken,
                held=row.held,
            )
            for row in rows
        ],
    )


def recalls_of(actor: Actor, seller: UUID) -> list[Notice]:
    """A seller's recalls, newest first."""
    if not (actor.staff or actor.acts_for(seller, *roles.PAPERS)):
        raise Missing("no-such-seller", violations=[Violation(pointer="/seller", rule="known")])
    return list(_notices(Recall.objects.filter(lot__product__seller=seller).order_by("-at")).values())


def for_buyer(buyer: UUID, orders: Iterable[UUID] | None = None) -> list[OrderNotice]:
    """What a buyer must know of his orders (of those given, or of all), newest recall first. The caller checked who asks."""
    rows = RecallReach.objects.filter(buyer=buyer)
    if orders is not None:
        rows = rows.filter(order__in=list(orders))
    found = list(rows.order_by("-recall__at", "order"))
    notices = _notices(Recall.objects.filter(id__in={row.recall_id for row in found}))
    return [OrderNotice(order=row.order, quantity=row.taken + row.held, notice=notices[row.recall_id]) for row in found]


def _notices(rows: QuerySet[Recall]) -> dict[UUID, Notice]:
    recalls = list(rows.select_related("lot__product"))
    sellers = parties.parties({recall.lot.product.seller for recall in recalls})
    return {
        recall.id: Notice(
            recall=recall.id,
            lot=recall.lot_id,
            code=recall.lot.code,
            best_before=recall.lot.best_before,
            product=recall.lot.product_id,
            name=Words.read(recall.lot.product.name),
            brand=recall.lot.product.brand,
            gtin=recall.lot.product.item_id or "",
            seller=recall.lot.product.seller,
            seller_name=str(sellers[recall.lot.product.seller].name) if recall.lot.product.seller in sellers else "",
            reason=recall.reason,
            at=recall.at,
        )
        for recall in recalls
    }
