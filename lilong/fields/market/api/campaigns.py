"""Community group buying over HTTP: for buyers, leaders and sellers."""

from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from lilong.fields.market.api.deal_answers import Appointed, Ended, Handed, PickUpCode
from lilong.fields.market.api.deal_shapes import CampaignIn, CampaignOrderIn, HandOverIn, LeaderIn, answered
from lilong.fields.market.drafts import CampaignDraft
from lilong.fields.market.queries import campaigns as queries
from lilong.fields.market.services import campaigns as services
from lilong.kernel.base.documented import answers, pages
from lilong.kernel.orders.drafts import LineDraft
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request

router = Router()


@router.post(
    "/leaders",
    openapi_extra=answers(Appointed, 201),
    auth=ANY_CREDENTIAL,
    summary="Trust a resident with a pick-up point",
)
def appoint(request: HttpRequest, body: LeaderIn) -> HttpResponse:
    made = services.appoint_leader(actor_of_request(request), **body.model_dump())
    return answered({"id": made.id, "seller": made.seller, "person": made.person, "point": made.point_id}, 201)


@router.post(
    "/leaders/{uuid:id}/end",
    openapi_extra=answers(Ended),
    auth=ANY_CREDENTIAL,
    summary="End a leader's part in further campaigns",
)
def end(request: HttpRequest, id: UUID) -> HttpResponse:
    ended = services.end_leader(actor_of_request(request), id=id)
    return answered({"id": ended.id, "ended_at": ended.ended_at})


@router.post(
    "/campaigns", openapi_extra=answers(queries.CampaignView, 201), auth=ANY_CREDENTIAL, summary="Announce a campaign"
)
def open_campaign(request: HttpRequest, body: CampaignIn) -> HttpResponse:
    made = services.open_campaign(actor_of_request(request), msgspec.convert(body.model_dump(), CampaignDraft))
    return answered(queries.campaign(made.id), 201)


@router.get("/campaigns", openapi_extra=pages(queries.CampaignView), summary="Campaigns, the latest cut-off first")
def listed(request: HttpRequest, cursor: str = "", size: int = Query(20, ge=1, le=100)) -> HttpResponse:
    return answered(queries.campaigns(cursor=cursor, size=size))


@router.get(
    "/campaigns/{uuid:id}",
    openapi_extra=answers(queries.CampaignView),
    summary="One campaign: what it sells and where it is collected",
)
def one(request: HttpRequest, id: UUID) -> HttpResponse:
    return answered(queries.campaign(id))


@router.post(
    "/campaigns/{uuid:id}/orders",
    openapi_extra=answers(services.Ordered, 200, 201),
    auth=ANY_CREDENTIAL,
    summary="Order in a campaign",
)
def order(request: HttpRequest, id: UUID, body: CampaignOrderIn) -> HttpResponse:
    """Answers the pick-up code. 409: `not-yet-open`, `after-cut-off`, and what orders refuse."""
    lines = [LineDraft(**line.model_dump()) for line in body.lines]
    made = services.order(
        actor_of_request(request), id=body.id, campaign=id, leader=body.leader, lines=lines, note=body.note
    )
    return answered(made, 201 if made.placed.created else 200)


@router.get(
    "/campaigns/{uuid:id}/picks",
    openapi_extra=answers(list[queries.Pick]),
    auth=ANY_CREDENTIAL,
    summary="The pick list by pick-up point",
)
def picks(request: HttpRequest, id: UUID) -> HttpResponse:
    return answered(queries.picks(actor_of_request(request), id))


@router.get(
    "/campaigns/{uuid:id}/parcels",
    openapi_extra=pages(queries.Parcel),
    auth=ANY_CREDENTIAL,
    summary="Orders to hand over, for leader and seller",
)
def parcels(
    request: HttpRequest, id: UUID, leader: UUID | None = None, cursor: str = "", size: int = Query(20, ge=1, le=100)
) -> HttpResponse:
    return answered(queries.parcels(actor_of_request(request), id, leader=leader, cursor=cursor, size=size))


@router.post(
    "/campaigns/{uuid:id}/hand-over",
    openapi_extra=answers(Handed),
    auth=ANY_CREDENTIAL,
    summary="Hand an order over by its pick-up code",
)
def hand_over(request: HttpRequest, id: UUID, body: HandOverIn) -> HttpResponse:
    """Completes the order, captures the money and pays the commission. 422 for a wrong code, 429 after too many."""
    made = services.hand_over(actor_of_request(request), campaign=id, leader=body.leader, code=body.code)
    return answered({"order": made.order, "handed_at": made.handed_at, "commission": made.commission})


@router.get(
    "/campaign-orders",
    openapi_extra=pages(queries.Parcel),
    auth=ANY_CREDENTIAL,
    summary="What I ordered in campaigns, newest first",
)
def mine(request: HttpRequest, cursor: str = "", size: int = Query(20, ge=1, le=100)) -> HttpResponse:
    return answered(queries.parcels_of(actor_of_request(request), cursor=cursor, size=size))


@router.get(
    "/campaign-orders/{uuid:order}/code",
    openapi_extra=answers(PickUpCode),
    auth=ANY_CREDENTIAL,
    summary="The pick-up code of my order",
)
def code(request: HttpRequest, order: UUID) -> HttpResponse:
    return answered({"code": services.code_of(actor_of_request(request), order=order)})
