"""Many watchers of one topic, slow ones among them, and NATS away for a while."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from websockets.asyncio.client import connect

from lilong.host.nats import Nats
from lilong.kernel.live.watching import PENDING_MAX, Watching
from tests.kernel.live.trial_site import TABLE
from tests.kernel.live.web import Web

WATCHERS = 500


@pytest.fixture(scope="module")
def table(module_database: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
        cursor.execute("INSERT INTO live_trial VALUES ('crowd', NULL, 1), ('far', NULL, 1)")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Nats]:
    tmp_path.chmod(0o755)
    made = Nats(tmp_path / "nats")
    made.start()
    yield made
    made.stop()


def test_five_hundred_watch_and_each_hears_it(table: None) -> None:
    web = Web()

    async def watch(line: object) -> dict[str, object]:
        await line.send('{"watch":"trial.thing:crowd"}')
        return json.loads(await line.recv())

    async def crowd() -> tuple[list[object], list[object]]:
        lines = []
        for start in range(0, WATCHERS, 50):
            address = f"ws://127.0.0.1:{web.port}/ws/live"
            lines += await asyncio.gather(*(connect(address) for _ in range(start, start + 50)))
        snapshots = await asyncio.gather(*(watch(line) for line in lines))
        await asyncio.to_thread(web.put, "crowd", 2)
        said = await asyncio.gather(*(line.recv() for line in lines))
        await asyncio.gather(*(line.close() for line in lines))
        return [each["snapshot"] for each in snapshots], [json.loads(each)["message"] for each in said]

    try:
        assert asyncio.run(crowd()) == ([{"value": 1}] * WATCHERS, [{"value": 2}] * WATCHERS)
    finally:
        web.end()


def test_while_nats_is_away_nothing_is_heard_and_afterwards_it_is_right(table: None, server: Nats) -> None:
    near, far = Web(server.url), Web(server.url)
    try:
        with far.client() as client:
            assert client.watch("trial.thing:far")["snapshot"] == {"value": 1}
            near.put("far", 2)
            assert client.hear()["message"] == {"value": 2}
            server.stop()
            near.put("far", 3)
            server.start()
            deadline = time.monotonic() + 30
            while (said := client.hear()).get("snapshot", said.get("message")) != {"value": 3}:
                assert time.monotonic() < deadline
            near.put("far", 4)
            while (said := client.hear()).get("snapshot", said.get("message")) != {"value": 4}:
                assert time.monotonic() < deadline
    finally:
        near.end()
        far.end()


def test_a_slow_watcher_gets_a_snapshot_instead_of_what_overflowed() -> None:
    watching = Watching()
    watching.begin()
    assert watching.end(b"{}", 100.0)
    assert [watching.push(f"m{n}") for n in range(PENDING_MAX + 2)] == [True] * PENDING_MAX + [False] * 2
    assert (watching.state, watching.pending, watching.due(100.1), watching.due(102.0)) == ("stale", [], False, True)
    watching.begin()
    watching.push("meanwhile")
    assert watching.end(b"{}", 103.0)  # the same words, but the watcher does not know them any more
    assert (watching.state, watching.pending) == ("live", ["meanwhile"])


def test_an_unchanged_snapshot_is_not_said_again_unless_a_message_came_between() -> None:
    watching = Watching()
    watching.begin()
    assert watching.end(b"1", 0.0)
    watching.begin()
    assert not watching.end(b"1", 30.0)
    watching.push("2")
    assert watching.pop() == "2"
    watching.begin()
    assert watching.end(b"1", 60.0)


def test_asked_again_during_a_look_it_looks_once_more() -> None:
    watching = Watching()
    watching.begin()
    watching.again = True
    watching.end(b"1", 10.0)
    assert (watching.state, watching.push("x")) == ("stale", False)
    watching.begin()
    watching.fail(20.0)
    assert (watching.state, watching.due(20.5), watching.due(21.0)) == ("stale", False, True)
