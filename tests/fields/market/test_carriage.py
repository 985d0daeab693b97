"""Carriers at the market's checkout: promises shown before buying, booked with the order or nothing placed."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from lilong.fields.market.rules import carriage as rules
from lilong.fields.market.services import places
from lilong.kernel.base import clock, ids
from lilong.kernel.calendar.drafts import Opening
from lilong.kernel.geo.points import Point
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.orders import carriage
from lilong.kernel.orders import queries as orders
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.drafts import AddressDraft
from tests.fields.market.scene import NOON, Market
from tests.fields.market.test_shop_pages import checkout, client_of, fields_of, put
from tests.kernel.orders.carrier import BicycleCourier

pytestmark = pytest.mark.usefixtures("noon")
START = Point(121.455, 31.235)


@pytest.fixture
def courier() -> Iterator[BicycleCourier]:
    before = carriage.unregister()
    made = BicycleCourier(START)
    carriage.register(made)
    yield made
    carriage.unregister()
    if before is not None:
        carriage.register(before)


@pytest.fixture
def shop(market: Market) -> Market:
    market.warehouse = market.place(
        "Station", serves=("hongkou",), latitude_e6=START.latitude_e6, longitude_e6=START.longitude_e6
    )
    market.receive(market.eggs, 20, "E1", days=9)
    market.receive(market.greens, 20_000, "G1", days=4)
    return market


def resident(shop: Market, fen: int = 100_000, **more: Any) -> tuple[Actor, UUID]:
    buyer = shop.buyer(fen=fen)
    parties.correct_person(buyer, person=buyer.party, district="hongkou")
    return buyer, address(buyer, **more)


def address(buyer: Actor, **more: Any) -> UUID:
    given = {
        "id": ids.uuid7(), "party": buyer.party, "recipient": "Mei", "phone": "021 5555 0101", "line": "Lane 5, door 7",
        "latitude_e6": 31_240_000, "longitude_e6": 121_460_000, "label": "home",
    }  # fmt: skip
    return parties.put_address(buyer, AddressDraft(**(given | more))).id


def ways(page: str) -> list[str]:
    return re.findall(r'name="carriage_[^"]+" value="([^"]*)"', page)


def chosen(client: Client, shop: Market, way: int) -> dict[str, Any]:
    sent = checkout(client)
    return sent | {f"carriage_{shop.seller}": ways(client.get("/market/checkout/").content.decode())[way]}


def test_weight_and_temperature_of_a_parcel():
    assert rules.weight_g([("g", 700), ("piece", 3)]) == 700 + 3 * rules.PIECE_G
    assert rules.weight_g([]) == 0
    assert rules.strictest(["ambient", "live", "chilled"]) == "live"
    assert rules.strictest(["frozen", "chilled"]) == "frozen"
    assert rules.strictest([]) == "ambient"


def test_the_way_chosen_is_booked_once_with_the_order(shop: Market, courier: BicycleCourier):
    buyer, _ = resident(shop)
    client = client_of(buyer)
    put(client, shop.eggs, 2)
    page = client.get("/market/checkout/").content.decode()
    assert "Bicycle courier · ¥6.00" in page and "12:20–12:50" in page and "contactless" in page
    assert "as soon as it is packed" in page and "How it comes to home" in page
    sent = chosen(client, shop, 1)
    assert [client.post("/market/checkout/", sent).status_code for _ in range(2)] == [302, 302]
    (order,) = orders.orders_of(buyer.party).items
    assert list(courier.shipments) == [order.id]
    assert courier.told == [("Mei", "Lane 5, door 7")]
    assert ledger.wallet_of(buyer.party).posted == 100_000 - 2 * 1290 - 600  # type: ignore[union-attr]


def test_the_warehouse_itself_delivers_unless_another_way_is_chosen(shop: Market, courier: BicycleCourier):
    buyer, _ = resident(shop)
    client = client_of(buyer)
    put(client, shop.eggs, 2)
    assert client.post("/market/checkout/", chosen(client, shop, 0)).status_code == 302
    assert (len(orders.orders_of(buyer.party).items), courier.shipments) == (1, {})


def refused(client: Client, sent: dict[str, Any], buyer: Actor, fen: int = 100_000) -> str:
    answer = client.post("/market/checkout/", sent)
    assert answer.status_code == 409
    assert orders.orders_of(buyer.party).items == []
    assert ledger.wallet_of(buyer.party).available == fen  # type: ignore[union-attr]
    return answer.content.decode()


def test_a_promise_that_cannot_be_kept_places_nothing_and_says_so_at_its_parcel(shop: Market, courier: BicycleCourier):
    buyer, _ = resident(shop)
    client = client_of(buyer)
    put(client, shop.eggs, 2)
    sent = chosen(client, shop, 1)
    with clock.at(NOON + timedelta(minutes=11)):
        page = refused(client, sent, buyer)
        assert "This promise is no longer good. Please choose again." in page
        assert ways(page)[1] != sent[f"carriage_{shop.seller}"]
    courier.free = 0
    page = refused(client, sent, buyer)
    assert "The carrier cannot do this any more" in page
    assert ways(page) == []
    courier.free = 1
    altered = sent | {f"carriage_{shop.seller}": sent[f"carriage_{shop.seller}"] + "0"}
    assert "Please choose the way of delivery again." in refused(client, altered, buyer)
    more = {f"line_{shop.seller}": [sent[f"line_{shop.seller}"][0].replace(":2:", ":3:")]}
    assert "promised for something else" in refused(client, sent | more, buyer)
    assert client.post("/market/checkout/", sent).status_code == 302
    assert len(courier.shipments) == 1


def test_too_little_money_for_the_fee_places_nothing(shop: Market, courier: BicycleCourier):
    buyer, _ = resident(shop, fen=2 * 1290 + 599)
    client = client_of(buyer)
    put(client, shop.eggs, 2)
    refused(client, chosen(client, shop, 1), buyer, fen=2 * 1290 + 599)
    assert courier.shipments == {}


def test_nothing_is_brought_to_anothers_address(shop: Market, courier: BicycleCourier):
    buyer, _ = resident(shop)
    _, theirs = resident(shop)
    client = client_of(buyer)
    put(client, shop.eggs, 2)
    sent = chosen(client, shop, 1) | {"address": str(theirs)}
    assert "Please choose the way of delivery again." in refused(client, sent, buyer)
    assert client.post("/market/checkout/", sent | {"address": "home"}).status_code == 409


def test_another_address_has_promises_of_its_own(shop: Market, courier: BicycleCourier):
    buyer, home = resident(shop)
    far = address(buyer, label="parents", longitude_e6=121_700_000)
    client = client_of(buyer)
    put(client, shop.eggs, 2)
    page = client.get("/market/checkout/").content.decode()
    assert f'<option value="{home}" selected>' in page and "parents" in page
    assert ways(client.get(f"/market/checkout/?address={far}").content.decode()) == []
    assert len(ways(client.get("/market/checkout/?address=nonsense").content.decode())) == 2


def test_a_parcel_that_is_carried_needs_no_time_of_the_warehouse(shop: Market, courier: BicycleCourier):
    hours = Opening(weekdays=(1, 2, 3, 4, 5, 6, 7), start="14:00", end="20:00", slot_seconds=7200)
    places.open_slots(shop.owner, place=shop.warehouse, openings=[hours], capacity=1)
    buyer, _ = resident(shop)
    client = client_of(buyer)
    put(client, shop.eggs, 1)
    sent = chosen(client, shop, 1) | {"slot": ""}
    assert client.post("/market/checkout/", sent).status_code == 302
    (order,) = orders.orders_of(buyer.party).items
    assert (order.booking, len(courier.shipments)) == (None, 1)
    put(client, shop.eggs, 1)
    assert (
        "choose a delivery time" in client.post("/market/checkout/", checkout(client) | {"slot": ""}).content.decode()
    )


def test_a_product_says_when_it_would_be_there(shop: Market, courier: BicycleCourier):
    buyer, _ = resident(shop)
    page = client_of(buyer).get(f"/market/products/{shop.eggs}/").content.decode()
    assert "12:20–12:50, Bicycle courier, ¥6.00" in page
    courier.free = 0
    assert "Bicycle courier" not in client_of(buyer).get(f"/market/products/{shop.eggs}/").content.decode()
    assert "Bicycle courier" not in client_of(None).get(f"/market/products/{shop.eggs}/").content.decode()


def test_without_carriers_addresses_or_a_placed_warehouse_nothing_is_offered(market: Market, courier: BicycleCourier):
    market.receive(market.eggs, 20, "E1", days=9)
    buyer = market.buyer()
    client = client_of(buyer)
    put(client, market.eggs, 2)
    assert ways(client.get("/market/checkout/").content.decode()) == []  # no address
    address(buyer)
    assert ways(client.get("/market/checkout/").content.decode()) == []  # the warehouse does not say where it stands
    carriage.unregister()
    page = client.get("/market/checkout/").content.decode()
    assert ways(page) == []
    assert client.post("/market/checkout/", fields_of(page)).status_code == 302
    carriage.register(courier)
