"""Community group buying: ordering until the cut-off, collecting by code, commissions."""

from datetime import timedelta

import pytest

from lilong.fields.market.queries import campaigns as queries
from lilong.fields.market.services import campaigns
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing, TooMany
from lilong.kernel.ledger import queries as ledger_reads
from lilong.kernel.ledger import services as ledger
from lilong.kernel.orders import queries as order_reads
from lilong.kernel.orders import services as orders
from lilong.kernel.orders.drafts import LineDraft
from tests.fields.market.deal_scene import PRICE, Community, people, purse, sales
from tests.fields.market.scene import NOON, Market, changed

pytestmark = pytest.mark.usefixtures("noon")
AFTER = NOON + timedelta(hours=2)


@pytest.fixture
def community(market: Market) -> Community:
    market.receive(market.eggs, 50)
    return Community(market)


def refusal(act) -> str:
    with pytest.raises(Conflict) as error:
        act()
    return error.value.code


def test_from_order_to_hand_over_the_commission_goes_with_the_money(community: Community):
    buyer, other = people(2)
    ordered, second = community.order(buyer, 3), community.order(other)
    assert (len(ordered.code), purse(buyer), community.earned()) == (8, (100_000, 3 * PRICE), 0)
    assert refusal(lambda: community.hand_over(ordered.code)) == "not-cut-off"
    with clock.at(AFTER):
        assert (campaigns.cut_off_due(), campaigns.cut_off_due()) == (1, 0)
        assert refusal(lambda: community.order(buyer)) == "after-cut-off"
        (pick,) = queries.picks(community.person, community.id)
        assert (pick.quantity, pick.orders, str(pick.point.name)) == (4, 2, "Gate 3")
        handed = community.hand_over(ordered.code)
        assert community.hand_over(ordered.code).handed_at == handed.handed_at
    assert (handed.order, handed.commission, community.earned()) == (ordered.placed.id, 297, 297)
    assert (purse(buyer), sales(community.market)) == ((100_000 - 3 * PRICE, 0), 3 * PRICE - 297)
    assert order_reads.order(buyer, ordered.placed.id).state == "completed"
    (fact,) = community.market.facts(ordered.placed.id, "market.order.collected")
    assert (fact["commission"], fact["total"]) == (297, 3 * PRICE)
    states = {p.order: p.state for p in queries.parcels(community.person, community.id).items}
    assert states == {ordered.placed.id: "handed", second.placed.id: "waiting"}
    assert purse(other) == (100_000, PRICE) and second.code != ordered.code


def test_only_the_code_completes(community: Community):
    (buyer,) = people(1)
    order = community.order(buyer).placed.id
    assert refusal(lambda: orders.complete(community.market.owner, id=order)) == "code-needed"
    assert (purse(buyer), community.earned()) == ((100_000, PRICE), 0)


def refund(community: Community, order, quantity: int) -> None:
    orders.refund(community.market.clerk, id=order, refund_id=ids.uuid7(), lines={0: quantity}, reason="cracked")


def handed(community: Community, buyer, quantity: int):
    ordered = community.order(buyer, quantity)
    with clock.at(AFTER):
        campaigns.cut_off_due()
        community.hand_over(ordered.code)
    return ordered.placed.id


def test_a_refund_takes_the_commission_back_in_proportion(community: Community):
    (buyer,) = people(1)
    order = handed(community, buyer, 3)
    assert community.earned() == 297
    refund(community, order, 1)
    assert (community.earned(), sales(community.market)) == (198, 2 * PRICE - 198)
    refund(community, order, 2)
    assert (community.earned(), sales(community.market), purse(buyer)) == (0, 0, (100_000, 0))
    assert queries.parcels_of(buyer).items[0].commission == 0
    assert [f["amount"] for f in community.market.facts(order, "market.commission.returned")] == [99, 198]


def test_a_buyer_does_not_wait_for_a_leader_who_spent_the_commission(community: Community):
    (buyer,) = people(1)
    order = handed(community, buyer, 3)
    wallet, elsewhere = ledger.wallet(community.person.party), ledger.wallet(people(1)[0].party)
    ledger.post_all([ledger.Move(ids.uuid7(), wallet, elsewhere, 250)])
    refund(community, order, 3)
    money = ledger.open_asset("CNY", kind="money", unit="CNY", scale=2)
    debt = ledger_reads.account_of(community.person.party, money, "commission")
    assert (purse(buyer), community.earned(), ledger_reads.balance(debt).posted) == ((100_000, 0), 0, -250)
    again = Community(community.market)
    # The debt is the person's: what another campaign pays goes to it first.
    again.person = community.person
    campaigns.end_leader(community.market.owner, id=again.leader)
    again.leader = campaigns.appoint_leader(
        community.market.owner,
        id=ids.uuid7(),
        seller=community.market.seller,
        person=community.person.party,
        point=again.point,
    ).id
    again.draft = changed(again.draft, id=ids.uuid7(), leaders=[again.leader], lines=[_fresh(again)])
    again.offer = again.draft.lines[0].offer
    again.id = campaigns.open_campaign(community.market.owner, again.draft).id
    handed(again, buyer, 3)
    assert (again.earned(), ledger_reads.balance(debt).posted) == (47, 0)
    assert ledger_reads.differences() == []


def _fresh(community: Community):
    return changed(community.draft.lines[0], offer=ids.uuid7())


def test_a_buyer_may_cancel_until_the_cut_off_and_the_seller_always(community: Community):
    first, second = people(2)
    early, late = community.order(first).placed.id, community.order(second)
    orders.cancel(first, id=early)
    with clock.at(AFTER):
        campaigns.cut_off_due()
        assert refusal(lambda: orders.cancel(second, id=late.placed.id)) == "after-cut-off"
        assert [pick.orders for pick in queries.picks(community.market.picker, community.id)] == [1]
        orders.cancel(community.market.clerk, id=late.placed.id)
        assert refusal(lambda: community.hand_over(late.code)) == "order-cancelled"
    assert [purse(first), purse(second), community.earned()] == [(100_000, 0), (100_000, 0), 0]


def test_what_nobody_collects_is_cancelled(community: Community):
    buyer, other = people(2)
    gone, kept = community.order(buyer), community.order(other)
    with clock.at(AFTER):
        campaigns.cut_off_due()
        community.hand_over(kept.code)
    with clock.at(community.draft.collect_until):
        assert refusal(lambda: community.hand_over(gone.code)) == "collection-over"
        assert (campaigns.cancel_uncollected(), campaigns.cancel_uncollected()) == (1, 0)
    assert [purse(buyer), purse(other)] == [(100_000, 0), (100_000 - PRICE, 0)]
    assert len(community.market.facts(gone.placed.id, "market.order.uncollected")) == 1


def test_codes_cannot_be_guessed_one_after_the_other(community: Community):
    right = community.order(people(1)[0]).code
    for code in [f"x{n}" for n in range(campaigns.TRIES)]:
        with pytest.raises(Invalid) as error:
            community.hand_over(code)
        assert [v.pointer for v in error.value.violations] == ["/code"]
    with pytest.raises(TooMany):
        community.hand_over(right)


def test_a_code_works_at_its_own_point_for_its_own_leader(community: Community):
    (buyer,) = people(1)
    ordered, elsewhere = community.order(buyer), Community(community.market)
    with clock.at(AFTER):
        campaigns.cut_off_due()
        with pytest.raises(Invalid):
            elsewhere.hand_over(ordered.code)
        for actor in (elsewhere.person, buyer, community.market.owner, community.market.rival_owner):
            with pytest.raises(Missing):
                community.hand_over(ordered.code, actor)
    assert campaigns.code_of(buyer, order=ordered.placed.id) == ordered.code
    for actor in (community.person, community.market.owner):
        with pytest.raises(Missing):
            campaigns.code_of(actor, order=ordered.placed.id)
    for read in (queries.picks, queries.parcels):
        for actor in (buyer, community.market.rival_owner):
            with pytest.raises(Missing):
                read(actor, community.id)
    assert queries.parcels(elsewhere.person, elsewhere.id).items == []
    assert queries.parcels_of(people(1)[0]).items == []


def test_ordering_is_idempotent_and_only_what_the_campaign_sells(community: Community):
    buyer, other = people(2)
    id = ids.uuid7()
    first = community.order(buyer, id=id)
    assert community.order(buyer, id=id).code == first.code
    assert refusal(lambda: community.order(buyer, 2, id=id)) == "id-taken"
    assert refusal(lambda: community.order(other, id=id)) == "id-taken"
    with pytest.raises(Invalid):
        community.order(buyer, lines=[LineDraft(offer=community.market.eggs, quantity=1, price=1290)])
    with pytest.raises(Missing):
        community.order(buyer, leader=ids.uuid7())
    assert purse(buyer) == (100_000, PRICE)


def test_opening_is_the_sellers_and_names_bad_fields(community: Community):
    market, draft = community.market, community.draft
    assert campaigns.open_campaign(market.clerk, draft).id == community.id
    assert refusal(lambda: campaigns.open_campaign(market.owner, changed(draft, commission_bp=1))) == "id-taken"
    fresh = changed(draft, id=ids.uuid7(), lines=[_fresh(community)])
    for actor in (market.rival_owner, market.picker, community.person):
        with pytest.raises(Forbidden):
            campaigns.open_campaign(actor, fresh)
    with pytest.raises(Forbidden):
        campaigns.open_campaign(market.rival_owner, changed(fresh, seller=market.rival))
    with pytest.raises(Invalid) as error:
        campaigns.open_campaign(market.owner, changed(fresh, cut_off=NOON, leaders=[], commission_bp=5000))
    found = {(v.pointer, v.rule) for v in error.value.violations}
    assert {("/leaders", "length"), ("/cut_off", "in-the-past"), ("/commission_bp", "range")} <= found


def test_leaders_are_residents_at_pick_up_points_one_each(community: Community):
    market, person = community.market, community.market.person("Aunt Zhao")
    given = {"id": ids.uuid7(), "seller": market.seller, "person": person.party}
    assert refusal(lambda: campaigns.appoint_leader(market.owner, **given, point=community.point)) == "point-has-leader"
    with pytest.raises(Invalid):
        campaigns.appoint_leader(market.owner, **given, point=market.warehouse)
    point = market.place("Gate 9", kind="pick-up-point")
    with pytest.raises(Missing):
        campaigns.appoint_leader(market.owner, **given | {"person": market.rival}, point=point)
    with pytest.raises(Forbidden):
        campaigns.appoint_leader(market.rival_owner, **given, point=point)
    leader = campaigns.appoint_leader(market.clerk, **given, point=point)
    assert campaigns.appoint_leader(market.clerk, **given, point=point) == leader
    with pytest.raises(Missing):
        campaigns.end_leader(market.rival_owner, id=leader.id)
    assert campaigns.end_leader(person, id=leader.id).ended_at == NOON
    fresh = changed(community.draft, id=ids.uuid7(), lines=[_fresh(community)], leaders=[leader.id])
    with pytest.raises(Invalid):
        campaigns.open_campaign(market.owner, fresh)
