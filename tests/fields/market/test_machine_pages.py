"""The machines' pages through Django's client, with the real services behind them."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from lilong.fields.market.models import Dispute, MachineSession, Purchase
from lilong.fields.market.queries import machines as queries
from lilong.fields.market.standard import machine_protocol as protocol
from lilong.kernel.base import ids
from lilong.kernel.base.problems import Missing
from lilong.kernel.parties.actor import Actor
from tests.fields.market.machine_park import Park, purse
from tests.fields.market.scene import Market


def client_of(actor: Actor | None) -> Client:
    client = Client(headers={"accept": "text/html"})
    if actor is not None:
        client.force_login(get_user_model().objects.get(party_id=actor.party))
    return client


@pytest.fixture
def park(market: Market) -> Park:
    return Park(market)


def buy(client: Client, park: Park, **changes: Any) -> Any:
    form = {"id": ids.uuid7(), "slot": "A1", "price": 600, "quantity": 2} | changes
    return client.post(f"/market/machines/{park.place}/buy", form)


def test_everybody_sees_machines_and_what_is_in_them(park: Park) -> None:
    client = client_of(None)
    listed = client.get("/market/machines/?district=jingan").content.decode()
    assert f"/market/machines/{park.place}/" in listed
    page = client.get(f"/market/machines/{park.place}/").content.decode()
    assert [word in page for word in ("Milk", "Tea", "¥6.00", "Slot A1", "5 left")] == [True] * 5
    assert client.get("/market/machines/?district=nowhere").status_code == 200
    assert client.get(f"/market/machines/{ids.uuid7()}/").status_code == 404
    assert buy(client, park).status_code in (302, 401)
    assert Purchase.objects.count() == 0


def test_bought_on_the_page_and_seen_to_come(park: Park) -> None:
    buyer = park.market.buyer()
    client = client_of(buyer)
    id = ids.uuid7()
    answers = [buy(client, park, id=id) for _ in range(2)]
    address = f"/market/machines/purchases/{id}/"
    assert [answer.url for answer in answers] == [address] * 2
    assert 'hx-trigger="every 1s"' in client.get(address).content.decode()
    part = park.vended(id, "A1")
    park.say(part)
    park.say(park.closed(id, part, jammed=["A1"]))
    piece = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert ["<html" in piece, "every 1s" in piece, "You paid ¥6.00" in piece, "1 / 2" in piece] == [
        False,
        False,
        True,
        True,
    ]
    assert "Instead, the machine has" in piece and "Slot A2" in piece
    assert client_of(park.market.buyer()).get(address).status_code == 404


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"quantity": 9}, 409), ({"quantity": "x"}, 422), ({"quantity": -1}, 422), ({"price": 1}, 409),
        ({"slot": "Z9"}, 404), ({"slot": ""}, 404), ({"quantity": "9" * 30}, 422),
    ],
)  # fmt: skip
def test_what_cannot_be_bought_is_said_on_the_page(park: Park, changes: dict[str, Any], status: int) -> None:
    buyer = park.market.buyer()
    answer = buy(client_of(buyer), park, **changes)
    assert (answer.status_code, 'role="alert"' in answer.content.decode()) == (status, True)
    assert purse(buyer) == (100_000, 0)


def test_the_code_at_the_gate_and_the_visit(market: Market) -> None:
    shop = Park(market, "unmanned-shop")
    buyer = market.buyer()
    client = client_of(buyer)
    address = f"/market/machines/{shop.place}/entry"
    assert "<svg" in client.get(address).content.decode()
    session = shop.entered(buyer)
    inside = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert ("You are inside" in inside, "Entry code" in inside) == (True, False)
    part = shop.moved(session, "A1", 1)
    shop.say(part)
    shop.say(shop.exit(session, part))
    order = MachineSession.objects.get().order
    page = f"/market/machines/orders/{order}/"
    assert f'href="{page}"' in client.get(address).content.decode()
    form = {"id": ids.uuid7(), "line": 0, "quantity": 1, "reason": "It was mouldy"}
    assert client.post(f"{page}contest", form).url == page
    assert "Being looked at" in client.get(page).content.decode()
    other = client_of(market.buyer())
    assert other.get(page).status_code == 404
    other.post(f"{page}contest", form | {"id": ids.uuid7()})
    assert Dispute.objects.count() == 1
    assert client_of(market.buyer(fen=5)).get(address).status_code == 409
    desk = f"/market/seller/{market.seller}/"
    dispute = Dispute.objects.get()
    assert "It was mouldy" in client_of(market.clerk).get(f"{desk}machines/").content.decode()
    for actor in (buyer, market.rival_owner):
        assert client_of(actor).post(f"{desk}disputes/{dispute.id}", {"decision": "refunded"}).status_code == 404
    assert (
        client_of(market.clerk).post(f"{desk}disputes/{dispute.id}", {"decision": "refunded+restock"}).status_code
        == 302
    )
    assert (purse(buyer), shop.left("MILK-1")) == ((100_000, 0), (5, 0))


def test_coins_are_shown_to_their_owner(market: Market) -> None:
    point = Park(market, "collection-point")
    person = market.buyer(fen=0)
    assert "Nothing handed in yet" in client_of(person).get("/market/coins/").content.decode()
    session = point.entered(person)
    point.say(protocol.Weighed(session=session, material="pet", grams=2_000, **point.next()))
    point.say(protocol.Weighed(session=session, material="pet", grams=20_000, **point.next()))
    page = client_of(person).get("/market/coins/").content.decode()
    assert ["+60" in page, "Being looked at" in page] == [True, True]
    assert "+60" not in client_of(market.buyer()).get("/market/coins/").content.decode()
    assert "Coins for a kilogram" in client_of(None).get(f"/market/machines/{point.place}/").content.decode()


def test_the_desk_shows_state_faults_and_refills_to_its_own_people(park: Park) -> None:
    market = park.market
    market.receive(park.tea, 3, "TEA-9", days=30)
    park.say(protocol.Fault(slot="A2", code="motor", **park.next()))
    desk = f"/market/seller/{market.seller}/machines/"
    client = client_of(market.picker)
    page = client.get(desk).content.decode()
    assert [word in page for word in ("Lobby", "TEA-9", "not in a warehouse", "4.0 °C")] == [True] * 4
    one = f"{desk}{park.device}/"
    assert "motor" in client.get(one).content.decode()
    client.post(f"{one}clear", {"slot": "A2"})
    assert "motor" not in client.get(one).content.decode()
    for actor in (market.rival_owner, market.buyer()):
        others = client_of(actor)
        assert [others.get(desk).status_code, others.get(one).status_code, others.post(f"{one}clear").status_code] == [
            404
        ] * 3
    rival = f"/market/seller/{market.rival}/machines/{park.device}/"
    assert client_of(market.rival_owner).get(rival).status_code == 404
    with pytest.raises(Missing):
        queries.refill(market.rival_owner, market.seller)


@pytest.mark.parametrize("language", ["zh-hans", "ko"])
def test_the_pages_speak_the_readers_language(park: Park, language: str) -> None:
    client = client_of(park.market.clerk)
    client.cookies["lilong_language"] = language
    page = client.get(f"/market/seller/{park.market.seller}/machines/").content.decode()
    assert ("Our machines" in page, "To bring" in page) == (False, False)
