"""Social group buying over HTTP."""

from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from lilong.fields.market.api.deal_answers import Seated
from lilong.fields.market.api.deal_shapes import GroupOfferIn, NewGroupIn, SeatIn, answered
from lilong.fields.market.drafts import GroupOfferDraft, JoinDraft
from lilong.fields.market.pages.reader import reader
from lilong.fields.market.queries import groups as queries
from lilong.fields.market.services import groups as services
from lilong.kernel.base.documented import answers, pages
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request

router = Router()


@router.post(
    "/group-offers",
    openapi_extra=answers(queries.GroupOfferView, 201),
    auth=ANY_CREDENTIAL,
    summary="Offer a price to groups",
)
def offer_group(request: HttpRequest, body: GroupOfferIn) -> HttpResponse:
    made = services.offer_group(actor_of_request(request), msgspec.convert(body.model_dump(), GroupOfferDraft))
    return answered(queries.group_offer(made.id), 201)


@router.get("/group-offers", openapi_extra=pages(queries.GroupOfferView), summary="Offers to groups, newest first")
def offers(request: HttpRequest, cursor: str = "", size: int = Query(20, ge=1, le=100)) -> HttpResponse:
    return answered(queries.group_offers(cursor=cursor, size=size))


@router.get("/group-offers/{uuid:id}", openapi_extra=answers(queries.GroupOfferView), summary="One offer to groups")
def offer(request: HttpRequest, id: UUID) -> HttpResponse:
    return answered(queries.group_offer(id))


@router.get(
    "/group-offers/{uuid:id}/groups",
    openapi_extra=answers(list[queries.GroupView]),
    summary="Groups of an offer that can be joined now",
)
def open_groups(request: HttpRequest, id: UUID) -> HttpResponse:
    return answered(queries.open_groups(queries.group_offer(id).id, actor=reader(request)))


@router.post(
    "/group-offers/{uuid:id}/groups",
    openapi_extra=answers(Seated, 200, 201),
    auth=ANY_CREDENTIAL,
    summary="Open a group and take its first seat",
)
def open_group(request: HttpRequest, id: UUID, body: NewGroupIn) -> HttpResponse:
    """Idempotent by the ids. 409: `price-changed`, `sold-out`, `over-limit`, `insufficient-funds`, `id-taken`."""
    actor = actor_of_request(request)
    group, placed = services.open_group(actor, offer=id, draft=msgspec.convert(body.model_dump(), JoinDraft))
    return _seated(actor, group.id, placed)


@router.get("/groups", openapi_extra=pages(queries.GroupView), auth=ANY_CREDENTIAL, summary="My groups, newest first")
def mine(request: HttpRequest, cursor: str = "", size: int = Query(20, ge=1, le=100)) -> HttpResponse:
    return answered(queries.groups_of(actor_of_request(request), cursor=cursor, size=size))


@router.get("/groups/{uuid:id}", openapi_extra=answers(queries.GroupView), summary="One group; my own seat in it")
def group(request: HttpRequest, id: UUID) -> HttpResponse:
    response = answered(queries.group(id, actor=reader(request)))
    response["Cache-Control"] = "no-store"
    return response


@router.post(
    "/groups/{uuid:id}/join",
    openapi_extra=answers(Seated, 200, 201),
    auth=ANY_CREDENTIAL,
    summary="Take a seat in a group",
)
def join(request: HttpRequest, id: UUID, body: SeatIn) -> HttpResponse:
    """409: `group-full` and `group-over` (`open_another` is where to open another), `already-in`, and what orders refuse."""
    actor = actor_of_request(request)
    draft = msgspec.convert(body.model_dump() | {"group": id}, JoinDraft)
    found, placed = services.join(actor, draft)
    return _seated(actor, found.id, placed)


@router.post(
    "/group-seats/{uuid:order}/leave",
    openapi_extra=answers(queries.GroupView),
    auth=ANY_CREDENTIAL,
    summary="Give up a seat in an open group",
)
def leave(request: HttpRequest, order: UUID) -> HttpResponse:
    actor = actor_of_request(request)
    return answered(queries.group(services.leave(actor, order=order).id, actor=actor))


def _seated(actor: Actor, group: UUID, placed: Any) -> HttpResponse:
    body = {"group": queries.group(group, actor=actor), "order": placed}
    return answered(body, 201 if placed.created else 200)
