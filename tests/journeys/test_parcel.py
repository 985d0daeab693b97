"""A market order and its parcel: two doors, one outcome, in the books of both."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from lilong.fields.delivery.drafts import DepotDraft
from lilong.fields.delivery.models import Shipment
from lilong.fields.delivery.services import carriers, delivering, journey
from lilong.fields.market.models import Fulfilment
from lilong.fields.market.services import fulfilment
from lilong.journeys import services
from lilong.journeys.models import Heard
from lilong.kernel.base import clock, ids
from lilong.kernel.events import follow
from lilong.kernel.events.services import sequence
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.orders import queries as orders
from lilong.kernel.orders import services as order_services
from lilong.kernel.orders.drafts import LineDraft, OrderDraft
from tests.fields.delivery.scene import DEPOT, NOON, Lane, words
from tests.fields.market.scene import Market

pytestmark = pytest.mark.django_db
EGGS = 2580  # two packs


class Street:
    """A market whose warehouse a carrier serves, and a buyer's order that is packed, with its shipment."""

    def __init__(self) -> None:
        self.market, self.lane = Market(), Lane()
        self.market.receive(self.market.eggs, 10)
        carriers.open_depot(
            self.market.owner,
            DepotDraft(
                id=self.market.warehouse, owner=self.market.seller, carrier=self.lane.carrier, name=words("Warehouse"),
                district="jingan", latitude_e6=DEPOT.latitude_e6, longitude_e6=DEPOT.longitude_e6,
            ),
        )  # fmt: skip
        self.buyer = self.market.buyer(fen=10_000)
        line = LineDraft(offer=self.market.eggs, quantity=2, price=1290)
        draft = OrderDraft(id=ids.uuid7(), lines=[line], place=self.market.warehouse)
        self.order = order_services.place_one(self.buyer, draft).id
        self.shipment: Shipment = self.lane.ship(
            shipper=self.market.seller, depot=self.market.warehouse, order=self.order,
            recipient=self.buyer.party, payer=self.buyer.party,
        )  # fmt: skip
        self.courier: dict[str, Any] = {"shipment": self.shipment.id, "vehicle": self.lane.courier.party}

    def pack(self) -> None:
        fulfilment.start_picking(self.market.picker, order=self.order)
        fulfilment.pick_line(self.market.picker, order=self.order, line=0, quantity=2)
        fulfilment.pack(self.market.picker, order=self.order)

    def way(self) -> str:
        return Fulfilment.objects.get(order=self.order).state

    def paid(self) -> tuple[str, tuple[int, int]]:
        return orders.order(self.buyer, self.order).state, self.lane.purse(self.buyer.party)


@pytest.fixture
def street() -> Iterator[Street]:
    with clock.at(NOON):
        yield Street()


def go_on() -> None:
    """The house hears what happened and does what follows."""
    while sequence():
        pass
    while follow.advance("journeys"):
        pass
    while services.answer_next():
        pass


def test_what_the_courier_delivers_is_delivered_in_the_market(street: Street) -> None:
    street.pack()
    journey.collect(street.lane.courier, **street.courier)
    go_on()
    assert street.way() == "on-the-way"
    delivering.deliver(street.lane.courier, **street.courier)
    go_on()
    assert street.way() == "delivered"
    assert street.paid() == ("completed", (10_000 - EGGS - 600, 0))
    assert [event["promised"] for event in street.market.facts(street.order, "market.order.delivered")] == [False]
    assert ledger.differences() == []


def test_a_warehouse_that_notes_late_holds_nothing_up_for_good(street: Street) -> None:
    journey.collect(street.lane.courier, **street.courier)
    delivering.deliver(street.lane.courier, **street.courier)
    go_on()
    assert set(Heard.objects.values_list("state", flat=True)) == {"pending"}
    with clock.at(NOON + timedelta(minutes=1)):
        street.pack()
        go_on()
    assert street.way() == "delivered"


def test_what_the_carrier_lost_is_paid_back(street: Street) -> None:
    street.pack()
    journey.collect(street.lane.courier, **street.courier)
    journey.lose(street.lane.dispatcher, shipment=street.shipment.id, reason="The van burned")
    go_on()
    assert street.way() == "lost"
    assert street.paid() == ("refunded", (10_000, 0))
    assert ledger.differences() == []


def test_what_comes_back_waits_for_the_seller(street: Street) -> None:
    street.pack()
    journey.collect(street.lane.courier, **street.courier)
    for _ in range(2):
        journey.depart(street.lane.courier, **street.courier)
        journey.fail(street.lane.courier, **street.courier, outcome="no-answer", id=ids.uuid7())
    journey.hand_back(street.lane.courier, **street.courier)
    go_on()
    assert street.way() == "failed"
    assert (
        fulfilment.cancel_order(street.market.clerk, order=street.order, reason="Nobody at home").state == "cancelled"
    )
    go_on()
    assert orders.order(street.buyer, street.order).state == "cancelled"
    assert set(Heard.objects.values_list("state", flat=True)) == {"done"}


def test_a_cancelled_order_takes_its_shipment_with_it(street: Street) -> None:
    order_services.cancel(street.buyer, id=street.order, reason="changed-mind")
    go_on()
    street.shipment.refresh_from_db()
    assert (street.shipment.state, street.paid()) == ("cancelled", ("cancelled", (10_000, 0)))


def test_orders_of_other_fields_are_nobodys_run_here(street: Street) -> None:
    shipment = street.lane.ship(order=ids.uuid7())
    who = {"shipment": shipment.id, "vehicle": street.lane.courier.party}
    journey.collect(street.lane.courier, **who)
    go_on()
    assert Heard.objects.count() == 0
