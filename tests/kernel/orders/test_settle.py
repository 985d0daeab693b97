import pytest
from hypothesis import given
from hypothesis import strategies as st

from lilong.kernel.base import ids
from lilong.kernel.base.money import price_of
from lilong.kernel.base.problems import Conflict, Invalid, Missing, Problem
from lilong.kernel.ledger.queries import differences, trial_balance
from lilong.kernel.orders import queries, rules
from lilong.kernel.orders.drafts import LineDraft, OrderDraft
from lilong.kernel.orders.services import amend, cancel, complete, place, place_one, refund
from tests.kernel.orders.stall import Stall, a_buyer, a_stall, buying, in_days, purse


def weighed() -> tuple[Stall, object, OrderDraft]:
    stall = a_stall([(5000, None)], price=1580, per=500, unit="g", settle="later", tolerance_percent=10)
    buyer = a_buyer()
    draft = stall.draft(buyer, 1000)
    place_one(buying(buyer), draft)
    return stall, buyer, draft


@pytest.mark.django_db
def test_weighed_goods_cost_what_they_weigh():
    stall, buyer, draft = weighed()
    done = complete(stall.clerk(), id=draft.id, actual={0: 1043})
    assert done.captured == price_of(1043, 1580, 500) == 3296
    assert (purse(buyer), stall.stock(), stall.sold(), stall.sales()) == ((96_704, 0), [3957], [1043], 3296)
    assert complete(stall.clerk(), id=draft.id, actual={0: 1043}).captured == 3296
    with pytest.raises(Conflict):
        complete(stall.clerk(), id=draft.id, actual={0: 1044})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("actual", "rule"), [({0: 1101}, "above-held"), ({0: -1}, "whole-units"), ({7: 1}, "unknown-line")]
)
def test_never_more_than_is_held(actual: dict[int, int], rule: str):
    stall, buyer, draft = weighed()
    with pytest.raises(Invalid) as found:
        complete(stall.clerk(), id=draft.id, actual=actual)
    assert found.value.violations[0].rule == rule
    assert purse(buyer) == (100_000, 3476)


@pytest.mark.django_db
def test_nothing_handed_over_costs_nothing():
    stall, buyer, draft = weighed()
    assert complete(stall.clerk(), id=draft.id, actual={0: 0}).captured == 0
    assert (purse(buyer), stall.stock(), stall.sold()) == ((100_000, 0), [5000], [0])


@pytest.mark.django_db
@pytest.mark.parametrize("settle", ["now", "later"])
def test_cancelling_puts_everything_back(settle: str):
    stall, buyer = a_stall([(2, in_days(1)), (9, in_days(5))], settle=settle, limit_per_buyer=4), a_buyer()
    draft = stall.draft(buyer, 4)
    place([draft])
    assert stall.stock() == [0, 7]
    assert cancel(buying(buyer), id=draft.id, reason="changed my mind").state == 3
    assert (stall.stock(), stall.sold(), purse(buyer), stall.sales()) == ([2, 9], [0, 0], (100_000, 0), 0)
    cancel(buying(buyer), id=draft.id)
    assert purse(buyer) == (100_000, 0)
    with pytest.raises(Conflict):
        complete(stall.clerk(), id=draft.id)
    assert place([stall.draft(buyer, 4)])[0].created  # the limit is free again
    assert differences() == [] and all(each.debits == each.credits for each in trial_balance())


@pytest.mark.django_db
def test_refunds_piece_by_piece_sum_to_the_price():
    stall, buyer = a_stall([(900, in_days(1)), (900, in_days(5))], price=333, per=7), a_buyer()
    draft = stall.draft(buyer, 1000)
    place([draft])
    complete(stall.clerk(), id=draft.id)
    paid = 100_000 - purse(buyer)[0]
    for back in (1, 499, 3, 497):
        once, again = ids.uuid7(), None
        for _ in range(2):
            again = refund(stall.clerk(), id=draft.id, refund_id=once, lines={0: back}, reason="bruised", restock=True)
        assert again.lines == {"0": back}
    assert paid == price_of(1000, 333, 7)
    assert (purse(buyer)[0], stall.sales(), stall.stock(), stall.sold()) == (100_000, 0, [900, 900], [0, 0])
    assert queries.order(buying(buyer), draft.id).state == "refunded"
    with pytest.raises(Problem):
        refund(stall.clerk(), id=draft.id, refund_id=ids.uuid7(), lines={0: 1}, reason="more")


@pytest.mark.django_db
def test_a_refund_without_restock_leaves_the_goods_sold():
    stall, buyer = a_stall(), a_buyer()
    draft = stall.draft(buyer, 4)
    place([draft])
    complete(stall.clerk(), id=draft.id)
    refund(stall.clerk(), id=draft.id, refund_id=ids.uuid7(), lines={0: 1}, reason="spoiled")
    assert (stall.stock(), stall.sold(), purse(buyer)[0], stall.sales()) == ([96], [4], 98_500, 1500)
    assert queries.order(buying(buyer), draft.id).state == "part-refunded"


@pytest.mark.django_db
def test_a_substitute_within_what_is_held():
    pears = a_stall([(10, None)], price=500, settle="later")
    plums = a_stall([(10, None)], price=400, settle="later", seller=pears.seller, place=pears.place)
    gold = a_stall([(10, None)], price=9000, settle="later", seller=pears.seller, place=pears.place)
    buyer = a_buyer()
    draft = pears.draft(buyer, 4)
    place([draft])
    with pytest.raises(Conflict):
        amend(pears.clerk(), id=draft.id, line=0, offer=gold.offer, quantity=1)
    amend(pears.clerk(), id=draft.id, line=0, offer=plums.offer, quantity=3)
    amend(pears.clerk(), id=draft.id, line=0, offer=plums.offer, quantity=3)
    assert (pears.stock(), plums.stock(), gold.stock(), purse(buyer)) == ([10], [7], [10], (100_000, 2000))
    complete(pears.clerk(), id=draft.id)
    assert (plums.sold(), pears.sold(), purse(buyer)) == ([3], [0], (98_800, 0))
    assert [(line.n, line.actual, line.replaces) for line in queries.order(buying(buyer), draft.id).lines] == [
        (0, 0, None),
        (1, 3, 0),
    ]


@pytest.mark.django_db
def test_only_the_two_sides_may_change_an_order():
    _, buyer, draft = weighed()
    stranger, rival = buying(a_buyer()), a_stall().clerk()
    for actor in (stranger, rival):
        with pytest.raises(Missing):
            cancel(actor, id=draft.id)
        with pytest.raises(Missing):
            complete(actor, id=draft.id)
        with pytest.raises(Missing):
            refund(actor, id=draft.id, refund_id=ids.uuid7(), lines={0: 1}, reason="mine")
    with pytest.raises(Missing):
        complete(buying(buyer), id=draft.id)  # the buyer does not say what was handed over
    assert purse(buyer) == (100_000, 3476)


@pytest.mark.django_db
def test_a_recall_finds_whom_a_lot_reached():
    stall = a_stall([(3, in_days(1)), (9, in_days(5))])
    buyers = [a_buyer() for _ in range(3)]
    drafts = [stall.draft(buyer, 2) for buyer in buyers]
    place(drafts)
    cancel(buying(buyers[0]), id=drafts[0].id)
    lot = stall.lots[0][0]
    assert queries.took_from([lot]) == [(drafts[1].id, buyers[1], 1)]


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.integers(1, 1000), st.lists(st.integers(1, 10**6), max_size=5))
def test_refunds_never_exceed_the_price(quantity: int, price: int, per: int, parts: list[int]):
    refunded = paid_back = 0
    for wanted in parts:
        part = min(wanted, quantity - refunded)
        if part:
            paid_back += rules.refund_amount(price, per, quantity, refunded, part)
            refunded += part
    rest = rules.refund_amount(price, per, quantity, refunded, quantity - refunded) if refunded < quantity else 0
    assert paid_back + rest == price_of(quantity, price, per)


def test_lines_of_an_order_are_told_from_its_moves():
    order = ids.uuid7()
    assert rules.line_of(rules.take_id(order, 199, 15)) == 199
    assert rules.settling(rules.take_id(order, 3, 2)).int - rules.take_id(order, 3, 2).int == rules.SETTLE
    with pytest.raises(Invalid):
        rules.spread(5, [rules.Take(1, 2, 4)])


def test_wire_bodies_name_the_field():
    from lilong.kernel.orders import edge

    line = LineDraft(offer=ids.uuid7(), quantity=1, price=1)
    import msgspec

    body = msgspec.to_builtins(OrderDraft(id=ids.uuid7(), lines=[line]))
    body["lines"][0]["quantity"] = 1.5
    with pytest.raises(Invalid) as found:
        edge.read(msgspec.json.encode(body))
    assert [(v.pointer, v.rule) for v in found.value.violations] == [("/lines/0/quantity", "type")]
