"""Vehicles and loggers of software, real MQTT, a real NATS server, the relay in a process of its own, which gets killed."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connections

from lilong.fields.delivery.models import ControlledVehicle, Reading, Shipment, VehicleOrder, VehicleTask
from lilong.fields.delivery.services import cold_loggers, vehicles_setup
from lilong.fields.delivery.standard.simulated_logger import SimulatedLogger
from lilong.fields.delivery.standard.simulated_vehicle import SimulatedVehicle
from lilong.fields.delivery.standard.vda5050 import topics
from lilong.fields.delivery.standard.vda5050.virtual import Memory
from lilong.host.nats import Nats
from lilong.kernel.base import clock, ids
from lilong.kernel.parties.device_claims import issuer
from tests.fields.delivery.road import Road, Robot, words

_RELAY = """
import asyncio, django
django.setup()
from lilong.fields.delivery.services import vehicles_watch
from lilong.kernel.devices import outbox, receiving
from lilong.kernel.parties import device_auth
async def all():
    stop = asyncio.Event()
    await asyncio.gather(*(loop.run(stop) for loop in (device_auth, receiving, outbox, vehicles_watch)))
asyncio.run(all())
"""


class House:
    """One NATS server, a carrier, and the relay, which may be killed and started anew."""

    def __init__(self, server: Nats) -> None:
        self.server, self.road = server, Road()
        self.relay = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        environment = os.environ | {
            "NATS_URL": self.server.url, "LILONG_TOKEN_KEY": settings.TOKEN_KEY,
            "LILONG_MQTT_HOST": "127.0.0.1", "LILONG_MQTT_PORT": str(self.server.mqtt_port),
        }  # fmt: skip
        return subprocess.Popen([sys.executable, "-c", _RELAY], env=environment)

    def kill(self) -> None:
        self.relay.kill()
        self.relay.wait(10)

    def vehicle(self, robot: Robot, **more: Any) -> SimulatedVehicle:
        """Signed in; the relay may still be starting, so a refusal for want of an answer is tried again."""
        given = vehicles_setup.issue_credentials(self.road.office, vehicle=robot.id)
        return self._signed_in(
            lambda: SimulatedVehicle(
                robot.id,
                given.secret,
                "KIT",
                robot.serial,
                port=self.server.mqtt_port,
                version=robot.version,
                hurry=40,
                **more,
            )
        )

    def logger(self, id: UUID, **more: Any) -> SimulatedLogger:
        secret = cold_loggers.issue_secret(self.road.office, logger=id)
        return self._signed_in(lambda: SimulatedLogger(id, secret, port=self.server.mqtt_port, **more))

    def _signed_in(self, make: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + 40
        while True:
            made = make()
            answer = made.answers.get(timeout=20)
            if answer == "Success":
                return made
            made.crash() if isinstance(made, SimulatedVehicle) else made.close()
            assert time.monotonic() < deadline, answer
            time.sleep(0.3)


@pytest.fixture
def house(fresh_database: str, tmp_path: Path) -> Iterator[House]:
    tmp_path.chmod(0o755)
    server = Nats(tmp_path / "nats", issuer=issuer(settings.TOKEN_KEY))
    server.start()
    made = House(server)
    yield made
    made.kill()
    server.stop()
    connections.close_all()


def until(true: Callable[[], bool], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def delivered(*shipments: UUID) -> bool:
    return Shipment.objects.filter(id__in=shipments, state="delivered").count() == len(shipments)


def test_both_versions_drive_a_run_and_sign_off(house: House) -> None:
    road = house.road
    robots = [road.robot(version) for version in topics.VERSIONS]
    goods = [road.shipment(1000, 300 * n) for n in range(1, 5)]
    for robot, pair in zip(robots, (goods[:2], goods[2:]), strict=True):
        road.run(robot.id, *pair)
    cars = [house.vehicle(robot) for robot in robots]
    until(lambda: delivered(*goods))
    until(lambda: set(VehicleOrder.objects.values_list("state", flat=True)) == {"finished"})
    assert [car.vehicle.errors for car in cars] == [[], []]
    assert list(ControlledVehicle.objects.values_list("refused", flat=True)) == [0, 0]
    assert [row.factsheet is not None for row in ControlledVehicle.objects.all()] == [True, True]
    for car in cars:
        car.close()
    until(lambda: set(ControlledVehicle.objects.values_list("connection", flat=True)) == {"OFFLINE"})


def test_an_unreliable_radio_a_killed_relay_and_a_restarted_vehicle(house: House) -> None:
    road = house.road
    robot = road.robot()
    goods = [road.shipment(1000, 300 * n) for n in range(1, 4)]
    road.run(robot.id, *goods)
    memory = Memory()
    car = house.vehicle(robot, memory=memory)
    car.lose, car.double, car.shuffle = 0.3, 0.3, True
    until(lambda: VehicleTask.objects.filter(kind="pick", state="FINISHED").exists())
    house.kill()
    house.relay = house.start()
    until(lambda: VehicleTask.objects.filter(kind="drop", state="FINISHED").exists(), 60)
    car.crash()
    until(lambda: ControlledVehicle.objects.get().connection == "CONNECTIONBROKEN")  # the broker spoke its last will
    again = house.vehicle(robot, memory=memory)
    until(lambda: delivered(*goods), 60)
    assert VehicleOrder.objects.count() == 1
    for each in goods:
        assert len(road.facts(each, "delivery.shipment.delivered")) == 1
        assert len(road.facts(each, "delivery.shipment.collected")) == 1
    again.close()


def test_a_broker_restarted_amid_a_run(house: House) -> None:
    road = house.road
    robot = road.robot()
    goods = [road.shipment(1000, 300 * n) for n in range(1, 3)]
    road.run(robot.id, *goods)
    car = house.vehicle(robot)
    until(lambda: VehicleTask.objects.filter(kind="pick", state="FINISHED").exists())
    house.server.stop()
    house.server.start()
    until(lambda: delivered(*goods), 90)
    car.close()


def test_a_silent_vehicle_is_given_up_and_comes_back(house: House) -> None:
    road = house.road
    silent, other = road.robot(), road.robot()
    car, second = house.vehicle(silent), house.vehicle(other)
    aboard, waiting = road.shipment(3000, 0), road.shipment(3000, 500)
    car.vehicle.action_seconds = 200  # five seconds by the clock: time enough to be lost in
    road.run(silent.id, aboard, waiting)
    until(lambda: road.state(aboard) == "collected")
    car.dark = True
    ControlledVehicle.objects.filter(vehicle_id=silent.id).update(heard_at=clock.now() - timedelta(minutes=2))
    until(lambda: delivered(waiting), 60)
    assert Shipment.objects.get(id=waiting).vehicle_id == other.id
    car.vehicle.action_seconds, car.dark = 2, False
    car.state()
    until(lambda: delivered(aboard), 60)
    assert [each.state for each in VehicleOrder.objects.filter(vehicle_id=silent.id).order_by("made_at")] == [
        "lost",
        "finished",
    ]
    for each in (aboard, waiting):
        assert len(road.facts(each, "delivery.shipment.delivered")) == 1
    car.close()
    second.close()


def test_nobody_speaks_or_listens_on_anothers_topics(house: House) -> None:
    road = house.road
    thief, victim = road.robot(), road.robot()
    car = house.vehicle(thief)
    own = topics.topic(topics.V2, "KIT", victim.serial, "connection")
    car.say_raw(own, car._message("connection", {"connectionState": "ONLINE"}))  # the broker drops it
    car.say_raw(topics.topic(topics.V2, "KIT", thief.serial, "order"), b"{}")
    car.say_raw(topics.topic(topics.V2, "KIT", thief.serial, "state"), b"nonsense")
    until(lambda: ControlledVehicle.objects.get(vehicle_id=thief.id).refused == 1)
    assert ControlledVehicle.objects.get(vehicle_id=victim.id).connection == ""
    car.close()


def test_readings_reach_the_books_once_and_stop_goods(house: House) -> None:
    road = house.road
    tag = cold_loggers.add_logger(road.office, id=ids.uuid7(), carrier=road.carrier, name=words("Logger")).id
    goods = road.shipment(temperature="chilled", value=10_000)
    cold_loggers.place(road.office, id=ids.uuid7(), logger=tag, shipment=goods)
    logger = house.logger(tag)
    now = clock.now()
    logger.read([(now + timedelta(seconds=n), 5000) for n in range(60)])
    until(lambda: logger.journal == {})
    house.kill()
    logger.read([(now + timedelta(seconds=60 + n), 5000) for n in range(60)])
    logger.resend()
    house.relay = house.start()
    until(lambda: logger.journal == {}, 60)
    assert Reading.objects.count() == 120
    logger.read([(now + timedelta(seconds=121), 30_000)])
    until(lambda: Shipment.objects.get(id=goods).stopped == "excursion")
    logger.close()
