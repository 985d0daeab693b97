"""The embedded NATS: who gets in, and what survives."""

import asyncio
from pathlib import Path

import nats
import nkeys
import paho.mqtt.client as mqtt
import pytest

from lilong.host.nats import Nats, configuration, greets


def test_what_was_published_outlives_a_restart(tmp_path: Path) -> None:
    async def publish(url: str) -> int:
        connection = await nats.connect(url)
        stream = connection.jetstream()
        await stream.add_stream(name="KEPT", subjects=["kept"])
        answer = await stream.publish("kept", b"one", headers={"Nats-Msg-Id": "1"})
        await connection.close()
        return answer.seq

    async def count(url: str) -> int:
        connection = await nats.connect(url)
        facts = await connection.jetstream().stream_info("KEPT")
        await connection.close()
        return facts.state.messages

    first = Nats(tmp_path / "nats", password="word")
    assert asyncio.run(publish(first.start())) == 1
    first.process.kill()
    first.stop()
    second = Nats(tmp_path / "nats", password="word")
    assert asyncio.run(count(second.start())) == 1
    second.stop()
    assert greets(second.url) is False


def test_nobody_gets_in_without_a_password(nats_server: Nats) -> None:
    async def enter(url: str) -> None:
        connection = await nats.connect(url, allow_reconnect=False, error_cb=_ignore)
        await connection.close()

    asyncio.run(enter(nats_server.url))
    for wrong in ("nats://127.0.0.1", "nats://lilong:guessed@127.0.0.1"):
        with pytest.raises(nats.errors.Error, match="Authorization Violation"):
            asyncio.run(enter(f"{wrong}:{nats_server.port}"))


async def _ignore(error: Exception) -> None:
    return None


@pytest.mark.parametrize(("password", "code"), [("", "Success"), ("guessed", "Not authorized")])
def test_mqtt_asks_for_the_password_too(nats_server: Nats, password: str, code: str) -> None:
    said: list[str] = []
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="device")
    client.username_pw_set(nats_server.user, password or nats_server.password)
    client.on_connect = lambda _client, _data, _flags, reason, _properties: said.append(str(reason))
    client.connect("127.0.0.1", nats_server.mqtt_port)
    while not said:
        assert client.loop(1) in (mqtt.MQTT_ERR_SUCCESS, mqtt.MQTT_ERR_CONN_REFUSED)
    client.disconnect()
    assert said == [code]


def test_the_house_decides_about_devices_once_it_has_an_issuer(tmp_path: Path) -> None:
    issuer = nkeys.encode_seed(bytes(range(32)), nkeys.PREFIX_BYTE_ACCOUNT)
    public = nkeys.from_seed(issuer).public_key.decode()
    text = configuration(host="127.0.0.1", port=1, mqtt_host="127.0.0.1", mqtt_port=2, store="store",
                         password="word", issuer=public)  # fmt: skip
    assert f'issuer: "{public}", account: LILONG, auth_users: [lilong]' in text
    server = Nats(tmp_path / "nats", issuer=public)
    server.start()
    server.stop()
    assert server.process.returncode == 0
