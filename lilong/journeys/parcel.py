"""From the shelf to the door: what happens to a parcel of a market order is what happens to the order.

The carrier collects: the order is on its way. Delivered: captured, as picked. Back again: it could not be delivered, and the
seller tries again or cancels. Lost: the buyer has everything back (what the carrier owes for it is a claim of the seller's).
An order that is cancelled before it is collected takes its shipment with it.
"""

from uuid import UUID

from lilong.fields.delivery import door as delivery
from lilong.fields.market import door as market
from lilong.journeys.journey import Journey
from lilong.kernel.events.follow import Recorded
from lilong.kernel.orders import queries as orders
from lilong.kernel.parties.actor import SYSTEM


def order_of(event: Recorded) -> UUID | None:
    """The market order an event is about: a run of this journey is an order."""
    if event.type.startswith("orders."):
        return event.subject if event.data.get("field") == "market" else None
    named = event.data.get("order")
    if named is None:
        return None
    found = orders.orders_by([UUID(named)]).get(UUID(named))
    return found.id if found is not None and found.field == "market" else None


def _order(event: Recorded) -> UUID:
    return UUID(event.data["order"])


def collected(event: Recorded) -> None:
    market.dispatch(SYSTEM, order=_order(event))


def delivered(event: Recorded) -> None:
    market.deliver(SYSTEM, order=_order(event))


def returned(event: Recorded) -> None:
    market.fail(SYSTEM, order=_order(event), reason="returned")


def lost(event: Recorded) -> None:
    market.lose(SYSTEM, order=_order(event), reason="lost")


def cancelled(event: Recorded) -> None:
    for shipment in delivery.shipments_of_order(SYSTEM, event.subject):
        if shipment.state in delivery.WAITING:
            delivery.cancel(SYSTEM, shipment=shipment.id, reason="order-cancelled")


JOURNEY = Journey(
    name="parcel",
    run_of=order_of,
    reactions={
        "delivery.shipment.collected": collected,
        "delivery.shipment.delivered": delivered,
        "delivery.shipment.returned": returned,
        "delivery.shipment.lost": lost,
        "orders.cancelled": cancelled,
    },
    # The warehouse may note that it packed after the courier has gone.
    waits=frozenset({"wrong-step"}),
)
