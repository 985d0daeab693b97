"""A vehicle of software on the real broker: drives, acts, reports by VDA 5050, and can be as unreliable as a real one.

For the demo city, for trying the house out without hardware, and for the tests. What outlives a restart is in `Memory`.
"""

import contextlib
import queue
import random
import threading
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from lilong.fields.delivery.standard.vda5050 import said, topics
from lilong.fields.delivery.standard.vda5050.virtual import Memory, VirtualVehicle
from lilong.fields.delivery.standard.vda5050.virtual_sheet import factsheet

Document = dict[str, Any]
_STATE_SECONDS, _TICK_SECONDS = 10.0, 0.05


class SimulatedVehicle:
    """`hurry` lets its time run faster than the clock. Faults, to be set at any time: `lose` and `double` are shares of its
    messages, `shuffle` holds a state back until after the next one, `dark` keeps it from saying and hearing anything."""

    def __init__(
        self,
        device: UUID,
        secret: str,
        manufacturer: str,
        serial: str,
        *,
        port: int,
        host: str = "127.0.0.1",
        version: str = topics.V2,
        memory: Memory | None = None,
        hurry: float = 1.0,
        seed: int = 1,
    ) -> None:
        self.vehicle = VirtualVehicle(version, memory=memory)
        self.version, self.manufacturer, self.serial, self.hurry = version, manufacturer, serial, hurry
        self.lose = self.double = 0.0
        self.shuffle = self.dark = False
        self.answers: queue.Queue[str] = queue.Queue()
        self.heard: queue.Queue[tuple[str, Document]] = queue.Queue()
        self._random = random.Random(seed)  # noqa: S311 (faults, not secrets)
        self._headers: dict[str, int] = {}
        self._held: list[bytes] = []
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"vehicle-{device}", clean_session=True)
        self._client.username_pw_set(str(device), secret)
        self._client.on_connect, self._client.on_message = self._connected, self._told
        self._client.on_subscribe = self._subscribed
        broken = "CONNECTION_BROKEN" if version == topics.V3 else "CONNECTIONBROKEN"
        self._client.will_set(
            self._topic("connection"), self._message("connection", {"connectionState": broken}), qos=1, retain=True
        )
        self._client.connect(host, port, keepalive=5)
        self._client.loop_start()
        self._driving = threading.Thread(target=self._drive, daemon=True)

    def close(self) -> None:
        """Signs off in good order."""
        self.connection("OFFLINE")
        self._end()
        self._client.disconnect()
        self._client.loop_stop()

    def crash(self) -> None:
        """The power is gone: the broker will speak its last will."""
        self._end()
        self._client.loop_stop()
        with contextlib.suppress(OSError):
            if self._client.socket():
                self._client.socket().close()

    def connection(self, state: str) -> None:
        said_so = self._client.publish(
            self._topic("connection"), self._message("connection", {"connectionState": state}), qos=1, retain=True
        )
        with contextlib.suppress(RuntimeError, ValueError):
            said_so.wait_for_publish(5)

    def state(self) -> None:
        with self._lock:
            self._say("state", self.vehicle.state())

    def say_raw(self, topic: str, payload: bytes) -> None:
        """Whatever somebody with its credentials might send."""
        self._client.publish(topic, payload)

    def _end(self) -> None:
        self._stop.set()
        if self._driving.is_alive():
            self._driving.join(5)

    def _topic(self, name: str) -> str:
        return topics.topic(self.version, self.manufacturer, self.serial, name)

    def _message(self, topic: str, body: Document) -> bytes:
        number = self._headers.get(topic, 0)
        self._headers[topic] = number + 1
        head = {
            "headerId": number,
            "timestamp": said.moment(datetime.now(UTC)),
            "version": self.version,
            "manufacturer": self.manufacturer,
            "serialNumber": self.serial,
        }
        return msgspec.json.encode(head | body)

    def _say(self, topic: str, body: Document) -> None:
        payload = self._message(topic, body)
        if self.dark or self._random.random() < self.lose:
            return
        if self.shuffle and topic == "state" and not self._held:
            self._held.append(payload)
            return
        for each in [payload, *self._held]:
            self._client.publish(self._topic(topic), each)
            if self._random.random() < self.double:
                self._client.publish(self._topic(topic), each)
        self._held.clear()

    def _connected(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self.answers.put(str(reason))
            return
        client.subscribe([(self._topic(name), 0) for name in topics.DOWN])

    def _subscribed(self, *_given: Any) -> None:
        """Only now can it hear."""
        self._client.publish(
            self._topic("connection"), self._message("connection", {"connectionState": "ONLINE"}), qos=1, retain=True
        )
        self._client.publish(self._topic("factsheet"), self._message("factsheet", factsheet(self.version, 5.0)))
        self.state()
        if not self._driving.is_alive() and not self._stop.is_set():
            self._driving.start()
        self.answers.put("Success")

    def _told(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        if self.dark:
            return
        document = msgspec.json.decode(message.payload)
        name = message.topic.rpartition("/")[2]
        with self._lock:
            if name == "order":
                self.vehicle.told_order(document)
            else:
                self.vehicle.told_instant(document)
            if "factsheet" in self.vehicle.wants:
                self._say("factsheet", factsheet(self.version, 5.0))
            self.vehicle.wants.clear()
            self._say("state", self.vehicle.state())
        self.heard.put((name, document))

    def _drive(self) -> None:
        """Lets time pass; says its state when something happened, and now and then."""
        last, said_at = self._shape(), time.monotonic()
        while not self._stop.wait(_TICK_SECONDS):
            with self._lock:
                self.vehicle.tick(_TICK_SECONDS * self.hurry)
                shape = self._shape()
                if shape != last or time.monotonic() - said_at > _STATE_SECONDS:
                    last, said_at = shape, time.monotonic()
                    self._say("state", self.vehicle.state())

    def _shape(self) -> tuple[object, ...]:
        """What a new state is said for (2.1.0 section 6.10): node, order, actions, driving, loads, pause."""
        memory = self.vehicle.memory
        actions = tuple(each["actionStatus"] for each in memory.actions.values())
        return (
            memory.last_sequence, memory.order, memory.update, actions, self.vehicle.driving, self.vehicle.paused,
            len(memory.loads), len(memory.nodes), len(self.vehicle.instant),
        )  # fmt: skip
