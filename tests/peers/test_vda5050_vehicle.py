"""Our master control drives a vehicle that other people wrote: the virtual AGV of npm vda-5050-lib (VDA 5050 2.0)."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lilong.fields.delivery.models import ControlledVehicle, VehicleOrder
from lilong.fields.delivery.services import vehicles_setup
from tests.fields.delivery.road import Robot
from tests.fields.delivery.test_vehicles_over_mqtt import House, delivered, house, until

__all__ = ["house"]
HERE = Path(__file__).parent / "vda5050"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The npm package, installed into a folder of this run's own."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("npm is not installed: the vehicle of vda-5050-lib was not tried")
    folder = tmp_path_factory.mktemp("vda5050")
    shutil.copy(HERE / "package.json", folder)
    done = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"npm could not install vda-5050-lib: {done.stderr.strip()[-200:]}")
    return str(folder / "node_modules" / "vda-5050-lib")


@pytest.fixture
def agv(house: House, library: str) -> Iterator[tuple[House, Robot, Any]]:
    robot = house.road.robot()
    given = vehicles_setup.issue_credentials(house.road.office, vehicle=robot.id)
    told = {
        "manufacturer": "KIT", "serial": robot.serial, "port": house.server.mqtt_port, "user": str(robot.id),
        "password": given.secret, "position": {"mapId": "shanghai-1", "x": 0, "y": 0, "theta": 0, "lastNodeId": "start"},
    }  # fmt: skip
    house.vehicle(house.road.robot()).close()  # the relay answers sign-ins from now on
    started = subprocess.Popen(
        ["node", str(HERE / "virtual_agv.js"), library, json.dumps(told)], stdout=subprocess.PIPE, text=True
    )
    assert started.stdout is not None
    assert started.stdout.readline().strip() == "started"
    yield house, robot, started
    if started.poll() is None:
        started.kill()
        started.wait(10)


def test_it_picks_drives_and_drops(agv: tuple[House, Robot, Any]) -> None:
    house, robot, process = agv
    until(lambda: ControlledVehicle.objects.get(vehicle_id=robot.id).mode == "AUTOMATIC")
    first, second = house.road.shipment(800, 300), house.road.shipment(800, 600)
    house.road.run(robot.id, first)
    until(lambda: delivered(first), 120)
    house.road.run(robot.id, second)
    until(lambda: delivered(second), 120)
    orders = VehicleOrder.objects.filter(vehicle_id=robot.id)
    until(lambda: orders.filter(state="finished").count() == 2)
    assert list(orders.values_list("state", flat=True)) == ["finished", "finished"]
    found = ControlledVehicle.objects.get(vehicle_id=robot.id)
    assert (found.refused, list(found.refused_messages.values_list("reason", flat=True))) == (0, [])
    process.terminate()
    until(lambda: ControlledVehicle.objects.get(vehicle_id=robot.id).connection in ("OFFLINE", "CONNECTIONBROKEN"))
