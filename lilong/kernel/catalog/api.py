"""The catalog over HTTP: searching and reading is for everybody, putting and withdrawing for the sellers' people."""

from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router

from lilong.kernel.base.paging import SIZE_MAX
from lilong.kernel.base.problems import Problem
from lilong.kernel.base.words import Words
from lilong.kernel.catalog import queries, services
from lilong.kernel.catalog.drafts import PRICE_MAX, TAGS_MAX, OfferDraft
from lilong.kernel.catalog.shapes import Code, FoundOut, OfferIn, OfferOut, OffersOut, PriceOut
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request

READ = "catalog:read"
Sort = Literal["", "relevance", "newest", "price", "-price"]
State = Literal["", "draft", "listed", "withdrawn"]

router = Router(tags=["catalog"], auth=ANY_CREDENTIAL)


@router.get("/offers", response=FoundOut, auth=None, summary="Search all that is offered")
def search(
    request: HttpRequest,
    text: str = Query("", max_length=queries.TEXT_MAX),
    field: Code | Literal[""] = "",
    seller: UUID | None = None,
    place: UUID | None = None,
    price_from: int | None = Query(None, ge=0, le=PRICE_MAX),
    price_to: int | None = Query(None, ge=0, le=PRICE_MAX),
    tag: list[str] = Query([], max_length=TAGS_MAX),  # noqa: B008 (how ninja declares lists)
    available_only: bool = False,
    sort: Sort = "",
    cursor: str = "",
    size: int = Query(20, ge=1, le=SIZE_MAX),
) -> Any:
    """In Chinese, Korean and English at once; every word and every `tag` must fit, the last word may be unfinished."""
    return queries.search(
        text,
        field=field,
        seller=seller,
        place=place,
        price_from=price_from,
        price_to=price_to,
        tags=tag,
        available_only=available_only,
        sort=sort,
        cursor=cursor,
        size=size,
    )


@router.get("/offers/{uuid:id}", response=OfferOut, auth=None, summary="One offer")
def offer(request: HttpRequest, id: UUID) -> Any:
    return queries.offer(id, actor=_whoever(request))


@router.get("/offers/{uuid:id}/prices", response=list[PriceOut], auth=None, summary="What it has cost, oldest first")
def prices(request: HttpRequest, id: UUID) -> Any:
    return queries.price_history(id, actor=_whoever(request))


@router.get("/sellers/{uuid:seller}/offers", response=OffersOut, summary="A seller's own offers, drafts too")
def of_seller(
    request: HttpRequest,
    seller: UUID,
    state: State = "",
    cursor: str = "",
    size: int = Query(20, ge=1, le=SIZE_MAX),
) -> Any:
    actor = actor_of_request(request)
    actor.require_scope(READ)
    return queries.offers_of(actor, seller, state=state, cursor=cursor, size=size)


@router.put("/offers/{uuid:id}", response=OfferOut, summary="Create an offer, or make a new version of it")
def put(request: HttpRequest, id: UUID, body: OfferIn) -> Any:
    """The same body again changes nothing. 409: `version-stale`, `offer-fixed`."""
    given = body.dict() | {
        "id": id,
        "title": Words(**body.title.dict()),
        "summary": Words(**body.summary.dict()),
        "tags": tuple(body.tags),
    }
    return services.put_offer(actor_of_request(request), OfferDraft(**given))


@router.post("/offers/{uuid:id}/withdraw", response=OfferOut, summary="Take an offer out of sale")
def withdraw(request: HttpRequest, id: UUID) -> Any:
    return services.withdraw(actor_of_request(request), id)


def _whoever(request: HttpRequest) -> Actor | None:
    """Who asks, if they say so: a seller's people see their drafts."""
    try:
        return actor_of_request(request)
    except Problem:
        return None
