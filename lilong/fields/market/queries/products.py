"""Reads of products. They are public, as their offers are; drafts are shown to their seller alone."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec
from django.db.models import QuerySet

from lilong.fields.market.models import Product, TradeItem
from lilong.fields.market.rules import roles
from lilong.kernel.base.paging import SIZE_DEFAULT, Slice, page
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.base.words import Words
from lilong.kernel.catalog import queries as catalog
from lilong.kernel.parties.actor import Actor


class ProductView(msgspec.Struct, frozen=True, kw_only=True):
    """A product with the terms of its own offer: `price` in minor units of `currency` per `per` units.

    `state` is the offer's ('draft', 'listed', 'withdrawn'); `gtin` has 14 digits or is empty.
    """

    id: UUID
    seller: UUID
    offer: UUID
    gtin: str
    code: str
    name: Words
    summary: Words
    brand: str
    category: str
    unit: str
    temperature: str
    vat_percent: int
    shelf_life_days: int
    margin_days: int
    origin: str
    image: str
    emoji: str
    price: int
    per: int
    currency: str
    state: str
    tolerance_percent: int
    settle: str
    created_at: datetime
    withdrawn_at: datetime | None


def product(id: UUID, *, actor: Actor | None = None) -> ProductView:
    """One product. Missing when there is none, or it is a draft of somebody else."""
    found = views(Product.objects.filter(id=id))
    if not found or (found[0].state == "draft" and not _of_house(actor, found[0].seller)):
        raise Missing("no-such-product", violations=[Violation(pointer="/id", rule="known")])
    return found[0]


def products_by_offer(offers: Iterable[UUID]) -> dict[UUID, ProductView]:
    """The products that these offers sell, by offer (further offers of a product included), whatever their state."""
    wanted = list(offers)
    rows = views(Product.objects.filter(sellings__offer__in=wanted).distinct())
    by_id = {row.id: row for row in rows}
    pairs = Product.objects.filter(sellings__offer__in=wanted).values_list("sellings__offer", "id")
    return {offer: by_id[id] for offer, id in pairs if offer in set(wanted)}


def products_of(actor: Actor, seller: UUID, *, category: str = "", cursor: str = "", size: int = SIZE_DEFAULT) -> Slice:
    """A seller's own products, newest first, as ProductViews; Missing for others."""
    if not _of_house(actor, seller):
        raise Missing("no-such-seller", violations=[Violation(pointer="/seller", rule="known")])
    rows = Product.objects.filter(seller=seller)
    if category:
        rows = rows.filter(category=category)
    found = page(rows, by=("-created_at", "-id"), cursor=cursor, size=size)
    return Slice(items=views(found.items), next=found.next)


def ids_by_code(seller: UUID, codes: Iterable[str]) -> dict[str, UUID]:
    """A seller's product ids by his own codes. The caller has checked who asks."""
    return dict(Product.objects.filter(seller=seller, code__in=list(codes)).values_list("code", "id"))


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A GTIN as the city knows it, and the listed products of it."""

    gtin: str
    retired_at: datetime | None
    products: list[ProductView]


def item(gtin14: str) -> Item | None:
    """The trade item of a GTIN (14 digits), or None where nobody ever registered it."""
    found = TradeItem.objects.filter(gtin=gtin14).first()
    if found is None:
        return None
    listed = [each for each in views(found.products.order_by("created_at")) if each.state == "listed"]
    return Item(gtin=gtin14, retired_at=found.retired_at, products=listed)


def views(rows: "QuerySet[Product] | list[Product]") -> list[ProductView]:
    """Product rows as views, with their offers' terms, in one more statement."""
    rows = list(rows)
    terms = catalog.terms({row.offer for row in rows})
    return [_view(row, terms[row.offer]) for row in rows]


def _view(row: Product, terms: catalog.Terms) -> ProductView:
    return ProductView(
        gtin=row.item_id or "",
        name=Words.read(row.name),
        summary=Words.read(row.summary),
        price=terms.price,
        per=terms.per,
        currency=terms.currency,
        state=terms.state,
        tolerance_percent=terms.tolerance_percent,
        settle=terms.settle,
        **{name: getattr(row, name) for name in _SAME},
    )


_SAME = (
    "id", "seller", "offer", "code", "brand", "category", "unit", "temperature", "vat_percent", "shelf_life_days",
    "margin_days", "origin", "image", "emoji", "created_at", "withdrawn_at",
)  # fmt: skip


def _of_house(actor: Actor | None, seller: UUID) -> bool:
    return actor is not None and (actor.staff or actor.acts_for(seller, *roles.PAPERS, *roles.STOCK))
