"""Reads of the catalog."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.db import connection

from lilong.kernel.base.paging import SIZE_DEFAULT, Slice, page
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.base.words import Words
from lilong.kernel.catalog.drafts import OfferView, PriceView
from lilong.kernel.catalog.models import Offer, Price
from lilong.kernel.parties.actor import Actor

ROLES = ("manager", "clerk")  # of the seller, beside its owner

_words = msgspec.json.Decoder(Words)
_TERMS = """
SELECT id, field, seller, unit, price, per, currency, settle, released_at, closes_at, limit_per_buyer,
       tolerance_percent, state, stocked, place_bound, version, title::text
FROM catalog_offer WHERE id = ANY(%s)
"""
_SUPPLIES = """
SELECT offer_id, place, account, sink, use_by FROM catalog_supply
WHERE open AND offer_id = ANY(%s){at}
ORDER BY offer_id, use_by NULLS LAST, rank, account
"""


class Terms(NamedTuple):
    """What an order must know of an offer."""

    id: UUID
    field: str
    seller: UUID
    unit: str
    price: int
    per: int
    currency: str
    settle: str
    released_at: datetime | None
    closes_at: datetime | None
    limit_per_buyer: int | None
    tolerance_percent: int
    state: str
    stocked: bool
    place_bound: bool
    version: int
    title: Words


class SupplyRow(NamedTuple):
    """Ledger accounts an offer can be taken from (`account`) and into (`sink`) at a place, until `use_by`."""

    offer: UUID
    place: UUID
    account: int
    sink: int
    use_by: date | None


def terms(ids: Iterable[UUID]) -> dict[UUID, Terms]:
    """The terms of those of `ids` that exist, whatever their state, in one statement."""
    wanted = list(ids)
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_TERMS, [wanted])
        return {row[0]: Terms(*row[:-1], _words.decode(row[-1])) for row in cursor.fetchall()}


def supplies(offers: Iterable[UUID], places: Collection[UUID] | None = None) -> list[SupplyRow]:
    """The open supplies of `offers` at `places` (None: anywhere), by offer, then first expiring, then rank."""
    wanted = list(offers)
    if not wanted or (places is not None and not places):
        return []
    with connection.cursor() as cursor:
        if places is None:
            cursor.execute(_SUPPLIES.format(at=""), [wanted])
        else:
            cursor.execute(_SUPPLIES.format(at=" AND place = ANY(%s)"), [wanted, list(places)])
        return [SupplyRow(*row) for row in cursor.fetchall()]


def offer(id: UUID, *, actor: Actor | None = None) -> OfferView:
    """One offer. A draft is shown only to those who act for its seller; to others there is none (Missing)."""
    found = Offer.objects.defer("search").filter(id=id).first()
    if found is None or (found.state == "draft" and not _sees_drafts(actor, found.seller)):
        raise Missing("no-such-offer", violations=[Violation(pointer="/id", rule="known")])
    return view(found)


def offers_of(actor: Actor, seller: UUID, *, state: str = "", cursor: str = "", size: int = SIZE_DEFAULT) -> Slice:
    """A seller's own offers as OfferViews, drafts and withdrawn ones too, newest change first; Missing for others."""
    if not _sees_drafts(actor, seller):
        raise Missing("no-such-seller", violations=[Violation(pointer="/seller", rule="known")])
    rows = Offer.objects.defer("search").filter(seller=seller)
    if state:
        rows = rows.filter(state=state)
    found = page(rows, by=("-changed_at", "-id"), cursor=cursor, size=size)
    found.items = [view(row) for row in found.items]
    return found


def price_history(id: UUID, *, actor: Actor | None = None) -> list[PriceView]:
    """Every price the offer has had, oldest first. Missing where `offer` would be."""
    offer(id, actor=actor)
    return [
        PriceView(version=row.version, price=row.price, per=row.per, currency=row.currency, at=row.at)
        for row in Price.objects.filter(offer=id).order_by("version")
    ]


def view(row: Offer) -> OfferView:
    return OfferView(
        title=Words.read(row.title),
        summary=Words.read(row.summary),
        tags=tuple(row.tags),
        **{name: getattr(row, name) for name in _SAME},
    )


_SAME = set(OfferView.__struct_fields__) - {"title", "summary", "tags"}


def _sees_drafts(actor: Actor | None, seller: UUID) -> bool:
    return actor is not None and (actor.staff or actor.acts_for(seller, *ROLES, "auditor"))
