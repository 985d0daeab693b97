"""A temperature logger of software on the real broker: numbers its readings, keeps them until the house has them."""

import queue
import threading
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from lilong.fields.delivery.standard import cold_protocol as protocol
from lilong.fields.delivery.standard.cold_protocol import Batch, ReadingDraft, Receipt


class SimulatedLogger:
    """`journal` holds what no receipt has come for yet, by batch; it outlives a restart when handed to the next one."""

    def __init__(
        self, device: UUID, secret: str, *, port: int, host: str = "127.0.0.1", journal: dict[int, Batch] | None = None
    ) -> None:
        self.device = device
        self.journal = journal if journal is not None else {}
        self.seq = max((reading.seq for batch in self.journal.values() for reading in batch.readings), default=0)
        self.answers: queue.Queue[str] = queue.Queue()
        self.receipts: queue.Queue[Receipt] = queue.Queue()
        self._lock = threading.Lock()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"logger-{device}", clean_session=True)
        self._client.username_pw_set(str(device), secret)
        self._client.on_connect, self._client.on_message = self._connected, self._told
        self._client.on_subscribe = self._subscribed
        self._client.connect(host, port)
        self._client.loop_start()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def read(self, readings: list[tuple[datetime, int]], battery: int = 90) -> int:
        """Notes readings (moment, thousandths of a degree) and sends them as one batch; answers the batch."""
        with self._lock:
            first = self.seq + 1
            self.seq += len(readings)
            numbered = [ReadingDraft(seq=first + n, at=at, mc=mc) for n, (at, mc) in enumerate(readings)]
            batch = Batch(readings=numbered, batch=first, battery=battery)
            self.journal[first] = batch
        self._say(batch)
        return first

    def resend(self) -> None:
        """Everything that the house has not confirmed."""
        for batch in list(self.journal.values()):
            self._say(batch)

    def _say(self, batch: Batch) -> None:
        self._client.publish(protocol.up_topic(self.device), msgspec.json.encode(batch), qos=1)

    def _connected(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self.answers.put(str(reason))
        else:
            client.subscribe(protocol.down_topic(self.device), qos=1)

    def _subscribed(self, *_given: Any) -> None:
        self.resend()
        self.answers.put("Success")

    def _told(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        receipt = msgspec.json.decode(message.payload, type=Receipt)
        if not receipt.problem:
            with self._lock:
                self.journal.pop(receipt.batch, None)
        self.receipts.put(receipt)
