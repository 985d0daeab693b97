"""What vehicles say that is late, twice, out of order, wrong or not theirs; and vehicles that say nothing any more."""

from datetime import timedelta

import msgspec
import pytest

from lilong.fields.delivery.models import ControlledVehicle, Parcel, RefusedMessage, Stop
from lilong.fields.delivery.queries import vehicles
from lilong.fields.delivery.services import vehicles_setup, vehicles_watch
from lilong.fields.delivery.standard.vda5050 import topics
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing
from lilong.kernel.devices.models import DeviceLetter
from tests.fields.delivery.road import Road, Robot, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def road() -> Road:
    return Road()


@pytest.fixture
def robot(road: Road) -> Robot:
    made = road.robot()
    made.connect()
    return made


def driven(road: Road, robot: Robot) -> tuple[list, object]:
    """Everything a vehicle says on a whole run, not handed over yet, and its goods."""
    goods = road.shipment()
    road.run(robot.id, goods)
    vehicles_watch.tick()
    robot.hears()
    said = [robot.state()]
    for _ in range(40):
        robot.vehicle.tick(3)
        said.append(robot.state())
    return said, goods


def test_every_message_twice_in_one_batch_is_once(road: Road, robot: Robot):
    said, goods = driven(road, robot)
    take(*[message for message in said for _ in range(2)])
    assert road.state(goods) == "delivered"
    assert len(road.facts(goods, "delivery.shipment.delivered")) == 1
    take(*said)
    assert (robot.orders()[0].state, robot.row().refused) == ("finished", 0)


def test_the_last_message_alone_tells_all(road: Road, robot: Robot):
    said, goods = driven(road, robot)
    take(said[-1])
    assert (road.state(goods), robot.orders()[0].state) == ("delivered", "finished")


def test_messages_in_reverse_change_nothing_after_the_newest(road: Road, robot: Robot):
    said, goods = driven(road, robot)
    take(*reversed(said))
    row = robot.row()
    assert (road.state(goods), row.state_at.isoformat()) == ("delivered", row.marks["v2/state"][1])
    assert len(road.facts(goods, "delivery.shipment.collected")) == 1


def test_an_old_state_does_not_take_an_action_back(road: Road, robot: Robot):
    said, _ = driven(road, robot)
    take(*said)
    before = robot.orders()[0].tasks.values_list("id", "state").order_by("id")
    found = list(before)
    take(said[0])
    assert list(before.all()) == found


def test_a_restarted_vehicle_may_count_from_nought_and_with_an_older_clock(road: Road, robot: Robot):
    robot.headers.clear()
    take(robot.message("state", robot.vehicle.state()))
    assert robot.row().marks["v2/state"][0] == 0
    hour_ago = clock.now() - timedelta(hours=1)
    take(robot.message("state", robot.vehicle.state() | {"orderId": "old"}, at=hour_ago))
    assert robot.row().order == ""  # stale
    take(robot.message("connection", {"connectionState": "CONNECTIONBROKEN"}))
    take(robot.message("connection", {"connectionState": "ONLINE"}))
    take(robot.message("state", robot.vehicle.state() | {"orderId": "mine"}, at=hour_ago))
    assert robot.row().order == "mine"


def test_a_clock_that_is_ahead_is_refused_and_silences_nothing(road: Road, robot: Robot):
    take(robot.message("state", robot.vehicle.state() | {"orderId": "x"}, at=clock.now() + timedelta(hours=1)))
    assert (robot.row().refused, robot.row().order) == (1, "")
    take(robot.message("state", robot.vehicle.state() | {"orderId": "y"}))
    assert robot.row().order == "y"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "not-json"),
        (b"\xff\xfe", "not-json"),
        (b"[1]", "not-an-object"),
        (b"{}", "headerId"),
        (b'{"a": "\\u0000"}', "nul"),
        (b'{"a": 1' + b"1" * 270_000 + b"}", "too-long"),
    ],
)
def test_what_cannot_be_read_is_put_aside_with_the_reason(road: Road, robot: Robot, payload: bytes, reason: str):
    before = robot.row()
    take(robot.raw("state", payload), robot.state())
    (refused,) = RefusedMessage.objects.all()
    assert reason in refused.reason
    assert (robot.row().refused, robot.row().state_at > before.state_at) == (1, True)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"serialNumber": "R-99"}, "another vehicle"),
        ({"manufacturer": "Other"}, "another vehicle"),
        ({"version": "3.0.0"}, "version"),
        ({"version": "1.1.0"}, "version"),
        ({"headerId": 2**32}, "uint32"),
        ({"headerId": -1}, "uint32"),
        ({"timestamp": "yesterday"}, "date-time"),
        ({"timestamp": "2030-06-30T23:59:60Z"}, "moment"),
        ({"operatingMode": "ASLEEP"}, "/operatingMode"),
        ({"actionStates": [{"actionId": "a", "actionStatus": "DONE"}]}, "/actionStates/0/actionStatus"),
        ({"batteryState": {"charging": True}}, "/batteryState"),
    ],
)
def test_what_is_against_the_schema_or_not_its_own_is_put_aside(road: Road, robot: Robot, change: dict, reason: str):
    take(robot.message("state", robot.vehicle.state(), **change))
    assert [reason in each for each in RefusedMessage.objects.values_list("reason", flat=True)] == [True]


def test_paused_is_a_status_as_the_text_says(road: Road, robot: Robot):
    state = robot.vehicle.state() | {"actionStates": [{"actionId": "a", "actionStatus": "PAUSED"}]}
    take(robot.message("state", state))
    assert robot.row().refused == 0


def test_only_the_newest_hundred_refused_messages_are_kept(road: Road, robot: Robot):
    take(*[robot.raw("state", b"%d" % n) for n in range(120)])
    assert (robot.row().refused, RefusedMessage.objects.count()) == (120, 100)


def test_strangers_on_the_line_are_not_heard(road: Road, robot: Robot):
    other = Robot(ids.uuid7(), "R-77", topics.V2)
    take(other.state(), msgspec.structs.replace(other.state(), subject="uagv.v2.KIT.R-1.order"))
    assert (RefusedMessage.objects.count(), robot.row().refused) == (0, 0)


def test_a_vehicle_that_speaks_another_version_is_answered_in_it(road: Road, robot: Robot):
    newer = Robot(robot.id, robot.serial, topics.V3)
    newer.connect()
    assert robot.row().version == "3.0.0"
    goods = road.shipment()
    road.run(robot.id, goods)
    newer.goes(120)
    assert (road.state(goods), newer.vehicle.errors) == ("delivered", [])


def test_a_vehicle_of_an_older_minor_version_is_told_its_own(road: Road, robot: Robot):
    take(robot.message("state", robot.vehicle.state(), version="2.0.0"))
    road.run(robot.id, road.shipment())
    vehicles_watch.tick()
    letter = DeviceLetter.objects.filter(subject__endswith=".order").get()
    assert msgspec.json.decode(bytes(letter.payload))["version"] == "2.0.0"
    take(robot.message("state", robot.vehicle.state(), version="2.9.0"))
    assert robot.row().says == "2.1.0"


def silence(robot: Robot) -> None:
    ControlledVehicle.objects.filter(vehicle_id=robot.id).update(heard_at=clock.now() - timedelta(minutes=2))
    vehicles_watch.tick()


def test_a_silent_vehicles_stops_go_to_others_and_what_is_aboard_is_flagged(road: Road, robot: Robot):
    aboard, waiting = road.shipment(3000, 0), road.shipment(4000, 0)
    run = road.run(robot.id, aboard, waiting)
    vehicles_watch.tick()
    robot.hears()
    robot.vehicle.tick(2.1)
    robot.says()
    assert (road.state(aboard), road.state(waiting)) == ("collected", "accepted")
    silence(robot)
    assert (robot.orders()[0].state, robot.row().vehicle.state, robot.row().recovering) == ("lost", "silent", True)
    (told,) = road.facts(robot.id, "delivery.vehicle.silent")
    assert (told["given_back"], told["aboard"], told["seconds"] >= 120) == (1, 1, True)
    assert set(Stop.objects.filter(run=run, shipment=waiting).values_list("state", flat=True)) == {"withdrawn"}
    assert Parcel.objects.get(shipment=aboard).holder == robot.id
    assert [each.shipment for each in vehicles.to_recover(road.office, road.carrier)] == [aboard]
    vehicles_watch.tick()
    assert len(road.facts(robot.id, "delivery.vehicle.silent")) == 1


def test_back_from_silence_it_is_cancelled_before_anything_new_and_nobody_delivers_twice(road: Road, robot: Robot):
    aboard, waiting = road.shipment(3000, 0), road.shipment(4000, 0)
    road.run(robot.id, aboard, waiting)
    vehicles_watch.tick()
    robot.hears()
    robot.vehicle.tick(2.1)
    robot.says()
    robot.hears()
    second = road.robot()
    second.connect()
    vehicles_watch.tick()
    silence(robot)  # what was not aboard is given to the other at once
    assert set(Stop.objects.filter(shipment=waiting, state="planned").values_list("run__vehicle", flat=True)) == {
        second.id
    }
    second.goes(200)
    assert road.state(waiting) == "delivered"
    robot.says()  # still busy with the lost order
    vehicles_watch.tick()
    sent = robot.hears()
    assert (sent, robot.vehicle.memory.cancelled, len(robot.orders())) == (1, True, 1)
    robot.says()
    assert (robot.row().recovering, robot.row().silent_at) == (False, None)
    assert len(road.facts(robot.id, "delivery.vehicle.recovered")) == 1
    robot.goes(300)
    assert (road.state(aboard), [order.state for order in robot.orders()]) == ("delivered", ["lost", "finished"])
    for goods in (aboard, waiting):
        assert len(road.facts(goods, "delivery.shipment.delivered")) == 1


def test_what_it_did_while_silent_is_true_and_enters_the_books(road: Road, robot: Robot):
    goods, other = road.shipment(3000, 0), road.shipment(4000, 0)
    road.run(robot.id, goods, other)
    vehicles_watch.tick()
    robot.hears()
    robot.vehicle.tick(2.1)
    robot.says()
    silence(robot)
    robot.vehicle.tick(300)  # it went on to the end of its base: the second pick
    assert road.state(other) == "accepted"
    robot.says()
    assert road.state(other) == "collected"
    assert Parcel.objects.get(shipment=other).holder == robot.id
    robot.goes(400)
    assert (road.state(goods), road.state(other), robot.row().recovering) == ("delivered", "collected", False)


def test_a_broken_connection_alone_is_no_silence(road: Road, robot: Robot):
    goods = road.shipment()
    road.run(robot.id, goods)
    vehicles_watch.tick()
    robot.hears()
    take(robot.message("connection", {"connectionState": "CONNECTIONBROKEN"}))
    vehicles_watch.tick()
    assert robot.orders()[0].state == "sent"
    take(robot.message("connection", {"connectionState": "ONLINE"}))
    robot.goes(100)
    assert road.state(goods) == "delivered"


def test_the_last_will_is_older_than_online_and_one_of_a_former_session_is_not_heard(road: Road, robot: Robot):
    first = robot.message("connection", {"connectionState": "CONNECTIONBROKEN"})
    take(robot.message("connection", {"connectionState": "OFFLINE"}))
    second = robot.message("connection", {"connectionState": "CONNECTIONBROKEN"})
    take(robot.message("connection", {"connectionState": "ONLINE"}))
    heard = robot.row().heard_at
    take(first)
    assert robot.row().connection == "ONLINE"
    take(second)
    assert (robot.row().connection, robot.row().heard_at) == ("CONNECTIONBROKEN", heard)


def test_a_vehicle_that_signed_off_gets_no_order(road: Road, robot: Robot):
    take(robot.message("connection", {"connectionState": "OFFLINE"}))
    road.run(robot.id, road.shipment())
    vehicles_watch.tick()
    assert (robot.orders(), robot.row().vehicle.state) == ([], "off")


def test_names_that_could_reach_into_others_topics_are_refused(road: Road):
    vehicle = road.robot().id
    for manufacturer, serial in (
        ("A/B", "1"),
        ("A", "#"),
        ("A", "+"),
        ("A.B", "1"),
        ("", "1"),
        ("A", "*"),
        ("A", ">"),
        ("A", "x" * 41),
    ):
        with pytest.raises(Invalid):
            vehicles_setup.control(road.office, vehicle=vehicle, manufacturer=manufacturer, serial=serial)


def test_a_vehicle_gets_exactly_its_own_topics(road: Road, robot: Robot):
    given = vehicles.grants(robot.id)
    assert given.publish == [
        f"{head}.KIT.R-1.{name}"
        for head in ("uagv.v2", "vda5050.v3")
        for name in ("state", "visualization", "connection", "factsheet")
    ]
    assert given.subscribe == [
        f"{head}.KIT.R-1.{name}" for head in ("uagv.v2", "vda5050.v3") for name in ("order", "instantActions")
    ]
    assert vehicles.grants(ids.uuid7()).publish == []


def test_setting_up_is_for_the_carriers_managers_and_names_are_unique(road: Road, robot: Robot):
    clerk = road.member(road.carrier, road.office, "clerk")
    given = {"vehicle": robot.id, "manufacturer": "KIT", "serial": "R-1"}
    assert vehicles_setup.control(road.office, **given).vehicle_id == robot.id
    with pytest.raises(Forbidden):
        vehicles_setup.control(clerk, **given)
    with pytest.raises(Conflict) as refused:
        vehicles_setup.control(road.office, **given | {"serial": "R-2"})
    assert refused.value.code == "id-taken"
    other = road.robot()
    ControlledVehicle.objects.filter(vehicle_id=other.id).delete()
    with pytest.raises(Conflict) as refused:
        vehicles_setup.control(road.office, **given | {"vehicle": other.id})
    assert refused.value.code == "id-taken"
    with pytest.raises(Forbidden):
        vehicles_setup.issue_credentials(road.resident, vehicle=robot.id)
    made = vehicles_setup.issue_credentials(road.office, vehicle=robot.id)
    assert (made.device, made.topics) == (robot.id, "uagv/v2/KIT/R-1")


def test_only_its_carrier_sees_how_a_vehicle_is(road: Road, robot: Robot):
    seen = vehicles.vehicle(road.office, robot.id)
    assert (seen.connection, seen.mode, seen.charge_permille, seen.serial) == ("ONLINE", "AUTOMATIC", 900, "R-1")
    assert [each.vehicle for each in vehicles.vehicles(road.office, road.carrier)] == [robot.id]
    for stranger in (road.resident, road.sender, Road().office):
        with pytest.raises(Missing):
            vehicles.vehicle(stranger, robot.id)
        with pytest.raises(Forbidden):
            vehicles.vehicles(stranger, road.carrier)
