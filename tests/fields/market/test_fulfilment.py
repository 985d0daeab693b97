"""Picking, packing and handing over, with the real orders, stock and money behind it."""

from typing import Any
from uuid import UUID

import pytest

from lilong.fields.market.models import Fulfilment, LineWish
from lilong.fields.market.queries import fulfilment as queries
from lilong.fields.market.services import fulfilment, places, waves
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Invalid, Missing
from lilong.kernel.calendar.drafts import Opening
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.orders import queries as orders
from lilong.kernel.orders import services as order_services
from lilong.kernel.orders.drafts import LineDraft, OrderDraft, SlotDraft
from lilong.kernel.parties.actor import Actor
from tests.fields.market.scene import GTINS, NOON, Market

pytestmark = pytest.mark.usefixtures("noon")
PRICES = {"eggs": 1290, "greens": 1580}


@pytest.fixture
def shop(market: Market) -> Market:
    market.receive(market.eggs, 20, "E1", days=9)
    market.receive(market.greens, 20_000, "G1", days=4)
    market.spinach = market.product("V2", "Spinach", price=1600, per=500, unit="g", category="vegetables")
    market.receive(market.spinach, 5_000, "S1", days=3)
    return market


def order(market: Market, buyer: Actor, **more: Any) -> UUID:
    """Two packs of eggs and 500 g of greens, held until they are weighed."""
    lines = [
        LineDraft(offer=market.eggs, quantity=2, price=1290),
        LineDraft(offer=market.greens, quantity=500, price=1580),
    ]
    return order_services.place_one(buyer, OrderDraft(id=ids.uuid7(), lines=lines, place=market.warehouse, **more)).id


def eggs(market: Market, buyer: Actor, quantity: int = 2) -> UUID:
    """Eggs alone are paid at once."""
    line = LineDraft(offer=market.eggs, quantity=quantity, price=1290)
    return order_services.place_one(buyer, OrderDraft(id=ids.uuid7(), lines=[line], place=market.warehouse)).id


def money(buyer: Actor) -> tuple[int, int]:
    found = ledger.balance(ledger.wallet_of(buyer.party).id)
    return found.posted, found.held


def packed(market: Market, id: UUID, **picked: int) -> None:
    fulfilment.start_picking(market.picker, order=id)
    for n, quantity in picked.items():
        fulfilment.pick_line(market.picker, order=id, line=int(n[1:]), quantity=quantity)
    fulfilment.pack(market.picker, order=id)


def test_the_weighed_amount_is_captured_and_the_rest_released(shop: Market):
    buyer = shop.buyer(fen=10_000)
    id = order(shop, buyer)
    packed(shop, id, n0=2, n1=523)
    fulfilment.dispatch(shop.picker, order=id)
    done = fulfilment.deliver(shop.picker, order=id)
    assert (done.state, orders.order(buyer, id).state) == ("delivered", "completed")
    assert money(buyer) == (10_000 - 2 * 1290 - 1653, 0)
    assert fulfilment.deliver(shop.picker, order=id).ended_at == done.ended_at
    assert [event["way"] for event in shop.facts(id, "market.order.delivered")] == ["delivered"]
    assert ledger.differences() == []


def test_what_was_not_found_is_not_charged(shop: Market):
    buyer = shop.buyer(fen=10_000)
    id = order(shop, buyer)
    packed(shop, id, n0=1, n1=0)
    fulfilment.deliver(shop.picker, order=id)
    assert money(buyer) == (10_000 - 1290, 0)
    assert Fulfilment.objects.get(order=id).state == "handed-over"
    assert shop.facts(id, "market.order.packed")[0]["short"] == 1


def test_what_was_paid_at_once_and_not_found_is_paid_back(shop: Market):
    buyer = shop.buyer(fen=10_000)
    id = eggs(shop, buyer, 3)
    packed(shop, id, n0=1)
    fulfilment.deliver(shop.picker, order=id)
    view = orders.order(buyer, id)
    assert (view.state, view.captured, view.refunded) == ("part-refunded", 3870, 2580)
    assert money(buyer) == (10_000 - 1290, 0)


def test_the_second_picker_is_told(shop: Market):
    id = order(shop, shop.buyer())
    first = fulfilment.start_picking(shop.picker, order=id)
    assert fulfilment.start_picking(shop.picker, order=id).started_at == first.started_at
    with pytest.raises(Conflict, match="picked-by-other"):
        fulfilment.start_picking(shop.clerk, order=id)
    with pytest.raises(Conflict, match="picked-by-other"):
        fulfilment.pick_line(shop.clerk, order=id, line=0, quantity=1)
    fulfilment.put_back(shop.manager, order=id)
    assert fulfilment.start_picking(shop.clerk, order=id).picker == shop.clerk.party


@pytest.mark.parametrize("scan", [GTINS[0], f"https://id.example/01/0{GTINS[0]}/10/E1", f"(01)0{GTINS[0]}(10)E1", "E1"])
def test_the_right_lot_is_taken_by_its_code(shop: Market, scan: str):
    id = order(shop, shop.buyer())
    fulfilment.start_picking(shop.picker, order=id)
    assert fulfilment.pick_line(shop.picker, order=id, line=0, quantity=2, scan=scan).scanned


@pytest.mark.parametrize(("scan", "code"), [(GTINS[1], "other-goods"), ("E2", "other-lot")])
def test_other_goods_and_other_lots_are_refused(shop: Market, scan: str, code: str):
    id = order(shop, shop.buyer())
    fulfilment.start_picking(shop.picker, order=id)
    with pytest.raises(Conflict, match=code):
        fulfilment.pick_line(shop.picker, order=id, line=0, quantity=2, scan=scan)
    assert queries.pick_lines(orders.order(shop.picker, id))[0].picked is None


@pytest.mark.parametrize(
    ("line", "quantity", "rule"), [(0, 3, "above-ordered"), (1, 551, "above-tolerance"), (0, -1, "whole-units")]
)
def test_no_more_is_picked_than_was_ordered(shop: Market, line: int, quantity: int, rule: str):
    id = order(shop, shop.buyer())
    fulfilment.start_picking(shop.picker, order=id)
    with pytest.raises(Invalid) as refused:
        fulfilment.pick_line(shop.picker, order=id, line=line, quantity=quantity)
    assert [(each.pointer, each.rule) for each in refused.value.violations] == [("/quantity", rule)]


def test_nothing_is_packed_before_every_line_was_looked_for(shop: Market):
    id = order(shop, shop.buyer())
    fulfilment.start_picking(shop.picker, order=id)
    fulfilment.pick_line(shop.picker, order=id, line=0, quantity=2)
    with pytest.raises(Conflict) as refused:
        fulfilment.pack(shop.picker, order=id)
    assert (refused.value.code, [each.pointer for each in refused.value.violations]) == ("lines-open", ["/lines/1"])
    with pytest.raises(Conflict, match="wrong-step"):
        fulfilment.deliver(shop.picker, order=id)


def test_a_substitute_is_charged_at_its_own_price_and_the_wish_counts(shop: Market):
    buyer = shop.buyer(fen=10_000)
    id = order(shop, buyer)
    LineWish.objects.create(order=id, n=0, wish="refund")
    LineWish.objects.create(order=id, n=1, wish="ask")
    fulfilment.start_picking(shop.picker, order=id)
    (proposed,) = queries.proposals(shop.picker, orders.order(shop.picker, id), 1)
    assert (proposed.product.id, proposed.amount) == (shop.spinach, 1600)
    given = {"order": id, "line": 1, "offer": shop.spinach, "quantity": 500}
    with pytest.raises(Conflict, match="buyer-wants-money-back"):
        fulfilment.substitute_line(shop.picker, order=id, line=0, offer=shop.spinach, quantity=500)
    with pytest.raises(Conflict, match="ask-the-buyer"):
        fulfilment.substitute_line(shop.picker, **given)
    fulfilment.substitute_line(shop.picker, **given, agreed=True)
    fulfilment.pick_line(shop.picker, order=id, line=0, quantity=2)
    fulfilment.pick_line(shop.picker, order=id, line=2, quantity=500)
    fulfilment.pack(shop.picker, order=id)
    fulfilment.deliver(shop.picker, order=id)
    assert money(buyer) == (10_000 - 2580 - 1600, 0)


def test_the_window_is_kept_or_missed(shop: Market):
    hours = Opening(start="14:00", end="20:00", slot_seconds=7200)
    resource = places.open_slots(shop.owner, place=shop.warehouse, openings=[hours], capacity=4)
    start, end = NOON.replace(hour=6), NOON.replace(hour=8)
    slot = SlotDraft(resource=resource, start=start, end=end)
    found = []
    for at in (end, end.replace(minute=1)):
        id = order(shop, shop.buyer(), slot=slot)
        packed(shop, id, n0=2, n1=500)
        with clock.at(at):
            fulfilment.deliver(shop.picker, order=id)
        found += [(each["promised"], each["late_seconds"]) for each in shop.facts(id, "market.order.delivered")]
    assert found == [(True, 0), (True, 60)]


def test_what_could_not_be_delivered_is_tried_again_or_cancelled(shop: Market):
    buyer = shop.buyer(fen=10_000)
    id = order(shop, buyer)
    packed(shop, id, n0=2, n1=500)
    fulfilment.dispatch(shop.picker, order=id)
    fulfilment.fail(shop.picker, order=id, reason="Nobody at home")
    with pytest.raises(Conflict, match="wrong-step"):
        fulfilment.deliver(shop.picker, order=id)
    fulfilment.dispatch(shop.picker, order=id)
    fulfilment.fail(shop.picker, order=id, reason="Nobody at home")
    assert fulfilment.cancel_order(shop.clerk, order=id, reason="Nobody at home").state == "cancelled"
    assert money(buyer) == (10_000, 0)
    with pytest.raises(Conflict, match="wrong-state"):
        fulfilment.dispatch(shop.picker, order=id)


def test_what_was_lost_on_its_way_is_paid_back_and_stays_out_of_stock(shop: Market):
    buyer = shop.buyer(fen=10_000)
    id = order(shop, buyer)
    packed(shop, id, n0=2, n1=500)
    with pytest.raises(Conflict, match="wrong-step"):
        fulfilment.lose(shop.picker, order=id, reason="lost")
    fulfilment.dispatch(shop.picker, order=id)
    fulfilment.lose(shop.picker, order=id, reason="lost")
    fulfilment.lose(shop.picker, order=id, reason="lost")
    view = orders.order(buyer, id)
    assert (view.state, view.captured, view.refunded, money(buyer)) == ("refunded", 4160, 4160, (10_000, 0))
    assert [line.actual for line in view.lines] == [2, 500]
    assert ledger.differences() == []
    assert [each.code for each in ledger.trial_balance() if each.debits != each.credits] == []
    with pytest.raises(Missing):
        fulfilment.lose(buyer, order=id, reason="lost")


def test_an_order_cancelled_by_its_buyer_is_not_picked(shop: Market):
    buyer = shop.buyer()
    id = order(shop, buyer)
    fulfilment.start_picking(shop.picker, order=id)
    order_services.cancel(buyer, id=id, reason="")
    with pytest.raises(Conflict, match="wrong-state"):
        fulfilment.pick_line(shop.picker, order=id, line=0, quantity=2)
    assert queries.queue(shop.picker, shop.seller) == []


def test_strangers_and_buyers_find_no_order_to_pick(shop: Market):
    buyer = shop.buyer()
    id = order(shop, buyer)
    for stranger in (buyer, shop.rival_owner):
        for step in (
            fulfilment.start_picking,
            fulfilment.pack,
            fulfilment.dispatch,
            fulfilment.deliver,
            fulfilment.put_back,
        ):
            with pytest.raises(Missing):
                step(stranger, order=id)
        with pytest.raises(Missing):
            queries.queue(stranger, shop.seller)
    assert Fulfilment.objects.count() == 0


def test_a_wave_leads_through_the_warehouse_by_shelf_and_date(shop: Market):
    shop.receive(shop.eggs, 20, "E0", days=2)
    first, second = order(shop, shop.buyer()), order(shop, shop.buyer())
    id = ids.uuid7()
    made, refused = waves.start_wave(shop.picker, id=id, place=shop.warehouse, orders=[first, second])
    assert waves.start_wave(shop.picker, id=id, place=shop.warehouse, orders=[second, first]) == (made, [])
    assert refused == []
    stops = queries.pick_list(queries.in_wave(id))
    assert [(stop.lot, stop.units, [each[2] for each in stop.orders]) for stop in stops] == [
        ("E0", 4, [2, 2]),
        ("G1", 1000, [500, 500]),
    ]
    with pytest.raises(Conflict, match="nothing-to-pick"):
        waves.start_wave(shop.clerk, id=ids.uuid7(), place=shop.warehouse, orders=[first, second])


def test_the_queue_puts_first_what_is_due_first(shop: Market):
    hours = Opening(start="14:00", end="20:00", slot_seconds=7200)
    resource = places.open_slots(shop.owner, place=shop.warehouse, openings=[hours], capacity=4)
    late = SlotDraft(resource=resource, start=NOON.replace(hour=8), end=NOON.replace(hour=10))
    soon = SlotDraft(resource=resource, start=NOON.replace(hour=6), end=NOON.replace(hour=8))
    second, first = order(shop, shop.buyer(), slot=late), order(shop, shop.buyer(), slot=soon)
    assert [job.order for job in queries.queue(shop.picker, shop.seller)] == [first, second]


def test_a_scanner_picks_over_http(shop: Market):
    from django.contrib.auth import get_user_model
    from django.test import Client

    def client_of(actor: Actor) -> Client:
        client = Client()
        client.force_login(get_user_model().objects.get(party_id=actor.party))
        return client

    id = order(shop, shop.buyer(fen=10_000))
    stranger, picker = client_of(shop.rival_owner), client_of(shop.picker)
    at, json = f"/api/market/picking/{id}", {"content_type": "application/json"}
    assert stranger.post(f"{at}/start").status_code == 404
    assert stranger.get(f"/api/market/picking?seller={shop.seller}").status_code == 404
    assert picker.post(f"{at}/start").json()["state"] == "picking"
    assert picker.put(f"{at}/lines/0", {"quantity": 2, "scan": "E7"}, **json).json()["type"].endswith(":other-lot")
    assert picker.put(f"{at}/lines/0", {"quantity": 2, "scan": "E1"}, **json).json()["scanned"] is True
    assert picker.put(f"{at}/lines/1", {"quantity": 523}, **json).status_code == 200
    (job,) = picker.get(f"/api/market/picking?seller={shop.seller}").json()
    assert (job["order"], job["way"]["state"]) == (str(id), "picking")
    assert picker.post(f"{at}/pack").json()["state"] == "packed"
    assert picker.post(f"{at}/deliver").json()["state"] == "handed-over"
