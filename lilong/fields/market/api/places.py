"""Places, what they have and when they deliver, over HTTP."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest
from ninja import Query, Router, Status

from lilong.fields.market.api.shapes import AvailableOut, PlaceIn, PlaceOut, WindowOut
from lilong.fields.market.drafts import PlaceDraft
from lilong.fields.market.queries import availability
from lilong.fields.market.queries import places as queries
from lilong.fields.market.services import places as services
from lilong.kernel.base.problems import invalid
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request

OFFERS_MAX = 200

router = Router()


@router.post("/places", response={201: PlaceOut}, auth=ANY_CREDENTIAL, summary="Open a place")
def open_place(request: HttpRequest, body: PlaceIn) -> Any:
    made = services.open_place(actor_of_request(request), msgspec.convert(body.model_dump(), PlaceDraft))
    return Status(201, _shown(queries.place(made.id)))


@router.get("/places", response=list[PlaceOut], summary="Front warehouses that deliver to a district")
def serving(request: HttpRequest, district: str) -> Any:
    return [_shown(view) for view in queries.places_serving(district)]


@router.get("/places/{uuid:id}", response=PlaceOut, summary="One place")
def one(request: HttpRequest, id: UUID) -> Any:
    return _shown(queries.place(id))


@router.get("/places/{uuid:id}/available", response=list[AvailableOut], summary="What of these offers a place has")
def available(
    request: HttpRequest,
    id: UUID,
    offer: Query[list[UUID]],
    on: date | None = None,
) -> Any:
    if not 1 <= len(offer) <= OFFERS_MAX:
        raise invalid("/offer", "length", f"1..{OFFERS_MAX}")
    return list(availability.availability(offer, queries.place(id).id, on=on).values())


@router.get("/places/{uuid:id}/windows", response=list[WindowOut], summary="Delivery windows that can be chosen now")
def windows(request: HttpRequest, id: UUID, days: int = Query(2, ge=1, le=14)) -> Any:
    return availability.windows(id, days=days)


def _shown(view: queries.PlaceView) -> dict[str, Any]:
    return msgspec.structs.asdict(view) | {"name": view.name.stored()}
