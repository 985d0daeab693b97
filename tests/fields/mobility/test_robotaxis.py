"""Robotaxis over real MQTT: a relay in a process of its own, the rounds of matching here."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connections

from lilong.fields.mobility.models import Duty, Ride, RideOffer, TrackPoint, Vehicle, VehicleCommand
from lilong.fields.mobility.queries.duties import robotaxis_of
from lilong.fields.mobility.services.rides import driving, duties, ending, sweeping
from lilong.fields.mobility.standard import vehicle_protocol as protocol
from lilong.fields.mobility.standard.simulated_taxi import SimulatedTaxi
from lilong.host.nats import Nats
from lilong.kernel.base import clock, ids
from lilong.kernel.geo.points import Point, moved
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.actor import SYSTEM, Actor
from lilong.kernel.parties.device_claims import issuer
from lilong.site.demo import robotaxis
from tests.fields.mobility.road_relay import until
from tests.fields.mobility.taxis import Taxis

_RELAY = """
import asyncio, django
django.setup()
from lilong.kernel.devices import outbox, receiving
from lilong.kernel.parties import device_auth
async def relay():
    stop = asyncio.Event()
    await asyncio.gather(*(loop.run(stop) for loop in (device_auth, receiving, outbox)))
asyncio.run(relay())
"""


class House:
    """NATS, a relay that can be killed, a firm, and its robotaxis."""

    def __init__(self, server: Nats) -> None:
        self.server, self.taxis = server, Taxis()
        self.process = self.relay()
        self.fleet: list[SimulatedTaxi] = []

    def relay(self) -> subprocess.Popen[bytes]:
        environment = os.environ | {"NATS_URL": self.server.url, "LILONG_TOKEN_KEY": settings.TOKEN_KEY}
        return subprocess.Popen([sys.executable, "-c", _RELAY], env=environment)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def taxi(self, place: Point, **more: Any) -> tuple[SimulatedTaxi, Duty]:
        """Connected, driving, on line."""
        device = ids.uuid7()
        parties.create_device(SYSTEM, id=device, name="Robotaxi", owner=self.taxis.operator, kind="vehicle")
        secret = parties.issue_device_secret(SYSTEM, device=device)
        row = self.taxis.vehicle(place, self.taxis.robot_type, device=device)
        deadline = time.monotonic() + 30
        while True:  # the relay may still be starting
            assert time.monotonic() < deadline
            made = SimulatedTaxi(device, secret, place, port=self.server.mqtt_port, speed_mps=40, **more)
            if made.vehicle.answers.get(timeout=20) == "Success":
                break
            made.close()
        self.fleet.append(made)
        made.start()
        return made, duties.go_online(self.taxis.owner, id=ids.uuid7(), vehicle=row.id)

    def asked(self, rider: Actor, near: Point) -> Ride:
        """From just here to the corner some way off."""
        from lilong.fields.mobility.services.rides import quotes, requests

        way = quotes.Way(start=near, end=moved(near, 350, 20))
        quote = quotes.quote(rider, id=ids.uuid7(), plan=self.taxis.robot_type.plan, way=way)
        return requests.request(rider, id=ids.uuid7(), quote=quote.id)

    def offered(self, ride: Ride) -> RideOffer:
        """After a round. The cars' own clock does not matter here, ours is the house's."""
        self.taxis.matched()
        return RideOffer.objects.get(ride=ride, state__in=("open", "accepted"))

    def quiet(self) -> None:
        for taxi in self.fleet:
            taxi.close()
        self.fleet.clear()
        Duty.objects.update(state="ended", ended_at=clock.now())


@pytest.fixture(scope="module")
def running(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("robotaxis")
    folder.chmod(0o755)
    server = Nats(folder / "nats", issuer=issuer(settings.TOKEN_KEY))
    server.start()
    made = House(server)
    yield made
    made.kill()
    server.stop()
    connections.close_all()


@pytest.fixture
def house(running: House) -> Iterator[House]:
    yield running
    running.quiet()


def state(ride: Ride) -> str:
    return Ride.objects.get(id=ride.id).state


def test_a_robotaxi_takes_a_rider_from_door_to_door(house: House):
    place = house.taxis.at(3)
    taxi, duty = house.taxi(place)
    rider = house.taxis.rider()
    ride = house.asked(rider, moved(place, 30, 0))
    house.offered(ride)
    until(lambda: state(ride) == "arrived")
    taxi.type_code("0000" if house.taxis.code(ride) != "0000" else "0001")
    until(lambda: taxi.refused == 1)
    assert Ride.objects.get(id=ride.id).tries == 1
    taxi.type_code(house.taxis.code(ride))
    until(lambda: state(ride) == "completed", 40)
    done = Ride.objects.get(id=ride.id)
    assert (done.how, done.by, done.total) == ("arrived", "car", ride.quote.total)
    assert done.metres > 0.8 * ride.quote.metres
    until(lambda: (taxi.leg, taxi.ride) == ("", None))
    assert [leg for _, _, leg in taxi.legs] == ["pick-up", "wait", "wait", "drop-off", "stop"]
    assert [version for _, version, _ in taxi.legs] == sorted(version for _, version, _ in taxi.legs)
    assert (Duty.objects.get(id=duty.id).state, Vehicle.objects.get(id=duty.vehicle_id).state) == ("free", "available")
    (arrived,) = house.taxis.facts(ride.id, "mobility.ride.arrived")
    assert arrived["driverless"] is True


def test_the_rider_opens_the_door_from_the_phone(house: House):
    place = house.taxis.at(7)
    taxi, _ = house.taxi(place)
    rider = house.taxis.rider()
    ride = house.asked(rider, place)
    house.offered(ride)
    until(lambda: taxi.shown != "")
    assert taxi.shown == house.taxis.code(ride, "door") != house.taxis.code(ride)
    assert driving.start(rider, ride=ride.id, code=taxi.shown).state == "under-way"
    until(lambda: taxi.leg == "drop-off")
    assert ending.end(rider, ride=ride.id).how == "early"
    until(lambda: taxi.leg == "")


def test_nobody_comes_after_a_cancel(house: House):
    """Called off on the way: the car turns away, and what it was told before is not obeyed although it comes once more."""
    place = house.taxis.at(11)
    taxi, duty = house.taxi(place)
    rider = house.taxis.rider()
    ride = house.asked(rider, moved(place, 600, 0))
    house.offered(ride)
    until(lambda: taxi.leg == "pick-up")
    ending.cancel(rider, ride=ride.id)
    until(lambda: taxi.leg == "")
    stale = VehicleCommand.objects.get(trip=ride.id, body__leg="pick-up")
    assert stale.state in ("done", "expired")
    again = protocol.Command(id=ids.uuid7(), type="ride", body=stale.body, expires_at=stale.expires_at)
    from lilong.kernel.devices import outbox

    assert taxi.vehicle.device is not None
    outbox.send(protocol.down_subject(taxi.vehicle.device, "command"), protocol.encode(again))
    until(lambda: any(command.id == again.id for command in list(taxi.vehicle.told.queue)))
    assert taxi.vehicle.memory.obeyed[again.id].why == "stale"
    assert taxi.leg == ""
    assert Vehicle.objects.get(id=duty.vehicle_id).trip is None
    left = VehicleCommand.objects.filter(trip=ride.id, state="sent").exclude(body__leg="cancelled")
    assert not left.exists()


def test_a_car_that_does_not_know_of_the_cancel_is_told(house: House):
    """It was away when the ride was called off; as soon as it says that it comes, it hears."""
    place = house.taxis.at(15)
    taxi, _ = house.taxi(place)
    rider = house.taxis.rider()
    ride = house.asked(rider, moved(place, 30, 0))
    house.offered(ride)
    until(lambda: state(ride) == "arrived")
    ending.cancel(rider, ride=ride.id)
    until(lambda: taxi.leg == "")
    taxi.legs.clear()
    taxi.vehicle.say_report(protocol.Ride(ride=ride.id, phase="departed"))
    until(lambda: [leg for _, _, leg in taxi.legs] == ["cancelled"])
    assert state(ride) == "cancelled"


def test_an_answer_written_down_by_a_relay_that_died_is_found(house: House):
    place = house.taxis.at(19)
    _taxi, duty = house.taxi(place)
    ride = house.asked(house.taxis.rider(), place)
    house.kill()
    try:
        offer = house.offered(ride)
        VehicleCommand.objects.filter(id=offer.id).update(state="done", answered_at=clock.now())
        assert sweeping.sweep() == 1
        assert Ride.objects.get(id=ride.id).duty_id == duty.id
        assert sweeping.sweep() == 0
    finally:
        house.process = house.relay()


def test_a_car_that_refuses_and_one_that_breaks_down(house: House):
    place = house.taxis.at(23)
    refuser, _ = house.taxi(place, accepts=lambda body: "flat battery")
    rider = house.taxis.rider()
    ride = house.asked(rider, place)
    first = house.offered(ride)
    until(lambda: RideOffer.objects.get(id=first.id).state == "declined")
    second, _ = house.taxi(place)
    house.offered(ride)
    until(lambda: state(ride) == "arrived")
    second.type_code(house.taxis.code(ride))
    until(lambda: state(ride) == "under-way")
    second.break_down()
    until(lambda: state(ride) == "completed")
    assert (Ride.objects.get(id=ride.id).how, house.taxis.purse(rider.party)) == ("breakdown", (20_000, 0))
    assert refuser.legs == []


def test_the_demo_citys_robotaxis_drive_until_told_to_stop(house: House):
    place = house.taxis.at(31)
    device = ids.uuid7()
    parties.create_device(SYSTEM, id=device, name="Robotaxi", owner=house.taxis.operator, kind="vehicle")
    row = house.taxis.vehicle(place, house.taxis.robot_type, device=device)
    duties.go_online(house.taxis.owner, id=ids.uuid7(), vehicle=row.id)
    assert robotaxis_of(house.taxis.operator) == [(device, Point.of_e6(place.latitude_e6, place.longitude_e6))]
    stop = threading.Event()
    given = (robotaxis_of(house.taxis.operator), "127.0.0.1", house.server.mqtt_port, 40.0, stop)
    wheel = threading.Thread(target=robotaxis.drive, args=given)
    wheel.start()
    try:
        until(lambda: (Vehicle.objects.get(id=row.id).energy_pm or 0) == 900 and _heard(row), 40)
        ride = house.asked(house.taxis.rider(), place)
        house.offered(ride)
        until(lambda: state(ride) == "arrived")
    finally:
        stop.set()
        wheel.join(20)
    assert not wheel.is_alive()


def _heard(row: Vehicle) -> bool:
    return TrackPoint.objects.filter(vehicle=row.id).exists()


def test_a_device_says_nothing_of_anothers_ride(house: House):
    place = house.taxis.at(27)
    taxi, _ = house.taxi(place)
    other, _ = house.taxi(moved(place, 1500, 90))
    ride = house.asked(house.taxis.rider(), place)
    house.offered(ride)
    until(lambda: state(ride) == "arrived")
    for phase in ("ended", "broken", "code"):
        other.vehicle.say_report(protocol.Ride(ride=ride.id, phase=phase, code=house.taxis.code(ride)))
    other.vehicle.say_report(protocol.Ride(ride=UUID(int=9), phase="ended"))
    seen = Vehicle.objects.get(device=other.vehicle.device).at
    until(lambda: Vehicle.objects.get(device=other.vehicle.device).at != seen)
    assert (state(ride), Ride.objects.get(id=ride.id).tries) == ("arrived", 0)
    assert taxi.leg == "wait"
