"""What the API of the catalog is sent and answers with, for OpenAPI."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints

from lilong.kernel.catalog import drafts

Code = Annotated[str, StringConstraints(pattern=drafts.CODE)]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=drafts.TAG_MAX)]


class Shape(Schema):
    model_config = ConfigDict(from_attributes=True)


class Sent(Schema):
    model_config = ConfigDict(extra="forbid")


class OfferName(Sent):
    en: str = Field("", max_length=drafts.SUMMARY_MAX)
    zh: str = Field("", max_length=drafts.SUMMARY_MAX)
    ko: str = Field("", max_length=drafts.SUMMARY_MAX)


class NameOut(Shape):
    en: str
    zh: str
    ko: str


class OfferIn(Sent):
    """An offer as its seller wants it. `price` in minor units of `currency` for `per` units.

    `version`, where given, is the version this was made from (0: none yet); another one meanwhile is a conflict.
    """

    field: Code
    seller: UUID
    title: OfferName
    price: int = Field(ge=0, le=drafts.PRICE_MAX)
    kind: Code = "product"
    summary: OfferName = Field(default_factory=lambda: OfferName(en="", zh="", ko=""))
    unit: drafts.Unit = "piece"
    per: int = Field(1, ge=1, le=drafts.PER_MAX)
    currency: str = Field("CNY", max_length=3)
    settle: drafts.Settle = "now"
    released_at: AwareDatetime | None = None
    closes_at: AwareDatetime | None = None
    limit_per_buyer: int | None = Field(None, ge=1, le=drafts.LIMIT_MAX)
    tolerance_percent: int = Field(0, ge=0, le=drafts.TOLERANCE_MAX)
    stocked: bool = True
    place_bound: bool = False
    tags: list[Tag] = Field([], max_length=drafts.TAGS_MAX)
    image: str = Field("", max_length=drafts.IMAGE_MAX)
    attributes: dict[str, Any] = {}
    state: Annotated[str, StringConstraints(pattern=r"^(draft|listed)$")] = "listed"
    version: int | None = Field(None, ge=0)


class OfferOut(Shape):
    id: UUID
    field: str
    seller: UUID
    kind: str
    title: NameOut
    summary: NameOut
    unit: str
    price: int
    per: int
    currency: str
    settle: str
    released_at: datetime | None
    closes_at: datetime | None
    limit_per_buyer: int | None
    tolerance_percent: int
    stocked: bool
    place_bound: bool
    tags: list[str]
    image: str
    attributes: dict[str, Any]
    state: str
    version: int
    changed_at: datetime


class PriceOut(Shape):
    """What it cost from `at` on."""

    version: int
    price: int
    per: int
    currency: str
    at: datetime


class FacetsOut(Shape):
    """Of the whole finding: how many offers of each field and tag, and the lowest and highest price."""

    total: int
    fields: dict[str, int]
    tags: dict[str, int]
    price_from: int | None
    price_to: int | None


class FoundOut(Shape):
    """`next` is the next page's cursor, '' at the end; facets come with the first page."""

    items: list[OfferOut]
    next: str
    facets: FacetsOut | None


class OffersOut(Shape):
    items: list[OfferOut]
    next: str
