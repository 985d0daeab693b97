"""Operators, kinds, stations, vehicles and their states."""

from datetime import timedelta

import msgspec
import pytest

from lilong.fields.mobility.drafts import OperatorDraft, VehicleDraft
from lilong.fields.mobility.models import Tariff, Vehicle, VehicleEvent
from lilong.fields.mobility.rules.fleet import drives
from lilong.fields.mobility.rules.terms import Band, Terms
from lilong.fields.mobility.services import fleet, vehicle_states
from lilong.fields.mobility.services.rentals import booking
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing, Problem
from lilong.kernel.calendar import queries as calendar
from lilong.kernel.parties import queries as parties
from tests.fields.mobility.scene import SQUARE, Town, later, words


def pointers(refused: pytest.ExceptionInfo[Problem]) -> list[str]:
    return [each.pointer for each in refused.value.violations]


def test_a_car_comes_with_device_and_calendar_and_stands_ready(town: Town):
    car = Vehicle.objects.get(id=town.car.id)
    assert (car.state, car.sequence, car.district) == ("available", 2, "huangpu")
    assert parties.party(fleet.device_of(car.id)).kind == "device"
    assert calendar.resource(car.id).buffer_seconds == 900
    events = list(car.events.order_by("sequence").values_list("previous", "events", "state"))
    assert events == [
        ("removed", ["recommissioned"], "non_operational"),
        ("non_operational", ["service_start"], "available"),
    ]
    (told,) = town.facts(car.id, "vehicle.registered")
    assert told == {
        "vehicle": str(car.id),
        "operator": str(town.operator),
        "mode": "car-share",
        "kind": "car",
        "driverless": False,
        "district": "huangpu",
    }


def test_a_vehicle_again_is_the_same_and_another_under_its_id_or_plate_is_refused(town: Town):
    draft = VehicleDraft(
        id=ids.uuid7(),
        type=town.small.id,
        plate="沪A·2",
        latitude_e6=SQUARE.latitude_e6,
        longitude_e6=SQUARE.longitude_e6,
    )
    first = fleet.register_vehicle(town.owner, draft)
    assert fleet.register_vehicle(town.owner, draft).id == first.id
    with pytest.raises(Conflict, match="id-taken"):
        fleet.register_vehicle(town.owner, msgspec.structs.replace(draft, plate="沪A·3"))
    with pytest.raises(Conflict, match="plate-taken"):
        fleet.register_vehicle(town.owner, msgspec.structs.replace(draft, id=ids.uuid7()))


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"plate": " "}, "/plate"),
        ({"plate": "\0"}, "/plate"),
        ({"vin": "IOQ"}, "/vin"),
        ({"energy_pm": 1001}, "/energy_pm"),
        ({"odometer_m": -1}, "/odometer_m"),
        ({"latitude_e6": 90_000_001}, "/latitude_e6"),
        ({"latitude_e6": 0, "longitude_e6": 0}, "/latitude_e6"),
        ({"buffer_seconds": -1}, "/buffer_seconds"),
        ({"home": ids.named("nowhere")}, "/home"),
    ],
)
def test_a_vehicle_that_cannot_be_is_refused(town: Town, changed: dict[str, object], pointer: str):
    before = Vehicle.objects.count()
    with pytest.raises(Invalid) as refused:
        town.vehicle(**changed)
    assert pointers(refused) == [pointer]
    assert Vehicle.objects.count() == before


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"form_factor": "bicycle"}, "/form_factor"),
        ({"propulsion_type": "steam"}, "/propulsion_type"),
        ({"max_range_m": None}, "/max_range_m"),
        ({"seats": 0}, "/seats"),
        ({"licence_class": ""}, "/licence_class"),
        ({"licence_class": "Z9"}, "/licence_class"),
        ({"plan": ids.named("no plan")}, "/plan"),
        ({"mode": "passenger-services"}, "/mode"),
    ],
)
def test_a_kind_that_cannot_be_is_refused(town: Town, changed: dict[str, object], pointer: str):
    with pytest.raises(Invalid) as refused:
        town.type("Odd", **changed)
    assert pointers(refused) == [pointer]


def test_another_firm_touches_nothing(town: Town):
    with pytest.raises(Forbidden):
        fleet.register_operator(town.rival_owner, OperatorDraft(id=town.operator, modes=("car-share",)))
    for actor in (town.rival_owner, town.clerk, town.rider()):
        with pytest.raises(Forbidden):
            fleet.register_vehicle(
                actor, VehicleDraft(id=ids.uuid7(), type=town.small.id, plate="X", latitude_e6=1, longitude_e6=1)
            )
    for actor in (town.rival_owner, town.rider()):
        with pytest.raises(Forbidden):
            vehicle_states.change(actor, id=ids.uuid7(), vehicle=town.car.id, events=["service_end"])


def test_a_person_is_no_operator(town: Town):
    rider = town.rider()
    with pytest.raises(Invalid) as refused:
        fleet.register_operator(rider, OperatorDraft(id=rider.party, modes=("car-share",)))
    assert pointers(refused) == ["/id"]


def test_states_move_by_the_table_alone(town: Town, noon: None):
    town.happens(town.car.id, "service_end")
    with pytest.raises(Conflict) as refused:
        town.happens(town.car.id, "trip_start")
    assert refused.value.body()["state"] == "non_operational"
    assert refused.value.extra["event"] == "trip_start"
    assert "service_start" in refused.value.extra["allowed"]
    assert Vehicle.objects.get(id=town.car.id).sequence == 3


def test_the_device_itself_may_say_what_happened_and_nobody_elses(town: Town):
    device = parties.actor_of_party(fleet.device_of(town.car.id))
    other = town.vehicle("沪A·7")
    vehicle_states.change(device, id=ids.uuid7(), vehicle=town.car.id, events=["comms_lost"])
    with pytest.raises(Forbidden):
        vehicle_states.change(device, id=ids.uuid7(), vehicle=other.id, events=["comms_lost"])


def test_an_event_again_is_the_same_event(town: Town):
    id = ids.uuid7()
    first = vehicle_states.change(town.clerk, id=id, vehicle=town.car.id, events=["service_end"])
    again = vehicle_states.change(town.clerk, id=id, vehicle=town.car.id, events=["service_end"])
    assert (first.id, VehicleEvent.objects.filter(vehicle=town.car.id).count()) == (again.id, 3)
    with pytest.raises(Conflict, match="id-taken"):
        vehicle_states.change(town.clerk, id=id, vehicle=town.car.id, events=["comms_lost"])


def test_after_a_silence_a_vehicle_is_what_it_was(town: Town):
    town.happens(town.car.id, "service_end")
    town.happens(town.car.id, "comms_lost")
    assert town.happens(town.car.id, "comms_restored").state == "non_operational"
    town.happens(town.car.id, "comms_lost")
    assert town.happens(town.car.id, "comms_restored", state="available").state == "available"


def test_events_come_in_order_and_not_from_the_future(town: Town):
    with clock.at(later(days=400)):
        car = town.vehicle("沪A·8")
        with pytest.raises(Conflict, match="event-out-of-order"):
            town.happens(car.id, "service_end", at=later(days=399))
        with pytest.raises(Invalid):
            town.happens(car.id, "service_end", at=later(days=401))
        with pytest.raises(Invalid):
            town.happens(car.id, "service_end", at=later(days=400).replace(tzinfo=None))
        assert town.happens(car.id, "service_end", at=later(days=400)).state == "non_operational"


def test_an_event_that_nobody_knows_and_a_vehicle_that_nobody_has(town: Town):
    with pytest.raises(Invalid) as refused:
        town.happens(town.car.id, "teleported")
    assert pointers(refused) == ["/events/0"]
    with pytest.raises(Invalid):
        town.happens(town.car.id)
    with pytest.raises(Missing):
        town.happens(ids.uuid7(), "service_end")


def test_prices_have_versions_and_stand(town: Town):
    id = ids.uuid7()
    dearer = Terms(bands=(Band(per_hour=3000),))
    second = town.publish(town.plan, dearer, id=id)
    assert (second.version, town.publish(town.plan, dearer, id=id).version) == (2, 2)
    with pytest.raises(Conflict, match="id-taken"):
        town.publish(town.plan, Terms(bands=(Band(per_hour=1),)), id=id)
    with pytest.raises(Invalid) as refused:
        town.publish(town.plan, dearer, currency="EUR")
    assert pointers(refused) == ["/currency"]
    with pytest.raises(Invalid) as refused:
        town.publish(town.plan, dearer, valid_from=later(days=-20_000))
    assert pointers(refused) == ["/valid_from"]
    with pytest.raises(Conflict):
        town.publish(town.bike_plan, dearer)  # another mode's plan
    with pytest.raises(Exception, match="append-only"):
        Tariff.objects.filter(id=id).update(currency="EUR")


def test_a_vehicle_is_retired_once_nobody_has_it(town: Town):
    rider = town.driver()
    start = clock.now().replace(microsecond=0) + timedelta(hours=1)
    row = town.book(rider, start, start + timedelta(hours=1))
    for actor in (town.clerk, town.rival_owner):
        with pytest.raises(Forbidden):
            fleet.retire_vehicle(actor, vehicle=town.car.id)
    with pytest.raises(Conflict, match="still-booked"):
        fleet.retire_vehicle(town.owner, vehicle=town.car.id)
    booking.cancel(rider, rental=row.id)
    for _ in range(2):
        assert fleet.retire_vehicle(town.owner, vehicle=town.car.id).state == "removed"
    with pytest.raises(Missing):
        town.book(rider, start, start + timedelta(hours=1))
    bike = town.bike("B1")
    assert fleet.retire_vehicle(town.owner, vehicle=bike.id).event == "decommissioned"
    assert len(town.facts(bike.id, "vehicle.retired")) == 1


def test_who_may_drive_what():
    assert drives(["A2"], "C1") and drives(["C1"], "C2") and drives([], "")
    assert not drives(["C2"], "C1") and not drives(["D"], "C1") and not drives([], "C1")


def test_a_station_takes_its_district_from_the_map(town: Town):
    assert (town.station.district, words("x").en) == ("huangpu", "x")
    (told,) = town.facts(town.station.id, "station.opened")
    assert told["district"] == "huangpu"
