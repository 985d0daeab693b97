"""The bodies of broadcasts, groups and campaigns. See `drafts` for what their members mean."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from django.http import HttpResponse
from ninja import Schema
from pydantic import AwareDatetime, Field

from lilong.fields.market.api.shapes import Text, Whole, WordsIn


class BroadcastIn(Schema):
    """A broadcast sale; its `id` becomes the offer's."""

    id: UUID
    product: UUID
    place: UUID
    price: Whole
    released_at: AwareDatetime
    closes_at: AwareDatetime
    limit_per_buyer: Whole | None = None
    title: WordsIn = WordsIn()


class GroupOfferIn(Schema):
    """An offer to groups of `size` buyers within `seconds`."""

    id: UUID
    product: UUID
    price: Whole
    size: Annotated[int, Field(ge=2, le=1000, strict=True)]
    seconds: Annotated[int, Field(ge=60, le=604_800, strict=True)]
    closes_at: AwareDatetime | None = None
    limit_per_buyer: Whole | None = None
    title: WordsIn = WordsIn()


class SlotIn(Schema):
    """A delivery window, as `/places/{id}/windows` lists them."""

    resource: UUID
    start: AwareDatetime
    end: AwareDatetime


class SeatIn(Schema):
    """A seat: the order's id is the caller's (UUIDv7), `price` the one shown."""

    order: UUID
    quantity: Annotated[int, Field(ge=1, le=10_000_000, strict=True)]
    price: Annotated[int, Field(ge=0, strict=True)]
    place: UUID
    slot: SlotIn | None = None
    note: Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")] = ""


class NewGroupIn(SeatIn):
    """A new group, by the caller's id, and its first seat."""

    group: UUID


class LeaderIn(Schema):
    id: UUID
    seller: UUID
    person: UUID
    point: UUID


class CampaignLineIn(Schema):
    offer: UUID
    product: UUID
    price: Whole
    limit_per_buyer: Whole | None = None


class CampaignIn(Schema):
    """A community campaign."""

    id: UUID
    seller: UUID
    title: WordsIn
    source: UUID
    lines: Annotated[list[CampaignLineIn], Field(max_length=200)]
    leaders: Annotated[list[UUID], Field(max_length=500)]
    opens_at: AwareDatetime
    cut_off: AwareDatetime
    delivery_day: date
    collect_until: AwareDatetime
    commission_bp: Annotated[int, Field(ge=0, le=3000, strict=True)] = 1000


class OrderLineIn(Schema):
    offer: UUID
    quantity: Annotated[int, Field(ge=1, le=10_000_000, strict=True)]
    price: Annotated[int, Field(ge=0, strict=True)]


class CampaignOrderIn(Schema):
    """An order in a campaign; the id is the caller's (UUIDv7)."""

    id: UUID
    leader: UUID
    lines: Annotated[list[OrderLineIn], Field(min_length=1, max_length=200)]
    note: Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")] = ""


class HandOverIn(Schema):
    """The pick-up code that the buyer shows."""

    leader: UUID
    code: Text


def answered(found: Any, status: int = 200) -> HttpResponse:
    """A view as JSON."""
    body = msgspec.json.encode(found, enc_hook=str)
    return HttpResponse(body, status=status, content_type="application/json")
