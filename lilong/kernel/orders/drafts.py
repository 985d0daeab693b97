"""What callers hand in and get back: orders as asked for, as placed, as refused."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from lilong.kernel.base.problems import Problem

LINES_MAX = 200
QUANTITY_MAX = 10_000_000

Quantity = Annotated[int, msgspec.Meta(ge=1, le=QUANTITY_MAX, description="Pieces or grams, as the offer counts")]
Price = Annotated[int, msgspec.Meta(ge=0, le=10**12, description="The price shown to the buyer, in minor units")]


class LineDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line: an offer, how many of its units, and the price the buyer was shown (minor units per `per` units)."""

    offer: UUID
    quantity: Quantity
    price: Price


class SlotDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A time to book with the order: a calendar resource and a half-open interval (RFC 3339, with offset)."""

    resource: UUID
    start: Annotated[datetime, msgspec.Meta(tz=True)]
    end: Annotated[datetime, msgspec.Meta(tz=True)]


class OrderDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order as the buyer wants it. The id is the caller's (UUIDv7 by preference) and makes it idempotent.

    `buyer` defaults to whoever is signed in; `place` is where stock is taken (required for offers bound to a place);
    `use_on` is the first day the goods must still be good on (default: the slot's day, else today).
    """

    id: UUID
    lines: Annotated[list[LineDraft], msgspec.Meta(min_length=1, max_length=LINES_MAX)]
    buyer: UUID | None = None
    place: UUID | None = None
    slot: SlotDraft | None = None
    channel: Annotated[str, msgspec.Meta(max_length=32, pattern=r"^[a-z][a-z0-9-]*$")] = "online"
    note: Annotated[str, msgspec.Meta(max_length=500, pattern=r"^[^\x00]*$")] = ""
    use_on: date | None = None


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """An order that stands. `created` is false when it stood before (same id, same body)."""

    id: UUID
    state: str
    total: int
    currency: str
    at: datetime
    created: bool = True


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """An order that does not stand, and why. Nothing of it was changed."""

    id: UUID
    problem: Problem


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    """A line as it stands: `actual` is what was handed over (None before completion), `refunded` what came back."""

    n: int
    offer: UUID
    title: Any
    unit: str
    quantity: int
    price: int
    per: int
    amount: int
    actual: int | None
    refunded: int
    replaces: int | None


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """An order as its buyer, its seller or the city's operators may see it. Money in minor units."""

    id: UUID
    buyer: UUID
    seller: UUID
    field: str
    channel: str
    state: str
    currency: str
    total: int
    held: int
    captured: int
    refunded: int
    place: UUID | None
    booking: UUID | None
    use_on: date | None
    note: str
    placed_at: datetime
    changed_at: datetime
    lines: list[LineView] = []
