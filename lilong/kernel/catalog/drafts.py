"""What callers hand in and get back: offers and supplies as wanted, as they stand, as refused."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from lilong.kernel.base.problems import Problem
from lilong.kernel.base.words import Words

PRICE_MAX = 10**12
PER_MAX = 1_000_000
LIMIT_MAX = 10_000_000
TOLERANCE_MAX = 50
TITLE_MAX, SUMMARY_MAX = 200, 2000  # characters in each language
TAGS_MAX, TAG_MAX = 20, 40
IMAGE_MAX = 500
ATTRIBUTES_MAX = 16_384  # bytes of JSON
CODE = r"^[a-z][a-z0-9-]{0,31}$"

GUARD = r"^([a-z][a-z0-9.-]{0,39})?$"

Code = Annotated[str, msgspec.Meta(pattern=CODE)]
Unit = Literal["piece", "g"]
Settle = Literal["now", "later"]
State = Literal["draft", "listed", "withdrawn"]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class OfferDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An offer as its seller wants it. Putting it again under its id makes a new version.

    `price` is in minor units of `currency` for `per` units (1580 per 500 g). `settle` is 'now' (paid with the order) or
    'later' (held, captured when it is handed over); `tolerance_percent` is how much more than ordered may be handed over
    and needs 'later'. `released_at` .. `closes_at` is when it can be bought (half-open; None is open). A `stocked` offer
    is sold out of its supplies, any other without count (a service); a `place_bound` one only at a named place. Of the
    `attributes`, 'brand' and 'gtin' can be searched for.
    `guard`, where given, names the service that alone places its orders and watches over them (`orders.guards`): such an
    offer cannot be ordered singly and is not found by search, unless it is `findable`: its page then leads to where it is sold.
    `version`, where given, is the version this draft was made from: another one meanwhile is a conflict.
    """

    id: UUID
    field: Code
    seller: UUID
    title: Words
    price: Annotated[int, msgspec.Meta(ge=0, le=PRICE_MAX)]
    kind: Code = "product"
    summary: Words = Words()
    unit: Unit = "piece"
    per: Annotated[int, msgspec.Meta(ge=1, le=PER_MAX)] = 1
    currency: str = "CNY"
    settle: Settle = "now"
    released_at: Moment | None = None
    closes_at: Moment | None = None
    limit_per_buyer: Annotated[int, msgspec.Meta(ge=1, le=LIMIT_MAX)] | None = None
    tolerance_percent: Annotated[int, msgspec.Meta(ge=0, le=TOLERANCE_MAX)] = 0
    stocked: bool = True
    place_bound: bool = False
    tags: Annotated[tuple[str, ...], msgspec.Meta(max_length=TAGS_MAX)] = ()
    image: Annotated[str, msgspec.Meta(max_length=IMAGE_MAX)] = ""
    attributes: dict[str, Any] = {}
    guard: Annotated[str, msgspec.Meta(pattern=GUARD)] = ""
    findable: bool = False
    state: Literal["draft", "listed"] = "listed"
    version: int | None = None


class OfferView(msgspec.Struct, frozen=True, kw_only=True):
    """An offer as it stands."""

    id: UUID
    field: str
    seller: UUID
    kind: str
    title: Words
    summary: Words
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
    tags: tuple[str, ...]
    image: str
    attributes: dict[str, Any]
    guard: str
    state: str
    version: int
    changed_at: datetime


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """An offer that was not put, and why. Nothing of it was changed."""

    id: UUID
    problem: Problem


class SupplyDraft(msgspec.Struct, frozen=True, kw_only=True):
    """Where an offer's stock comes from: the ledger `account` at `place` it leaves and the `sink` it is sold into.

    One account may supply several offers (a lot sold singly and in a group). `use_by` is the last day it is good on;
    of equal days the lower `rank` goes first.
    """

    offer: UUID
    place: UUID
    account: int
    sink: int
    use_by: date | None = None
    rank: int = 0
    open: bool = True


class PriceView(msgspec.Struct, frozen=True, kw_only=True):
    """What the offer cost from `at` on, until the next one."""

    version: int
    price: int
    per: int
    currency: str
    at: datetime
