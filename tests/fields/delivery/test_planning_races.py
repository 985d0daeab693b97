"""Dispatchers, planners and couriers at the same runs at once, in real processes; a planner killed in the middle."""

import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest

from lilong.fields.delivery.models import Desk, Plan, RideOffer, Run, Shipment, Stop
from lilong.fields.delivery.models.runs import STOP_OPEN
from lilong.fields.delivery.queries import fleet_now
from lilong.fields.delivery.rules.routing.checker import check
from lilong.fields.delivery.rules.routing.problem import Plan as Routes
from lilong.fields.delivery.rules.routing.problem import Reason
from lilong.fields.delivery.services import dispatch, planning
from lilong.kernel.base import clock, ids
from lilong.kernel.parties.actor import SYSTEM
from tests.fields.delivery.planner import at_work, holders, many
from tests.fields.delivery.scene import Lane
from tests.races.crowd import let_in

CROWD, SECONDS = 20, 90  # two processes of ten
CREW = "tests.fields.delivery.dispatchers"


@pytest.fixture
def lane(fresh_database: str) -> Lane:
    found = Lane()
    at_work(found, found.courier.party, found.other.party)
    return found


def sound(lane: Lane) -> None:
    """What stands in the tables is a plan that breaks no rule: no vehicle overloaded, no shipment twice."""
    snap = fleet_now.live(lane.carrier, [])
    planned = {act.task for route in snap.problem.current for act in route.acts}
    left = tuple(Reason(task.id, "x") for task in snap.problem.tasks if task.id not in planned)
    assert check(snap.problem, Routes(snap.problem.current, left)) == []
    doubled = Counter(Stop.objects.filter(state__in=STOP_OPEN).values_list("shipment", "kind"))
    assert [each for each, times in doubled.items() if times > 1] == []


def test_of_many_dispatchers_each_shipment_has_one_and_no_vehicle_too_many(lane: Lane):
    lane_robot = lane.vehicle("small", "robot", capacity_parcels=2)
    at_work(lane, lane_robot)
    shipments = many(lane, 6)
    answers = let_in(CREW, "give", crowd=CROWD, shipments=[str(each.id) for each in shipments])
    assert len({tuple(answer) for answer in answers}) == 1
    assert answers[0] == [str(holder) if holder else None for holder in holders(*shipments)]
    assert None not in answers[0]
    sound(lane)
    assert sum(len(lane.facts(each.id, "stop.assigned")) for each in shipments) == len(shipments)


def test_refusing_many_times_at_once_is_refusing_once(lane: Lane):
    (shipment,) = many(lane, 1)
    first = dispatch.dispatch(SYSTEM, shipment=shipment.id).vehicle
    answers = let_in(CREW, "refuse", crowd=CROWD, shipment=str(shipment.id), vehicle=str(first))
    (other,) = {lane.courier.party, lane.other.party} - {first}
    assert set(answers) == {str(other)}
    assert sorted(RideOffer.objects.values_list("state", flat=True)) == ["declined", "offered"]
    sound(lane)


def test_of_planners_from_the_same_state_one_wins(lane: Lane):
    shipments = many(lane, 4)
    asked = [
        planning.ask_plan(SYSTEM, id=ids.uuid7(), carrier=lane.carrier, day=clock.today(), seconds=1)
        for _ in range(CROWD)
    ]
    answers = let_in(CREW, "plan", crowd=CROWD, plans=[str(each.id) for each in asked])
    assert Counter(answers) == {"active": 1, "stale": CROWD - 1}
    assert (Desk.objects.get().version, Plan.objects.filter(state="active").count()) == (1, 1)
    assert None not in holders(*shipments)
    sound(lane)


def test_whatever_is_done_at_once_nothing_is_doubled_and_nothing_overloaded(lane: Lane):
    shipments = many(lane, 10)
    given = {
        "carrier": str(lane.carrier), "shipments": [str(each.id) for each in shipments], "vehicle": str(lane.courier.party),
    }  # fmt: skip
    let_in(CREW, "busy_day", crowd=CROWD, **given)
    planning.mend(SYSTEM, carrier=lane.carrier, why="after")
    sound(lane)
    states = {row.id: row.state for row in Shipment.objects.all()}
    for shipment, holder in zip(shipments, holders(*shipments), strict=True):
        assert (holder is None) == (states[shipment.id] == "cancelled")


def test_killed_in_the_middle_of_a_plan_the_old_one_counts_and_the_work_goes_on(lane: Lane):
    shipments = many(lane, 5)
    old = planning.quick_plan(SYSTEM, id=ids.uuid7(), carrier=lane.carrier)
    before = holders(*shipments)
    plan = planning.ask_plan(SYSTEM, id=ids.uuid7(), carrier=lane.carrier, day=clock.today(), seconds=30)
    command = [sys.executable, "-m", "tests.fields.delivery.maker", str(plan.id)]
    worker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    assert worker.stdout.readline() == "3\n"
    worker.kill()
    worker.wait(SECONDS)
    plan.refresh_from_db()
    old.refresh_from_db()
    assert (plan.state, old.state, holders(*shipments)) == ("searching", "active", before)
    assert plan.draft and planning.unfinished() == []
    with clock.at(clock.now() + planning.BEAT + timedelta(seconds=9)):
        assert planning.unfinished() == [(plan.id, SYSTEM.party)]
        Plan.objects.filter(id=plan.id).update(progress=100)  # the rest of the search is left out here
        assert planning.make_plan(SYSTEM, id=plan.id).state == "active"
    old.refresh_from_db()
    assert (old.state, None in holders(*shipments)) == ("superseded", False)
    assert Run.objects.filter(state="planned").count() == len(set(holders(*shipments)))
    sound(lane)
