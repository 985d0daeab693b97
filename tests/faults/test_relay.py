"""The relay dies, the broker goes and comes back: nothing lost, nothing twice for a consumer that uses the id."""

import asyncio
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nats
import pytest
from django.db import connection
from nats.js.errors import NotFoundError
from standardwebhooks import Webhook

from lilong.host.nats import Nats
from lilong.kernel.base import ids
from lilong.kernel.events import queries
from lilong.kernel.events.broker import CURSOR, STREAM
from lilong.kernel.events.rules.envelope import encoded
from lilong.kernel.events.services import subscribe
from tests.kernel.events.city import received
from tests.kernel.events.subscriber import Somebody, Subscriber

RELAY = """
import asyncio, os, signal, django
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lilong.site.settings")
django.setup()
from lilong.kernel.events import relay

async def main():
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await relay.run(stop)

asyncio.run(main())
"""
WRITER = """
import os, django
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lilong.site.settings")
django.setup()
from lilong.kernel.base import ids
from lilong.kernel.events.services import subscribe
from standardwebhooks import Webhook
from tests.kernel.events.city import received
from tests.kernel.events.subscriber import Somebody, Subscriber
for n in range(200):
    received(*range(n * 10, n * 10 + 10))
"""
Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Nats]:
    server = Nats(tmp_path / "nats")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def relay(fresh_database: str, broker: Nats) -> Iterator[Start]:
    """Starts relays; what still runs at the end is stopped."""
    running: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        environment = os.environ | {"NATS_URL": broker.url}
        running.append(subprocess.Popen([sys.executable, "-c", RELAY], env=environment))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def published() -> int:
    return queries.cursors().get(CURSOR, 0)


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


def ask(broker: Nats, work: Callable[[Any], Any]) -> Any:
    async def asking() -> Any:
        client = await nats.connect(broker.url)
        try:
            return await work(client.jetstream())
        finally:
            await client.close()

    return asyncio.run(asking())


def in_stream(broker: Nats) -> int:
    async def count(stream: Any) -> int:
        try:
            return int((await stream.stream_info(STREAM)).state.messages)
        except NotFoundError:
            return 0

    return int(ask(broker, count))


def consumed(broker: Nats) -> list[tuple[str, bytes]]:
    """(Nats-Msg-Id, body) of all that a durable consumer gets, in its order."""

    async def consume(stream: Any) -> list[tuple[str, bytes]]:
        left = (await stream.stream_info(STREAM)).state.messages
        got: list[tuple[str, bytes]] = []
        reader = await stream.pull_subscribe("events.>", durable="tester", stream=STREAM)
        while len(got) < left:
            for message in await reader.fetch(min(500, left - len(got)), timeout=10):
                got.append((message.headers["Nats-Msg-Id"], message.data))
                await message.ack()
        return got

    return list(ask(broker, consume))


def test_a_relay_killed_anywhere_loses_nothing_and_sends_nothing_twice(relay: Start, broker: Nats) -> None:
    chance = random.Random(20200408)
    writer = subprocess.Popen([sys.executable, "-c", WRITER])
    for goal in sorted(chance.sample(range(50, 1900), 5)):
        process = relay()
        until(lambda goal=goal: in_stream(broker) >= goal)
        time.sleep(chance.random() * 0.03)  # anywhere: before, within or after a batch
        kill(process)
    assert writer.wait(60) == 0
    relay()
    until(lambda: published() == 2000)
    events = queries.after(0, 5000)
    got = consumed(broker)
    once = list(dict.fromkeys(id for id, _ in got))
    assert once == [str(event.id) for event in events]
    assert dict(got) == {str(event.id): encoded(event) for event in events}
    assert len(got) == 2000  # not even the stream itself holds one twice


def test_what_the_broker_took_before_the_relay_could_note_it_is_not_sent_again(relay: Start, broker: Nats) -> None:
    """Also when the broker's own memory of ids (here 0.1 s) no longer helps: the stream tells what it holds last."""
    ask(broker, lambda stream: stream.add_stream(name=STREAM, subjects=["events.>"], duplicate_window=0.1))
    received(*range(30))
    process = relay()
    until(lambda: published() == 30)
    kill(process)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE events_cursor SET seq = 12 WHERE name = %s", [CURSOR])
    received(30)
    relay()
    until(lambda: published() == 31)
    assert [json.loads(body)["seq"] for _, body in consumed(broker)] == [str(n) for n in range(1, 32)]


def test_a_broker_set_back_to_a_copy_is_given_again_what_it_lost(relay: Start, broker: Nats) -> None:
    received(*range(7))
    process = relay()
    until(lambda: published() == 7)
    broker.stop()
    store, copy = broker.folder / "store", broker.folder / "copy"
    subprocess.run(["cp", "-a", store, copy], check=True)
    broker.start()
    received(7, 8, 9)
    until(lambda: published() == 10)
    kill(process)
    broker.stop()
    shutil.rmtree(store)
    copy.rename(store)
    broker.start()
    received(10)
    relay()
    until(lambda: published() == 11)
    assert [json.loads(body)["seq"] for _, body in consumed(broker)] == [str(n) for n in range(1, 12)]


def test_events_deleted_in_the_stream_do_not_stop_the_relay(relay: Start, broker: Nats) -> None:
    received(*range(10))
    process = relay()
    until(lambda: published() == 10)
    kill(process)
    ask(broker, lambda stream: stream.purge_stream(STREAM))
    received(10, 11)
    relay()
    until(lambda: published() == 12)
    assert [json.loads(body)["seq"] for _, body in consumed(broker)] == ["11", "12"]


def test_a_stream_of_another_log_does_not_stop_the_relay(relay: Start, broker: Nats) -> None:
    async def fill(stream: Any) -> None:
        await stream.add_stream(name=STREAM, subjects=["events.>"])
        await stream.publish("events.x", b"{}", headers={"Nats-Msg-Id": "another", "Lilong-Seq": "2"})

    ask(broker, fill)
    received(*range(5))
    relay()
    until(lambda: published() == 5)
    assert [json.loads(body).get("seq") for _, body in consumed(broker)] == [None, "1", "2", "3", "4", "5"]


def test_two_relays_publish_once_and_one_takes_over_when_the_other_dies(relay: Start, broker: Nats) -> None:
    first, second = relay(), relay()
    received(*range(300))
    until(lambda: published() == 300)
    kill(first)
    received(*range(300))
    until(lambda: published() == 600)
    second.send_signal(signal.SIGTERM)
    assert second.wait(20) == 0
    assert [json.loads(body)["seq"] for _, body in consumed(broker)] == [str(n) for n in range(1, 601)]


def test_the_broker_goes_and_comes_back(relay: Start, broker: Nats) -> None:
    relay()
    received(1, 2, 3)
    until(lambda: published() == 3)
    broker.stop()
    received(4, 5)
    until(lambda: queries.tree_size() == 5)
    assert published() == 3
    broker.start()
    until(lambda: published() == 5)
    got = [json.loads(body) for _, body in consumed(broker)]
    assert [(event["seq"], event["type"]) for event in got] == [
        (str(n), "lilong.testing.lot.received") for n in range(1, 6)
    ]


def test_without_a_broker_events_get_their_places(fresh_database: str) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "NATS_URL"}
    process = subprocess.Popen([sys.executable, "-c", RELAY], env=environment)
    received(1, 2, 3)
    until(lambda: queries.tree_size() == 3)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert published() == 0


def test_a_relay_delivers_webhooks_and_another_tries_again_what_a_dead_one_left(
    fresh_database: str, settings: Any
) -> None:
    settings.WEBHOOKS_TO_PRIVATE = True
    subscriber = Subscriber()
    subscriber.status = 503
    owner = Somebody(ids.named("testing", "subscriber"))
    id = ids.uuid7()
    _, secret = subscribe(owner, id=id, owner=owner.party, url=subscriber.url, types=[])
    environment = {key: value for key, value in os.environ.items() if key != "NATS_URL"}
    start = [sys.executable, "-c", RELAY]
    first = subprocess.Popen(start, env=environment | {"LILONG_WEBHOOKS_TO_PRIVATE": "1"})
    (event,) = received(1, subject=owner.party)
    until(lambda: len(subscriber.got) == 1)
    kill(first)
    subscriber.status = 200
    with connection.cursor() as cursor:  # as if the delay, or the dead process's lease, had passed
        cursor.execute("UPDATE events_delivery SET due_at = now()")
    second = subprocess.Popen(start, env=environment | {"LILONG_WEBHOOKS_TO_PRIVATE": "1"})
    until(lambda: [one.state for one in queries.deliveries(owner, id).items] == ["delivered"])
    second.send_signal(signal.SIGTERM)
    assert second.wait(20) == 0
    assert [Webhook(secret).verify(body, headers)["id"] for headers, body in subscriber.got] == [str(event)] * 2
    subscriber.close()
