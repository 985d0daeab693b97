"""Live topics with real web processes, a real NATS server and the `websockets` package as the client."""

import contextlib
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client as Browser
from websockets.exceptions import ConnectionClosed, InvalidStatus

from lilong.host.nats import Nats
from lilong.kernel.base import ids
from lilong.kernel.parties import services, tokens
from lilong.kernel.parties.actor import SYSTEM, Actor
from tests.kernel.live.trial_site import TABLE
from tests.kernel.live.web import Client, Web


class Scene:
    """Two web processes; Mei owns the thing `hers`, `public-1` belongs to nobody."""

    def __init__(self, nats: str) -> None:
        self.mei, self.bo = ids.uuid7(), ids.uuid7()
        for party, name in ((self.mei, "Mei"), (self.bo, "Bo")):
            services.create_person(SYSTEM, id=party, name=name, email=f"{party}@example.org")
        with connection.cursor() as cursor:
            cursor.execute(TABLE)
            cursor.execute(
                "INSERT INTO live_trial VALUES ('hers', %s, 1), ('public-1', NULL, 1), ('public-2', NULL, 1)",
                [self.mei],
            )
        self.one, self.two = Web(nats), Web(nats)

    def token(self, party: UUID) -> str:
        return tokens.issue(Actor(party=party, kind="person"))

    def session(self, party: UUID) -> tuple[Browser, str]:
        browser = Browser()
        browser.force_login(get_user_model().objects.get(party=party), "django.contrib.auth.backends.ModelBackend")
        return browser, str(browser.cookies["sessionid"].value)


@pytest.fixture(scope="module")
def scene(module_database: str, nats_server: Nats) -> Iterator[Scene]:
    made = Scene(nats_server.url)
    yield made
    made.one.end()
    made.two.end()


def of(topic: str, **what: Any) -> dict[str, Any]:
    return {"topic": f"trial.thing:{topic}"} | what


def code(client: Client) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            client.hear()
    return closed.value.rcvd.code if closed.value.rcvd else 1006


def test_a_snapshot_then_messages_from_the_same_and_from_another_process(scene: Scene) -> None:
    with scene.one.client() as client:
        before = client.watch("trial.thing:public-1")
        assert before == of("public-1", snapshot={"value": before["snapshot"]["value"]})
        for n, web in enumerate((scene.two, scene.one, scene.two), 20):
            web.put("public-1", n)
            assert client.hear() == of("public-1", message={"value": n})
        client.say(leave="trial.thing:public-1")
        assert client.watch("trial.thing:public-2")["topic"] == "trial.thing:public-2"
        scene.two.put("public-1", 30)
        scene.two.put("public-2", 31)
        assert client.hear() == of("public-2", message={"value": 31})


@pytest.mark.parametrize(
    "topic", ["trial.thing:nothing", "no.such:kind", "trial.thing", "", "trial.thing:a b", "x" * 4000]
)
def test_an_unknown_topic_is_refused_and_the_connection_goes_on(scene: Scene, topic: str) -> None:
    with scene.one.client() as client:
        if topic:
            answer = client.watch(topic)
            assert (answer["topic"], answer["problem"]["status"]) == (topic[:200], 404)
        assert client.watch("trial.thing:public-2")["topic"] == "trial.thing:public-2"


def test_who_may_watch(scene: Scene) -> None:
    origin = scene.one.address
    ways = [
        ({"additional_headers": {"Authorization": f"Bearer {scene.token(scene.mei)}"}}, "snapshot"),
        ({"subprotocols": ["lilong.live", f"bearer.{scene.token(scene.mei)}"]}, "snapshot"),
        ({"additional_headers": {"Cookie": f"sessionid={scene.session(scene.mei)[1]}"}, "origin": origin}, "snapshot"),
        ({"additional_headers": {"Cookie": f"sessionid={scene.session(scene.mei)[1]}"}}, 401),  # no browser's page
        ({"additional_headers": {"Cookie": "sessionid=made-up"}, "origin": origin}, 401),
        ({"additional_headers": {"Authorization": f"Bearer {scene.token(scene.bo)}"}}, 404),
        ({"additional_headers": {"Cookie": f"sessionid={scene.session(scene.bo)[1]}"}, "origin": origin}, 404),
        ({}, 401),
    ]
    found = []
    for how, _ in ways:
        with scene.one.client(**how) as client:
            answer = client.watch("trial.thing:hers")
            found.append("snapshot" if "snapshot" in answer else answer["problem"]["status"])
    assert found == [expected for _, expected in ways]


def test_a_token_may_come_as_the_first_message_only(scene: Scene) -> None:
    with scene.one.client() as client:
        client.say(token=scene.token(scene.mei))
        assert "snapshot" in client.watch("trial.thing:hers")
        client.say(token=scene.token(scene.bo))
        assert code(client) == 4401
    for bad in ("lt1.nonsense", "key"):
        with scene.one.client(additional_headers={"Authorization": f"Bearer {bad}"}) as client:
            assert code(client) == 4401


def test_pages_of_other_sites_are_kept_out(scene: Scene) -> None:
    cookie = {"Cookie": f"sessionid={scene.session(scene.mei)[1]}"}
    for origin in ("http://evil.example", "null", scene.two.address, f"https://127.0.0.1:{scene.one.port}"):
        with pytest.raises(InvalidStatus):
            scene.one.client(additional_headers=cookie, origin=origin)
    with pytest.raises(InvalidStatus):
        scene.one.client(additional_headers={"Host": "evil.example"})


def test_taken_away_midway_it_is_silent_from_then_on(scene: Scene) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO live_trial VALUES ('lent', %s, 1)", [scene.mei])
    mine = {"additional_headers": {"Authorization": f"Bearer {scene.token(scene.mei)}"}}
    with scene.one.client(**mine) as here, scene.two.client(**mine) as there:
        assert [each.watch("trial.thing:lent") for each in (here, there)] == [of("lent", snapshot={"value": 1})] * 2
        scene.two.take_away("lent", scene.bo)
        for each in (here, there):
            said = each.hear()
            assert (said["topic"], said["problem"]["status"]) == ("trial.thing:lent", 404)
            assert "snapshot" in each.watch("trial.thing:public-2")


def test_signed_out_the_next_look_ends_it(scene: Scene) -> None:
    browser, session = scene.session(scene.mei)
    cookie = {"Cookie": f"sessionid={session}"}
    with scene.one.client(additional_headers=cookie, origin=scene.one.address) as client:
        assert "snapshot" in client.watch("trial.thing:hers")
        browser.logout()
        client.say(watch="trial.thing:public-1")
        assert code(client) == 4401


def test_bad_clients_are_told_to_go(scene: Scene) -> None:
    for text, expected in [("{", 1007), ('{"do":1}', 1007), ('{"watch":7}', 1007), ("x" * 5000, 1009)]:
        with scene.one.client() as client:
            client.line.send(text)
            assert (text[:9], code(client)) == (text[:9], expected)
    with scene.one.client() as client:
        client.line.send(b"\x00\x01")
        assert code(client) == 1007
    with scene.one.client() as client:
        with contextlib.suppress(ConnectionClosed):  # it may be told before it has said all
            for _ in range(200):
                client.say(leave="trial.thing:public-1")
        assert code(client) in (4429, 1006)  # 1006: reset while it still talked, its reason lost on the way


def test_fifty_topics_and_not_one_more(scene: Scene) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO live_trial SELECT 'many-' || n, NULL, n FROM generate_series(1, 51) n")
    with scene.one.client() as client:
        for n in range(1, 52):
            client.say(watch=f"trial.thing:many-{n}")
        found = [client.hear() for _ in range(51)]
    refused = [each for each in found if "problem" in each]
    assert [(each["topic"], each["problem"]["status"]) for each in refused] == [("trial.thing:many-51", 429)]
    assert sorted(each["snapshot"]["value"] for each in found if "snapshot" in each) == list(range(1, 51))


def test_a_page_elsewhere_than_live_topics_speaks_no_websocket(scene: Scene) -> None:
    from websockets.sync.client import connect

    with pytest.raises(InvalidStatus):
        connect(f"ws://127.0.0.1:{scene.one.port}/ws/other", legacy=True)


def test_figures_are_counted(scene: Scene) -> None:
    import httpx

    with scene.one.client() as client:
        client.watch("trial.thing:public-1")
        page = httpx.get(f"{scene.one.address}/metrics").text
    assert "lilong_live_connections 1.0" in page
    assert "lilong_live_watches 1.0" in page


def test_the_process_ends_though_somebody_watches(module_database: str, scene: Scene) -> None:
    import signal
    import time

    web = Web()
    with web.client() as client:
        client.watch("trial.thing:public-1")
        began = time.monotonic()
        web.end(signal.SIGTERM)
        assert time.monotonic() - began < 8
        assert code(client) == 1006
