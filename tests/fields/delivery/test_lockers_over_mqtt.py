"""A locker's terminal of software, real MQTT, a real NATS server, the relay in a process of its own, which gets killed."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections

from lilong.fields.delivery.models import LockerCell, Parcel, Shipment
from lilong.fields.delivery.rules import codes as code_rules
from lilong.fields.delivery.services import codes, journey
from lilong.fields.delivery.services.keys import key
from lilong.fields.delivery.standard.simulated_locker import SimulatedLocker
from lilong.host.nats import Nats
from lilong.kernel.base import ids
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.device_claims import issuer
from tests.fields.delivery.scene import Lane

_RELAY = """
import asyncio, django
django.setup()
from lilong.kernel.devices import outbox, receiving
from lilong.kernel.parties import device_auth
async def all():
    stop = asyncio.Event()
    await asyncio.gather(*(loop.run(stop) for loop in (device_auth, receiving, outbox)))
asyncio.run(all())
"""


class House:
    """One NATS server, a bank with a terminal, and the relay, which may be killed and started anew."""

    def __init__(self, server: Nats) -> None:
        self.server, self.lane, self.device = server, Lane(), ids.uuid7()
        self.bank = self.lane.bank(device=self.device, s=2)
        self.relay = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        environment = os.environ | {"NATS_URL": self.server.url, "LILONG_TOKEN_KEY": settings.TOKEN_KEY}
        return subprocess.Popen([sys.executable, "-c", _RELAY], env=environment)

    def kill(self) -> None:
        self.relay.kill()
        self.relay.wait(10)

    def terminal(self) -> SimulatedLocker:
        """Signed in; the relay may still be starting, so a refusal for want of an answer is tried again."""
        secret, deadline = parties.issue_device_secret(self.lane.owner, device=self.device), time.monotonic() + 40
        while True:
            made = SimulatedLocker(self.device, secret, port=self.server.mqtt_port)
            answer = made.answers.get(timeout=20)
            if answer == "Success":
                return made
            made.close()
            assert time.monotonic() < deadline, answer
            time.sleep(0.3)

    def sent(self) -> Shipment:
        shipment = self.lane.ship(bank=self.bank)
        return journey.collect(self.lane.courier, shipment=shipment.id, vehicle=self.lane.courier.party)


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


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def state(shipment: Shipment) -> str:
    return Shipment.objects.get(id=shipment.id).state


def test_in_by_its_tag_out_by_a_code_with_the_relay_killed_in_between(house: House) -> None:
    shipment, terminal = house.sent(), house.terminal()
    terminal.full = {1}
    terminal.scan(code_rules.tag(key("tags"), Parcel.objects.get(shipment=shipment).id))
    until(lambda: state(shipment) == "in-locker")
    code = codes.code_of(house.lane.recipient, shipment=shipment.id).code
    terminal.type("12345678")
    while (said := terminal.told.get(timeout=20))["type"] != "refused":
        pass
    assert said["why"] == "invalid"
    house.kill()
    request = terminal.type(code)  # the stream keeps what the terminal says
    terminal.type(code, request)
    house.relay = house.start()
    until(lambda: state(shipment) == "delivered")
    assert len(house.lane.facts(shipment.id, "shipment.delivered")) == 1
    assert ledger.differences() == []
    terminal.close()


def test_a_jammed_door_gives_the_courier_another_cell(house: House) -> None:
    shipment, terminal = house.sent(), house.terminal()
    terminal.jammed, terminal.full = {1}, {2}
    terminal.scan(code_rules.tag(key("tags"), Parcel.objects.get(shipment=shipment).id))
    until(lambda: state(shipment) == "in-locker")
    cell = LockerCell.objects.get(bank=house.bank, number=1)
    assert (cell.out_reason, shipment.stays.get(state="occupied").cell.number) == ("stuck", 2)
    terminal.close()
