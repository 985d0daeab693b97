"""Master control and a vehicle of software, message by message: orders, updates, outcomes in the books."""

from typing import Any

import pytest

from lilong.fields.delivery.models import Parcel, Run, Stop, VehicleOrder, VehicleTask
from lilong.fields.delivery.services import journey, vehicles_command, vehicles_watch
from lilong.fields.delivery.standard.vda5050 import topics
from lilong.kernel.base import ids
from lilong.kernel.base.problems import Conflict, Missing
from tests.fields.delivery.road import Road, Robot, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def road() -> Road:
    return Road()


both_versions = pytest.mark.parametrize("robot", topics.VERSIONS, indirect=True)


@pytest.fixture
def robot(road: Road, request: pytest.FixtureRequest) -> Robot:
    made = road.robot(getattr(request, "param", topics.V2))
    made.connect()
    return made


def holder(shipment: Any) -> tuple[str, Any]:
    found = Parcel.objects.get(shipment=shipment)
    return found.holder_kind, found.holder


@both_versions
def test_a_run_is_driven_picked_delivered_and_settled(road: Road, robot: Robot):
    goods = [road.shipment(1000 * n, 500 * n) for n in (1, 2, 3)]
    run = road.run(robot.id, *goods)
    robot.goes(200)
    assert [road.state(each) for each in goods] == ["delivered"] * 3
    assert [holder(each) for each in goods] == [("recipient", road.resident.party)] * 3
    (order,) = robot.orders()
    assert (order.state, order.update > 1, order.taken) == ("finished", True, order.update)
    assert set(order.tasks.values_list("state", "problem")) == {("FINISHED", "")}
    assert Run.objects.get(id=run.id).state == "done"
    ended = road.facts(order.id, "delivery.vehicle.order.ended")
    assert [(each["outcome"], each["done"], each["undone"]) for each in ended] == [("finished", 6, 0)]
    assert robot.vehicle.errors == []
    assert robot.row().vehicle.state == "idle"


@both_versions
def test_the_base_grows_by_updates_that_stitch(road: Road, robot: Robot):
    goods = [road.shipment(1000 * n, 0) for n in (1, 2, 3)]
    road.run(robot.id, *goods)
    vehicles_watch.tick()
    (order,) = robot.orders()
    stops = [node for node in order.course["nodes"] if node["acts"]]
    assert [node["released"] for node in stops] == [True, True, False, False, False, False]
    robot.hears()
    robot.says()
    robot.vehicle.tick(2)  # the first pick is done
    robot.says()
    assert robot.hears() == 1
    assert robot.vehicle.memory.update == 1
    assert robot.vehicle.errors == []


def test_two_parcels_for_one_door_and_a_locker_run_again(road: Road, robot: Robot):
    a, b = road.shipment(1000, 0), road.shipment(1000, 0)
    road.run(robot.id, a, b)
    robot.goes(200)
    assert [road.state(a), road.state(b)] == ["delivered"] * 2


def test_an_order_that_was_lost_is_said_again_and_counts_once(road: Road, robot: Robot):
    goods = road.shipment()
    road.run(robot.id, goods)
    vehicles_watch.tick()
    robot._read += 1  # never heard
    robot.says()
    vehicles_watch.tick()
    assert robot.hears() == 0  # not yet: it may be on its way
    VehicleOrder.objects.update(sent_at=robot.orders()[0].sent_at - vehicles_watch.orders.AGAIN * 2)
    vehicles_watch.tick()
    assert robot.hears() == 1
    robot.says()
    VehicleOrder.objects.update(sent_at=robot.orders()[0].sent_at - vehicles_watch.orders.AGAIN * 2)
    vehicles_watch.tick()
    assert robot.hears() == 0  # it has it
    robot.goes(100)
    assert (road.state(goods), len(robot.orders())) == ("delivered", 1)


def test_an_order_that_nobody_takes_fails_and_its_goods_go_to_others(road: Road, robot: Robot):
    goods = road.shipment()
    run = road.run(robot.id, goods)
    for _ in range(vehicles_watch.orders.TRIES_MAX + 2):
        vehicles_watch.tick()
        VehicleOrder.objects.update(sent_at=robot.orders()[0].sent_at - vehicles_watch.orders.AGAIN * 2)
    (order,) = robot.orders()
    assert (order.state, order.why, order.tries) == ("failed", "not-taken", vehicles_watch.orders.TRIES_MAX)
    assert set(Stop.objects.filter(run=run).values_list("state", flat=True)) == {"withdrawn"}
    assert road.state(goods) == "accepted"


@both_versions
def test_a_rejected_order_fails_by_the_vehicles_own_word(road: Road, robot: Robot):
    goods = road.shipment()
    road.run(robot.id, goods)
    robot.vehicle.memory.x = 1_000_000.0  # it is elsewhere by now: not near the first node
    vehicles_watch.tick()
    robot.hears()
    robot.says()
    (order,) = robot.orders()
    assert (order.state, order.why) == ("failed", "NO_ROUTE_TO_TARGET" if robot.vehicle.v3 else "noRouteError")
    vehicles_watch.tick()
    assert (road.state(goods), robot.row().held) == ("accepted", True)
    assert not Stop.objects.filter(state="planned").exists()


def test_a_pick_that_fails_leaves_the_goods_for_others(road: Road, robot: Robot):
    bad, good = road.shipment(1000, 0), road.shipment(2000, 0)
    road.run(robot.id, bad, good)
    robot.vehicle.jammed.add(str(bad))
    robot.goes(400)
    assert (road.state(bad), road.state(good)) == ("accepted", "delivered")
    assert holder(bad)[0] == "sender" or holder(bad)[0] == "depot"
    assert robot.orders()[-1].state in ("finished", "cancelled")
    assert not Stop.objects.filter(shipment=bad, state="planned").exists()


def test_a_drop_that_fails_is_an_attempt_and_stays_aboard(road: Road, robot: Robot):
    goods = road.shipment()
    road.run(robot.id, goods)
    vehicles_watch.tick()
    robot.hears()
    robot.vehicle.tick(2)
    robot.says()
    robot.vehicle.jammed.add(str(goods))
    robot.goes(100)
    assert (road.state(goods), holder(goods)) == ("failed", ("vehicle", robot.id))
    assert len(road.facts(goods, "delivery.shipment.failed")) == 1


def test_what_was_cancelled_meanwhile_is_kept_for_people_to_look_at(road: Road, robot: Robot):
    goods = road.shipment()
    road.run(robot.id, goods)
    vehicles_watch.tick()
    robot.hears()
    journey.cancel(road.sender, shipment=goods, reason="changed my mind")
    robot.vehicle.tick(2)
    robot.says()
    task = VehicleTask.objects.get(kind="pick")
    assert (task.state, task.problem, road.state(goods)) == ("FINISHED", "wrong-step", "cancelled")


def test_a_run_planned_anew_changes_the_horizon_alone(road: Road, robot: Robot):
    first, second, third = (road.shipment(1000 * n, 0) for n in (1, 2, 3))
    run = road.run(robot.id, first, second)
    vehicles_watch.tick()
    robot.hears()
    robot.says()
    Stop.objects.filter(run=run, shipment=second, kind="delivery").update(state="withdrawn")
    Stop.objects.filter(run=run, shipment=first, kind="delivery").update(sequence=50)
    road.plan(run, third)
    Run.objects.filter(id=run.id).update(version=2)
    robot.says()
    assert robot.hears() == 1
    assert (robot.vehicle.errors, robot.vehicle.memory.update) == ([], 1)
    robot.goes(300)
    assert [road.state(each) for each in (first, second, third)] == ["delivered", "collected", "delivered"]
    assert len(robot.orders()) == 1


def test_a_change_of_the_base_cancels_and_orders_anew(road: Road, robot: Robot):
    first, second = road.shipment(1000, 0), road.shipment(2000, 0)
    run = road.run(robot.id, first, second)
    vehicles_watch.tick()
    robot.hears()
    robot.says()
    Stop.objects.filter(run=run, shipment=first).update(state="withdrawn")
    Run.objects.filter(id=run.id).update(version=2)
    vehicles_watch.tick()
    robot.goes(300)
    assert [order.state for order in robot.orders()] == ["cancelled", "finished"]
    assert [road.state(each) for each in (first, second)] == ["accepted", "delivered"]


@both_versions
def test_people_pause_cancel_and_let_go(road: Road, robot: Robot):
    goods = road.shipment(5000, 5000)
    road.run(robot.id, goods)
    vehicles_watch.tick()
    robot.hears()
    id = ids.uuid7()
    said = vehicles_command.tell(road.office, id=id, vehicle=robot.id, kind="startPause")
    assert vehicles_command.tell(road.office, id=id, vehicle=robot.id, kind="startPause").id == said.id
    robot.hears()
    robot.says()
    assert (robot.row().paused, robot.row().instants.get(id=id).state) == (True, "FINISHED")
    vehicles_command.tell(road.office, id=ids.uuid7(), vehicle=robot.id, kind="stopPause")
    robot.goes(3)
    assert road.state(goods) == "collected"
    vehicles_command.cancel(road.office, vehicle=robot.id)
    assert robot.orders()[0].state == "cancelling"
    robot.hears()
    robot.says()
    assert (robot.orders()[0].state, robot.orders()[0].why) == ("cancelled", "office")
    robot.goes(30)
    assert (len(robot.orders()), robot.row().vehicle.state) == (1, "off")  # held
    vehicles_command.let_go(road.office, vehicle=robot.id)
    robot.goes(300)
    assert road.state(goods) == "delivered"


def test_commands_are_for_the_carriers_own_people(road: Road, robot: Robot):
    other = Road()
    for stranger in (other.office, road.resident, road.sender):
        with pytest.raises(Missing):
            vehicles_command.tell(stranger, id=ids.uuid7(), vehicle=robot.id, kind="startPause")
        with pytest.raises(Missing):
            vehicles_command.cancel(stranger, vehicle=robot.id)
    id = ids.uuid7()
    vehicles_command.tell(road.office, id=id, vehicle=robot.id, kind="startPause")
    with pytest.raises(Conflict) as refused:
        vehicles_command.tell(road.office, id=id, vehicle=robot.id, kind="stopPause")
    assert refused.value.code == "id-taken"
    with pytest.raises(Conflict) as refused:
        vehicles_command.cancel(road.office, vehicle=robot.id)
    assert refused.value.code == "wrong-step"


def test_a_lost_vehicle_is_told_where_it_stands(road: Road, robot: Robot):
    vehicles_command.set_position(
        road.office, id=ids.uuid7(), vehicle=robot.id, latitude_e6=31_231_000, longitude_e6=121_474_000
    )
    robot.hears()
    robot.says()
    row = robot.row()
    assert (row.x_mm, row.y_mm) == (28_525, 66_717)
    assert (row.vehicle.latitude_e6, row.vehicle.longitude_e6) == (31_231_000, 121_474_000)


def test_a_charging_vehicle_gets_no_order(road: Road, robot: Robot):
    vehicles_command.tell(road.office, id=ids.uuid7(), vehicle=robot.id, kind="startCharging")
    robot.hears()
    robot.says()
    road.run(robot.id, road.shipment())
    vehicles_watch.tick()
    assert (robot.orders(), robot.row().vehicle.state) == ([], "charging")


def test_a_vehicle_that_forgot_its_order_gets_what_is_left_of_it(road: Road, robot: Robot):
    goods = road.shipment()
    road.run(robot.id, goods)
    vehicles_watch.tick()
    robot.hears()
    robot.vehicle.tick(2)
    robot.says()
    assert road.state(goods) == "collected"
    memory = robot.vehicle.memory
    memory.order, memory.nodes, memory.edges, memory.actions, memory.acts = "", [], [], {}, {}
    robot.vehicle._acting = None
    robot.goes(200)
    assert [(order.state, order.why) for order in robot.orders()] == [("lost", "forgotten"), ("finished", "")]
    assert road.state(goods) == "delivered"
    take(robot.state())
