"""Loss, damage, lateness: who may claim what, how much at most, who decides, and where the money comes from."""

from datetime import timedelta
from typing import Any

import pytest

from lilong.fields.delivery.models import Claim, Shipment
from lilong.fields.delivery.queries import claims as queries
from lilong.fields.delivery.services import claims, delivering, journey, ratings
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.ledger import services as ledger_services
from lilong.kernel.parties.actor import SYSTEM, Actor
from tests.fields.delivery.scene import NOON, Lane


def lost(lane: Lane, value: int = 20_000) -> Shipment:
    shipment = lane.ship(value=value)
    journey.collect(lane.courier, shipment=shipment.id, vehicle=lane.courier.party)
    return journey.lose(lane.dispatcher, shipment=shipment.id, reason="fell into the creek")


def delivered(lane: Lane, at: timedelta = timedelta(minutes=10)) -> Shipment:
    shipment = lane.ship(value=20_000)
    journey.collect(lane.courier, shipment=shipment.id, vehicle=lane.courier.party)
    with clock.at(NOON + at):
        return delivering.deliver(lane.courier, shipment=shipment.id, vehicle=lane.courier.party)


def claim(lane: Lane, shipment: Shipment, kind: str = "loss", asked: int = 20_000, **more: Any) -> Claim:
    given: dict[str, Any] = {"id": ids.uuid7(), "shipment": shipment.id, "kind": kind, "asked": asked}
    return claims.open_claim(more.pop("actor", lane.recipient), **(given | more))


def fund(lane: Lane, fen: int) -> None:
    ledger_services.top_up(SYSTEM, id=ids.uuid7(), owner=lane.carrier, amount=fen)


def test_a_loss_is_paid_from_what_was_earned_then_from_the_wallet(lane: Lane):
    delivered(lane)  # 600 fen earned
    shipment = lost(lane)
    fund(lane, 50_000)
    made = claim(lane, shipment)
    claims.assess(lane.owner, id=made.id, amount=15_000, answer="worn")
    for _ in range(2):
        assert claims.settle(lane.owner, id=made.id).state == "paid"
    assert lane.purse()[0] == 100_000 - 600 + 15_000
    assert (lane.earned(), lane.purse(lane.carrier)[0]) == (0, 50_000 - 14_400)
    shipment.refresh_from_db()
    assert (shipment.claimed, shipment.cover) == (15_000, 20_000)
    assert [each["amount"] for each in lane.facts(made.id, "claim.decided")] == [15_000]
    assert ledger.differences() == []


def test_never_beyond_the_cover(lane: Lane):
    shipment = lost(lane, value=90_000)
    assert shipment.cover == 50_000  # the service's most
    fund(lane, 200_000)
    first, second = claim(lane, shipment, asked=80_000), claim(lane, shipment, kind="excursion", asked=40_000)
    with pytest.raises(Invalid) as refused:
        claims.assess(lane.owner, id=first.id, amount=50_001)
    assert refused.value.violations[0].detail == "0..50000"
    claims.assess(lane.owner, id=first.id, amount=30_000)
    claims.assess(lane.owner, id=second.id, amount=40_000)
    claims.settle(lane.owner, id=first.id)
    with pytest.raises(Conflict) as beyond:
        claims.settle(lane.owner, id=second.id)
    assert (beyond.value.code, beyond.value.extra) == ("beyond-cover", {"cover": 50_000, "claimed": 30_000})
    assert lane.purse()[0] == 130_000


def test_a_carrier_without_money_owes_it_still(lane: Lane):
    made = claim(lane, lost(lane))
    claims.assess(lane.owner, id=made.id, amount=20_000)
    with pytest.raises(Conflict) as refused:
        claims.settle(lane.owner, id=made.id)
    assert (refused.value.code, refused.value.extra) == ("ledger-insufficient", {"available": 0})
    assert Claim.objects.get().state == "assessed"
    fund(lane, 20_000)
    assert claims.settle(lane.owner, id=made.id).state == "paid"


def test_late_is_worth_the_fee_at_most(lane: Lane):
    shipment = delivered(lane, at=timedelta(minutes=40))
    made = claim(lane, shipment, kind="late", asked=5000)
    with pytest.raises(Invalid):
        claims.assess(lane.owner, id=made.id, amount=601)
    claims.assess(lane.owner, id=made.id, amount=300)
    claims.settle(lane.owner, id=made.id)
    assert (lane.purse()[0], lane.earned()) == (100_000 - 300 + 300, 0)


def test_no_ground_no_claim(lane: Lane):
    shipment = delivered(lane)
    under_way = lane.ship()
    for which, kind in ((shipment, "late"), (under_way, "loss"), (under_way, "damage")):
        with pytest.raises(Conflict) as refused:
            claim(lane, which, kind=kind)
        assert refused.value.code == "no-ground"
    with clock.at(NOON + timedelta(days=31)), pytest.raises(Conflict) as late:
        claim(lane, shipment, kind="damage")
    assert late.value.code == "too-late"
    for more in ({"kind": "sulk"}, {"asked": 0}, {"text": "x" * 1001}, {"parcel": ids.uuid7(), "kind": "damage"}):
        with pytest.raises(Invalid):
            claim(lane, shipment, **more)
    assert Claim.objects.count() == 0


def test_one_open_claim_of_a_kind_and_the_same_again(lane: Lane):
    shipment = lost(lane)
    id = ids.uuid7()
    first = claim(lane, shipment, id=id)
    assert claim(lane, shipment, id=id).id == first.id
    for more in ({"id": id, "asked": 1}, {"asked": 1}):
        with pytest.raises(Conflict):
            claim(lane, shipment, **more)


def test_who_may_claim_and_decide(lane: Lane):
    shipment = lost(lane)
    for actor in (lane.person("Stranger"), lane.owner, lane.courier):
        with pytest.raises(Missing):
            claim(lane, shipment, actor=actor)
    with pytest.raises(Missing):  # a sender does not claim in the recipient's name
        claim(lane, shipment, actor=lane.shop_owner, claimant=lane.recipient.party)
    made = claim(lane, shipment)
    for actor in (lane.recipient, lane.rival_owner, lane.courier, lane.shop_owner):
        with pytest.raises(Missing):
            claims.assess(actor, id=made.id, amount=1)
        with pytest.raises(Missing):
            claims.settle(actor, id=made.id)
    with pytest.raises(Missing):
        queries.claim(lane.rival_owner, made.id)
    assert queries.claim(lane.recipient, made.id).asked == 20_000
    assert [each.id for each in queries.of_carrier(lane.owner, lane.carrier).items] == [made.id]


def test_a_refusal_is_appealed_once_and_the_city_decides(lane: Lane):
    made = claim(lane, lost(lane))
    fund(lane, 100_000)
    claims.assess(lane.owner, id=made.id, amount=0, answer="no")
    assert claims.settle(lane.owner, id=made.id).state == "refused"
    with pytest.raises(Missing):
        claims.appeal(lane.owner, id=made.id, text="please")
    for _ in range(2):
        assert claims.appeal(lane.recipient, id=made.id, text="it was new").state == "assessed"
    with pytest.raises(Conflict):
        claims.appeal(lane.recipient, id=made.id, text="and dear")
    with pytest.raises(Conflict) as open_appeal:
        claims.settle(lane.owner, id=made.id)
    assert open_appeal.value.code == "appealed"
    operator = Actor(party=ids.uuid7(), kind="person", staff=True)
    with pytest.raises(Forbidden):
        claims.decide(lane.recipient, id=made.id, amount=20_000)
    assert [each.id for each in queries.appeals(operator)] == [made.id]
    for _ in range(2):
        assert claims.decide(operator, id=made.id, amount=18_000, answer="receipt seen").state == "paid"
    assert lane.purse()[0] == 118_000
    with pytest.raises(Conflict):
        claims.appeal(lane.recipient, id=made.id, text="more")


def test_rated_once_by_the_recipient(lane: Lane):
    shipment = delivered(lane)
    for _ in range(2):
        assert ratings.rate(lane.recipient, shipment=shipment.id, stars=5, text="quick").stars == 5
    with pytest.raises(Conflict):
        ratings.rate(lane.recipient, shipment=shipment.id, stars=1)
    for actor in (lane.courier, lane.shop_owner, lane.person("Stranger")):
        with pytest.raises(Missing):
            ratings.rate(actor, shipment=shipment.id, stars=5)
    open_one = lane.ship()
    with pytest.raises(Conflict):
        ratings.rate(lane.recipient, shipment=open_one.id, stars=5)
    for stars in (0, 6):
        with pytest.raises(Invalid):
            ratings.rate(lane.recipient, shipment=shipment.id, stars=stars)
    assert [each["stars"] for each in lane.facts(shipment.id, "shipment.rated")] == [5]
