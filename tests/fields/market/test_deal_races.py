"""Groups and campaigns under real concurrency and real kills."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from lilong.fields.market.models import Campaign, Collection, Group, Membership, PickLine
from lilong.fields.market.services import campaigns, groups
from lilong.kernel.base import clock
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.orders import queries as orders
from tests.fields.market.deal_scene import PRICE, Community, a_group, people, purse, race, sales
from tests.fields.market.scene import Market


@pytest.fixture
def city(fresh_database: str) -> Market:
    market = Market()
    market.receive(market.eggs, 500)
    return market


def given(city: Market, group, buyers) -> dict:
    return {"group": group, "buyers": [b.party for b in buyers], "price": PRICE, "place": city.warehouse}


def ending(group: UUID, seconds: float) -> Callable[[], object]:
    """Sets the group's deadline a moment ahead of when the racers are let go."""
    return lambda: Group.objects.filter(id=group).update(deadline=clock.now() + timedelta(seconds=seconds))


def closing(community: Community) -> None:
    Campaign.objects.filter(id=community.id).update(cut_off=clock.now() + timedelta(seconds=0.5))


def test_of_more_joiners_than_seats_exactly_the_seats_are_taken(city: Market):
    opener, *others = people(16)
    group = a_group(city, opener, size=6)
    said = race([("join", given(city, group, others[n::5])) for n in range(5)])
    assert Counter(word for each in said for word in each) == {"ok": 5, "group-full": 10}
    assert (Group.objects.get(id=group).state, Membership.objects.filter(left_at=None).count()) == ("complete", 6)
    assert sorted(purse(each)[1] for each in [opener, *others]) == [0] * 10 + [PRICE] * 6
    assert ledger.differences() == []


def test_one_buyer_at_many_doors_has_one_seat(city: Market):
    opener, eager = people(2)
    group = a_group(city, opener, size=6)
    said = race([("join", given(city, group, [eager] * 2)) for _ in range(4)])
    assert Counter(word for each in said for word in each) == {"ok": 1, "already-in": 7}
    assert purse(eager) == (100_000, PRICE)


def test_joining_against_the_deadline_is_in_and_whole_or_given_back(city: Market):
    opener, *others = people(31)
    group = a_group(city, opener, size=32)
    joining = [("join", given(city, group, others[n::3])) for n in range(3)]
    said = race([*joining, *[("settle", {"group": group})] * 2], at_go=ending(group, seconds=0.2))
    groups.settle_due()
    assert Group.objects.get(id=group).state == "failed"
    assert set(word for each in said[:3] for word in each) <= {"ok", "group-over"}
    assert {purse(each) for each in [opener, *others]} == {(100_000, 0)}
    states = {view.state for view in orders.orders_by(Membership.objects.values_list("order", flat=True)).values()}
    assert (states, Membership.objects.filter(left_at=None).count()) == ({"cancelled"}, 0)
    assert ledger.differences() == []


def test_the_last_seat_against_the_deadline_is_one_or_the_other(city: Market):
    opener, last = people(2)
    group = a_group(city, opener, size=2)
    settling = ("settle", {"group": group})
    said, *_ = race([("join", given(city, group, [last])), settling, settling], at_go=ending(group, seconds=0.03))
    complete = Group.objects.get(id=group).state == "complete"
    assert said == (["ok"] if complete else ["group-over"])
    assert {purse(opener), purse(last)} == ({(100_000, PRICE)} if complete else {(100_000, 0)})


def test_killed_in_the_middle_of_giving_back_a_further_run_finishes(city: Market):
    members = people(5)
    group = a_group(city, members[0], size=9)
    race([("join", given(city, group, members[1:]))])
    Group.objects.filter(id=group).update(deadline=clock.now())
    assert race([("die_settling", {"after": 2})]) == [None]
    assert sorted(purse(each)[1] for each in members) == [0, 0, PRICE, PRICE, PRICE]
    assert Group.objects.get(id=group).state == "failed"
    done = race([("settle", {"group": group})] * 2)
    assert sum(done) >= 3
    assert {purse(each) for each in members} == {(100_000, 0)}
    assert ledger.differences() == []


def test_the_pick_list_has_every_order_in_time_and_no_other(city: Market):
    community = Community(city)
    where = {"campaign": community.id, "leader": community.leader, "offer": community.offer, "price": PRICE}
    buyers = people(3)
    said = race(
        [*[("order", where | {"buyer": b.party}) for b in buyers], *[("cut_off", where)] * 2],
        at_go=lambda: closing(community),
    )
    stood = [order for each in said[:3] for order in each[:-1]]
    assert {each[-1] for each in said[:3]} <= {"after-cut-off", "sold-out", "insufficient-funds"}
    assert stood
    pick = PickLine.objects.get()
    assert (pick.quantity, pick.orders) == (len(stood), len(stood))
    assert {str(id) for id in Collection.objects.values_list("order", flat=True)} == set(stood)


def cut_off(community: Community) -> None:
    with clock.at(community.draft.cut_off):
        assert campaigns.cut_off_due() == 1


def test_a_parcel_is_handed_over_or_cancelled_never_both(city: Market):
    community, buyers = Community(city), people(6)
    codes = [community.order(buyer).code for buyer in buyers]
    cut_off(community)
    where = {"campaign": community.id, "leader": community.leader, "person": community.person.party}
    until = {"at": community.draft.collect_until.isoformat()}
    tasks = [("hand_over", where | {"codes": codes}), ("hand_over", where | {"codes": codes[::-1]}), ("expire", until)]
    race(tasks)
    handed = Collection.objects.filter(handed_at__isnull=False, cancelled_at=None).count()
    gone = Collection.objects.filter(handed_at=None, cancelled_at__isnull=False).count()
    assert handed + gone == 6
    assert (community.earned(), sales(city)) == (handed * 99, handed * (PRICE - 99))
    assert Counter(purse(buyer) for buyer in buyers) == Counter(
        {k: n for k, n in {(100_000 - PRICE, 0): handed, (100_000, 0): gone}.items() if n}
    )
    assert ledger.differences() == []


def test_killed_while_handing_over_nothing_happened_and_again_it_does(city: Market):
    community, (buyer,) = Community(city), people(1)
    code = community.order(buyer).code
    cut_off(community)
    where = {"campaign": community.id, "leader": community.leader, "person": community.person.party}
    assert race([("die_handing_over", where | {"codes": [code]})]) == [None]
    assert (community.earned(), purse(buyer)) == (0, (100_000, PRICE))
    assert race([("hand_over", where | {"codes": [code, code]})]) == [["ok", "ok"]]
    assert (community.earned(), purse(buyer)) == (99, (100_000 - PRICE, 0))
