"""The bodies of the shop's API. Money is minor units, quantities are whole pieces or grams."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from lilong.fields.market.rules.returns import TEXT_MAX as RETURN_TEXT_MAX
from lilong.fields.market.rules.reviews import TEXT_MAX as REVIEW_TEXT_MAX

_CLEAN = r"^[^\x00]*$"
Number = Annotated[str, Field(pattern=r"^\d{1,5}$")]
Units = Annotated[int, Field(ge=1, le=10_000_000, strict=True)]


class SummaryOut(Schema):
    """`average_tenths`: 46 is 4.6 stars; `histogram`: stars -> reviews."""

    count: int
    average_tenths: int
    histogram: dict[str, int]


class CardOut(Schema):
    """A product on the shelf: what is `available` at the place, the last good day of the lot that goes first."""

    id: UUID
    offer: UUID
    seller: UUID
    name: Any
    category: str
    unit: str
    price: int
    per: int
    currency: str
    temperature: str
    emoji: str
    image: str
    available: int
    good_until: date | None
    per_kilo: int | None
    stars: SummaryOut


class ShelfOut(Schema):
    """One page; `next` is the cursor of the next ('' at the end), `total` comes with the first."""

    items: list[CardOut]
    next: str
    total: int | None


class ShelfPriceOut(Schema):
    """What a product cost from `at` on, until the next one."""

    price: int
    per: int
    currency: str
    at: datetime


class ReviewIn(Schema):
    """`id` names the first review; a later one of the same buyer keeps that."""

    id: UUID
    stars: Annotated[int, Field(ge=1, le=5, strict=True)]
    text: Annotated[str, Field(max_length=REVIEW_TEXT_MAX, pattern=_CLEAN)] = ""


class ReviewOut(Schema):
    id: UUID
    product: UUID
    writer: str
    stars: int
    text: str
    written_at: datetime
    edited: bool
    reply: str
    mine: bool


class ReviewPage(Schema):
    items: list[ReviewOut]
    next: str


class ReturnIn(Schema):
    """`lines`: line number -> units to give back."""

    id: UUID
    order: UUID
    lines: dict[Number, Units]
    reason: Literal["damaged", "spoilt", "wrong", "missing", "quality", "other"]
    text: Annotated[str, Field(max_length=RETURN_TEXT_MAX, pattern=_CLEAN)] = ""


class ReturnOut(Schema):
    id: UUID
    order: UUID
    lines: dict[str, int]
    granted: dict[str, int]
    reason: str
    text: str
    state: str
    amount: int
    answer: str
    asked_at: datetime
    decided_at: datetime | None
