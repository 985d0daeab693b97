"""The back office through Django's client, with the real services behind it."""

import re
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from lilong.fields.market.models import Fulfilment, StockPaper
from lilong.fields.market.queries import products
from lilong.fields.market.services import fulfilment, returns, reviews
from lilong.kernel.base import clock, ids
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.orders import queries as orders
from lilong.kernel.orders import services as order_services
from lilong.kernel.orders.drafts import LineDraft, OrderDraft
from lilong.kernel.parties.actor import Actor
from tests.fields.market.scene import Market

pytestmark = pytest.mark.usefixtures("noon")
READS = (
    "", "orders/", "orders.csv", "picking/", "stock/", "stock/receive/", "stock/movements/", "products/",
    "products/new/", "tables/", "windows/", "returns/", "reviews/", "recalls/",
)  # fmt: skip


def client_of(actor: Actor) -> Client:
    client = Client(headers={"accept": "text/html"})
    client.force_login(get_user_model().objects.get(party_id=actor.party))
    return client


def at(market: Market, path: str = "") -> str:
    return f"/market/seller/{market.seller}/{path}"


@pytest.fixture
def shop(market: Market) -> Market:
    market.lot = market.receive(market.eggs, 20, "E1", days=2)
    market.receive(market.greens, 20_000, "G1", days=4)
    return market


def order(market: Market, buyer: Actor) -> UUID:
    lines = [
        LineDraft(offer=market.eggs, quantity=2, price=1290),
        LineDraft(offer=market.greens, quantity=500, price=1580),
    ]
    return order_services.place_one(buyer, OrderDraft(id=ids.uuid7(), lines=lines, place=market.warehouse)).id


def lookups(market: Market, id: UUID) -> list[str]:
    return [*READS, f"orders/{id}/", f"orders/{id}/pick/", f"lots/{market.lot.lot}/", f"products/{market.eggs}/"]


def test_a_manager_sees_every_page(shop: Market):
    id = order(shop, shop.buyer())
    client = client_of(shop.manager)
    assert [path for path in lookups(shop, id) if client.get(at(shop, path)).status_code != 200] == []


def test_others_find_no_page_and_change_nothing(shop: Market):
    buyer = shop.buyer()
    id = order(shop, buyer)
    writes = [
        *(f"orders/{id}/step/{what}" for what in ("start", "pack", "dispatch", "deliver", "cancel", "invoice")),
        f"orders/{id}/pick/0", f"orders/{id}/replace/0", "waves", f"lots/{shop.lot.lot}/move/waste",
        f"lots/{shop.lot.lot}/recall", f"products/{shop.eggs}/withdraw", f"windows/{shop.warehouse}/hours",
    ]  # fmt: skip
    for stranger in (buyer, shop.rival_owner):
        client = client_of(stranger)
        assert {client.get(at(shop, path)).status_code for path in lookups(shop, id)} == {404}
        assert {client.post(at(shop, path), {"reason": "x"}).status_code for path in writes} == {404}
    assert (orders.order(buyer, id).state, Fulfilment.objects.count()) == ("placed", 0)


def test_a_firm_reaches_nothing_of_another_by_its_own_address(shop: Market):
    id = order(shop, shop.buyer())
    client = client_of(shop.rival_owner)
    base = f"/market/seller/{shop.rival}/"
    reads = (f"orders/{id}/", f"orders/{id}/pick/", f"lots/{shop.lot.lot}/", f"products/{shop.eggs}/")
    assert [client.get(base + path).status_code for path in reads] == [404] * len(reads)
    writes = (
        f"orders/{id}/step/start", f"orders/{id}/pick/0", f"lots/{shop.lot.lot}/move/count",
        f"products/{shop.eggs}/withdraw", f"windows/{shop.warehouse}/hours", f"windows/{shop.warehouse}/day",
    )  # fmt: skip
    assert [client.post(base + path, {"quantity": "1"}).status_code for path in writes] == [404] * len(writes)


def test_each_role_sees_what_is_its_own(shop: Market):
    def opens(actor: Actor) -> set[str]:
        client = client_of(actor)
        return {path for path in READS if client.get(at(shop, path)).status_code == 200}

    stock = {"orders/", "orders.csv", "picking/", "stock/", "stock/receive/", "stock/movements/", "tables/"}
    assert opens(shop.picker) == stock
    assert opens(shop.clerk) == set(READS)
    auditor = opens(shop.member("auditor"))
    assert auditor == set(READS) - {"picking/", "stock/receive/", "tables/", "windows/", "products/new/"}
    recall = client_of(shop.clerk).post(at(shop, f"lots/{shop.lot.lot}/recall"), {"id": ids.uuid7(), "reason": "x"})
    assert recall.status_code == 404


def test_an_order_is_picked_weighed_packed_and_delivered_by_the_pages(shop: Market):
    buyer = shop.buyer(fen=10_000)
    id, client = order(shop, buyer), client_of(shop.picker)
    assert client.post(at(shop, f"orders/{id}/step/start"))["Location"] == at(shop, f"orders/{id}/pick/")
    client.post(at(shop, f"orders/{id}/pick/0"), {"quantity": "2", "scan": "E1"})
    refused = client.post(at(shop, f"orders/{id}/pick/1"), {"quantity": "600"})
    assert (refused.status_code, "At most 550." in refused.content.decode()) == (422, True)
    client.post(at(shop, f"orders/{id}/pick/1"), {"quantity": "523"})
    for what in ("pack", "dispatch", "deliver"):
        client.post(at(shop, f"orders/{id}/step/{what}"))
    view = orders.order(buyer, id)
    assert (view.state, view.captured) == ("completed", 2 * 1290 + 1653)


def test_a_wave_is_started_and_printed(shop: Market):
    first, second = order(shop, shop.buyer()), order(shop, shop.buyer())
    client = client_of(shop.picker)
    sent = {"id": ids.uuid7(), "place": shop.warehouse, "order": [first, second]}
    answer = client.post(at(shop, "waves"), sent)
    text = client.get(answer["Location"]).content.decode()
    assert re.findall(r"<b>(E1|G1)</b>", text) == ["E1", "G1"]
    assert "1 kg" in text and "4 pieces" in text


def test_goods_come_in_are_thrown_away_and_put_back(shop: Market):
    client = client_of(shop.picker)
    sent: dict[str, Any] = {
        "id": ids.uuid7(), "product": shop.eggs, "place": shop.warehouse, "lot_code": "E9",
        "best_before": "2030-05-01", "quantity": "12",
    }  # fmt: skip
    assert client.post(at(shop, "stock/receive/"), sent).status_code == 302
    late = client.post(at(shop, "stock/receive/"), sent | {"id": ids.uuid7(), "best_before": "2030-01-01"})
    assert (late.status_code, "This best-before day is past." in late.content.decode()) == (422, True)
    lot, account = shop.lot.lot, shop.lot.account
    waste = {"id": ids.uuid7(), "place": shop.warehouse, "quantity": "3", "reason": "damaged"}
    client.post(at(shop, f"lots/{lot}/move/waste"), waste)
    assert ledger.balance(account).posted == 17
    for _ in range(2):
        client.post(at(shop, f"stock/waste/{waste['id']}/undo"))
    assert ledger.balance(account).posted == 20
    assert [each["value"] for each in shop.facts(lot, "market.waste.booked")] == [3870, -3870]
    assert ledger.differences() == []


def test_waste_of_yesterday_stands(shop: Market):
    from lilong.fields.market.services.stock import book_waste
    from lilong.fields.market.services.waste import undo_waste
    from lilong.kernel.base.problems import Conflict, Missing
    from tests.fields.market.scene import NOON, timedelta

    given = {"lot": shop.lot.lot, "place": shop.warehouse, "quantity": 1, "reason": "sample"}
    paper = book_waste(shop.picker, id=ids.uuid7(), **given)
    with pytest.raises(Missing):
        undo_waste(shop.rival_owner, paper=paper.id)
    with clock.at(NOON + timedelta(days=1)), pytest.raises(Conflict, match="too-late"):
        undo_waste(shop.picker, paper=paper.id)
    assert StockPaper.objects.filter(kind="waste").count() == 1


def test_a_price_is_changed_and_its_history_shown(shop: Market):
    client = client_of(shop.clerk)
    page = client.get(at(shop, f"products/{shop.eggs}/")).content.decode()
    assert 'value="12.90"' in page
    view = products.product(shop.eggs)
    sent = {
        "code": view.code, "gtin": view.gtin, "name_en": "Eggs, ten", "name_zh": "鸡蛋", "category": "eggs", "price": "13.5",
        "per": "1", "shelf_life_days": "30",
    }  # fmt: skip
    assert client.post(at(shop, f"products/{shop.eggs}/"), sent).status_code == 302
    assert (products.product(shop.eggs).price, products.product(shop.eggs).name.zh) == (1350, "鸡蛋")
    bad = client.post(at(shop, f"products/{shop.eggs}/"), sent | {"price": "-1"})
    assert bad.status_code == 422
    assert client.get(at(shop, f"products/{shop.eggs}/")).content.decode().count("¥1") >= 2


def test_windows_are_opened_and_a_day_is_closed(shop: Market):
    client = client_of(shop.clerk)
    sent = {
        "weekday": ["1", "2", "3", "4", "5", "6", "7"],
        "start": "08:00",
        "end": "20:00",
        "minutes": "120",
        "capacity": "3",
    }
    client.post(at(shop, f"windows/{shop.warehouse}/hours"), sent)
    client.post(at(shop, f"windows/{shop.warehouse}/hours"), sent | {"capacity": "5"})
    from lilong.fields.market.queries.availability import windows

    free = windows(shop.warehouse, days=2)
    assert {window.free for window in free} == {5}
    client.post(at(shop, f"windows/{shop.warehouse}/day"), {"day": "2030-04-09", "closed": "1"})
    days = {window.start.astimezone(clock.CITY_ZONE).date().isoformat() for window in windows(shop.warehouse, days=2)}
    assert "2030-04-09" not in days and days != set()


def test_returns_reviews_and_recalls_are_answered(shop: Market):
    buyer = shop.buyer(fen=10_000)
    id = order(shop, buyer)
    fulfilment.start_picking(shop.picker, order=id)
    for n, quantity in ((0, 2), (1, 500)):
        fulfilment.pick_line(shop.picker, order=id, line=n, quantity=quantity)
    fulfilment.pack(shop.picker, order=id)
    fulfilment.deliver(shop.picker, order=id)
    asked = returns.ask_return(buyer, id=ids.uuid7(), order=id, lines={0: 1}, reason="damaged")
    review = reviews.write_review(buyer, id=ids.uuid7(), product=shop.eggs, stars=4, text="Fresh")
    client = client_of(shop.manager)
    client.post(at(shop, f"returns/{asked.id}/approve"))
    client.post(at(shop, f"reviews/{review.id}/reply"), {"text": "Thank you"})
    assert "Thank you" in client.get(at(shop, "reviews/?all=1")).content.decode()
    assert orders.order(buyer, id).refunded == 1290
    answer = client.post(at(shop, f"lots/{shop.lot.lot}/recall"), {"id": ids.uuid7(), "reason": "Salmonella"})
    assert answer["Location"] == f"/market/recalls/{shop.lot.lot}/report/"
    assert "Salmonella" in client.get(at(shop, "recalls/")).content.decode()


def test_the_orders_table_has_every_order(shop: Market):
    placed = {str(order(shop, shop.buyer())) for _ in range(3)}
    table = client_of(shop.manager).get(at(shop, "orders.csv")).content.decode("utf-8-sig").splitlines()
    assert {row.split(",")[0] for row in table[1:]} == placed
    assert {row.split(",")[6] for row in table[1:]} == {"41.60"}


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "拣货"), ("ko", "피킹")])
def test_the_back_office_speaks_the_readers_language(shop: Market, language: str, word: str):
    client = client_of(shop.manager)
    client.cookies["lilong_language"] = language
    assert word in client.get(at(shop)).content.decode()


def test_whoever_works_for_one_seller_is_led_to_it(shop: Market):
    assert client_of(shop.picker).get("/market/seller/")["Location"] == at(shop, "orders/")
    assert "You work for no seller yet" in client_of(shop.buyer()).get("/market/seller/").content.decode()
