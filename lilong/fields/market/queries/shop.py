"""The shop's shelves as a buyer sees them at a place: products with stock, dates and stars."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

import msgspec

from lilong.fields.market.models import Product, Stock
from lilong.fields.market.queries import availability, products, reviews, sales
from lilong.fields.market.queries.products import ProductView
from lilong.fields.market.rules import prices
from lilong.fields.market.rules.categories import CATEGORIES, Category
from lilong.fields.market.rules.reviews import Summary
from lilong.kernel.base import clock
from lilong.kernel.catalog import queries as catalog
from lilong.kernel.ledger import queries as ledger

SHELF = 24
SORTS = ("relevance", "newest", "price", "-price")


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A product on the shelf. `available` units at the place (anywhere, where none is chosen), `good_until` the last day
    of the lot that goes first, `per_kilo` the price of a kilogram in minor units (None for pieces)."""

    product: ProductView
    available: int
    good_until: date | None
    per_kilo: int | None
    stars: Summary

    @property
    def sold_out(self) -> bool:
        return self.available == 0


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the shop; `next` is the cursor of the next. `categories` (with the number of goods) and `total` come
    with the first page, else they are empty and None."""

    cards: list[Card]
    next: str
    total: int | None
    categories: list[tuple[Category, int]]


def shelf(
    *,
    place: UUID | None,
    text: str = "",
    category: str = "",
    tags: Sequence[str] = (),
    price_from: int | None = None,
    price_to: int | None = None,
    available_only: bool = False,
    sort: str = "",
    cursor: str = "",
    size: int = SHELF,
) -> Shelf:
    """What fits, at a place (None: in the city). Offers for groups and broadcasts have their own pages. Raises Invalid."""
    wanted = ([category] if category else []) + list(tags)
    found = catalog.search(
        text, field="market", place=place, tags=wanted, price_from=price_from, price_to=price_to,
        available_only=available_only, sort=sort, cursor=cursor, size=size,
    )  # fmt: skip
    facets = found.facets
    counted = facets.tags if facets else {}
    return Shelf(
        cards=cards([offer.id for offer in found.items], place),
        next=found.next,
        total=facets.total if facets else None,
        categories=[(each, counted[code]) for code, each in CATEGORIES.items() if counted.get(code)],
    )


def bestsellers(place: UUID | None, *, size: int = 8) -> list[Card]:
    """What was ordered most lately at the place and can be had there now."""
    ranked = [id for id, _ in sales.bestsellers(place, size=2 * size)]
    known = {
        view.id: view.offer for view in products.views(Product.objects.filter(id__in=ranked)) if view.state == "listed"
    }
    found = cards([known[id] for id in ranked if id in known], place)
    return [card for card in found if not card.sold_out][:size]


def beside(view: ProductView, place: UUID | None, *, size: int = 4) -> list[Card]:
    """Others of the same shelf that can be had: what to take when this one is sold out."""
    found = shelf(place=place, category=view.category, available_only=True, size=size + 1)
    return [card for card in found.cards if card.product.id != view.id][:size]


def cards(offers: Sequence[UUID], place: UUID | None) -> list[Card]:
    """Products by their own offers, in the order given; other offers are left out."""
    known = products.products_by_offer(offers)
    own = [known[offer] for offer in offers if offer in known and known[offer].offer == offer]
    stock = _stock([view.offer for view in own], place)
    stars = reviews.summaries([view.id for view in own])
    return [
        Card(
            product=view,
            available=stock[view.offer].quantity,
            good_until=stock[view.offer].first_use_by,
            per_kilo=prices.per_kilogram(view.price, view.per) if view.unit == "g" else None,
            stars=stars[view.id],
        )
        for view in own
    ]


def _stock(offers: Iterable[UUID], place: UUID | None) -> dict[UUID, "availability.Available"]:
    offers = list(offers)
    if not offers:
        return {}
    return availability.availability(offers, place) if place else availability.availability_anywhere(offers)


class LotOnSale(msgspec.Struct, frozen=True, kw_only=True):
    """A lot at the place, first to go first: `best_before` is its last good day, `available` what is left of it."""

    code: str
    best_before: date
    last_day: date
    available: int


def lots_on_sale(product: UUID, place: UUID) -> list[LotOnSale]:
    """The lots that an order at the place would be taken from today, in that order."""
    today = clock.today()
    rows = Stock.objects.filter(lot__product=product, place=place, lot__state="active", lot__last_day__gte=today)
    found = list(rows.select_related("lot").order_by("lot__last_day", "account"))
    balances = ledger.balances([row.account for row in found])
    return [
        LotOnSale(
            code=row.lot.code,
            best_before=row.lot.best_before,
            last_day=row.lot.last_day,
            available=balances[row.account].available,
        )
        for row in found
        if balances[row.account].available > 0
    ]
