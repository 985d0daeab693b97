"""Machines of software, real MQTT, a real NATS server, the gateway in a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections

from lilong.fields.market.models import Machine, MachineMessage, Purchase
from lilong.fields.market.services import machines
from lilong.fields.market.standard import machine_protocol as protocol
from lilong.fields.market.standard.simulated_machine import Memory, SimulatedMachine
from lilong.host.nats import Nats
from lilong.kernel.base import clock, ids
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.parties.device_claims import issuer
from tests.fields.market.machine_park import Park, purse
from tests.fields.market.scene import Market

_GATEWAY = """
import asyncio, django
django.setup()
from lilong.kernel.devices import outbox, receiving
from lilong.kernel.parties import device_auth
async def relay():
    stop = asyncio.Event()
    await asyncio.gather(device_auth.run(stop), receiving.run(stop), outbox.run(stop))
asyncio.run(relay())
"""


class House:
    """One NATS server, a park with a machine, and the gateway, which may be killed and started anew."""

    def __init__(self, server: Nats) -> None:
        self.server = server
        self.park = Park(Market())
        self.given = machines.issue_credentials(self.park.market.owner, machine=self.park.device)
        self.gateway = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        environment = os.environ | {"NATS_URL": self.server.url, "LILONG_TOKEN_KEY": settings.TOKEN_KEY}
        return subprocess.Popen([sys.executable, "-c", _GATEWAY], env=environment)

    def kill(self) -> None:
        self.gateway.kill()
        self.gateway.wait(10)

    def machine(self, memory: Memory | None = None, secret: str = "") -> SimulatedMachine:
        """Signed in; the gateway may still be starting, so a refusal for want of an answer is tried again."""
        deadline = time.monotonic() + 30
        while True:
            made = SimulatedMachine(
                self.given.device, secret or self.given.secret, self.given.house_key,
                port=self.server.mqtt_port, memory=memory,
            )  # fmt: skip
            answer = made.answers.get(timeout=20)
            if answer == "Success":
                return made
            made.close()
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


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_bought_over_mqtt_jammed_and_bought_again(house: House) -> None:
    buyer = house.park.market.buyer()
    machine = house.machine()
    sale = house.park.reserve(buyer, ("A1", 1, 600), ("B1", 2, 500))
    assert machine.obeyed.get(timeout=20).type == "vend"
    until(lambda: Purchase.objects.get(id=sale.id).state == "settled")
    assert purse(buyer) == (98_400, 0)
    until(lambda: machine.memory.journal == {})
    machine.jammed = {"A1"}
    jam = house.park.reserve(buyer, ("A1", 1, 600))
    until(lambda: Purchase.objects.get(id=jam.id).state == "settled")
    assert purse(buyer) == (98_400, 0)
    assert ledger.differences() == []
    machine.close()


def test_power_cut_after_the_goods_fell(house: House) -> None:
    buyer = house.park.market.buyer()
    machine = house.machine()
    machine.cut_after_vending = True
    sale = house.park.reserve(buyer, ("A1", 2, 600))
    machine.obeyed.get(timeout=20)
    machine.close()
    assert (purse(buyer), len(machine.memory.journal)) == ((100_000, 1200), 2)
    again = house.machine(machine.memory)
    until(lambda: Purchase.objects.get(id=sale.id).state == "settled")
    until(lambda: again.memory.journal == {})
    assert (purse(buyer), house.park.left("MILK-1")) == ((98_800, 0), (3, 0))
    again.close()


def test_the_journal_twice_and_a_gateway_killed_in_between(house: House) -> None:
    buyer = house.park.market.buyer()
    machine = house.machine()
    house.kill()
    sale = house.park.reserve(buyer, ("A1", 2, 600))  # told when the gateway is there again: it waits in the outbox
    house.gateway = house.start()
    machine.obeyed.get(timeout=30)
    for _ in range(3):
        machine.resend()
    until(lambda: Purchase.objects.get(id=sale.id).state == "settled")
    until(lambda: machine.memory.journal == {})
    assert (purse(buyer), house.park.left("MILK-1")) == ((98_800, 0), (3, 0))
    assert MachineMessage.objects.count() == 2
    machine.close()


def test_a_wrong_secret_stays_outside(house: House) -> None:
    house.machine().close()  # the gateway answers
    wrong = SimulatedMachine(house.given.device, "ld_wrong", house.given.house_key, port=house.server.mqtt_port)
    assert wrong.answers.get(timeout=20) == "Not authorized"
    wrong.close()


def test_one_machine_cannot_report_for_another_or_command_it(house: House) -> None:
    victim = Park(house.park.market)
    buyer = victim.market.buyer()
    sale = victim.reserve(buyer, ("A1", 1, 600))
    thief = house.machine()
    report = protocol.Closed(at=clock.now(), seq=1, order=sale.id, parts=[])
    thief.say_raw(protocol.written(report), protocol.up_topic(victim.device))  # the broker drops it
    thief.numbered(protocol.Closed, order=sale.id, parts=[])  # and so does the house
    assert thief.receipts.get(timeout=20) == 1
    found = MachineMessage.objects.get()
    assert (found.machine_id, found.outcome) == (house.park.device, "no-such-purchase")
    assert Purchase.objects.get(id=sale.id).state == "reserved"
    thief.close()


def test_heartbeats_show_a_machine_online(house: House) -> None:
    machine = house.machine()
    machine.heartbeat(-1500)
    until(lambda: Machine.objects.get(device=house.park.device).temperature_mc == -1500)
    machine.close()


def test_a_machine_obeys_only_signed_current_commands_to_itself() -> None:
    key, other = (protocol.signing_key(text) for text in ("house", "somebody else"))
    public, machine, now = protocol.public_key("house"), ids.uuid7(), clock.now()
    command = protocol.Command(
        id=ids.uuid7(), machine=machine, type="open", body={}, expires_at=now.replace(year=now.year + 1)
    )
    good = protocol.signed(command, key)
    assert protocol.verified(good, public, machine, now) == command
    assert protocol.verified(good, public, ids.uuid7(), now) is None
    assert protocol.verified(good, public, machine, command.expires_at) is None
    assert protocol.verified(protocol.signed(command, other), public, machine, now) is None
    assert protocol.verified(good.replace(b"ey", b"eY", 1), public, machine, now) is None
    assert [protocol.verified(bad, public, machine, now) for bad in (b"", b"{}", b"[1]", b"\xff")] == [None] * 4
