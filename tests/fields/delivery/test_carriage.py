"""The kernel's carriage: an order of another field, its delivery promised before buying and booked in its transaction."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from lilong.fields.delivery.drafts import DepotDraft
from lilong.fields.delivery.models import Shipment
from lilong.fields.delivery.queries import shipments
from lilong.fields.delivery.services import carriers, delivering, journey
from lilong.fields.delivery.services.carriage import shipment_of
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Missing
from lilong.kernel.geo.points import Point
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.orders import carriage
from lilong.kernel.orders.models import Order
from lilong.kernel.orders.services import place_one
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.drafts import AddressDraft
from tests.fields.delivery.scene import DEPOT, DOOR, NOON, Lane, words
from tests.kernel.orders.stall import Stall, a_stall

TO = Point.of_e6(DOOR.latitude_e6, DOOR.longitude_e6)


@pytest.fixture
def stall(lane: Lane) -> Stall:
    made = a_stall(seller=lane.shop, place=ids.uuid7(), price=2000)
    carriers.open_depot(
        lane.shop_owner,
        DepotDraft(
            id=made.place, owner=lane.shop, carrier=lane.carrier, name=words("Stall"), district="huangpu",
            latitude_e6=DEPOT.latitude_e6, longitude_e6=DEPOT.longitude_e6,
        ),
    )  # fmt: skip
    return made


def home(lane: Lane) -> UUID:
    draft = AddressDraft(
        id=ids.uuid7(), party=lane.recipient.party, recipient="Wang Min", phone="021 5555 0101", line="Fuzhou Road 1",
        latitude_e6=DOOR.latitude_e6, longitude_e6=DOOR.longitude_e6,
    )  # fmt: skip
    return parties.put_address(lane.recipient, draft).id


def promised(stall: Stall, **more: Any) -> list[carriage.Promise]:
    return carriage.promises(**{"place": stall.place, "to": TO, "weight_g": 800, "temperature": "ambient"} | more)


def bought(lane: Lane, stall: Stall, token: str, address: UUID) -> UUID:
    """As a seller's checkout does it."""
    with transaction.atomic():
        placed = place_one(lane.recipient, stall.draft(lane.recipient.party))
        carriage.book(lane.recipient, order=placed.id, token=token, address=address, place=stall.place, weight_g=800)
    return placed.id


def test_promised_bought_delivered(lane: Lane, stall: Stall):
    rapid = promised(stall)[0]
    assert (rapid.service, rapid.fee, rapid.latest) == ("rapid", 600, NOON + timedelta(minutes=30))
    order = bought(lane, stall, rapid.token, home(lane))
    shipment = shipments.shipment(lane.recipient, shipment_of(order))
    assert (shipment.order, shipment.shipper, shipment.payer, shipment.value) == (
        order, lane.shop, lane.recipient.party, 2000,
    )  # fmt: skip
    assert lane.purse() == (100_000 - 2000 - 600, 600)
    assert [each.id for each in shipments.shipments_of_order(lane.shop_owner, order)] == [shipment.id]
    with pytest.raises(Missing):
        shipments.shipments_of_order(lane.rival_owner, order)
    journey.collect(lane.courier, shipment=shipment.id, vehicle=lane.courier.party)
    delivering.deliver(lane.courier, shipment=shipment.id, vehicle=lane.courier.party)
    fact = lane.facts(shipment.id, "shipment.delivered")[0]
    assert (fact["order"], fact["place"]) == (str(order), str(stall.place))
    assert Order.objects.get(id=order).captured == 2000  # the order itself is nobody's but its own field's
    assert ledger.differences() == []


def test_the_order_and_its_carriage_stand_together_or_not_at_all(lane: Lane, stall: Stall):
    tokens = [promised(stall)[0].token for _ in range(5)]
    address = home(lane)
    for token in tokens[:4]:
        bought(lane, stall, token, address)
    with pytest.raises(Conflict) as full:  # the hour has four places
        bought(lane, stall, tokens[4], address)
    assert (full.value.code, full.value.violations[0].pointer) == ("slot-taken", "/carriage")
    assert (Order.objects.count(), Shipment.objects.count()) == (4, 4)
    assert stall.stock() == [96]
    assert lane.purse() == (100_000 - 4 * 2600, 2400)


def test_a_promise_that_is_over_or_anothers_address(lane: Lane, stall: Stall):
    token, address = promised(stall)[0].token, home(lane)
    with clock.at(NOON + timedelta(minutes=11)), pytest.raises(Conflict) as over:
        bought(lane, stall, token, address)
    assert over.value.code == "promise-expired"
    with pytest.raises(Missing):
        bought(lane, stall, token, ids.uuid7())
    assert (Order.objects.count(), Shipment.objects.count(), lane.purse()) == (0, 0, (100_000, 0))


def test_the_same_order_is_carried_once(lane: Lane, stall: Stall):
    token, address = promised(stall)[0].token, home(lane)
    order = bought(lane, stall, token, address)
    given: dict[str, Any] = {"order": order, "token": token, "address": address, "place": stall.place}
    assert carriage.book(lane.recipient, **given) == shipment_of(order)
    assert Shipment.objects.count() == 1
    with pytest.raises(Missing):
        carriage.book(lane.recipient, **given | {"order": ids.uuid7()})


def test_nothing_is_promised_from_where_nobody_carries(lane: Lane, stall: Stall):
    carriers.serve_depot(lane.shop_owner, depot=stall.place, carrier=None)
    assert promised(stall) == []
    carriers.serve_depot(lane.shop_owner, depot=stall.place, carrier=lane.rival)
    assert promised(stall) == []
