"""A relay in a process of its own that may be killed: sign-in, inbox and outbox over a NATS server of the test's own."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import Queue
from typing import Any
from uuid import UUID

import nats
import paho.mqtt.client as mqtt
from django.conf import settings

from lilong.host.nats import Nats
from lilong.kernel.base import ids
from lilong.kernel.base.words import Words
from lilong.kernel.parties import queries, services
from lilong.kernel.parties.actor import SYSTEM
from lilong.kernel.parties.device_claims import issuer

_RELAY = "from tests.kernel.devices import relay; relay.main()"


class House:
    """`inboxes` are names of functions in `relay.py`."""

    def __init__(self, folder: Path, *inboxes: str) -> None:
        folder.chmod(0o755)
        self.folder = folder
        self.inboxes = inboxes
        self.server = Nats(folder / "nats", issuer=issuer(settings.TOKEN_KEY))
        self.server.start()
        self.relays: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        mine = {
            "NATS_URL": self.server.url,
            "LILONG_MQTT_PORT": str(self.server.mqtt_port),
            "LILONG_TOKEN_KEY": settings.TOKEN_KEY,
            "TEST_INBOXES": " ".join(self.inboxes),
            "TEST_FOLDER": str(self.folder),
        }
        self.relays.append(subprocess.Popen([sys.executable, "-c", _RELAY], env=os.environ | mine))
        return self.relays[-1]

    def restart_broker(self) -> None:
        self.server.stop()
        self.server.start()

    def close(self) -> None:
        for relay in self.relays:
            relay.kill()
            relay.wait(10)
        self.server.stop()

    def publish(self, subject: str, *payloads: bytes) -> None:
        """Into the stream, as messages that are safe there when this returns."""

        async def work() -> None:
            client = await nats.connect(self.server.url)
            stream = client.jetstream()
            for payload in payloads:
                await stream.publish(subject, payload)
            await client.close()

        asyncio.run(work())

    def device(self, user: UUID | str, password: str, **how: Any) -> "Device":
        """Signed in; the relay may still be starting, so a refusal for want of an answer is tried again."""
        deadline = time.monotonic() + 30
        while True:
            made = Device(self.server.mqtt_port, str(user), password, **how)
            answer = made.answers.get(timeout=20)
            if answer == "Success":
                return made
            made.close()
            assert time.monotonic() < deadline, answer
            time.sleep(0.2)


class Device:
    """A real MQTT client: what the broker answered and what it heard."""

    def __init__(self, port: int, user: str, password: str) -> None:
        self.answers: Queue[str] = Queue()
        self.messages: Queue[tuple[str, bytes, bool]] = Queue()
        self.grants: Queue[list[int]] = Queue()
        self.acknowledged: Queue[int] = Queue()
        self.gone = threading.Event()
        self.mqtt = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=ids.uuid7().hex, reconnect_on_failure=False)
        self.mqtt.username_pw_set(user, password)
        self.mqtt.on_connect = lambda c, u, flags, reason, p: self.answers.put(str(reason))
        self.mqtt.on_disconnect = lambda *a: self.gone.set()
        self.mqtt.on_message = lambda c, u, m: self.messages.put((m.topic, m.payload, bool(m.retain)))
        self.mqtt.on_subscribe = lambda c, u, mid, reasons, p: self.grants.put([r.value for r in reasons])
        self.mqtt.on_publish = lambda c, u, mid, reason, p: self.acknowledged.put(mid)
        self.mqtt.connect("127.0.0.1", port)
        self.mqtt.loop_start()

    def listen(self, *topics: str) -> list[int]:
        self.mqtt.subscribe([(topic, 1) for topic in topics])
        return self.grants.get(timeout=10)

    def close(self) -> None:
        self.mqtt.disconnect()
        self.mqtt.loop_stop()


def device() -> tuple[UUID, str]:
    owner, firm, made = ids.uuid7(), ids.uuid7(), ids.uuid7()
    services.create_person(SYSTEM, id=owner, name="Mei", email=f"{owner}@example.org")
    services.create_organisation(SYSTEM, id=firm, name=Words(en="Lane Grocer"), owner=owner)
    actor = queries.actor_of_party(owner)
    services.create_device(actor, id=made, name="Robot", owner=firm, kind="robot", district="xuhui")
    return made, services.issue_device_secret(actor, device=made)


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)
