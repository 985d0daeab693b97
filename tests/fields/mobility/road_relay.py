"""A relay in a process of its own, which may be killed and started anew: sign-in of devices, inbox, outbox, JT/T 808."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings

from lilong.fields.mobility.standard.jt808.simulated_terminal import SimulatedTerminal
from lilong.fields.mobility.standard.simulated_vehicle import Memory, SimulatedVehicle
from lilong.host.nats import Nats
from lilong.host.ports import answers, free_port
from tests.fields.mobility.road import Road

_RELAY = """
import asyncio, django
django.setup()
from lilong.fields.mobility.services import jt808_gateway
from lilong.kernel.devices import outbox, receiving
from lilong.kernel.parties import device_auth
async def relay():
    stop = asyncio.Event()
    await asyncio.gather(*(loop.run(stop) for loop in (device_auth, receiving, outbox, jt808_gateway)))
asyncio.run(relay())
"""


class Relay:
    """One NATS server, one road, and the relay."""

    def __init__(self, server: Nats) -> None:
        self.server = server
        self.port = free_port()
        self.anew()
        self.process = self.start()

    def anew(self) -> None:
        """Another road: tests share the relay, not the cars."""
        self.road = Road()
        self.phone = f"138{self.road.car.id.int % 10**8:08d}"

    def start(self, port: int = 0) -> subprocess.Popen[bytes]:
        environment = os.environ | {
            "NATS_URL": self.server.url, "LILONG_TOKEN_KEY": settings.TOKEN_KEY,
            "LILONG_JT808_PORT": str(port or self.port),
        }  # fmt: skip
        return subprocess.Popen([sys.executable, "-c", _RELAY], env=environment)

    def kill(self) -> None:
        """-9."""
        self.process.kill()
        self.process.wait(10)

    def vehicle(self, memory: Memory | None = None, secret: str = "", **more: Any) -> SimulatedVehicle:
        """Signed in over MQTT; the relay may still be starting, so a refusal for want of an answer is tried again."""
        deadline = time.monotonic() + 120
        while True:
            made = SimulatedVehicle(
                self.road.device, secret or self.road.secret, port=self.server.mqtt_port, memory=memory, **more
            )
            answer = made.answers.get(timeout=60)
            if answer == "Success":
                return made
            made.close()
            assert time.monotonic() < deadline, answer
            time.sleep(0.3)

    def terminal(self, phone: str = "", **more: Any) -> SimulatedTerminal:
        """Connected over TCP, as soon as the relay listens."""
        port = more.pop("port", self.port)
        assert answers("127.0.0.1", port, within_seconds=120)
        return SimulatedTerminal(phone or self.phone, port=port, **more)


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)
