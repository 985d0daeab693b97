"""Social group buying: seats, money, and who may what."""

from datetime import timedelta

import pytest

from lilong.fields.market.drafts import GroupOfferDraft
from lilong.fields.market.queries import groups as queries
from lilong.fields.market.services import groups
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.orders import services as orders
from lilong.kernel.orders.drafts import LineDraft, OrderDraft, Refused
from tests.fields.market.deal_scene import PRICE, a_group, group_offer, people, purse, sales, seat
from tests.fields.market.scene import NOON, Market, changed

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def stocked(market: Market) -> Market:
    market.receive(market.eggs, 20)
    return market


def refusal(act) -> str:
    with pytest.raises(Conflict) as error:
        act()
    return error.value.code


def test_the_last_seat_makes_the_groups_orders_firm(stocked: Market):
    first, second, third, late = people(4)
    group = a_group(stocked, first)
    seats = [seat(stocked, group) for _ in range(2)]
    view, _ = groups.join(second, seats[0])
    assert (view.state, view.members) == ("open", 2)
    view, placed = groups.join(third, seats[1])
    assert (view.state, view.members, placed.total) == ("complete", 3, PRICE)
    assert groups.join(third, seats[1])[1] == changed(placed, created=False)
    with pytest.raises(Conflict) as error:
        groups.join(late, seat(stocked, group))
    assert error.value.code == "group-full"
    assert error.value.extra["open_another"].endswith(f"/group-offers/{view.offer_id}/groups")
    assert [purse(each) for each in (first, late)] == [(100_000, PRICE), (100_000, 0)]
    assert refusal(lambda: groups.leave(third, order=placed.id)) == "group-firm"
    assert refusal(lambda: orders.cancel(third, id=placed.id)) == "group-firm"
    orders.complete(stocked.clerk, id=placed.id)
    assert (purse(third), sales(stocked)) == ((100_000 - PRICE, 0), PRICE)
    assert [len(stocked.facts(group, f"market.group.{n}")) for n in ("opened", "joined", "completed")] == [1, 3, 1]


def test_of_a_complete_group_the_seller_may_cancel_and_refund(stocked: Market):
    first, second = people(2)
    group = a_group(stocked, first, size=2)
    draft = seat(stocked, group)
    groups.join(second, draft)
    mine = queries.group(group, actor=first).order
    orders.cancel(stocked.clerk, id=mine, reason="out of eggs")
    orders.complete(stocked.clerk, id=draft.order)
    orders.refund(stocked.clerk, id=draft.order, refund_id=ids.uuid7(), lines={0: 1}, reason="cracked")
    assert [purse(first), purse(second), sales(stocked)] == [(100_000, 0), (100_000, 0), 0]


def test_until_it_is_complete_only_the_group_moves_an_order(stocked: Market):
    (first,) = people(1)
    group = a_group(stocked, first)
    order = queries.group(group, actor=first).order
    for act in (
        lambda: orders.cancel(first, id=order),
        lambda: orders.cancel(stocked.clerk, id=order),
        lambda: orders.complete(stocked.clerk, id=order),
        lambda: orders.amend(stocked.clerk, id=order, line=0, offer=stocked.eggs, quantity=1),
    ):
        assert refusal(act) == "group-decides"
    assert purse(first) == (100_000, PRICE)


def test_a_group_offer_is_not_sold_singly(stocked: Market):
    offer, (buyer,) = group_offer(stocked), people(1)
    line = LineDraft(offer=offer, quantity=1, price=PRICE)
    (answer,) = orders.place([OrderDraft(id=ids.uuid7(), buyer=buyer.party, lines=[line], place=stocked.warehouse)])
    assert isinstance(answer, Refused) and answer.problem.code == "not-sold-singly"


def test_without_enough_people_everybody_has_his_money_back(stocked: Market):
    first, second, late = people(3)
    group = a_group(stocked, first)
    groups.join(second, seat(stocked, group))
    assert groups.settle_due() == 0
    with clock.at(NOON + timedelta(hours=1)):
        assert refusal(lambda: groups.join(late, seat(stocked, group))) == "group-over"
        assert (groups.settle_due(), groups.settle_due()) == (2, 0)
        assert refusal(lambda: groups.join(late, seat(stocked, group))) == "group-over"
    assert [purse(each) for each in (first, second, late)] == [(100_000, 0)] * 3
    (failed,) = stocked.facts(group, "market.group.failed")
    assert (failed["members"], failed["size"]) == (2, 3)
    assert ledger.differences() == []


def test_leaving_frees_the_seat_and_one_may_come_again(stocked: Market):
    first, second, third = people(3)
    group = a_group(stocked, first, size=2)
    order = queries.group(group, actor=first).order
    with pytest.raises(Missing):
        groups.leave(second, order=order)
    assert groups.leave(first, order=order).members == 0
    assert groups.leave(first, order=order).members == 0
    assert purse(first) == (100_000, 0)
    groups.join(second, seat(stocked, group))
    assert groups.join(first, seat(stocked, group))[0].state == "complete"
    assert refusal(lambda: groups.join(third, seat(stocked, group))) == "group-full"


def test_joining_is_whole_or_nothing(stocked: Market):
    first, poor = people(1) + people(1, fen=100)
    group = a_group(stocked, first)
    assert refusal(lambda: groups.join(poor, seat(stocked, group))) == "insufficient-funds"
    assert refusal(lambda: groups.join(poor, seat(stocked, group, price=1))) == "price-changed"
    assert refusal(lambda: groups.join(first, seat(stocked, group))) == "already-in"
    assert refusal(lambda: groups.join(people(1)[0], seat(stocked, group, quantity=99))) == "sold-out"
    fresh = seat(stocked, ids.uuid7())
    assert refusal(lambda: groups.open_group(poor, offer=group_offer(stocked), draft=fresh)) == "insufficient-funds"
    with pytest.raises(Missing):
        queries.group(fresh.group)
    assert queries.group(group).members == 1


def test_ids_belong_to_whom_they_were_used_by(stocked: Market):
    first, second = people(2)
    offer, draft = group_offer(stocked), seat(stocked, ids.uuid7())
    groups.open_group(first, offer=offer, draft=draft)
    assert groups.open_group(first, offer=offer, draft=draft)[1].created is False
    taken = changed(draft, order=ids.uuid7())
    assert refusal(lambda: groups.open_group(second, offer=offer, draft=taken)) == "id-taken"
    assert refusal(lambda: groups.open_group(first, offer=group_offer(stocked), draft=draft)) == "id-taken"
    assert refusal(lambda: groups.join(second, draft)) == "id-taken"
    assert refusal(lambda: groups.join(first, changed(draft, quantity=2))) == "id-taken"
    with pytest.raises(Missing):
        groups.join(second, seat(stocked, ids.uuid7()))
    assert queries.group(draft.group, actor=second).order is None
    assert [view.id for view in queries.open_groups(offer)] == [draft.group]
    assert [view.id for view in queries.groups_of(first).items] == [draft.group]
    assert queries.groups_of(second).items == []


def test_offering_to_groups_is_the_sellers_and_names_bad_fields(stocked: Market):
    draft = GroupOfferDraft(id=ids.uuid7(), product=stocked.eggs, price=900, size=3, seconds=600)
    for actor in (stocked.rival_owner, stocked.picker, people(1)[0]):
        with pytest.raises(Forbidden):
            groups.offer_group(actor, draft)
    with pytest.raises(Invalid) as error:
        groups.offer_group(stocked.owner, changed(draft, size=1, seconds=1, price=-1))
    assert [v.pointer for v in error.value.violations] == ["/price", "/size", "/seconds"]
    assert groups.offer_group(stocked.owner, draft) == groups.offer_group(stocked.owner, draft)
    assert refusal(lambda: groups.offer_group(stocked.owner, changed(draft, size=4))) == "id-taken"
