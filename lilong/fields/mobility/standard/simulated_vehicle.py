"""A vehicle made of nothing but software: it speaks the vehicles' protocol over real MQTT, with its own credentials.

What it keeps over a power cut is its `Memory` (its numbers, the points not yet acknowledged, the commands it has obeyed);
hand the same one to the next. `obeys` answers what becomes of a command: '' when done, else why not.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from queue import Queue
from typing import Any
from uuid import UUID

import msgspec
import paho.mqtt.client as mqtt

from lilong.fields.mobility.standard import vehicle_protocol as protocol
from lilong.fields.mobility.standard.vehicle_protocol import Answer, Command, Hello, Point, Points, Receipt


class Memory:
    """What survives a power cut. `kept` is in the order of the numbers."""

    def __init__(self) -> None:
        self.seq = 0
        self.kept: dict[int, Point] = {}
        self.obeyed: dict[UUID, Answer] = {}


class SimulatedVehicle:
    """`answers` gets the broker's word on signing in, `receipts` each receipt, `told` each command obeyed.

    `locked` and `engine` follow the commands and are reported with each point.
    """

    def __init__(
        self, device: UUID, secret: str, *, port: int, host: str = "127.0.0.1", memory: Memory | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC), obeys: Callable[[Command], str] = lambda _: "",
    ) -> None:  # fmt: skip
        self.device, self.clock, self.obeys = device, clock, obeys
        self.memory = memory or Memory()
        self.locked, self.engine = True, False
        self.answers: Queue[str] = Queue()
        self.receipts: Queue[Receipt] = Queue()
        self.told: Queue[Command] = Queue()
        self._lock = threading.RLock()
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

    def point(self, latitude_e6: int, longitude_e6: int, at: datetime | None = None, **more: Any) -> Point:
        """The next point, kept until acknowledged; say it with `say`."""
        state = {"locked": self.locked, "engine": self.engine} | more
        with self._lock:
            self.memory.seq += 1
            made = Point(
                seq=self.memory.seq, at=at or self.clock(), latitude_e6=latitude_e6, longitude_e6=longitude_e6, **state
            )
            self.memory.kept[made.seq] = made
        return made

    def say(self, *points: Point) -> None:
        self.say_report(Points(points=list(points)))

    def drive(self, latitude_e6: int, longitude_e6: int, at: datetime | None = None, **more: Any) -> Point:
        """Is there now, and says so."""
        made = self.point(latitude_e6, longitude_e6, at, **more)
        self.say(made)
        return made

    def resend(self) -> None:
        """Everything not yet acknowledged once more, in batches."""
        with self._lock:
            kept = list(self.memory.kept.values())
        for first in range(0, len(kept), protocol.POINTS_MAX):
            self.say(*kept[first : first + protocol.POINTS_MAX])

    def say_report(self, report: protocol.AnyReport) -> None:
        topic = protocol.answer_topic(self.device) if isinstance(report, Answer) else ""
        self.say_raw(protocol.encode(report), topic)

    def say_raw(self, payload: bytes, topic: str = "") -> None:
        """Whatever somebody with its credentials might send."""
        self._client.publish(topic or protocol.up_topic(self.device), payload, qos=1)

    def _connected(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self.answers.put(str(reason))
        else:
            client.subscribe(protocol.down_topic(self.device), qos=1)

    def _subscribed(self, *_given: Any) -> None:
        """Only now can it hear: what it missed comes again on `hello`, what the house missed goes out again."""
        self.say_report(Hello())
        self.resend()
        self.answers.put("Success")

    def _heard(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        try:
            if message.topic.endswith("/ack"):
                self._forget(protocol.read_receipt(message.payload))
            elif message.topic.endswith("/command"):
                self._obey(protocol.read_command(message.payload))
        except msgspec.DecodeError:
            return

    def _forget(self, receipt: Receipt) -> None:
        with self._lock:
            for seq in receipt.seqs:
                self.memory.kept.pop(seq, None)
        self.receipts.put(receipt)

    def _obey(self, command: Command) -> None:
        """Each id once; the answer is given again when asked again."""
        answer = self.memory.obeyed.get(command.id)
        if answer is None:
            if command.expires_at <= self.clock():
                return
            why = self.obeys(command)
            answer = Answer(command=command.id, outcome="failed" if why else "done", why=why)
            self.memory.obeyed[command.id] = answer
            if not why and command.type in ("lock", "unlock"):
                self.locked = command.type == "lock"
            self.told.put(command)
        self.say_report(answer)
