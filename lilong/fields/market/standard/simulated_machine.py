"""A machine made of nothing but software: it speaks the machines' protocol over real MQTT, with its own credentials.

What it keeps over a power cut is its journal (numbers and unacknowledged reports) and the commands it has obeyed; hand the
same `Memory` to the next one. Slots that are to jam, extra pieces that are to fall, and cuts of power can be asked for.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from queue import Queue
from typing import Any
from uuid import UUID

import msgspec
import paho.mqtt.client as mqtt

from lilong.fields.market.standard import machine_protocol as protocol


class Memory:
    """What survives a power cut."""

    def __init__(self) -> None:
        self.seq = 0
        self.journal: dict[int, bytes] = {}
        self.obeyed: set[UUID] = set()


class SimulatedMachine:
    """`answers` gets the broker's word on signing in, `receipts` each acknowledged number, `obeyed` each command."""

    def __init__(
        self, device: UUID, secret: str, house_key: str, *, port: int, host: str = "127.0.0.1",
        memory: Memory | None = None, clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self.device, self.house_key, self.clock = device, house_key, clock
        self.memory = memory or Memory()
        self.jammed: set[str] = set()
        self.extra: dict[str, int] = {}
        self.cut_after_vending = False
        self.dark = False
        self.answers: Queue[str] = Queue()
        self.receipts: Queue[int] = Queue()
        self.obeyed: Queue[protocol.Command] = Queue()
        self._lock = threading.RLock()
        self._client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2, client_id=str(device), clean_session=True, reconnect_on_failure=False
        )
        self._client.username_pw_set(str(device), secret)
        self._client.on_connect = self._connected
        self._client.on_subscribe = self._subscribed
        self._client.on_message = self._told
        self._client.connect(host, port)
        self._client.loop_start()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def numbered(self, kind: type[Any], **facts: Any) -> Any:
        """A report with the next number, in the journal and on its way."""
        with self._lock:
            self.memory.seq += 1
            report = kind(at=self.clock(), seq=self.memory.seq, **facts)
            self.memory.journal[report.seq] = protocol.written(report)
            self._say(self.memory.journal[report.seq])
            return report

    def heartbeat(self, temperature_mc: int = 4000) -> None:
        self._say(protocol.written(protocol.Heartbeat(at=self.clock(), temperature_mc=temperature_mc)))

    def resend(self) -> None:
        """Everything not yet acknowledged once more, in order."""
        with self._lock:
            for payload in list(self.memory.journal.values()):
                self._say(payload)

    def say_raw(self, payload: bytes, topic: str = "") -> None:
        """Whatever somebody with its credentials might send."""
        self._client.publish(topic or protocol.up_topic(self.device), payload, qos=1)

    def _say(self, payload: bytes) -> None:
        if not self.dark:
            self._client.publish(protocol.up_topic(self.device), payload, qos=1)

    def _connected(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if not reason.is_failure:
            client.subscribe(protocol.down_topic(self.device), qos=1)
        else:
            self.answers.put(str(reason))

    def _subscribed(self, *_given: Any) -> None:
        """Only now can it hear: what it missed comes again on `hello`, what the house missed goes out again."""
        self._say(protocol.written(protocol.Hello(at=self.clock())))
        self.heartbeat()
        self.resend()
        self.answers.put("Success")

    def _told(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        if self.dark:
            return
        if message.topic.endswith("/ack"):
            seq = msgspec.json.decode(message.payload)["seq"]
            with self._lock:
                self.memory.journal.pop(seq, None)
            self.receipts.put(seq)
            return
        command = protocol.verified(message.payload, self.house_key, self.device, self.clock())
        if command is None or command.id in self.memory.obeyed:
            return
        self.memory.obeyed.add(command.id)
        if command.type == "vend":
            self._vend(command.body)
        self.obeyed.put(command)

    def _vend(self, body: dict[str, Any]) -> None:
        order = UUID(body["order"])
        if self.cut_after_vending:  # goods fall, then the light goes out: only the journal knows
            self.dark = True
        parts, jammed = [], []
        for line in body["lines"]:
            slot = line["slot"]
            quantity = (0 if slot in self.jammed else line["quantity"]) + self.extra.get(slot, 0)
            if quantity:
                parts.append(self.numbered(protocol.Vended, order=order, slot=slot, quantity=quantity).seq)
            if slot in self.jammed:
                jammed.append(slot)
        self.numbered(protocol.Closed, order=order, parts=parts, jammed=jammed)
