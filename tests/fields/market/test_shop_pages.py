"""The shop's pages through Django's client, with the real services behind them."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from lilong.fields.market.queries import baskets, sales, wishes
from lilong.fields.market.services import baskets as basket_services
from lilong.fields.market.services import places, products
from lilong.fields.market.services import sales as sales_services
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Missing
from lilong.kernel.calendar.drafts import Opening
from lilong.kernel.events import follow
from lilong.kernel.events.services import sequence
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.orders import queries as orders
from lilong.kernel.orders import services as order_services
from lilong.kernel.parties.actor import Actor
from tests.fields.market.scene import NOON, Market, changed

pytestmark = pytest.mark.usefixtures("noon")


def client_of(actor: Actor | None) -> Client:
    client = Client(headers={"accept": "text/html"})
    if actor is not None:
        client.force_login(get_user_model().objects.get(party_id=actor.party))
    return client


@pytest.fixture
def shop(market: Market) -> Market:
    """Eggs and greens at a warehouse that delivers from 14 to 20 o'clock."""
    market.receive(market.eggs, 20, "E1", days=9)
    market.receive(market.greens, 20_000, "G1", days=4)
    hours = Opening(weekdays=(1, 2, 3, 4, 5, 6, 7), start="14:00", end="20:00", slot_seconds=7200)
    places.open_slots(market.owner, place=market.warehouse, openings=[hours], capacity=1)
    return market


def put(client: Client, offer: UUID, quantity: int, **more: Any) -> Any:
    return client.post("/market/basket/lines", {"offer": offer, "quantity": quantity} | more)


def fields_of(page: str) -> dict[str, Any]:
    """The order form's fields as a browser would send them."""
    form = page[page.index('id="order"') :]
    sent: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        given = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if given.get("type") == "hidden" or "checked" in tag:
            sent.setdefault(given["name"], []).append(given["value"])
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        sent[name] = re.search(r'value="(\w+)" selected', body).group(1)  # type: ignore[union-attr]
    return sent


def checkout(client: Client) -> dict[str, Any]:
    page = client.get("/market/checkout/")
    assert page.status_code == 200
    return fields_of(page.content.decode())


def test_the_shop_shows_what_there_is_at_the_readers_warehouse(shop: Market):
    page = client_of(shop.person("Li", "huangpu")).get("/market/").content.decode()
    assert "Pak choi" in page and "Eggs, ten" in page and "Jing&#x27;an warehouse" in page
    assert "¥15.80" in page and "/ 500 g" in page and "¥31.60 / kg" in page
    assert "Sold out" not in page


def test_somebody_from_a_district_nobody_delivers_to_is_told(shop: Market):
    page = client_of(shop.person("Li", "chongming")).get("/market/").content.decode()
    assert "No warehouse delivers to this district yet." in page


def test_nobody_chooses_a_district_and_it_is_remembered(shop: Market):
    client = client_of(None)
    assert "Deliver to which district?" in client.get("/market/").content.decode()
    chosen = client.post("/market/place", {"district": "huangpu", "next": "/market/?q=eggs"})
    assert (chosen.status_code, chosen["Location"]) == (302, "/market/?q=eggs")
    assert "Jing&#x27;an warehouse" in client.get("/market/").content.decode()
    assert client.post("/market/place", {"district": "atlantis"}).status_code == 422


def test_a_choice_never_leads_out_of_the_house(shop: Market):
    answer = client_of(None).post("/market/place", {"district": "huangpu", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/market/"


def test_search_shelf_and_sort(shop: Market):
    client = client_of(shop.person("Li"))
    assert "Pak choi" in client.get("/market/?q=pak").content.decode()
    assert "Eggs, ten" not in client.get("/market/?q=pak").content.decode()
    shelf = client.get("/market/?category=eggs").content.decode()
    assert "Eggs, ten" in shelf and "Pak choi" not in shelf
    dearest = client.get("/market/?sort=-price").content.decode()
    assert dearest.index("Pak choi") < dearest.index("Eggs, ten")
    assert "Nothing found" in client.get("/market/?q=unicorn").content.decode()
    assert client.get("/market/?sort=backwards").status_code == 422
    assert client.get("/market/?cursor=nonsense").status_code == 422


def test_more_comes_as_cards_alone(shop: Market):
    for n in range(30):
        shop.receive(shop.product(f"N{n}", f"Noodles {n}", category="grain"), 1, f"N{n}")
    client = client_of(shop.person("Li"))
    first = client.get("/market/?category=grain").content.decode()
    more = re.search(r'rel="next" hx-get="([^"]+)"', first)
    rest = client.get("/market/" + more.group(1).replace("&amp;", "&"), headers={"hx-request": "true"})  # type: ignore[union-attr]
    assert "<html" not in rest.content.decode()
    names = set(re.findall(r"Noodles \d+", first)) | set(re.findall(r"Noodles \d+", rest.content.decode()))
    assert len(names) == 30


def test_sold_out_goods_say_so_and_show_what_is_there_instead(shop: Market):
    brown = shop.product("E6", "Brown eggs, six", price=990, category="eggs")
    client = client_of(shop.person("Li"))
    page = client.get(f"/market/products/{brown}/").content.decode()
    assert "Sold out" in page and "There instead" in page and "Eggs, ten" in page
    assert "Put it in the basket" not in page


def test_a_product_says_what_lots_there_are_and_what_it_cost(shop: Market):
    again = changed(shop.draft("E10", "Eggs, ten", price=1490, gtin="6901234567892"), id=shop.eggs)
    products.change_product(shop.owner, again)
    page = client_of(shop.person("Li")).get(f"/market/products/{shop.eggs}/").content.decode()
    assert "20 pieces good until" in page and "E1" in page
    assert "Price so far" in page and "¥14.90" in page
    assert "application/ld+json" in page


def test_the_qr_code_is_the_digital_link(shop: Market):
    client = client_of(None)
    image = client.get(f"/market/products/{shop.eggs}/qr.svg")
    assert (image.status_code, image["Content-Type"]) == (200, "image/svg+xml")
    assert client.get(f"/market/products/{shop.greens}/qr.svg").status_code == 404


def test_goods_go_in_and_out_of_the_basket(shop: Market):
    buyer = shop.buyer()
    client = client_of(buyer)
    put(client, shop.eggs, 2)
    put(client, shop.eggs, 3)
    assert baskets.quantities(baskets.id_of(buyer.party)) == {shop.eggs: 5}
    client.post("/market/basket/lines", {"line": f"{shop.eggs}:1"})
    assert baskets.quantities(baskets.id_of(buyer.party)) == {shop.eggs: 1}
    client.post("/market/basket/lines", {"line": f"{shop.eggs}:0"})
    assert "Your basket is empty" in client.get("/market/basket/").content.decode()


@pytest.mark.parametrize("quantity", ["-1", "0", "1.5", "1e3", "many", "", "1000", "9" * 40])
def test_what_is_no_quantity_changes_nothing(shop: Market, quantity: str):
    buyer = shop.buyer()
    client = client_of(buyer)
    put(client, shop.eggs, 2)
    assert put(client, shop.eggs, quantity).status_code in (302, 422)  # type: ignore[arg-type]
    assert baskets.quantities(baskets.id_of(buyer.party)) == {shop.eggs: 2}


def test_htmx_gets_the_buttons_and_the_count(shop: Market):
    client = client_of(shop.buyer())
    answer = client.post(
        "/market/basket/lines", {"offer": shop.eggs, "quantity": 2}, headers={"hx-request": "true"}
    ).content.decode()
    assert f'id="buy-{shop.eggs}"' in answer and 'id="basket-count"' in answer and "<html" not in answer
    refused = client.post(
        "/market/basket/lines", {"offer": shop.eggs, "quantity": "-2"}, headers={"hx-request": "true"}
    ).content.decode()
    assert 'role="alert"' in refused


def test_a_browsers_basket_becomes_that_of_whoever_signs_in(shop: Market):
    buyer = shop.buyer()
    mine = basket_services.open_basket(buyer, id=uuid4())
    basket_services.set_line(buyer, basket=mine, offer=shop.eggs, quantity=5)
    client = client_of(None)
    put(client, shop.eggs, 2)
    put(client, shop.greens, 700)
    client.force_login(get_user_model().objects.get(party_id=buyer.party))
    assert "Pak choi" in client.get("/market/basket/").content.decode()
    assert baskets.quantities(mine) == {shop.eggs: 5, shop.greens: 700}
    client.get("/market/basket/")
    assert baskets.quantities(mine) == {shop.eggs: 5, shop.greens: 700}


def test_the_basket_says_what_changed_before_checkout(shop: Market):
    client = client_of(shop.buyer())
    put(client, shop.eggs, 2)
    put(client, shop.greens, 700)
    products.change_product(
        shop.owner, changed(shop.draft("E10", "Eggs, ten", price=1490, gtin="6901234567892"), id=shop.eggs)
    )
    other = shop.buyer("Other", 1_000_000)
    basket = basket_services.open_basket(other, id=uuid4())
    assert basket
    page = client.get("/market/basket/").content.decode()
    assert "The price was ¥12.90 when you put it in; it is ¥14.90 now." in page
    assert "Held up to ¥24.33, settled at the weighed amount." in page
    assert "To checkout" in page
    put(client, shop.eggs, 500)
    short = client.get("/market/basket/").content.decode()
    assert "Only 20 pieces left." in short and "To checkout" not in short


def test_a_basket_is_ordered_once_however_often_it_is_sent(shop: Market):
    buyer = shop.buyer()
    client = client_of(buyer)
    put(client, shop.eggs, 2)
    put(client, shop.greens, 700)
    sent = checkout(client)
    sent[f"wish_{shop.eggs}"] = "refund"
    first, second = client.post("/market/checkout/", sent), client.post("/market/checkout/", sent)
    placed = orders.orders_of(buyer.party).items
    assert [first.status_code, second.status_code, len(placed)] == [302, 302, 1]
    assert first["Location"] == second["Location"] == f"/market/orders/{placed[0].id}/"
    assert placed[0].total == 2 * 1290 + 2212
    numbers = {line.offer: line.n for line in placed[0].lines}
    assert wishes.of_order(placed[0].id) == {numbers[shop.eggs]: "refund", numbers[shop.greens]: "match"}
    assert baskets.quantities(baskets.id_of(buyer.party)) == {}
    page = client.get(first["Location"]).content.decode()
    assert "Pak choi" in page and "14:00" in page and "Money back" in page


def test_a_price_that_changed_since_is_shown_and_asked_again(shop: Market):
    buyer = shop.buyer()
    client = client_of(buyer)
    put(client, shop.eggs, 2)
    sent = checkout(client)
    products.change_product(
        shop.owner, changed(shop.draft("E10", "Eggs, ten", price=1490, gtin="6901234567892"), id=shop.eggs)
    )
    answer = client.post("/market/checkout/", sent)
    page = answer.content.decode()
    assert answer.status_code == 409 and "The price has changed: it is ¥14.90 now." in page
    assert orders.orders_of(buyer.party).items == []
    assert client.post("/market/checkout/", fields_of(page)).status_code == 302
    assert [order.total for order in orders.orders_of(buyer.party).items] == [2980]


def test_sold_out_is_told_at_its_line_with_ways_on(shop: Market):
    buyer, quicker = shop.buyer(), shop.buyer("Quick", 1_000_000)
    client, other = client_of(buyer), client_of(quicker)
    put(client, shop.eggs, 5)
    put(other, shop.eggs, 18)
    sent = checkout(client)
    later = checkout(other)
    later["slot"] = next(value for value in _slots(other) if value != sent["slot"][0])
    assert other.post("/market/checkout/", later).status_code == 302
    page = client.post("/market/checkout/", sent).content.decode()
    assert "Only 2 pieces left." in page and "Take 2 pieces" in page
    assert orders.orders_of(buyer.party).items == []


def _slots(client: Client) -> list[str]:
    return re.findall(r'name="slot" value="([^"]+)"', client.get("/market/checkout/").content.decode())


def test_a_taken_time_shows_the_others(shop: Market):
    buyer, quicker = shop.buyer(), shop.buyer("Quick")
    client, other = client_of(buyer), client_of(quicker)
    for each in (client, other):
        put(each, shop.eggs, 1)
    sent, theirs = checkout(client), checkout(other)
    assert other.post("/market/checkout/", theirs).status_code == 302
    answer = client.post("/market/checkout/", sent)
    page = answer.content.decode()
    assert answer.status_code == 409 and "This time has just been taken." in page
    left = re.findall(r'name="slot" value="([^"]+)"', page)
    assert left and sent["slot"][0] not in left
    assert client.post("/market/checkout/", fields_of(page) | {"slot": left[0]}).status_code == 302


def test_a_time_that_is_over_or_somewhere_else_is_refused(shop: Market):
    buyer = shop.buyer()
    client = client_of(buyer)
    put(client, shop.eggs, 1)
    sent = checkout(client)
    with clock.at(NOON + timedelta(hours=1, minutes=45)):
        late = client.post("/market/checkout/", sent)
    assert late.status_code == 409 and "too late for this time" in late.content.decode()
    elsewhere = sent | {"slot": f"{uuid4()}|" + sent["slot"][0].partition("|")[2]}
    assert "belongs to another warehouse" in client.post("/market/checkout/", elsewhere).content.decode()
    assert "choose a delivery time" in client.post("/market/checkout/", sent | {"slot": ""}).content.decode()
    assert client.post("/market/checkout/", sent | {"slot": "soon"}).status_code == 409
    assert orders.orders_of(buyer.party).items == []


def test_an_empty_wallet_is_told_with_what_is_needed(shop: Market):
    buyer = shop.buyer(fen=1000)
    client = client_of(buyer)
    put(client, shop.eggs, 1)
    before = client.get("/market/checkout/").content.decode()
    assert "Your wallet is ¥2.90 short." in before and "/me/wallet" in before
    answer = client.post("/market/checkout/", fields_of(before))
    assert answer.status_code == 409
    assert "Your wallet has ¥10.00; the order needs ¥12.90." in answer.content.decode()
    assert ledger.balance(ledger.wallet_of(buyer.party).id).available == 1000


@pytest.mark.parametrize("line", ["", "x:1:1290", "{eggs}:-1:1290", "{eggs}:1.5:1290", "{eggs}:1", "{other}:1:1290"])
def test_a_bent_form_orders_nothing(shop: Market, line: str):
    buyer = shop.buyer()
    client = client_of(buyer)
    put(client, shop.eggs, 1)
    sent = checkout(client)
    sent[f"line_{shop.seller}"] = line.format(eggs=shop.eggs, other=uuid4())
    assert client.post("/market/checkout/", sent).status_code == 409
    assert orders.orders_of(buyer.party).items == []
    assert ledger.balance(ledger.wallet_of(buyer.party).id).available == 100_000


def test_checkout_needs_a_sign_in_and_comes_back(shop: Market):
    answer = client_of(None).get("/market/checkout/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/market/checkout/")


def test_another_buyers_order_is_not_there(shop: Market):
    buyer, other = shop.buyer(), shop.buyer("Other")
    client = client_of(buyer)
    put(client, shop.eggs, 1)
    where = client.post("/market/checkout/", checkout(client))["Location"]
    stranger = client_of(other)
    assert stranger.get(where).status_code == 404
    assert stranger.get(where + "return").status_code == 404
    for action in ("cancel", "reorder", "return"):
        assert stranger.post(where + action, {"id": uuid4()}).status_code == 404
    assert orders.orders_of(buyer.party).items[0].state == "placed"
    assert "¥12.90" not in stranger.get("/market/orders/").content.decode()


def test_an_order_is_cancelled_and_ordered_again(shop: Market):
    buyer = shop.buyer()
    client = client_of(buyer)
    put(client, shop.eggs, 2)
    where = client.post("/market/checkout/", checkout(client))["Location"]
    client.post(where + "cancel", {"reason": "Changed my mind"})
    assert "Cancelled" in client.get(where).content.decode()
    assert ledger.balance(ledger.wallet_of(buyer.party).id).available == 100_000
    milk = shop.product("M1", "Milk", category="milk")
    products.withdraw_product(shop.owner, id=milk)
    answer = client.post(where + "reorder", follow=True).content.decode()
    assert "In your basket: Eggs, ten" in answer
    assert baskets.quantities(baskets.id_of(buyer.party)) == {shop.eggs: 2}
    products.withdraw_product(shop.owner, id=shop.eggs)
    assert "No longer sold: Eggs, ten" in client.post(where + "reorder", follow=True).content.decode()


def test_two_sellers_make_two_orders_and_one_may_fail(shop: Market):
    theirs = products.register_product(
        shop.rival_owner, shop.draft("T1", "Tofu", seller=shop.rival, price=500, category="tofu")
    )
    basket_of = shop.buyer()
    client = client_of(basket_of)
    put(client, shop.eggs, 1)
    put(client, theirs.id, 1)
    page = client.get("/market/checkout/").content.decode()
    assert "Fresh Lane" in page and "Other Lane" in page
    answer = client.post("/market/checkout/", fields_of(page))
    text = answer.content.decode()
    assert answer.status_code == 409 and "1 order is placed." in text and "Sold out at this warehouse." in text
    assert [order.seller for order in orders.orders_of(basket_of.party).items] == [shop.seller]
    assert baskets.quantities(baskets.id_of(basket_of.party)) == {theirs.id: 1}


def test_bestsellers_are_counted_from_the_log_and_the_same_after_a_replay(shop: Market):
    buyer = shop.buyer()
    client = client_of(buyer)
    for quantity in (1, 2):
        put(client, shop.eggs, quantity)
        sent = checkout(client)
        where = client.post("/market/checkout/", sent)["Location"]
    order_services.cancel(buyer, id=UUID(where.split("/")[3]))
    sequence()
    while follow.advance(sales_services.PROJECTION.name):
        pass
    counted = sales.by_day([shop.eggs], clock.today())
    assert counted == [(clock.today(), shop.eggs, 1, 1, 1290)]
    assert sales.bestsellers(shop.warehouse) == [(shop.eggs, 1)]
    assert "Ordered most" in client.get("/market/").content.decode()
    follow.replay(sales_services.PROJECTION.name)
    assert sales.by_day([shop.eggs], clock.today()) == counted


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "购物篮"), ("ko", "장바구니")])
def test_the_shop_speaks_the_readers_language(shop: Market, language: str, word: str):
    client = client_of(shop.buyer())
    client.cookies["lilong_language"] = language
    put(client, shop.eggs, 1)
    for path in (
        "/market/",
        f"/market/products/{shop.eggs}/",
        "/market/basket/",
        "/market/checkout/",
        "/market/orders/",
    ):
        page = client.get(path)
        assert page.status_code == 200 and word in page.content.decode()


def test_someone_elses_basket_cannot_be_touched(shop: Market):
    mine, other = shop.buyer(), shop.buyer("Other")
    basket = basket_services.open_basket(mine, id=ids.uuid7())
    for actor in (other, None):
        with pytest.raises(Missing):
            basket_services.set_line(actor, basket=basket, offer=shop.eggs, quantity=1)
