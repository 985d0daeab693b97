"""Reads of reviews. They are public, their writers are not named beyond a first sign."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec
from django.db.models import Count

from lilong.fields.market.models import Review, ReviewReport, Selling
from lilong.fields.market.rules import reviews as rules
from lilong.fields.market.rules import roles
from lilong.fields.market.rules.reviews import Summary
from lilong.kernel.base.paging import SIZE_DEFAULT, Slice, page
from lilong.kernel.base.problems import Missing, Violation, invalid
from lilong.kernel.orders import queries as orders
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.actor import Actor


class ReviewView(msgspec.Struct, frozen=True, kw_only=True):
    """A review as everybody sees it: `writer` is the first letter of the buyer's name."""

    id: UUID
    product: UUID
    writer: str
    stars: int
    text: str
    written_at: datetime
    edited: bool
    reply: str
    replied_at: datetime | None
    mine: bool


def summary(product: UUID) -> Summary:
    """How many stars a product's buyers give."""
    return summaries([product])[product]


def summaries(products: Iterable[UUID]) -> dict[UUID, Summary]:
    """The same for many; every product asked for is answered."""
    counts: dict[UUID, dict[int, int]] = {id: {} for id in products}
    rows = Review.objects.filter(product__in=counts, hidden_at=None).values_list("product_id", "stars")
    for product, stars, number in rows.annotate(number=Count("id")):
        counts[product][stars] = number
    return {id: rules.summary(found) for id, found in counts.items()}


def reviews_of(
    product: UUID, *, reader: Actor | None = None, stars: int = 0, cursor: str = "", size: int = SIZE_DEFAULT
) -> Slice:
    """A product's reviews, newest first, as ReviewViews; `stars` 1 to 5 shows those alone."""
    rows = Review.objects.filter(product=product, hidden_at=None)
    if stars:
        if stars not in rules.STARS:
            raise invalid("/stars", "range", "1..5")
        rows = rows.filter(stars=stars)
    found = page(rows, by=("-changed_at", "-id"), cursor=cursor, size=size)
    found.items = _views(found.items, reader)
    return found


def for_seller(
    actor: Actor, seller: UUID, *, unanswered: bool = False, cursor: str = "", size: int = SIZE_DEFAULT
) -> Slice:
    """Reviews of a seller's products, newest first, as ReviewViews; Missing for others."""
    if not (actor.staff or actor.acts_for(seller, *roles.PAPERS)):
        raise Missing("no-such-seller", violations=[Violation(pointer="/seller", rule="known")])
    rows = Review.objects.filter(product__seller=seller, hidden_at=None)
    if unanswered:
        rows = rows.filter(reply="")
    found = page(rows, by=("-changed_at", "-id"), cursor=cursor, size=size)
    found.items = _views(found.items, actor)
    return found


def one(id: UUID, *, reader: Actor | None = None) -> ReviewView:
    """One review that is shown. Raises Missing."""
    found = Review.objects.filter(id=id, hidden_at=None).first()
    if found is None:
        raise _unknown()
    return _views([found], reader)[0]


def mine(buyer: UUID, product: UUID) -> Review | None:
    """The buyer's own review of a product."""
    return Review.objects.filter(product=product, buyer=buyer).first()


def product_of(review: UUID) -> UUID:
    """The product that a review is of. Raises Missing."""
    found = Review.objects.filter(id=review, hidden_at=None).values_list("product_id", flat=True).first()
    if found is None:
        raise _unknown()
    return found


def may_review(buyer: UUID, product: UUID) -> bool:
    """Whether the buyer completed an order of any offer of the product."""
    offers = Selling.objects.filter(product=product).values_list("offer", flat=True)
    return any(orders.bought(buyer, offer) for offer in offers)


def reported(*, cursor: str = "", size: int = SIZE_DEFAULT) -> Slice:
    """Reports of reviews still shown, newest first: for operators, which the caller has checked."""
    rows = ReviewReport.objects.filter(review__hidden_at=None).select_related("review")
    return page(rows, by=("-at", "-review_id"), cursor=cursor, size=size)


def _views(rows: list[Review], reader: Actor | None) -> list[ReviewView]:
    named = parties.parties({row.buyer for row in rows})
    return [
        ReviewView(
            id=row.id,
            product=row.product_id,
            writer=_sign(str(named[row.buyer].name)) if row.buyer in named else "",
            stars=row.stars,
            text=row.text,
            written_at=row.written_at,
            edited=row.changed_at > row.written_at,
            reply=row.reply,
            replied_at=row.replied_at,
            mine=reader is not None and reader.party == row.buyer,
        )
        for row in rows
    ]


def _unknown() -> Missing:
    return Missing("no-such-review", violations=[Violation(pointer="/id", rule="known")])


def _sign(name: str) -> str:
    return f"{name[:1]}**" if name else ""
