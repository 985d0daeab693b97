"""Broadcast sales over HTTP. Orders of them go to `POST /api/orders` with channel 'broadcast'."""

from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from lilong.fields.market.api.deal_shapes import BroadcastIn, answered
from lilong.fields.market.drafts import BroadcastDraft
from lilong.fields.market.queries import broadcasts as queries
from lilong.fields.market.services import broadcast as services
from lilong.kernel.base.documented import answers, pages
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request

router = Router()


@router.post(
    "/broadcasts",
    openapi_extra=answers(queries.BroadcastView, 201),
    auth=ANY_CREDENTIAL,
    summary="Announce a broadcast sale",
)
def open_broadcast(request: HttpRequest, body: BroadcastIn) -> HttpResponse:
    made = services.open_broadcast(actor_of_request(request), msgspec.convert(body.model_dump(), BroadcastDraft))
    return answered(queries.one(made.id), 201)


@router.get("/broadcasts", openapi_extra=pages(queries.BroadcastView), summary="Broadcast sales: coming, now or ended")
def listed(
    request: HttpRequest, when: str = "now", cursor: str = "", size: int = Query(20, ge=1, le=100)
) -> HttpResponse:
    return answered(queries.listed(when, cursor=cursor, size=size))


@router.get("/broadcasts/{uuid:id}", openapi_extra=answers(queries.BroadcastView), summary="One broadcast sale")
def one(request: HttpRequest, id: UUID) -> HttpResponse:
    return answered(queries.one(id))


@router.get(
    "/broadcasts/{uuid:id}/remaining",
    openapi_extra=answers(queries.Remaining),
    summary="How many units are left, and the house's time",
)
def remaining(request: HttpRequest, id: UUID) -> HttpResponse:
    """Cheap, to be asked every second or two."""
    response = answered(queries.remaining(id))
    response["Cache-Control"] = "no-store"
    return response


@router.post(
    "/broadcasts/{uuid:id}/cancel",
    openapi_extra=answers(queries.BroadcastView),
    auth=ANY_CREDENTIAL,
    summary="Call a broadcast off before its release",
)
def cancel(request: HttpRequest, id: UUID) -> HttpResponse:
    services.cancel_broadcast(actor_of_request(request), id=id)
    return answered(queries.one(id))
