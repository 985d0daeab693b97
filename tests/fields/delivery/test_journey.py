"""A shipment's way through its states: custody, money and facts of every outcome."""

from datetime import timedelta
from typing import Any

import pytest

from lilong.fields.delivery.drafts import ParcelDraft
from lilong.fields.delivery.models import HandOver, Parcel, Shipment
from lilong.fields.delivery.rules import states
from lilong.fields.delivery.services import delivering, journey
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.parties.actor import SYSTEM
from tests.fields.delivery.scene import NOON, Lane

LATER = NOON + timedelta(minutes=20)


def brought(lane: Lane, shipment: Shipment, **more: Any) -> Shipment:
    who = {"shipment": shipment.id, "vehicle": lane.courier.party}
    journey.collect(lane.courier, **who)
    return delivering.deliver(lane.courier, **who, **more)


def chain(shipment: Shipment) -> list[tuple[str, str]]:
    rows = HandOver.objects.filter(parcel__shipment=shipment).order_by("parcel__number", "n")
    return [(row.from_kind, row.to_kind) for row in rows]


def test_a_shipment_is_asked_for_collected_and_delivered_in_time(lane: Lane):
    shipment = lane.ship()
    assert (shipment.state, shipment.fee, shipment.latest) == ("requested", 600, NOON + timedelta(minutes=30))
    assert lane.purse() == (99_400, 600)
    with clock.at(LATER):
        done = brought(lane, shipment)
    assert (done.state, done.delivered_at) == ("delivered", LATER)
    assert (lane.purse(), lane.earned()) == ((99_400, 0), 600)
    assert chain(shipment) == [("sender", "sender"), ("sender", "vehicle"), ("vehicle", "recipient")]
    (fact,) = lane.facts(shipment.id, "shipment.delivered")
    assert (fact["on_time"], fact["minutes"], fact["unattended"], fact["way"], fact["fee"]) == (
        True,
        20,
        False,
        "door",
        600,
    )
    assert (fact["district"], fact["place"], fact["service"], fact["parcels"]) == (
        "huangpu",
        str(lane.depot),
        "rapid",
        1,
    )
    passed = [lane.facts(shipment.id, f"shipment.{name}") for name in ("accepted", "collected", "out")]
    assert [len(found) for found in passed] == [1, 1, 1]
    assert ledger.differences() == []


def test_late_is_cheaper_by_the_services_rule(lane: Lane):
    shipment = lane.ship()
    with clock.at(NOON + timedelta(minutes=31)):
        brought(lane, shipment)
    assert (lane.purse(), lane.earned()) == ((99_700, 0), 300)
    assert lane.facts(shipment.id, "shipment.delivered")[0]["on_time"] is False


def test_the_last_second_of_a_promise_is_in_time(lane: Lane):
    shipment = lane.ship()
    with clock.at(shipment.latest):
        brought(lane, shipment)
    assert lane.facts(shipment.id, "shipment.delivered")[0]["on_time"] is True


def test_said_again_everything_answers_the_same_and_changes_nothing(lane: Lane):
    shipment = lane.ship()
    for _ in range(2):
        assert journey.accept(lane.dispatcher, shipment=shipment.id).state == "accepted"
    who = {"shipment": shipment.id, "vehicle": lane.courier.party}
    for step, state in ((journey.collect, "collected"), (journey.depart, "out"), (delivering.deliver, "delivered")):
        for _ in range(2):
            assert step(lane.courier, **who).state == state
    assert chain(shipment) == [("sender", "sender"), ("sender", "vehicle"), ("vehicle", "recipient")]
    assert lane.earned() == 600


def test_nobody_was_there_twice_and_it_goes_back_for_half_the_fee(lane: Lane):
    shipment = lane.ship()
    who: dict[str, Any] = {"shipment": shipment.id, "vehicle": lane.courier.party}
    journey.collect(lane.courier, **who)
    assert journey.fail(lane.courier, **who, outcome="no-answer").state == "failed"
    with clock.at(NOON + timedelta(minutes=5)):
        assert journey.fail(lane.courier, **who, outcome="no-answer").state == "returning"
        assert journey.hand_back(lane.courier, **who).state == "returned"
    assert (lane.purse(), lane.earned()) == ((99_700, 0), 300)
    assert chain(shipment)[-1] == ("vehicle", "sender")
    assert [each["attempts"] for each in lane.facts(shipment.id, "shipment.failed")] == [1, 2]
    assert lane.facts(shipment.id, "shipment.returned")[0]["fee"] == 300


def test_what_the_carrier_spoilt_costs_nothing(lane: Lane):
    shipment = lane.ship()
    who: dict[str, Any] = {"shipment": shipment.id, "vehicle": lane.courier.party}
    journey.collect(lane.courier, **who)
    journey.fail(lane.courier, **who, outcome="damaged")
    journey.send_back(lane.dispatcher, shipment=shipment.id, reason="broken")
    journey.hand_back(lane.courier, **who)
    assert (lane.purse(), lane.earned()) == ((100_000, 0), 0)


def test_over_a_depot_and_with_another_vehicle(lane: Lane):
    shipment = lane.ship()
    first: dict[str, Any] = {"shipment": shipment.id, "vehicle": lane.courier.party}
    journey.collect(lane.courier, **first)
    assert journey.bring_to_depot(lane.courier, **first, depot=lane.depot).state == "at-depot"
    with pytest.raises(Conflict) as refused:
        delivering.deliver(lane.courier, **first)
    assert refused.value.code == "other-holder"
    second: dict[str, Any] = {"shipment": shipment.id, "vehicle": lane.other.party}
    assert journey.depart(lane.other, **second).state == "out"
    assert delivering.deliver(lane.other, **second).state == "delivered"
    assert [to for _from, to in chain(shipment)] == ["sender", "vehicle", "depot", "vehicle", "recipient"]


def test_called_off_before_it_is_collected_everything_is_free_again(lane: Lane):
    shipment = lane.ship()
    for _ in range(2):
        assert journey.cancel(lane.recipient, shipment=shipment.id, reason="changed my mind").state == "cancelled"
    assert lane.purse() == (100_000, 0)
    with pytest.raises(Conflict) as refused:
        journey.collect(lane.courier, shipment=shipment.id, vehicle=lane.courier.party)
    assert (refused.value.code, refused.value.extra["state"]) == ("wrong-step", "cancelled")


def test_what_was_collected_cannot_be_called_off(lane: Lane):
    shipment = lane.ship()
    journey.collect(lane.courier, shipment=shipment.id, vehicle=lane.courier.party)
    with pytest.raises(Conflict) as refused:
        journey.cancel(lane.recipient, shipment=shipment.id, reason="late")
    assert (refused.value.code, refused.value.extra["state"]) == ("wrong-step", "collected")


def test_a_parcel_is_lost_and_the_rest_arrives(lane: Lane):
    parcels = [ParcelDraft(weight_g=500, line=0), ParcelDraft(weight_g=700, line=1)]
    shipment = lane.ship(parcels=parcels)
    journey.collect(lane.courier, shipment=shipment.id, vehicle=lane.courier.party)
    second = Parcel.objects.get(shipment=shipment, number=2)
    journey.lose(lane.dispatcher, shipment=shipment.id, reason="fell off", parcels=[second.id])
    delivering.deliver(lane.courier, shipment=shipment.id, vehicle=lane.courier.party)
    fact = lane.facts(shipment.id, "shipment.delivered")[0]
    assert (fact["parcels"], fact["lost"], fact["lines"], fact["missing"]) == (1, 1, [0], [1])
    second.refresh_from_db()
    assert (second.holder_kind, second.holder) == ("lost", lane.carrier)


def test_all_of_it_is_lost_and_found_again(lane: Lane):
    shipment = lane.ship()
    journey.collect(lane.courier, shipment=shipment.id, vehicle=lane.courier.party)
    assert journey.lose(lane.dispatcher, shipment=shipment.id, reason="stolen").state == "lost"
    assert lane.purse() == (100_000, 0)
    found = journey.find_again(lane.dispatcher, shipment=shipment.id, vehicle=lane.courier.party)
    assert found.state == "returning"
    assert journey.hand_back(lane.courier, shipment=shipment.id, vehicle=lane.courier.party).state == "returned"
    assert [to for _from, to in chain(shipment)] == ["sender", "vehicle", "lost", "vehicle", "sender"]
    assert (lane.purse(), lane.earned()) == ((100_000, 0), 0)


@pytest.mark.parametrize("state", sorted(states.NEXT))
@pytest.mark.parametrize("wanted", sorted(states.NEXT))
def test_the_table_alone_says_what_follows(state: str, wanted: str):
    if wanted in states.NEXT[state]:
        states.require(state, wanted)
        return
    with pytest.raises(Conflict) as refused:
        states.require(state, wanted)
    assert (refused.value.code, refused.value.extra["state"]) == ("wrong-step", state)


def test_strangers_find_nothing_and_couriers_do_not_decide(lane: Lane):
    shipment = lane.ship()
    stranger = lane.person("Stranger")
    who: dict[str, Any] = {"shipment": shipment.id, "vehicle": lane.courier.party}
    for actor in (stranger, lane.rival_owner, lane.other, lane.recipient, lane.shop_owner):
        with pytest.raises(Missing):
            journey.collect(actor, **who)
    with pytest.raises(Missing):
        journey.cancel(stranger, shipment=shipment.id, reason="mischief")
    with pytest.raises(Missing):
        journey.lose(lane.recipient, shipment=shipment.id, reason="mine")
    journey.collect(lane.courier, **who)
    with pytest.raises(Forbidden):
        journey.lose(lane.courier, shipment=shipment.id, reason="oops")
    with pytest.raises(Missing):
        journey.accept(SYSTEM, shipment=ids.uuid7())


def test_chilled_goods_do_not_go_with_who_keeps_nothing_cold(lane: Lane):
    cold = lane.service("cold", temperatures=("chilled",), seconds=3600, base_fee=900)
    shipment = lane.ship(service=cold, temperature="chilled")
    with pytest.raises(Conflict) as refused:
        journey.collect(lane.courier, shipment=shipment.id, vehicle=lane.courier.party)
    assert (refused.value.code, refused.value.extra) == ("temperature-unfit", {"temperature": "chilled"})


def test_bad_reasons_and_outcomes_change_nothing(lane: Lane):
    shipment = lane.ship()
    who: dict[str, Any] = {"shipment": shipment.id, "vehicle": lane.courier.party}
    journey.collect(lane.courier, **who)
    for outcome, reason in (("sulking", ""), ("other", "x" * 201), ("other", "a\0b")):
        with pytest.raises(Invalid):
            journey.fail(lane.courier, **who, outcome=outcome, reason=reason)
    with pytest.raises(Invalid):
        journey.lose(lane.dispatcher, shipment=shipment.id, reason="  ")
    with pytest.raises(Invalid):
        journey.lose(lane.dispatcher, shipment=shipment.id, reason="gone", parcels=[ids.uuid7()])
    assert Shipment.objects.get(id=shipment.id).state == "collected"
