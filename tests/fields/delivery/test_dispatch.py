"""What arrives now is given to somebody at once, or says why not."""

from datetime import timedelta

import pytest

from lilong.fields.delivery.models import RideOffer, Run, Stop, Unplaced
from lilong.fields.delivery.services import delivering, dispatch, fleet, journey, planning
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Missing
from lilong.kernel.parties.actor import SYSTEM
from tests.fields.delivery.planner import at_work, door, holders, many, stops_of
from tests.fields.delivery.scene import NOON, Lane


@pytest.fixture
def duty(lane: Lane) -> Lane:
    at_work(lane, lane.courier.party)
    return lane


def test_a_shipment_goes_to_a_courier_on_duty_with_its_stops_and_its_time(duty: Lane):
    shipment = duty.ship()
    given = dispatch.dispatch(duty.dispatcher, shipment=shipment.id)
    assert given.vehicle == duty.courier.party
    assert stops_of(duty.courier.party) == [(shipment.id, "pickup"), (shipment.id, "delivery")]
    assert NOON < given.eta < NOON + timedelta(minutes=20)
    assert Stop.objects.get(kind="delivery").eta == given.eta
    shipment.refresh_from_db()
    assert shipment.state == "accepted"
    (fact,) = duty.facts(shipment.id, "stop.assigned")
    assert (fact["vehicle"], fact["how"], fact["late_seconds"]) == (str(duty.courier.party), "dispatch", 0)


def test_given_again_it_stays_where_it_is(duty: Lane):
    shipment = duty.ship()
    first = dispatch.dispatch(duty.dispatcher, shipment=shipment.id)
    at_work(duty, duty.other.party)
    assert dispatch.dispatch(duty.owner, shipment=shipment.id) == first
    assert len(duty.facts(shipment.id, "stop.assigned")) == Stop.objects.count() / 2 == 1


def test_two_for_one_way_go_together(duty: Lane):
    at_work(duty, duty.other.party)
    near, far = duty.ship(to=door(2)), duty.ship(to=door(4))
    assert dispatch.dispatch(SYSTEM, shipment=near.id).vehicle == dispatch.dispatch(SYSTEM, shipment=far.id).vehicle
    (run,) = Run.objects.all()
    assert (run.version, run.stops.count()) == (3, 4)


def test_what_would_be_late_with_one_goes_to_another(duty: Lane):
    at_work(duty, duty.other.party)
    service = duty.service("now", seconds=600, base_fee=100)
    west, east = (duty.ship(to=door(x), service=service) for x in (-4, 4))
    vehicles = {dispatch.dispatch(SYSTEM, shipment=each.id).vehicle for each in (west, east)}
    assert vehicles == {duty.courier.party, duty.other.party}


def test_nobody_at_work_and_nobody_able_say_so(lane: Lane):
    shipment = lane.ship()
    given = dispatch.dispatch(SYSTEM, shipment=shipment.id)
    assert (given.vehicle, given.reason.code) == (None, "no-vehicle")
    at_work(lane, lane.robot)
    heavy = lane.ship(skills=("stairs",))
    assert dispatch.dispatch(SYSTEM, shipment=heavy.id).reason.code == "skill"
    assert dict(Unplaced.objects.values_list("shipment", "code")) == {shipment.id: "no-vehicle", heavy.id: "skill"}
    assert [fact["code"] for fact in lane.facts(heavy.id, "shipment.unplaced")] == ["skill"]


def test_what_found_no_place_is_given_away_when_somebody_comes_to_work(lane: Lane):
    shipment = lane.ship()
    dispatch.dispatch(SYSTEM, shipment=shipment.id)
    at_work(lane, lane.courier.party)
    assert dispatch.dispatch_waiting() == []  # it was looked at just now
    with clock.at(NOON + timedelta(seconds=31)):
        (given,) = dispatch.dispatch_waiting()
    assert (given.shipment, given.vehicle) == (shipment.id, lane.courier.party)
    assert not Unplaced.objects.exists()
    assert dispatch.dispatch_waiting() == []


def test_a_courier_who_refuses_has_it_taken_from_him_and_the_next_one_gets_it(duty: Lane):
    shipment = duty.ship()
    dispatch.dispatch(SYSTEM, shipment=shipment.id)
    at_work(duty, duty.other.party)
    given = dispatch.decline(duty.courier, shipment=shipment.id, vehicle=duty.courier.party)
    assert given.vehicle == duty.other.party
    assert (stops_of(duty.courier.party), holders(shipment)) == ([], [duty.other.party])
    again = dispatch.decline(duty.courier, shipment=shipment.id, vehicle=duty.courier.party)
    assert again.vehicle == duty.other.party
    assert dispatch.accept(duty.other, shipment=shipment.id, vehicle=duty.other.party).state == "accepted"
    with pytest.raises(Conflict, match="offer-over"):
        dispatch.accept(duty.courier, shipment=shipment.id, vehicle=duty.courier.party)


def test_not_answering_in_time_is_refusing(duty: Lane):
    shipment = duty.ship()
    dispatch.dispatch(SYSTEM, shipment=shipment.id)
    assert dispatch.expire_due() == 0
    with clock.at(NOON + timedelta(seconds=60)):
        assert dispatch.expire_due() == 1
        assert dispatch.expire_due() == 0
    assert holders(shipment) == [None]
    assert Unplaced.objects.get().code == "no-vehicle"
    (told,) = duty.facts(shipment.id, "offer.answered")
    assert (told["answer"], told["seconds"]) == ("expired", 60)


def test_who_has_the_goods_can_no_longer_refuse_and_has_answered(duty: Lane):
    shipment = duty.ship()
    dispatch.dispatch(SYSTEM, shipment=shipment.id)
    journey.collect(duty.courier, shipment=shipment.id, vehicle=duty.courier.party)
    with pytest.raises(Conflict, match="wrong-step"):
        dispatch.decline(duty.courier, shipment=shipment.id, vehicle=duty.courier.party)
    with clock.at(NOON + timedelta(seconds=61)):
        assert dispatch.expire_due() == 0
    assert (RideOffer.objects.get().state, holders(shipment)) == ("accepted", [duty.courier.party])


def test_a_robot_is_not_asked_whether_it_wants_to(lane: Lane):
    at_work(lane, lane.robot)
    dispatch.dispatch(SYSTEM, shipment=lane.ship().id)
    assert (RideOffer.objects.count(), len(stops_of(lane.robot))) == (0, 2)


def test_others_may_neither_give_nor_answer(duty: Lane):
    shipment = duty.ship()
    for stranger in (duty.recipient, duty.rival_owner, duty.shop_owner):
        with pytest.raises(Missing, match="no-such-shipment"):
            dispatch.dispatch(stranger, shipment=shipment.id)
    dispatch.dispatch(duty.dispatcher, shipment=shipment.id)
    for stranger in (duty.other, duty.rival_owner, duty.recipient):
        with pytest.raises(Missing, match="no-such-vehicle"):
            dispatch.accept(stranger, shipment=shipment.id, vehicle=duty.courier.party)


def test_what_is_delivered_or_called_off_is_given_to_nobody(duty: Lane):
    gone = duty.ship()
    journey.cancel(duty.recipient, shipment=gone.id, reason="changed my mind")
    with pytest.raises(Conflict, match="wrong-step"):
        dispatch.dispatch(SYSTEM, shipment=gone.id)
    done = duty.ship()
    journey.collect(duty.courier, shipment=done.id, vehicle=duty.courier.party)
    delivering.deliver(duty.courier, shipment=done.id, vehicle=duty.courier.party)
    with pytest.raises(Conflict, match="wrong-step"):
        dispatch.dispatch(SYSTEM, shipment=done.id)


def test_the_stop_under_way_stays_the_next_one(duty: Lane):
    first = duty.ship(to=door(4))
    dispatch.dispatch(SYSTEM, shipment=first.id)
    Run.objects.update(state="under-way")
    dispatch.dispatch(SYSTEM, shipment=duty.ship(to=door(1)).id)
    assert stops_of(duty.courier.party)[0] == (first.id, "pickup")


def test_a_full_vehicle_says_that_all_are_full(lane: Lane):
    at_work(lane, lane.vehicle("tiny", "robot", capacity_parcels=1))
    service = lane.service("now", seconds=900, base_fee=100)
    one, two = (lane.ship(to=door(x), service=service) for x in (-5, 5))
    assert dispatch.dispatch(SYSTEM, shipment=one.id).vehicle is not None
    given = dispatch.dispatch(SYSTEM, shipment=two.id)
    late = Stop.objects.filter(shipment=two.id, kind="delivery").first()
    assert (
        given.vehicle is not None and late is not None and late.eta > two.latest
    )  # within its grace, rather than not at all
    (told,) = lane.facts(two.id, "stop.assigned")
    assert told["late_seconds"] == int((late.eta - two.latest).total_seconds()) > 0


def test_fifty_at_once_are_all_placed_and_no_courier_is_overloaded(duty: Lane):
    at_work(duty, duty.other.party, duty.robot)
    shipments = many(duty, 30)
    given = [dispatch.dispatch(SYSTEM, shipment=each.id) for each in shipments]
    assert all(each.vehicle for each in given)
    assert sorted(holders(*shipments)) == sorted(each.vehicle for each in given)
    assert fleet.set_state(SYSTEM, vehicle=duty.robot, state="idle").capacity_parcels == 12


def test_what_goes_to_another_needs_no_answer_of_the_first(duty: Lane):
    shipment = duty.ship()
    dispatch.dispatch(SYSTEM, shipment=shipment.id)
    dispatch.accept(duty.courier, shipment=shipment.id, vehicle=duty.courier.party)
    at_work(duty, duty.other.party)
    fleet.set_state(SYSTEM, vehicle=duty.courier.party, state="fault")
    planning.reassign(SYSTEM, vehicle=duty.courier.party, why="fault")
    assert (holders(shipment), RideOffer.objects.get().state) == ([duty.other.party], "withdrawn")
    with pytest.raises(Conflict, match="offer-over"):
        dispatch.accept(duty.courier, shipment=shipment.id, vehicle=duty.courier.party)
    with pytest.raises(Conflict, match="offer-over"):
        dispatch.decline(duty.courier, shipment=shipment.id, vehicle=duty.courier.party)


def test_taken_on_and_lost_it_is_offered_anew(duty: Lane):
    shipment = duty.ship()
    dispatch.dispatch(SYSTEM, shipment=shipment.id)
    dispatch.accept(duty.courier, shipment=shipment.id, vehicle=duty.courier.party)
    Stop.objects.update(state="withdrawn")
    assert dispatch.dispatch(SYSTEM, shipment=shipment.id).vehicle == duty.courier.party
    assert sorted(RideOffer.objects.values_list("state", flat=True)) == ["offered", "withdrawn"]


def test_what_is_called_off_waits_for_no_answer(duty: Lane):
    shipment = duty.ship()
    dispatch.dispatch(SYSTEM, shipment=shipment.id)
    journey.cancel(duty.recipient, shipment=shipment.id, reason="changed my mind")
    with clock.at(NOON + timedelta(seconds=61)):
        assert dispatch.expire_due() == 0
    assert RideOffer.objects.get().state == "withdrawn"
