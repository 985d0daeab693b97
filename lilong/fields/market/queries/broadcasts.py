"""Reads of broadcast sales. They are public."""

from datetime import datetime
from uuid import UUID

import msgspec

from lilong.fields.market.models import Broadcast
from lilong.fields.market.queries import places
from lilong.fields.market.queries.availability import availability
from lilong.kernel.base import clock
from lilong.kernel.base.paging import SIZE_DEFAULT, Slice, page
from lilong.kernel.base.problems import Missing, Violation, invalid
from lilong.kernel.base.words import Words
from lilong.kernel.catalog import queries as catalog
from lilong.kernel.catalog.drafts import OfferView

WHEN = ("coming", "now", "ended")


class BroadcastView(msgspec.Struct, frozen=True, kw_only=True):
    """A broadcast sale with its offer. `state`: 'coming', 'now', 'ended' or 'cancelled'; prices in fen per `per` units."""

    id: UUID
    seller: UUID
    product: UUID
    place: UUID
    place_name: Words
    title: Words
    product_name: Words
    summary: Words
    image: str
    emoji: str
    unit: str
    price: int
    usual_price: int
    per: int
    currency: str
    limit_per_buyer: int | None
    released_at: datetime
    closes_at: datetime
    state: str


class Remaining(msgspec.Struct, frozen=True, kw_only=True):
    """What a page asks again and again: units left at the place, the state, and the house's own time."""

    id: UUID
    remaining: int
    state: str
    now: datetime


def one(id: UUID) -> BroadcastView:
    """One broadcast. Raises Missing."""
    return _views([_row(id)])[0]


def remaining(id: UUID) -> Remaining:
    """How many units are left. Three small statements: it is asked by everybody who waits."""
    row = _row(id)
    left = availability([id], row.place_id)[id].quantity
    return Remaining(id=id, remaining=left, state=_state(row, clock.now()), now=clock.now())


def listed(when: str, *, cursor: str = "", size: int = SIZE_DEFAULT) -> Slice:
    """Broadcasts that are 'coming' (soonest first), open 'now' (closing first) or 'ended' (newest first)."""
    now = clock.now()
    rows = Broadcast.objects.filter(cancelled_at=None).select_related("product")
    if when == "coming":
        found = page(rows.filter(released_at__gt=now), by=("released_at", "id"), cursor=cursor, size=size)
    elif when == "now":
        open_now = rows.filter(released_at__lte=now, closes_at__gt=now)
        found = page(open_now, by=("closes_at", "id"), cursor=cursor, size=size)
    elif when == "ended":
        found = page(rows.filter(closes_at__lte=now), by=("-closes_at", "-id"), cursor=cursor, size=size)
    else:
        raise invalid("/when", "one-of", ", ".join(WHEN))
    return Slice(items=_views(found.items), next=found.next)


def _row(id: UUID) -> Broadcast:
    row = Broadcast.objects.select_related("product").filter(id=id).first()
    if row is None:
        raise Missing("no-such-broadcast", violations=[Violation(pointer="/id", rule="known")])
    return row


def _state(row: Broadcast, now: datetime) -> str:
    if row.cancelled_at:
        return "cancelled"
    return "coming" if now < row.released_at else "now" if now < row.closes_at else "ended"


def _views(rows: list[Broadcast]) -> list[BroadcastView]:
    now = clock.now()
    offers = {view.id: view for view in catalog.views([id for row in rows for id in (row.id, row.product.offer)])}
    at = places.places({row.place_id for row in rows})
    return [_view(row, offers[row.id], offers[row.product.offer], at[row.place_id].name, now) for row in rows]


def _view(row: Broadcast, offer: OfferView, usual: OfferView, place: Words, now: datetime) -> BroadcastView:
    return BroadcastView(
        id=row.id,
        seller=row.seller,
        product=row.product_id,
        place=row.place_id,
        place_name=place,
        title=offer.title,
        product_name=usual.title,
        summary=offer.summary,
        image=offer.image,
        emoji=row.product.emoji,
        unit=offer.unit,
        price=offer.price,
        usual_price=usual.price,
        per=offer.per,
        currency=offer.currency,
        limit_per_buyer=offer.limit_per_buyer,
        released_at=row.released_at,
        closes_at=row.closes_at,
        state=_state(row, now),
    )
