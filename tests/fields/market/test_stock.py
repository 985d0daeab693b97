from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from lilong.fields.market.drafts import Refused
from lilong.fields.market.models import StockPaper
from lilong.fields.market.queries import availability
from lilong.fields.market.queries import stock as queries
from lilong.fields.market.services import expiry, lots, places, products, stock, supplies
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Gone, Invalid, Missing
from lilong.kernel.catalog import queries as catalog
from lilong.kernel.catalog import services as catalog_services
from lilong.kernel.catalog.drafts import OfferDraft
from lilong.kernel.ledger import queries as ledger
from tests.fields.market.scene import NOON, Market, changed

pytestmark = pytest.mark.usefixtures("noon")


def have(market: Market, product, place=None, on: date | None = None) -> int:
    return availability.availability([product], place or market.warehouse, on=on)[product].quantity


def rules_of(error) -> list[tuple[str, str]]:
    return [(v.pointer, v.rule) for v in error.value.violations]


def test_a_delivery_becomes_stock_supply_and_a_fact(market: Market):
    received = market.receive(market.eggs, 40, days=5)
    assert have(market, market.eggs) == 40
    (supply,) = catalog.supplies([market.eggs], [market.warehouse])
    assert (supply.account, supply.use_by) == (received.account, date(2030, 4, 13))
    lot = queries.lot(market.owner, received.lot)
    assert (lot.received, lot.sold, lot.waste, lot.on_hand) == (40, 0, 0, 40)
    (fact,) = market.facts(received.lot, "market.lot.received")
    assert (fact["quantity"], fact["value"], fact["district"]) == (40, 40 * 1290, "jingan")
    assert (fact["category"], fact["unit"], fact["best_before"]) == ("eggs", "piece", "2030-04-13")


def test_the_same_delivery_again_changes_nothing_whatever_the_day(market: Market):
    draft = market.arrival(market.eggs, 10, days=2)
    first = lots.receive_lot(market.picker, draft)
    with clock.at(NOON + timedelta(days=30)):
        assert lots.receive_lot(market.picker, draft) == first
    assert ledger.balance(first.account).posted == 10
    with pytest.raises(Conflict) as error:
        lots.receive_lot(market.picker, changed(draft, quantity=11))
    assert error.value.code == "id-taken"


def test_two_deliveries_of_one_lot_are_one_lot(market: Market):
    first = market.receive(market.eggs, 10)
    second = market.receive(market.eggs, 5)
    third = market.receive(market.eggs, 7, place=market.machine)
    assert (first.lot, first.account) == (second.lot, second.account)
    assert (third.lot, third.account == first.account) == (first.lot, False)
    assert queries.lot(market.owner, first.lot).on_hand == 22
    with pytest.raises(Conflict) as error:
        market.receive(market.eggs, 5, days=11)
    assert (error.value.code, rules_of(error)) == ("lot-differs", [("/best_before", "same-lot")])


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"quantity": 0}, ("/quantity", "range")),
        ({"quantity": -3}, ("/quantity", "range")),
        ({"quantity": 1.5}, ("/quantity", "whole-number")),
        ({"quantity": True}, ("/quantity", "whole-number")),
        ({"best_before": date(2030, 4, 7)}, ("/best_before", "expired")),
        ({"produced_on": date(2030, 4, 9)}, ("/produced_on", "produced-in-future")),
        ({"lot_code": "x" * 21}, ("/lot_code", "length")),
        ({"lot_code": "批次"}, ("/lot_code", "characters")),
        ({"lot_code": ""}, ("/lot_code", "characters")),
        ({"supplier": "s" * 121}, ("/supplier", "length")),
    ],
)
def test_a_bad_delivery_names_field_and_rule_and_changes_nothing(market: Market, fields, expected):
    draft = changed(market.arrival(market.eggs, 5), **fields)
    with pytest.raises(Invalid) as error:
        lots.receive_lot(market.picker, draft)
    assert rules_of(error) == [expected]
    assert (have(market, market.eggs), StockPaper.objects.count()) == (0, 0)


def test_goods_good_today_are_sold_today(market: Market):
    market.receive(market.eggs, 3, days=0)
    assert have(market, market.eggs) == 3
    assert have(market, market.eggs, on=date(2030, 4, 9)) == 0


def test_a_batch_takes_the_good_and_names_the_bad(market: Market):
    drafts = [
        market.arrival(market.eggs, 5, "A"),
        market.arrival(market.eggs, 5, "A", days=9),
        market.arrival(ids.uuid7(), 5, "B"),
        market.arrival(market.eggs, 5, "C", place=ids.uuid7()),
        market.arrival(market.greens, 5000, "D"),
        market.arrival(market.eggs, 6, "A"),
    ]
    answers = lots.receive_lots(market.picker, drafts)
    codes = [answer.problem.code if isinstance(answer, Refused) else answer.quantity for answer in answers]
    assert codes == [5, "lot-differs", "no-such-product", "no-such-place", 5000, 6]
    assert (have(market, market.eggs), have(market, market.greens)) == (11, 5000)


def test_strangers_receive_move_throw_and_count_nothing(market: Market):
    received = market.receive(market.eggs, 10)
    at = {"lot": received.lot, "place": market.warehouse}
    for actor in (market.rival_owner, market.buyer()):
        with pytest.raises(Forbidden):
            lots.receive_lot(actor, market.arrival(market.eggs, 5))
        with pytest.raises(Forbidden):
            stock.book_waste(actor, id=ids.uuid7(), **at, quantity=1, reason="damaged")
        with pytest.raises(Forbidden):
            stock.count_stock(actor, id=ids.uuid7(), **at, counted=1)
        with pytest.raises(Forbidden):
            stock.transfer(
                actor, id=ids.uuid7(), lot=received.lot, source=market.warehouse, target=market.machine, quantity=1
            )
        for read in (lambda a=actor: queries.lot(a, received.lot), lambda a=actor: queries.stock_at(a, market.seller)):
            with pytest.raises(Missing):
                read()
    assert have(market, market.eggs) == 10


def test_a_seller_does_not_receive_at_a_rivals_place(market: Market):
    theirs = market.draft("R", "Rival eggs", seller=market.rival)
    products.register_product(market.rival_owner, theirs)
    with pytest.raises(Forbidden):
        lots.receive_lot(market.rival_owner, market.arrival(theirs.id, 5))


def test_waste_leaves_stock_with_its_reason(market: Market):
    received = market.receive(market.eggs, 10)
    asked = {"id": ids.uuid7(), "lot": received.lot, "place": market.warehouse, "quantity": 4, "reason": "damaged"}
    paper = stock.book_waste(market.picker, **asked)
    assert stock.book_waste(market.picker, **asked) == paper
    assert have(market, market.eggs) == 6
    assert queries.lot(market.owner, received.lot).waste == 4
    assert [(f["quantity"], f["value"], f["reason"]) for f in market.facts(received.lot, "market.waste.booked")] == [
        (4, 4 * 1290, "damaged")
    ]
    with pytest.raises(Conflict) as error:
        stock.book_waste(market.picker, **asked | {"quantity": 5})
    assert error.value.code == "id-taken"
    with pytest.raises(Conflict) as error:
        stock.book_waste(market.picker, **asked | {"id": ids.uuid7(), "quantity": 7})
    assert (error.value.code, error.value.extra) == ("not-enough-stock", {"available": 6})
    for bad, expected in (({"reason": "hungry"}, ("/reason", "choice")), ({"quantity": 0}, ("/quantity", "range"))):
        with pytest.raises(Invalid) as invalid:
            stock.book_waste(market.picker, **asked | {"id": ids.uuid7()} | bad)
        assert rules_of(invalid) == [expected]
    assert have(market, market.eggs) == 6


def test_a_transfer_moves_stock_and_supplies_it_there(market: Market):
    received = market.receive(market.eggs, 10)
    asked = {
        "id": ids.uuid7(),
        "lot": received.lot,
        "source": market.warehouse,
        "target": market.machine,
        "quantity": 4,
    }
    stock.transfer(market.picker, **asked)
    stock.transfer(market.picker, **asked)
    assert (have(market, market.eggs), have(market, market.eggs, market.machine)) == (6, 4)
    assert len(market.facts(received.lot, "market.stock.moved")) == 1
    with pytest.raises(Conflict) as error:
        stock.transfer(market.picker, **asked | {"id": ids.uuid7(), "quantity": 7})
    assert error.value.code == "not-enough-stock"
    with pytest.raises(Invalid):
        stock.transfer(market.picker, **asked | {"id": ids.uuid7(), "target": market.warehouse})
    assert have(market, market.eggs) + have(market, market.eggs, market.machine) == 10


def test_counting_books_the_difference(market: Market):
    received = market.receive(market.eggs, 10)
    at = {"lot": received.lot, "place": market.warehouse}
    first = {"id": ids.uuid7(), **at, "counted": 8}
    stock.count_stock(market.picker, **first)
    stock.count_stock(market.picker, **first)
    assert have(market, market.eggs) == 8
    stock.count_stock(market.picker, id=ids.uuid7(), **at, counted=11)
    stock.count_stock(market.picker, id=ids.uuid7(), **at, counted=11)
    assert have(market, market.eggs) == 11
    differences = [fact["difference"] for fact in market.facts(received.lot, "market.stock.counted")]
    assert sorted(differences) == [-2, 0, 3]
    with pytest.raises(Invalid):
        stock.count_stock(market.picker, id=ids.uuid7(), **at, counted=-1)


def test_nothing_is_made_or_lost_by_moving_about(market: Market):
    received = market.receive(market.eggs, 50)
    at = {"lot": received.lot, "place": market.warehouse}
    stock.book_waste(market.picker, id=ids.uuid7(), **at, quantity=3, reason="quality")
    stock.transfer(
        market.picker, id=ids.uuid7(), lot=received.lot, source=market.warehouse, target=market.machine, quantity=9
    )
    stock.count_stock(market.picker, id=ids.uuid7(), **at, counted=30)
    lot = queries.lot(market.owner, received.lot)
    assert (lot.received, lot.waste, lot.on_hand) == (50, 3, 39)
    assert ledger.differences() == []


def test_expired_lots_leave_the_shelf_once(market: Market):
    old, new = market.receive(market.eggs, 5, "OLD", days=1), market.receive(market.eggs, 5, "NEW", days=9)
    assert expiry.withdraw_expired() == 0
    with clock.at(NOON + timedelta(days=2)):
        assert have(market, market.eggs) == 5  # an order would take none of it, job or not
        assert expiry.withdraw_expired() == 1
        assert expiry.withdraw_expired() == 0
        assert [s.account for s in catalog.supplies([market.eggs])] == [new.account]
        assert [(f["quantity"], f["place"]) for f in market.facts(old.lot, "market.lot.expired")] == [
            (5, str(market.warehouse))
        ]
        assert [view.lot for view in queries.expired_stock(market.owner, market.seller)] == [old.lot]
        assert expiry.close_empty_lots() == 0
        stock.book_waste(
            market.picker, id=ids.uuid7(), lot=old.lot, place=market.warehouse, quantity=5, reason="expired"
        )
        assert expiry.close_empty_lots() == 1
        assert queries.lot(market.owner, old.lot).state == "closed"


def test_a_margin_takes_goods_off_sale_earlier(market: Market):
    fish = market.product("F", "Fish", category="seafood", shelf_life_days=5, margin_days=2)
    market.receive(fish, 5, days=3)
    assert (have(market, fish), have(market, fish, on=date(2030, 4, 9)), have(market, fish, on=date(2030, 4, 10))) == (
        5,
        5,
        0,
    )
    with pytest.raises(Invalid) as error:
        market.receive(fish, 5, "L2", days=1)
    assert rules_of(error) == [("/best_before", "too-little-left")]


def test_a_further_offer_sells_from_the_same_stock(market: Market):
    market.receive(market.eggs, 5)
    offer = OfferDraft(
        id=ids.uuid7(), field="market", seller=market.seller, title=queries_title(), price=990, place_bound=True
    )
    catalog_services.put_offer(market.owner, offer)
    supplies.sell_also(market.owner, offer=offer.id, product=market.eggs)
    supplies.sell_also(market.owner, offer=offer.id, product=market.eggs)
    market.receive(market.eggs, 5, "L2")
    assert have(market, offer.id) == 10
    with pytest.raises(Conflict):
        supplies.sell_also(market.owner, offer=offer.id, product=market.product("Q", "Other"))
    with pytest.raises(Conflict):
        supplies.sell_also(market.owner, offer=offer.id, product=market.greens)
    with pytest.raises(Forbidden):
        supplies.sell_also(market.rival_owner, offer=offer.id, product=market.eggs)


def queries_title():
    from lilong.kernel.base.words import Words

    return Words(en="Eggs, tonight only")


def test_picking_is_explained(market: Market):
    market.receive(market.eggs, 5, "LATE", days=9)
    market.receive(market.eggs, 2, "SOON", days=1)
    found = queries.pick_plan(market.picker, product=market.eggs, place=market.warehouse, quantity=4)
    assert [(p.code, p.quantity, p.why) for p in found.picks] == [
        ("SOON", 2, "first-to-expire"),
        ("LATE", 2, "rest-after-earlier-lots"),
    ]
    later = queries.pick_plan(
        market.picker, product=market.eggs, place=market.warehouse, quantity=4, deliver_on=date(2030, 4, 10)
    )
    assert [(p.code, p.quantity) for p in later.picks] == [("LATE", 4)]
    assert [(p.code, p.why) for p in later.passed] == [("SOON", "expires-before-delivery")]
    with pytest.raises(Missing):
        queries.pick_plan(market.rival_owner, product=market.eggs, place=market.warehouse, quantity=4)


def test_a_closed_place_takes_nothing_in(market: Market):
    received = market.receive(market.eggs, 1, place=market.machine)
    with pytest.raises(Conflict):
        places.close_place(market.owner, id=market.machine)
    stock.book_waste(market.picker, id=ids.uuid7(), lot=received.lot, place=market.machine, quantity=1, reason="sample")
    places.close_place(market.owner, id=market.machine)
    with pytest.raises(Gone):
        market.receive(market.eggs, 1, "L2", place=market.machine)


def test_the_database_refuses_to_change_a_paper(market: Market):
    market.receive(market.eggs, 1)
    for statement in ("UPDATE market_stockpaper SET quantity = 9", "DELETE FROM market_stockpaper"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert StockPaper.objects.get().quantity == 1
