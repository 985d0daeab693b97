"""The market's offers through the kernel's orders: what a buyer meets."""

from datetime import date, timedelta

import pytest

from lilong.fields.market.drafts import PlaceDraft
from lilong.fields.market.queries import availability, recalls
from lilong.fields.market.queries import stock as stock_queries
from lilong.fields.market.services import expiry, places, products, stock
from lilong.fields.market.services import recalls as recall_services
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing
from lilong.kernel.base.words import Words
from lilong.kernel.calendar.drafts import Opening
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.orders import services as orders
from lilong.kernel.orders.drafts import LineDraft, OrderDraft, Placed, SlotDraft
from lilong.kernel.parties import queries as parties
from tests.fields.market.scene import NOON, Market, changed

pytestmark = pytest.mark.usefixtures("noon")


def draft(market: Market, offer, quantity, price=None, **more) -> OrderDraft:
    price = {market.eggs: 1290, market.greens: 1580}.get(offer, 1000) if price is None else price
    line = LineDraft(offer=offer, quantity=quantity, price=price)
    return OrderDraft(id=ids.uuid7(), lines=[line], **{"place": market.warehouse} | more)


def refusal(market: Market, buyer, order: OrderDraft):
    """The problem of an order that must be refused; nothing may change by it."""
    wallet = ledger.wallet_of(buyer.party).id
    before = ledger.balance(wallet)
    (answer,) = orders.place([order], actor=buyer)
    assert not isinstance(answer, Placed)
    assert ledger.balance(wallet) == before
    return answer.problem


def test_an_order_takes_first_what_expires_first(market: Market):
    late, soon = market.receive(market.eggs, 5, "LATE", days=9), market.receive(market.eggs, 5, "SOON", days=1)
    orders.place_one(market.buyer(), draft(market, market.eggs, 6))
    assert [ledger.balance(each.account).posted for each in (soon, late)] == [0, 4]
    assert availability.availability([market.eggs], market.warehouse)[market.eggs].quantity == 4


def test_no_lot_is_allocated_that_expires_before_it_is_delivered(market: Market):
    market.receive(market.eggs, 5, days=1)
    buyer = market.buyer()
    assert refusal(market, buyer, draft(market, market.eggs, 1, use_on=date(2030, 4, 10))).code == "sold-out"
    assert orders.place_one(buyer, draft(market, market.eggs, 1, use_on=date(2030, 4, 9))).state == "placed"


def test_an_expired_lot_is_not_sold_even_before_the_job_ran(market: Market):
    market.receive(market.eggs, 5, days=1)
    buyer = market.buyer()
    with clock.at(NOON + timedelta(days=2)):
        problem = refusal(market, buyer, draft(market, market.eggs, 1))
        assert (problem.status, problem.code) == (409, "sold-out")
        expiry.withdraw_expired()
        assert refusal(market, buyer, draft(market, market.eggs, 1)).code == "sold-out"


def test_a_changed_price_is_told(market: Market):
    market.receive(market.eggs, 5)
    again = changed(market.draft("E10", "Eggs, ten", price=1490, gtin="6901234567892"), id=market.eggs)
    products.change_product(market.owner, again)
    problem = refusal(market, market.buyer(), draft(market, market.eggs, 1))
    assert (problem.status, problem.code, problem.extra["price"]) == (409, "price-changed", 1490)


@pytest.mark.parametrize("quantity", [0, -1])
def test_no_or_negative_pieces_are_refused(market: Market, quantity: int):
    market.receive(market.eggs, 5)
    problem = refusal(market, market.buyer(), draft(market, market.eggs, quantity))
    assert (problem.status, [v.pointer for v in problem.violations]) == (422, ["/lines/0/quantity"])


def test_more_than_there_is_is_sold_out(market: Market):
    market.receive(market.eggs, 5)
    assert refusal(market, market.buyer(), draft(market, market.eggs, 6)).code == "sold-out"
    assert refusal(market, market.buyer(), draft(market, market.eggs, 1, place=market.machine)).code == "sold-out"


def test_weighed_goods_are_paid_as_weighed(market: Market):
    received = market.receive(market.greens, 2000)
    buyer = market.buyer(fen=10_000)
    placed = orders.place_one(buyer, draft(market, market.greens, 500))
    wallet = ledger.wallet_of(buyer.party).id
    assert ledger.balance(wallet).held == 1738  # 550 g at 15.80 a jin
    assert availability.availability([market.greens], market.warehouse)[market.greens].quantity == 1450
    orders.complete(market.clerk, id=placed.id, actual={0: 523})
    assert (ledger.balance(wallet).posted, ledger.balance(wallet).held) == (10_000 - 1653, 0)
    assert ledger.balance(received.account).posted == 1477
    second = orders.place_one(buyer, draft(market, market.greens, 500))
    with pytest.raises(Invalid):
        orders.complete(market.clerk, id=second.id, actual={0: 551})


def test_what_orders_hold_is_neither_thrown_away_nor_counted_away(market: Market):
    received = market.receive(market.greens, 1000)
    orders.place_one(market.buyer(), draft(market, market.greens, 500))
    at = {"lot": received.lot, "place": market.warehouse}
    with pytest.raises(Conflict) as error:
        stock.book_waste(market.picker, id=ids.uuid7(), **at, quantity=451, reason="quality")
    assert error.value.extra == {"available": 450}
    with pytest.raises(Conflict):
        stock.count_stock(market.picker, id=ids.uuid7(), **at, counted=549)
    stock.count_stock(market.picker, id=ids.uuid7(), **at, counted=550)
    assert ledger.balance(received.account).available == 0


def slots(market: Market, capacity: int = 1, **more) -> None:
    openings = [Opening(start="09:00", end="21:00", slot_seconds=3600)]
    places.open_slots(market.owner, place=market.warehouse, openings=openings, capacity=capacity, **more)


def test_delivery_windows_of_a_front_warehouse(market: Market):
    assert availability.windows(market.warehouse) == []
    slots(market, capacity=2)
    found = availability.windows(market.warehouse, days=1)
    shanghai = [(w.start.astimezone(clock.CITY_ZONE).strftime("%d %H"), w.free) for w in found]
    assert (shanghai[0], shanghai[-1]) == (("08 13", 2), ("09 11", 2))
    first = found[0]
    assert first.closes_at == first.start - timedelta(seconds=1800)
    with clock.at(NOON + timedelta(minutes=31)):
        assert availability.windows(market.warehouse)[0].start == found[1].start
        with pytest.raises(Conflict) as error:
            availability.require_window(market.warehouse, first.resource, first.start)
        assert error.value.code == "slot-closed"
    with clock.at(first.start), pytest.raises(Conflict) as error:
        availability.require_window(market.warehouse, first.resource, first.start)
    assert error.value.code == "slot-in-the-past"
    with pytest.raises(Conflict) as error:
        availability.require_window(market.machine, first.resource, first.start)
    assert error.value.code == "slot-elsewhere"
    availability.require_window(market.warehouse, first.resource, first.start)


def test_a_window_takes_as_many_orders_as_it_has_room_for(market: Market):
    market.receive(market.eggs, 5)
    slots(market, capacity=1)
    window = availability.windows(market.warehouse)[0]
    slot = SlotDraft(resource=window.resource, start=window.start, end=window.end)
    assert orders.place_one(market.buyer(), draft(market, market.eggs, 1, slot=slot)).state == "placed"
    assert refusal(market, market.buyer(), draft(market, market.eggs, 1, slot=slot)).code == "slot-taken"
    past = SlotDraft(resource=window.resource, start=NOON - timedelta(hours=2), end=NOON - timedelta(hours=1))
    problem = refusal(market, market.buyer(), draft(market, market.eggs, 1, slot=past))
    assert [(v.pointer, v.rule) for v in problem.violations] == [("/slot/start", "slot-in-the-past")]
    assert availability.availability([market.eggs], market.warehouse)[market.eggs].quantity == 4


def test_only_the_places_people_open_windows(market: Market):
    for actor in (market.rival_owner, market.picker):
        with pytest.raises(Forbidden):
            places.open_slots(actor, place=market.warehouse, openings=[], capacity=1)


def test_warehouses_are_found_by_district_the_fullest_basket_first(market: Market):
    second = places.open_place(
        market.owner,
        PlaceDraft(
            id=ids.uuid7(),
            owner=market.seller,
            kind="front-warehouse",
            name=Words(en="Second"),
            district="huangpu",
            serves=("huangpu",),
        ),
    )
    market.receive(market.eggs, 5, place=second.id)
    near = availability.availability_near([market.eggs, market.greens], "huangpu")
    assert [(place.id, have[market.eggs].quantity) for place, have in near] == [(second.id, 5), (market.warehouse, 0)]
    assert [place.id for place, _ in availability.availability_near([market.eggs], "jingan")] == [market.warehouse]
    assert availability.availability_near([market.eggs], "chongming") == []


def test_a_recall_stops_sale_at_once_and_names_everybody_it_reached(market: Market):
    received = market.receive(market.greens, 3000, "BAD")
    other = market.receive(market.greens, 3000, "GOOD", days=20)
    first, second, third = market.buyer("Li Lei"), market.buyer("Han Mei"), market.buyer("Jim")
    done = orders.place_one(first, draft(market, market.greens, 1000))
    orders.complete(market.clerk, id=done.id, actual={0: 950})
    waiting = orders.place_one(second, draft(market, market.greens, 500))
    undone = orders.place_one(third, draft(market, market.greens, 500))
    orders.cancel(third, id=undone.id, reason="changed my mind")
    asked = {"id": ids.uuid7(), "lot": received.lot, "reason": "Salmonella"}
    recall = recall_services.recall_lot(market.manager, **asked)
    assert recall_services.recall_lot(market.manager, **asked) == recall
    report = recall_services.read_report(market.owner, lot=received.lot)
    assert {(r.order, r.buyer_name, r.taken, r.held) for r in report.reached} == {
        (done.id, "Li Lei", 950, 0),
        (waiting.id, "Han Mei", 0, 550),
    }
    assert availability.availability([market.greens], market.warehouse)[market.greens].quantity == 3000
    orders.place_one(third, draft(market, market.greens, 500))
    assert ledger.balance(other.account).held == 550
    (fact,) = market.facts(received.lot, "market.lot.recalled")
    assert (fact["withheld"], fact["orders"], fact["reached"]) == (3000 - 950 - 550, 2, 1500)
    lot = stock_queries.lot(market.owner, received.lot)
    assert (lot.state, lot.on_hand) == ("recalled", 550)


def test_buyers_are_told_and_see_who_looked(market: Market):
    received = market.receive(market.eggs, 10)
    buyer, stranger = market.buyer(), market.buyer()
    order = orders.place_one(buyer, draft(market, market.eggs, 2))
    recall_services.recall_lot(market.owner, id=ids.uuid7(), lot=received.lot, reason="Wrong label")
    (told,) = recalls.for_buyer(buyer.party)
    assert (told.order, told.quantity, told.notice.code, told.notice.reason) == (order.id, 2, "L1", "Wrong label")
    assert recalls.for_buyer(stranger.party) == []
    recall_services.read_report(market.manager, lot=received.lot)
    seen = parties.access_log(buyer.party).items
    assert [(entry.reader, entry.why) for entry in seen] == [(market.manager.party, "Wrong label")]
    for actor in (market.rival_owner, buyer, market.picker):
        with pytest.raises(Missing):
            recall_services.read_report(actor, lot=received.lot)


def test_a_recall_is_a_managers_task_and_happens_once(market: Market):
    received = market.receive(market.eggs, 10)
    for actor in (market.clerk, market.picker, market.rival_owner):
        with pytest.raises(Forbidden):
            recall_services.recall_lot(actor, id=ids.uuid7(), lot=received.lot, reason="x")
    with pytest.raises(Invalid):
        recall_services.recall_lot(market.owner, id=ids.uuid7(), lot=received.lot, reason=" ")
    with pytest.raises(Missing):
        recall_services.recall_lot(market.owner, id=ids.uuid7(), lot=ids.uuid7(), reason="x")
    recall_services.recall_lot(market.owner, id=ids.uuid7(), lot=received.lot, reason="x")
    with pytest.raises(Conflict) as error:
        recall_services.recall_lot(market.owner, id=ids.uuid7(), lot=received.lot, reason="x")
    assert error.value.code == "lot-recalled"
    with pytest.raises(Conflict):
        market.receive(market.eggs, 5)


def test_the_end_of_a_quarantine(market: Market):
    received = market.receive(market.eggs, 10)
    buyer = market.buyer()
    order = orders.place_one(buyer, draft(market, market.eggs, 4))
    orders.complete(market.clerk, id=order.id)
    recall_services.recall_lot(market.owner, id=ids.uuid7(), lot=received.lot, reason="x")
    orders.refund(market.clerk, id=order.id, refund_id=ids.uuid7(), lines={0: 3}, reason="recall", restock=True)
    asked = {"id": ids.uuid7(), "lot": received.lot, "outcome": "destroyed"}
    assert recall_services.clear_quarantine(market.manager, **asked) == 9
    assert recall_services.clear_quarantine(market.manager, **asked) == 0
    lot = stock_queries.lot(market.owner, received.lot)
    assert (lot.received, lot.sold, lot.waste, lot.on_hand) == (10, 1, 9, 0)
    assert [fact["quantity"] for fact in market.facts(received.lot, "market.waste.booked")] == [9]
    assert ledger.differences() == []
