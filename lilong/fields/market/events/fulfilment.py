"""Facts of picking and delivery. Times are whole seconds; who is on time is counted from `late_seconds`."""

from uuid import UUID

from lilong.kernel.events.facts import Fact, fact


@fact("market.order.picking")
class OrderPicking(Fact):
    """Somebody began to pick an order, `waited_seconds` after it was placed. Subject: the order."""

    order: UUID
    seller: UUID
    place: UUID | None
    district: str
    waited_seconds: int


@fact("market.order.packed")
class OrderPacked(Fact):
    """An order is packed: picking took `seconds`; `short` of its `lines` were not found in full. Subject: the order."""

    order: UUID
    seller: UUID
    place: UUID | None
    district: str
    seconds: int
    lines: int
    short: int


@fact("market.order.dispatched")
class OrderDispatched(Fact):
    """An order left the warehouse. Subject: the order."""

    order: UUID
    seller: UUID
    place: UUID | None
    district: str


@fact("market.order.delivered")
class OrderDelivered(Fact):
    """An order was delivered, or handed over at the place (`way`), `seconds` after it was placed.

    `promised` tells whether there was a window to keep; `late_seconds` is 0 when it was kept. Subject: the order.
    """

    order: UUID
    seller: UUID
    place: UUID | None
    district: str
    way: str
    seconds: int
    promised: bool
    late_seconds: int


@fact("market.order.failed")
class OrderFailed(Fact):
    """An order could not be delivered; it may be tried again. Subject: the order."""

    order: UUID
    seller: UUID
    place: UUID | None
    district: str


@fact("market.order.lost")
class OrderLost(Fact):
    """An order was lost on its way: everything was paid back. Subject: the order."""

    order: UUID
    seller: UUID
    place: UUID | None
    district: str
