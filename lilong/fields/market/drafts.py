"""What callers hand in: products and places as wanted. Plain data; `rules/` checks it."""

from datetime import date
from typing import Literal
from uuid import UUID

import msgspec

from lilong.kernel.base.problems import Problem
from lilong.kernel.base.words import Words


class ProductDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A product as its seller wants it.

    `code` is the seller's own. `price` is in fen for `per` units (1580 per 500 g). `gtin` may have 8, 12, 13 or 14
    digits, or be empty for loose goods. Left out (None), `temperature` and `vat_percent` are the category's, `settle`
    is 'later' for goods by weight and 'now' for pieces, and `tolerance_percent` 10 by weight, 0 for pieces.
    `image` is an address, `emoji` stands in for it.
    `margin_days`: days that goods must still be good for when they reach the buyer, beyond the day itself.
    """

    id: UUID
    seller: UUID
    code: str
    name: Words
    category: str
    price: int
    unit: Literal["piece", "g"] = "piece"
    per: int = 1
    gtin: str = ""
    brand: str = ""
    summary: Words = Words()
    temperature: Literal["ambient", "chilled", "frozen", "live"] | None = None
    vat_percent: int | None = None
    shelf_life_days: int = 30
    margin_days: int = 0
    origin: str = ""
    image: str = ""
    emoji: str = ""
    tags: tuple[str, ...] = ()
    settle: Literal["now", "later"] | None = None
    tolerance_percent: int | None = None
    limit_per_buyer: int | None = None
    state: Literal["draft", "listed"] = "listed"


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """One member of a batch that was not taken, and why. Nothing of it was changed."""

    id: UUID
    problem: Problem


class PlaceDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place as its owner wants it. `serves` are the districts it delivers to (slugs; empty: its own).

    Position in millionths of a degree, WGS 84. A delivery window can be chosen until `lead_seconds` before it starts,
    and, where `day_before` is given ('20:00'), until that time on the day before.
    """

    id: UUID
    owner: UUID
    kind: Literal["front-warehouse", "vending-machine", "unmanned-shop", "pick-up-point"]
    name: Words
    district: str
    address: str = ""
    serves: tuple[str, ...] = ()
    latitude_e6: int | None = None
    longitude_e6: int | None = None
    lead_seconds: int = 1800
    day_before: str = ""


class LotDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A delivery of a lot at a place. `id` is the delivery's; the lot itself is known by product and `lot_code` (GS1
    AI 10, at most 20 characters). `quantity` in the product's unit. `best_before` is the last day it is good, inclusive.
    """

    id: UUID
    product: UUID
    place: UUID
    lot_code: str
    best_before: date
    quantity: int
    produced_on: date | None = None
    supplier: str = ""


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery as taken in: the lot, and the ledger account its stock at the place stands in."""

    id: UUID
    lot: UUID
    account: int
    quantity: int
