"""What callers hand in: products and places as wanted. Plain data; `rules/` checks it."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from lilong.kernel.base.problems import Problem
from lilong.kernel.base.words import Words
from lilong.kernel.orders.drafts import SlotDraft


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
    kind: Literal["front-warehouse", "vending-machine", "unmanned-shop", "pick-up-point", "collection-point"]
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


class BroadcastDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A broadcast sale as the seller wants it; `id` becomes its offer's. `price` in fen for the product's own `per` units.

    Sold from `released_at` until before `closes_at` out of the stock at `place`, at most `limit_per_buyer` units a person.
    Without a `title` it has the product's name.
    """

    id: UUID
    product: UUID
    place: UUID
    price: int
    released_at: datetime
    closes_at: datetime
    limit_per_buyer: int | None = None
    title: Words = Words()


class GroupOfferDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An offer to groups of `size` buyers who find together within `seconds`; `id` becomes its offer's."""

    id: UUID
    product: UUID
    price: int
    size: int
    seconds: int
    closes_at: datetime | None = None
    limit_per_buyer: int | None = None
    title: Words = Words()


class JoinDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A buyer's wish to be in a group: the `order` id is his own (UUIDv7), `price` the one he was shown."""

    order: UUID
    group: UUID
    quantity: int
    price: int
    place: UUID
    slot: SlotDraft | None = None
    note: str = ""


class CampaignLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a campaign sells: `offer` is the id its offer gets, `price` in fen for the product's own `per` units."""

    offer: UUID
    product: UUID
    price: int
    limit_per_buyer: int | None = None


class CampaignDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A community campaign as the seller wants it. `source` is the place its goods are taken from, `leaders` who hands
    over, `commission_bp` their share of what is paid, in hundredths of a percent (1000 is 10 %)."""

    id: UUID
    seller: UUID
    title: Words
    source: UUID
    lines: list[CampaignLine]
    leaders: list[UUID]
    opens_at: datetime
    cut_off: datetime
    delivery_day: date
    collect_until: datetime
    commission_bp: int = 1000


class MachineDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A machine as its owner wants it: `id` is the device's, `place` a vending machine, unmanned shop or collection point
    of the owner's. It may be as cold as `coldest_mc` and as warm as `warmest_mc` (thousandths of a degree Celsius)."""

    id: UUID
    place: UUID
    coldest_mc: int | None = None
    warmest_mc: int | None = None


class TakeDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many pieces out of a slot, at the price shown (fen a piece)."""

    slot: str
    quantity: int
    price: int
