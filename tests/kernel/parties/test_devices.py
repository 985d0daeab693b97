"""Devices: their secret, and their way into MQTT through a real NATS server, tried with a real MQTT client."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from uuid import UUID

import nats
import paho.mqtt.client as mqtt
import pytest
from django.conf import settings
from django.db import connections

from lilong.host.nats import Nats
from lilong.kernel.base import ids
from lilong.kernel.base.problems import Conflict, Missing, Unauthenticated
from lilong.kernel.base.words import Words
from lilong.kernel.parties import device_auth, queries, services
from lilong.kernel.parties.actor import SYSTEM
from lilong.kernel.parties.device_claims import issuer


class House:
    """The house's side of one NATS server: answers sign-ins, hears what devices say, tells them things."""

    def __init__(self, server: Nats) -> None:
        self.server = server
        self.heard: Queue[tuple[str, bytes]] = Queue()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.do(self._open())

    def do(self, work: object) -> object:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    async def _open(self) -> None:
        self.connection = await nats.connect(self.server.url)
        await device_auth.serve(self.connection)

        async def heard(message: object) -> None:
            self.heard.put((message.subject, message.data))

        await self.connection.subscribe("lilong.*.up.>", cb=heard)
        await self.connection.flush()

    def tell(self, subject: str, body: bytes) -> None:
        self.do(self.connection.publish(subject, body))
        self.do(self.connection.flush())

    def close(self) -> None:
        self.do(self.connection.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)


@pytest.fixture
def house(fresh_database: str, tmp_path: Path) -> Iterator[House]:
    tmp_path.chmod(0o755)
    server = Nats(tmp_path / "nats", issuer=issuer(settings.TOKEN_KEY))
    server.start()
    opened = House(server)
    yield opened
    opened.close()
    server.stop()
    connections.close_all()


class Client:
    """A device: what the broker answered, and what it heard."""

    def __init__(self, house: House, user: str, password: str, name: str = "") -> None:
        self.answers: Queue[str] = Queue()
        self.messages: Queue[tuple[str, bytes]] = Queue()
        self.grants: Queue[list[int]] = Queue()
        self.gone = threading.Event()
        self.acknowledged: Queue[int] = Queue()
        self.mqtt = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2, client_id=name or ids.uuid7().hex, reconnect_on_failure=False
        )
        self.mqtt.username_pw_set(user, password)
        self.mqtt.on_connect = lambda c, u, flags, reason, p: self.answers.put(str(reason))
        self.mqtt.on_disconnect = lambda *a: self.gone.set()
        self.mqtt.on_message = lambda c, u, message: self.messages.put((message.topic, message.payload))
        self.mqtt.on_subscribe = lambda c, u, mid, reasons, p: self.grants.put([r.value for r in reasons])
        self.mqtt.on_publish = lambda c, u, mid, reason, p: self.acknowledged.put(mid)
        self.mqtt.connect("127.0.0.1", house.server.mqtt_port)
        self.mqtt.loop_start()

    def close(self) -> None:
        self.mqtt.disconnect()
        self.mqtt.loop_stop()


def _device() -> tuple[UUID, str]:
    owner, firm, device = ids.uuid7(), ids.uuid7(), ids.uuid7()
    services.create_person(SYSTEM, id=owner, name="Mei", email=f"{owner}@example.org")
    services.create_organisation(SYSTEM, id=firm, name=Words(en="Lane Grocer"), owner=owner)
    actor = queries.actor_of_party(owner)
    services.create_device(actor, id=device, name="Machine 1", owner=firm, kind="vending-machine", district="xuhui")
    return device, services.issue_device_secret(actor, device=device)


def test_a_device_with_its_secret_speaks_and_hears_on_its_own_topics(house: House) -> None:
    device, secret = _device()
    client = Client(house, str(device), secret)
    assert client.answers.get(timeout=10) == "Success"
    client.mqtt.publish(f"lilong/{device}/up/state", b"ready", qos=1)
    assert house.heard.get(timeout=10) == (f"lilong.{device}.up.state", b"ready")
    client.acknowledged.get(timeout=10)
    client.mqtt.subscribe(f"lilong/{device}/down/#", qos=1)
    assert client.grants.get(timeout=10) == [1]
    house.tell(f"lilong.{device}.down.open", b"slot 4")
    assert client.messages.get(timeout=10) == (f"lilong/{device}/down/open", b"slot 4")
    client.close()


def test_a_device_neither_speaks_nor_hears_for_another(house: House) -> None:
    device, secret = _device()
    other, other_secret = _device()
    victim = Client(house, str(other), other_secret)
    assert victim.answers.get(timeout=10) == "Success"
    victim.mqtt.subscribe([(f"lilong/{other}/down/#", 1), (f"lilong/{other}/down/open", 0)])
    assert victim.grants.get(timeout=10) == [1, 0]

    client = Client(house, str(device), secret)
    assert client.answers.get(timeout=10) == "Success"
    topics = [f"lilong/{other}/down/#", f"lilong/{other}/up/#", "lilong/+/up/#", "#", "lilong/market/#", "$SYS/#"]
    client.mqtt.subscribe([(topic, 0) for topic in topics])
    assert client.grants.get(timeout=10) == [128] * len(topics)
    forbidden = [f"lilong/{other}/up/state", f"lilong/{other}/down/open", f"lilong/{device}/down/open", "lilong/lot/in"]
    for qos in (0, 1):
        for topic in forbidden:
            client.mqtt.publish(topic, b"forged", qos=qos)
            client.mqtt.publish(topic, b"forged and kept", qos=qos, retain=True)
    client.mqtt.publish(f"lilong/{device}/up/state", b"honest", qos=1)
    assert house.heard.get(timeout=10) == (f"lilong.{device}.up.state", b"honest")
    house.tell(f"lilong.{other}.down.open", b"slot 4")
    assert victim.messages.get(timeout=10) == (f"lilong/{other}/down/open", b"slot 4")
    late = Client(house, str(other), other_secret)
    assert late.answers.get(timeout=10) == "Success"
    late.mqtt.subscribe(f"lilong/{other}/down/#", qos=1)
    assert late.grants.get(timeout=10) == [1]
    house.tell(f"lilong.{other}.down.open", b"slot 5")
    assert late.messages.get(timeout=10) == (f"lilong/{other}/down/open", b"slot 5")
    assert (house.heard.empty(), client.messages.empty(), late.messages.empty()) == (True, True, True)
    late.close()
    client.close()
    victim.close()


def test_wrong_unknown_and_revoked_are_refused_alike(house: House) -> None:
    device, secret = _device()
    owner = queries.device(device).owner
    good, other_secret = _device()
    refused = "Not authorized"
    for user, password in [
        (str(device), "ld_wrong"),
        (str(device), ""),
        (str(device), other_secret),
        (str(ids.uuid7()), secret),
        (str(device).upper(), secret),
        (device.hex, secret),
        (str(owner), secret),
        ("lilong", secret),
        ("*", "*"),
    ]:
        client = Client(house, user, password)
        assert (user, client.answers.get(timeout=10)) == (user, refused)
        client.close()
    services.revoke_device(SYSTEM, device=device)
    client = Client(house, str(device), secret)
    assert client.answers.get(timeout=10) == refused
    client.close()
    newer = services.issue_device_secret(SYSTEM, device=good)
    for password, answer in [(other_secret, refused), (newer, "Success")]:
        client = Client(house, str(good), password)
        assert client.answers.get(timeout=10) == answer
        client.close()


def test_a_devices_secret_opens_mqtt_only(house: House) -> None:
    device, secret = _device()

    async def knock() -> str:
        try:
            await nats.connect(
                f"nats://127.0.0.1:{house.server.port}",
                user=str(device),
                password=secret,
                allow_reconnect=False,
                max_reconnect_attempts=0,
                connect_timeout=5,
            )
        except Exception as error:
            return str(error)
        return "let in"

    assert "Authorization Violation" in str(house.do(knock()))


def test_only_what_the_server_signed_is_answered(house: House) -> None:
    device, secret = _device()
    client = Client(house, str(device), secret)
    assert client.answers.get(timeout=10) == "Success"

    async def ask(body: bytes) -> str:
        try:
            await house.connection.request(device_auth.SUBJECT, body, timeout=0.5)
        except nats.errors.TimeoutError:
            return "no answer"
        return "answer"

    assert [house.do(ask(body)) for body in (b"", b"a.b.c", b"e30.e30.e30")] == ["no answer"] * 3
    client.close()


@pytest.mark.django_db
def test_registering_is_idempotent_and_the_owners_affair() -> None:
    device, _secret = _device()
    stranger = ids.uuid7()
    services.create_person(SYSTEM, id=stranger, name="Bo", email="bo@example.org")
    other = queries.actor_of_party(stranger)
    view = queries.device(device)
    body = {"id": device, "name": "Machine 1", "owner": view.owner, "kind": "vending-machine", "district": "xuhui"}
    assert services.create_device(SYSTEM, **body).id == device
    with pytest.raises(Conflict) as taken:
        services.create_device(SYSTEM, **(body | {"name": "Machine 2"}))
    assert taken.value.code == "id-taken"
    for act in (services.issue_device_secret, services.revoke_device):
        with pytest.raises(Missing):
            act(other, device=device)
    assert queries.device(device) == view
    services.revoke_device(SYSTEM, device=device)
    services.revoke_device(SYSTEM, device=device)
    assert (queries.device(device).closed, queries.device(device).has_secret) == (True, False)
    with pytest.raises(Conflict):
        services.issue_device_secret(SYSTEM, device=device)


@pytest.mark.django_db
def test_a_device_without_a_secret_has_no_way_in() -> None:
    device = services.create_device(SYSTEM, id=ids.uuid7(), name="Scale", owner=_firm()).id
    for secret in ("", "-" * 64, "ld_"):
        with pytest.raises(Unauthenticated):
            queries.actor_of_device(device, secret)


def _firm() -> UUID:
    owner, firm = ids.uuid7(), ids.uuid7()
    services.create_person(SYSTEM, id=owner, name="Mei", email=f"{owner}@example.org")
    return services.create_organisation(SYSTEM, id=firm, name=Words(en="Grocer"), owner=owner).id
