"""A locker's terminal made of nothing but software: it speaks the lockers' protocol over real MQTT, with its own credentials.

Told to open a cell it says that the door opened and closed, or, for those in `jammed`, that it is stuck. Whether something is
inside it knows from `full`.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from queue import Queue
from typing import Any
from uuid import UUID, uuid4

import msgspec
import paho.mqtt.client as mqtt

QOS = 1


class SimulatedLocker:
    """`answers` gets the broker's word on signing in, `told` each message of the house as it came."""

    def __init__(
        self, device: UUID, secret: str, *, port: int, host: str = "127.0.0.1",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self.device, self.clock = device, clock
        self.jammed: set[int] = set()
        self.full: set[int] = set()
        self.answers: Queue[str] = Queue()
        self.told: Queue[dict[str, Any]] = Queue()
        self._client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2, client_id=str(device), clean_session=True, reconnect_on_failure=False
        )
        self._client.username_pw_set(str(device), secret)
        self._client.on_connect = self._connected
        self._client.on_subscribe = self._subscribed
        self._client.on_message = self._heard
        self._client.connect(host, port)
        self._client.loop_start()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def type(self, code: str, request: UUID | None = None) -> UUID:
        """Somebody types a code; the same `request` is the same message once more."""
        id = request or uuid4()
        self.say({"type": "code", "request": id, "code": code})
        return id

    def scan(self, tag: str) -> UUID:
        """A parcel's tag before the scanner."""
        id = uuid4()
        self.say({"type": "tag", "request": id, "tag": tag})
        return id

    def say(self, report: dict[str, Any]) -> None:
        self._client.publish(f"lilong/{self.device}/up/locker", msgspec.json.encode(report), QOS)

    def door(self, cell: int, door: str, **more: Any) -> None:
        self.say({"type": "door", "cell": cell, "door": door, "at": self.clock()} | more)

    def _connected(self, client: mqtt.Client, _user: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if str(reason) == "Success":
            client.subscribe(f"lilong/{self.device}/down/locker", QOS)
        else:
            self.answers.put(str(reason))

    def _subscribed(self, *_given: Any) -> None:
        self.answers.put("Success")

    def _heard(self, _client: mqtt.Client, _user: Any, message: mqtt.MQTTMessage) -> None:
        said = msgspec.json.decode(message.payload)
        if said["type"] == "open":
            for cell in said["cells"]:
                self._obey(cell)
        self.told.put(said)

    def _obey(self, cell: int) -> None:
        if cell in self.jammed:
            self.door(cell, "stuck")
            return
        self.door(cell, "opened")
        self.door(cell, "closed", full=cell in self.full)
