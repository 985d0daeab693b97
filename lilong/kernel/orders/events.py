"""The facts of orders."""

from uuid import UUID

from lilong.kernel.events.facts import Fact, fact


class Item(Fact, frozen=True, kw_only=True):
    """A line in a fact: `amount` in minor units, `quantity` in the offer's unit."""

    offer: UUID
    quantity: int
    amount: int


@fact("orders.placed")
class OrderPlaced(Fact, frozen=True, kw_only=True):
    """An order stands: its money and stock are moved or held, its slot is booked. Subject: the order."""

    buyer: UUID
    seller: UUID
    field: str
    channel: str
    district: str
    currency: str
    total: int
    place: UUID | None
    lines: list[Item]


@fact("orders.completed")
class OrderCompleted(Fact, frozen=True, kw_only=True):
    """The goods were handed over and `total` was paid (at most what was held)."""

    buyer: UUID
    seller: UUID
    field: str
    channel: str
    district: str
    currency: str
    total: int
    lines: list[Item]


@fact("orders.cancelled")
class OrderCancelled(Fact, frozen=True, kw_only=True):
    """The order was undone whole before completion; `total` is what had been ordered."""

    buyer: UUID
    seller: UUID
    field: str
    channel: str
    district: str
    currency: str
    total: int
    reason: str


@fact("orders.refunded")
class OrderRefunded(Fact, frozen=True, kw_only=True):
    """Money went back after completion: `total` of this refund, for `lines`."""

    buyer: UUID
    seller: UUID
    field: str
    channel: str
    district: str
    currency: str
    total: int
    reason: str
    lines: list[Item]


@fact("orders.amended")
class OrderAmended(Fact, frozen=True, kw_only=True):
    """Before completion a line was replaced by another (`offer` and `quantity` of the substitute)."""

    buyer: UUID
    seller: UUID
    line: int
    offer: UUID
    quantity: int
    reason: str
