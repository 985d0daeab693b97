"""Facts of lots and stock. `quantity` in the product's unit (pieces, grams); `value` in fen at list price that day."""

from datetime import date
from typing import Literal
from uuid import UUID

from lilong.kernel.events.facts import Fact, fact


@fact("market.lot.received")
class LotReceived(Fact):
    """A delivery of a lot came in at a place. Subject: the lot."""

    lot: UUID
    product: UUID
    place: UUID
    seller: UUID
    district: str
    category: str
    unit: str
    quantity: int
    value: int
    best_before: date


@fact("market.stock.moved")
class StockMoved(Fact):
    """Stock of a lot went from one place to another. Subject: the lot."""

    lot: UUID
    product: UUID
    source: UUID
    target: UUID
    quantity: int


@fact("market.waste.booked")
class WasteBooked(Fact):
    """Stock was written off. Subject: the lot."""

    lot: UUID
    product: UUID
    place: UUID
    seller: UUID
    district: str
    category: str
    unit: str
    quantity: int
    value: int
    reason: Literal["expired", "damaged", "quality", "sample", "theft"]


@fact("market.stock.counted")
class StockCounted(Fact):
    """Stock was counted: `difference` is what was found more (or, negative, less) than booked. Subject: the lot."""

    lot: UUID
    product: UUID
    place: UUID
    district: str
    counted: int
    difference: int
    value: int


@fact("market.lot.expired")
class LotExpired(Fact):
    """A lot's last day of sale passed; its supply at the place was closed with `quantity` left. Subject: the lot."""

    lot: UUID
    product: UUID
    place: UUID
    district: str
    quantity: int


@fact("market.lot.recalled")
class LotRecalled(Fact):
    """A lot was recalled: `withheld` of it was in stock, `orders` orders had `reached` units of it. Subject: the lot."""

    lot: UUID
    product: UUID
    seller: UUID
    withheld: int
    orders: int
    reached: int
