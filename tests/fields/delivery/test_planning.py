"""Plans of a day: what they hold, which one counts, how runs are mended when the day goes otherwise."""

from datetime import timedelta
from typing import Any

import pytest

from lilong.fields.delivery.models import Desk, Plan, Run, Shipment, Stop, Unplaced
from lilong.fields.delivery.services import delivering, dispatch, fleet, journey, planning
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing
from lilong.kernel.parties.actor import SYSTEM
from tests.fields.delivery.planner import at_work, door, holders, many, stops_of
from tests.fields.delivery.scene import NOON, Lane


@pytest.fixture
def duty(lane: Lane) -> Lane:
    at_work(lane, lane.courier.party, lane.other.party)
    fleet.set_state(SYSTEM, vehicle=lane.robot, state="fault")
    return lane


def planned(lane: Lane, **more: Any) -> Plan:
    given = {"id": ids.uuid7(), "carrier": lane.carrier, "seconds": 1} | more
    return planning.quick_plan(lane.dispatcher, **given)


def test_a_plan_puts_every_shipment_on_one_run_in_an_order_that_holds(duty: Lane):
    shipments = many(duty, 12)
    plan = planned(duty)
    assert (plan.state, plan.shipments, plan.unplaced, plan.progress) == ("active", 12, 0, 100)
    assert None not in holders(*shipments)
    for run in Run.objects.all():
        stops = list(run.stops.order_by("sequence"))
        assert [stop.eta for stop in stops] == sorted(stop.eta for stop in stops)
        assert all(stop.eta <= stop.latest for stop in stops)
        assert run.plan == plan.id
    (fact,) = duty.facts(plan.id, "plan.made")
    assert (fact["shipments"], fact["unplaced"], fact["vehicles"]) == (12, 0, Run.objects.count())


def test_asked_again_it_is_the_same_plan_and_another_body_is_another(duty: Lane):
    many(duty, 2)
    id = ids.uuid7()
    first = planned(duty, id=id)
    assert planned(duty, id=id).ended_at == first.ended_at
    assert len(duty.facts(id, "plan.made")) == 1
    with pytest.raises(Conflict, match="id-taken"):
        planned(duty, id=id, seconds=2)


def test_a_later_plan_takes_the_earlier_one_s_place(duty: Lane):
    many(duty, 3)
    first, second = planned(duty), planned(duty)
    first.refresh_from_db()
    assert (first.state, second.state, Desk.objects.get().version) == ("superseded", "active", 2)
    assert Stop.objects.filter(state="planned").count() == 6


def test_a_plan_made_from_an_older_state_is_stale(duty: Lane):
    shipments = many(duty, 3)
    late = planning.ask_plan(duty.owner, id=ids.uuid7(), carrier=duty.carrier, day=clock.today(), seconds=1)
    planned(duty)
    before = holders(*shipments)
    assert planning.make_plan(duty.owner, id=late.id).state == "stale"
    assert holders(*shipments) == before


def test_what_nobody_can_bring_says_why_and_the_rest_is_planned(duty: Lane):
    good, hard = duty.ship(), duty.ship(skills=("stairs",))
    plan = planned(duty)
    assert (plan.shipments, plan.unplaced) == (1, 1)
    row = Unplaced.objects.get()
    assert (row.shipment_id, row.code) == (hard.id, "skill")
    assert None not in holders(good)


def test_what_happened_while_it_was_searched_is_worked_in(duty: Lane):
    first, gone, begun = many(duty, 3)
    came: list[Shipment] = []

    def meanwhile(progress: int) -> None:
        journey.cancel(duty.recipient, shipment=gone.id, reason="changed my mind")
        came.append(duty.ship())
        journey.collect(duty.courier, shipment=begun.id, vehicle=duty.courier.party)

    plan = planning.ask_plan(duty.owner, id=ids.uuid7(), carrier=duty.carrier, day=clock.today(), seconds=1)
    planning.make_plan(duty.owner, id=plan.id, on_progress=meanwhile)
    assert holders(gone) == [None]
    assert None not in holders(first, came[0])
    assert holders(begun) == [duty.courier.party]
    assert not Stop.objects.filter(shipment=begun.id, kind="pickup", state="planned").exists()


def test_a_vehicle_that_falls_out_gives_what_it_has_not_aboard_to_others(duty: Lane):
    fleet.set_state(SYSTEM, vehicle=duty.other.party, state="fault")
    shipments = many(duty, 4)
    planned(duty)
    assert set(holders(*shipments)) == {duty.courier.party}
    journey.collect(duty.courier, shipment=shipments[0].id, vehicle=duty.courier.party)
    fleet.set_state(SYSTEM, vehicle=duty.other.party, state="idle")
    fleet.set_state(SYSTEM, vehicle=duty.courier.party, state="fault")
    given = planning.reassign(SYSTEM, vehicle=duty.courier.party, why="fault")
    assert sorted(given) == sorted(each.id for each in shipments[1:])
    assert holders(*shipments) == [duty.courier.party] + [duty.other.party] * 3
    (fact,) = duty.facts(shipments[1].id, "stop.reassigned")
    assert (fact["before"], fact["why"]) == (str(duty.courier.party), "fault")
    assert planning.reassign(SYSTEM, vehicle=duty.courier.party, why="fault") == []


def test_with_nobody_left_what_falls_out_says_why(duty: Lane):
    fleet.set_state(SYSTEM, vehicle=duty.other.party, state="fault")
    (shipment,) = many(duty, 1)
    planned(duty)
    fleet.set_state(SYSTEM, vehicle=duty.courier.party, state="fault")
    planning.reassign(SYSTEM, vehicle=duty.courier.party, why="fault")
    assert (holders(shipment), Unplaced.objects.get().code) == ([None], "no-vehicle")
    assert not Run.objects.filter(state="planned").exists()


def test_mended_in_flight_nothing_is_dropped_and_nothing_doubled(duty: Lane):
    shipments = many(duty, 8)
    planned(duty)
    first = stops_of(duty.courier.party) or stops_of(duty.other.party)
    who = duty.courier if stops_of(duty.courier.party) else duty.other
    done = first[0][0]
    journey.collect(who, shipment=done, vehicle=who.party)
    delivering.deliver(who, shipment=done, vehicle=who.party)
    fresh = duty.ship()
    with clock.at(NOON + timedelta(minutes=10)):
        planning.mend(duty.dispatcher, carrier=duty.carrier, why="busy")
    open_ = [each for each in (*shipments, fresh) if each.id != done]
    assert None not in holders(*open_)
    assert Stop.objects.filter(kind="delivery", state="planned").count() == len(open_)
    assert planning.mend(duty.dispatcher, carrier=duty.carrier, why="again").moved == 0


def test_tomorrow_is_planned_apart_from_today(duty: Lane):
    now = duty.ship()
    tomorrow = clock.today() + timedelta(days=1)
    with clock.at(NOON + timedelta(hours=10)):  # ten in the evening: the next window is tomorrow's
        service = duty.service("morning", window_seconds=7200, base_fee=100, starts="08:00", ends="20:00", per_hour=50)
        later = duty.ship(service=service)
    assert later.earliest > NOON + timedelta(hours=12)
    planned(duty)
    plan = planning.ask_plan(duty.owner, id=ids.uuid7(), carrier=duty.carrier, day=tomorrow, seconds=1)
    assert planning.make_plan(duty.owner, id=plan.id).state == "active"
    runs = dict(Stop.objects.filter(kind="delivery", state="planned").values_list("shipment", "run"))
    assert set(runs) == {now.id, later.id}
    assert Run.objects.get(id=runs[later.id]).starts_at.astimezone(clock.CITY_ZONE).date() == tomorrow


BAD = [
    ({"day": -1}, "/day"),
    ({"day": 99}, "/day"),
    ({"seconds": 0}, "/seconds"),
    ({"seconds": 601}, "/seconds"),
    ({"depot": "unknown"}, "/depot"),
]


@pytest.mark.parametrize(("change", "pointer"), BAD)
def test_bad_input_names_its_field(duty: Lane, change: dict[str, Any], pointer: str):
    day = clock.today() + timedelta(days=change.get("day", 0))
    depot = ids.uuid7() if "depot" in change else None
    with pytest.raises(Invalid) as refused:
        planning.ask_plan(
            duty.owner, id=ids.uuid7(), carrier=duty.carrier, day=day, depot=depot, seconds=change.get("seconds", 1)
        )
    assert [violation.pointer for violation in refused.value.violations] == [pointer]
    assert not Plan.objects.exists()


def test_only_the_carrier_s_office_plans(duty: Lane):
    for stranger in (duty.rival_owner, duty.shop_owner, duty.recipient, duty.courier):
        with pytest.raises(Missing, match="no-such-carrier"):
            planning.quick_plan(stranger, id=ids.uuid7(), carrier=duty.carrier)
        with pytest.raises(Missing, match="no-such-carrier"):
            planning.mend(stranger, carrier=duty.carrier, why="x")
    with pytest.raises(Forbidden):
        planning.mend(duty.member("auditor"), carrier=duty.carrier, why="x")
    with pytest.raises(Missing, match="no-such-carrier"):
        planning.reassign(duty.rival_owner, vehicle=duty.courier.party, why="x")
    plan = planning.ask_plan(duty.owner, id=ids.uuid7(), carrier=duty.carrier, day=clock.today())
    with pytest.raises(Missing, match="no-such-carrier"):
        planning.make_plan(duty.rival_owner, id=plan.id)


def test_a_plan_s_keep_out_zone_and_cold_goods_are_respected(duty: Lane):
    cold = duty.vehicle("cooler", "van", id=duty.member("driver", "van").party, temperatures=("ambient", "chilled"))
    at_work(duty, cold)
    service = duty.service("cold", temperatures=("chilled",), window_seconds=7200, base_fee=100)
    milk = duty.ship(service=service, temperature="chilled")
    assert dispatch.dispatch(SYSTEM, shipment=milk.id).vehicle == cold
    planned(duty)
    assert holders(milk) == [cold]
    assert door(1) != door(2)
