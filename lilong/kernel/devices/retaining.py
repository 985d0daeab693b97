"""The house's own MQTT connection, for what the broker is to retain.

NATS keeps retained messages in a stream of its own (`$MQTT_rmsgs`), in a form that is its affair; a plain NATS message on
the topic's subject reaches subscribers but is not retained. So the house publishes those as any MQTT client would: signed
in as its own user (whom the auth callout does not ask about), QoS 1, done when the broker has acknowledged.
"""

import contextlib
import threading
from typing import Any
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as mqtt

from lilong.kernel.devices import rules

_PATIENCE_SECONDS = 10.0
_MQTT_PORT = 1883


class Retaining:
    """Connects at the first letter; `address` is `host:port` (default: NATS' host, port 1883)."""

    def __init__(self, nats_url: str, address: str) -> None:
        parts = urlsplit(nats_url.split(",", maxsplit=1)[0])
        host, _, port = address.rpartition(":")
        self._host = host or parts.hostname or "127.0.0.1"
        self._port = int(port or _MQTT_PORT)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._client: mqtt.Client | None = None

    def publish(self, subject: str, payload: bytes) -> None:
        """Returns when the broker has it; raises OSError otherwise."""
        client = self._connected()
        try:
            sent = client.publish(rules.topic_of(subject), payload, qos=1, retain=True)
            sent.wait_for_publish(_PATIENCE_SECONDS)
            done = sent.is_published()
        except (RuntimeError, ValueError) as error:
            self.close()
            raise ConnectionError(f"MQTT: {error}") from None
        if not done:
            self.close()
            raise ConnectionError("MQTT: the broker did not acknowledge")

    def close(self) -> None:
        if self._client:
            with contextlib.suppress(Exception):
                self._client.disconnect()
            self._client.loop_stop()
            self._client = None

    def _connected(self) -> mqtt.Client:
        if self._client and self._client.is_connected():
            return self._client
        self.close()
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, clean_session=True, reconnect_on_failure=False)
        client.username_pw_set(self._user, self._password)
        answered = threading.Event()
        reasons: list[Any] = []

        def connected(_client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
            reasons.append(reason)
            answered.set()

        client.on_connect = connected
        client.connect(self._host, self._port)
        client.loop_start()
        if not answered.wait(_PATIENCE_SECONDS) or reasons[0].is_failure:
            client.loop_stop()
            raise ConnectionError(f"MQTT: {reasons[0] if reasons else 'no answer'}")
        self._client = client
        return client
