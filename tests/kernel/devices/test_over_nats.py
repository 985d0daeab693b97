"""Inbox and outbox over a real NATS server and real MQTT, the relay in a process of its own."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connections, transaction

from lilong.kernel.base import clock, ids
from lilong.kernel.devices import inbox, outbox, queries
from lilong.kernel.devices.models import DeviceLetter, QuarantinedMessage
from tests.kernel.devices.house import House, device, until

Build = Callable[..., House]


@pytest.fixture
def build(fresh_database: str, tmp_path: Path) -> Iterator[Build]:
    built: list[House] = []

    def make(*inboxes: str) -> House:
        built.append(House(tmp_path, *inboxes))
        return built[0]

    yield make
    for house in built:
        house.close()
    connections.close_all()


def taken(inbox: str) -> list[bytes]:
    return sorted(bytes(row.payload) for row in QuarantinedMessage.objects.filter(inbox=f"taken-{inbox}"))


def aside() -> list[tuple[str, str, bytes, int]]:
    rows = QuarantinedMessage.objects.exclude(inbox__startswith="taken-")
    return [(row.inbox, row.subject, bytes(row.payload), row.tries) for row in rows]


def test_what_a_device_says_is_taken_answered_and_dated_by_the_broker(build: Build) -> None:
    house = build("plain")
    robot, secret = device()
    began = clock.now()
    house.start()
    client = house.device(robot, secret)
    assert client.listen(f"lilong/{robot}/down/#") == [1]
    client.mqtt.publish(f"lilong/{robot}/up/plain", b"hello", qos=1)
    assert client.messages.get(timeout=20) == (f"lilong/{robot}/down/receipt", b"hello", False)
    row = QuarantinedMessage.objects.get()
    assert (row.inbox, row.subject, row.device) == ("taken-plain", f"lilong.{robot}.up.plain", robot)
    assert began - timedelta(seconds=1) < row.at < clock.now() + timedelta(seconds=1)
    client.close()


def test_killed_between_commit_and_acknowledgement_it_is_taken_twice(build: Build) -> None:
    house = build("dying")
    relay = house.start()
    until(lambda: _stream_there(house))
    house.publish(f"lilong.{ids.uuid7()}.up.dying", b"once said")
    relay.wait(20)
    assert taken("dying") == [b"once said"]
    house.start()
    until(lambda: len(taken("dying")) == 2, 60)
    assert taken("dying") == [b"once said"] * 2


def test_a_poison_message_is_put_aside_and_the_rest_goes_on(build: Build) -> None:
    house = build("choosy")
    house.start()
    until(lambda: _stream_there(house))
    one = ids.uuid7()
    house.publish(f"lilong.{one}.up.choosy", b"a", b"poison", b"b", b"c")
    until(lambda: bool(aside()))
    assert aside() == [("choosy", f"lilong.{one}.up.choosy", b"poison", 3)]
    assert taken("choosy") == [b"a", b"b", b"c"]
    assert "ValueError: poisoned" in QuarantinedMessage.objects.get(inbox="choosy").error
    house.publish(f"lilong.{one}.up.choosy", b"d")
    until(lambda: taken("choosy") == [b"a", b"b", b"c", b"d"])
    assert (queries.depths().quarantined, len(aside())) == (5, 1)


def test_two_relays_share_the_work_and_nothing_is_lost_over_a_restart_of_the_broker(build: Build) -> None:
    house = build("plain")
    house.start(), house.start()
    until(lambda: _stream_there(house))
    said = [f"{n:03}".encode() for n in range(300)]
    house.publish(f"lilong.{ids.uuid7()}.up.plain", *said[:150])
    house.restart_broker()
    house.publish(f"lilong.{ids.uuid7()}.up.plain", *said[150:])
    until(lambda: len(taken("plain")) >= 300)
    assert sorted(set(taken("plain"))) == said


def test_a_database_that_is_away_delays_and_loses_nothing(build: Build, fresh_database: str) -> None:
    house = build("plain")
    house.start()
    until(lambda: _stream_there(house))
    subject = f"lilong.{ids.uuid7()}.up.plain"
    house.publish(subject, b"before")
    until(lambda: taken("plain") == [b"before"])
    server, _, name = fresh_database.rpartition("/")
    connections.close_all()
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        house.publish(subject, b"one", b"two")
        until(lambda: _waiting(house, "plain") == 2)
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    until(lambda: taken("plain") == [b"before", b"one", b"two"])
    assert aside() == []


def test_an_older_stream_is_widened_for_a_new_inbox(build: Build) -> None:
    house = build("plain")
    first = house.start()
    until(lambda: _stream_there(house))
    before = inbox.subjects()  # with those of the fields' own inboxes
    assert _subjects(house) == before
    first.kill()
    house.inboxes = ("plain", "robots")
    house.start()
    until(lambda: _subjects(house) == sorted([*before, "robots.>"]))
    house.inboxes = ("plain",)  # an older one comes back: it takes nothing away
    house.start()
    robot, secret = device()
    client = house.device(robot, secret)
    assert client.listen(f"robots/{robot}/order", f"robots/{ids.uuid7()}/order", "robots/#") == [1, 128, 128]
    client.mqtt.publish(f"robots/{ids.uuid7()}/state", b"forged", qos=1)
    client.mqtt.publish(f"robots/{robot}/state", b"mine", qos=1)
    until(lambda: taken("robots") == [b"mine"])
    with transaction.atomic():
        outbox.send(f"robots.{robot}.order", b"go")
    assert client.messages.get(timeout=10) == (f"robots/{robot}/order", b"go", False)
    assert _subjects(house) == sorted([*before, "robots.>"])
    client.close()


@pytest.mark.parametrize("asked", [">", "*.state", "events.>", "$SYS.>", "$JS.API.>", "live.>", "lilong.*.up.>"])
def test_a_grant_that_reaches_into_the_house_keeps_the_device_out(asked: str) -> None:
    from lilong.kernel.devices import rules

    assert not rules.grantable(asked, ids.uuid7())


def test_a_greedy_grant_lets_nobody_in(build: Build) -> None:
    house = build("robots")
    house.start()
    robot, secret = device()
    house.device(robot, secret).close()
    (house.folder / "greedy").write_text("events.>")
    from tests.kernel.devices.house import Device

    client = Device(house.server.mqtt_port, str(robot), secret)
    assert client.answers.get(timeout=20) == "Not authorized"
    client.close()


def test_letters_go_out_after_the_commit_and_never_without_it(build: Build) -> None:
    house = build()
    house.start()
    robot, secret = device()
    client = house.device(robot, secret)
    client.listen(f"lilong/{robot}/down/#")
    subject = f"lilong.{robot}.down.order"
    with pytest.raises(RuntimeError), transaction.atomic():
        outbox.send(subject, b"undone")
        raise RuntimeError
    letter = ids.uuid7()
    for _ in range(2):
        outbox.send(subject, b"done", id=letter)
    late = outbox.send(subject, b"late", expires_at=clock.now() - timedelta(seconds=1))
    outbox.send(subject, b"last")
    heard = [client.messages.get(timeout=10)[1] for _ in range(2)]
    until(lambda: queries.depths().waiting == 0)
    assert (heard, client.messages.empty()) == ([b"done", b"last"], True)
    assert DeviceLetter.objects.get(id=late).sent_at is None
    assert queries.depths() == (0, 0.0, 1, 0)
    client.close()


def test_a_retained_letter_waits_with_the_broker_for_who_comes_later(build: Build) -> None:
    house = build()
    house.start()
    robot, secret = device()
    outbox.send(f"lilong.{robot}.down.connection", b"ONLINE", retain=True)
    outbox.send(f"lilong.{robot}.down.passing", b"gone")
    until(lambda: queries.depths().waiting == 0)
    house.restart_broker()
    client = house.device(robot, secret)
    client.listen(f"lilong/{robot}/down/#")
    assert client.messages.get(timeout=10) == (f"lilong/{robot}/down/connection", b"ONLINE", True)
    outbox.send(f"lilong.{robot}.down.connection", b"", retain=True)
    assert client.messages.get(timeout=20) == (f"lilong/{robot}/down/connection", b"", False)
    client.close()
    again = house.device(robot, secret)
    again.listen(f"lilong/{robot}/down/#")
    outbox.send(f"lilong.{robot}.down.passing", b"now")
    assert again.messages.get(timeout=10) == (f"lilong/{robot}/down/passing", b"now", False)
    again.close()


def test_letters_wait_for_a_broker_that_is_away(build: Build) -> None:
    house = build()
    house.start()
    robot, secret = device()
    house.device(robot, secret).close()
    house.server.stop()
    outbox.send(f"lilong.{robot}.down.connection", b"KEPT", retain=True)
    house.server.start()
    until(lambda: queries.depths().waiting == 0)
    client = house.device(robot, secret)
    client.listen(f"lilong/{robot}/down/#")
    assert client.messages.get(timeout=10) == (f"lilong/{robot}/down/connection", b"KEPT", True)
    client.close()


def _subjects(house: House) -> list[str]:
    return list(_asked(house, lambda stream: stream.stream_info("DEVICES")).config.subjects)


def _stream_there(house: House) -> bool:
    try:
        return bool(_subjects(house))
    except Exception:
        return False


def _waiting(house: House, consumer: str) -> int:
    """Messages handed out and not acknowledged."""
    return int(_asked(house, lambda stream: stream.consumer_info("DEVICES", consumer)).num_ack_pending)


def _asked(house: House, question: Callable[..., object]) -> object:
    import asyncio

    import nats

    async def work() -> object:
        client = await nats.connect(house.server.url)
        try:
            return await question(client.jetstream())
        finally:
            await client.close()

    return asyncio.run(work())
