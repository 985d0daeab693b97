"""The shop over HTTP: shelves, reviews, returns. Orders are placed at `POST /api/orders`; stock and delivery windows are
under `/places/{id}/available` and `/places/{id}/windows`."""

from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest
from ninja import Query, Router, Status

from lilong.fields.market.api.shop_shapes import (
    ReturnIn,
    ReturnOut,
    ReviewIn,
    ReviewOut,
    ReviewPage,
    ShelfOut,
    ShelfPriceOut,
    SummaryOut,
)
from lilong.fields.market.pages.reader import reader
from lilong.fields.market.queries import products, returns, reviews, shop
from lilong.fields.market.services import returns as return_services
from lilong.fields.market.services import reviews as review_services
from lilong.kernel.catalog import queries as catalog
from lilong.kernel.orders import queries as orders
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request

router = Router()


@router.get("/shelf", response=ShelfOut, summary="Search the shop, at a place or in the whole city")
def shelf(
    request: HttpRequest,
    q: str = Query("", max_length=200),
    place: UUID | None = None,
    category: str = Query("", max_length=32),
    available: bool = False,
    sort: str = Query("", description="relevance, newest, price or -price"),
    cursor: str = Query("", max_length=300),
    size: int = Query(24, ge=1, le=100),
) -> Any:
    found = shop.shelf(
        text=q, place=place, category=category, available_only=available, sort=sort, cursor=cursor, size=size
    )
    return {"items": [_card(card) for card in found.cards], "next": found.next, "total": found.total}


@router.get("/products/{uuid:id}/prices", response=list[ShelfPriceOut], summary="Every price a product has had")
def prices(request: HttpRequest, id: UUID) -> Any:
    view = products.product(id, actor=reader(request))
    return catalog.price_history(view.offer, actor=reader(request))


@router.get("/products/{uuid:id}/stars", response=SummaryOut, summary="How many stars a product's buyers give")
def stars(request: HttpRequest, id: UUID) -> Any:
    found = reviews.summary(products.product(id, actor=reader(request)).id)
    return {
        "count": found.count,
        "average_tenths": found.average_tenths,
        "histogram": {str(number): count for number, count, _share in found.bars},
    }


@router.get("/products/{uuid:id}/reviews", response=ReviewPage, summary="A product's reviews, newest first")
def reviews_of(
    request: HttpRequest, id: UUID, cursor: str = Query("", max_length=300), size: int = Query(20, ge=1, le=100)
) -> Any:
    view = products.product(id, actor=reader(request))
    found = reviews.reviews_of(view.id, reader=reader(request), cursor=cursor, size=size)
    return {"items": found.items, "next": found.next}


@router.put("/products/{uuid:id}/review", response=ReviewOut, auth=ANY_CREDENTIAL, summary="Review what I bought")
def review(request: HttpRequest, id: UUID, body: ReviewIn) -> Any:
    actor = actor_of_request(request)
    written = review_services.write_review(actor, id=body.id, product=id, stars=body.stars, text=body.text)
    return reviews.one(written.id, reader=actor)


@router.post("/returns", response={201: ReturnOut}, auth=ANY_CREDENTIAL, summary="Ask to give goods of an order back")
def ask_return(request: HttpRequest, body: ReturnIn) -> Any:
    made = return_services.ask_return(
        actor_of_request(request),
        id=body.id,
        order=body.order,
        lines={int(n): units for n, units in body.lines.items()},
        reason=body.reason,
        text=body.text,
    )
    return Status(201, made)


@router.get("/returns", response=list[ReturnOut], auth=ANY_CREDENTIAL, summary="The returns of an order")
def returns_of(request: HttpRequest, order: UUID) -> Any:
    return returns.of_order(orders.order(actor_of_request(request), order).id)


def _card(card: shop.Card) -> dict[str, Any]:
    view = card.product
    same = {
        name: getattr(view, name) for name in ("id", "offer", "seller", "category", "unit", "price", "per", "currency")
    }
    return same | {
        "name": view.name.stored(),
        "temperature": view.temperature,
        "emoji": view.emoji,
        "image": view.image,
        "available": card.available,
        "good_until": card.good_until,
        "per_kilo": card.per_kilo,
        "stars": msgspec.structs.asdict(card.stars) | {"histogram": {str(n): c for n, c, _share in card.stars.bars}},
    }
