"""The log's API: proofs that anybody can check, events and webhooks only for those whose they are."""

from base64 import b64decode, urlsafe_b64encode
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from lilong.kernel.base import ids
from lilong.kernel.base.words import Words
from lilong.kernel.events.rules import merkle, notes
from lilong.kernel.events.services import sequence
from lilong.kernel.parties import services as parties
from lilong.kernel.parties import tokens
from lilong.kernel.parties.actor import SYSTEM, Actor
from tests.kernel.events.city import received

pytestmark = pytest.mark.django_db
PASSWORD = "orange-gate-brick-lane-7"


@pytest.fixture
def anybody() -> Client:
    return Client()


def person(name: str, *, staff: bool = False) -> UUID:
    id = ids.named("testing", "api", name)
    parties.create_person(SYSTEM, id=id, name=name, email=f"{name}@example.org", password=PASSWORD, staff=staff)
    return id


def client(party: UUID, **changes: Any) -> Client:
    actor = Actor(party=party, kind="person", **changes)
    return Client(headers={"Authorization": f"Bearer {tokens.issue(actor, 60)}"})


def test_anybody_checks_an_event_against_a_signed_head(anybody: Client) -> None:
    made = received(*range(11))
    sequence()
    head, key = anybody.get("/api/log/head").json(), anybody.get("/api/log/key").json()["key"]
    signed = notes.read(head["note"], key)
    assert (signed.size, signed.root) == (head["size"], b64decode(head["root"]))
    proof = anybody.get("/api/log/proof/inclusion", {"event": made[4], "size": signed.size}).json()
    body = client(person("operator", staff=True), staff=True).get(f"/api/events/{made[4]}").content
    assert merkle.leaf_hash(body) == b64decode(proof["leaf_hash"])
    path = [b64decode(step) for step in proof["path"]]
    assert merkle.verify_inclusion(merkle.leaf_hash(body), proof["index"], signed.size, path, signed.root)


def test_anybody_checks_that_the_log_only_grew(anybody: Client) -> None:
    received(*range(6))
    sequence()
    before = notes.read(anybody.get("/api/log/head", headers={"Accept": "text/plain"}).text, _key(anybody))
    received(*range(7))
    sequence()
    after = notes.read(anybody.get("/api/log/head", headers={"Accept": "text/plain"}).text, _key(anybody))
    proof = anybody.get("/api/log/proof/consistency", {"first": before.size, "second": after.size}).json()
    path = [b64decode(step) for step in proof["path"]]
    assert (after.size - before.size) == 7
    assert merkle.verify_consistency(before.size, after.size, path, before.root, after.root)


def _key(anybody: Client) -> str:
    return str(anybody.get("/api/log/key").json()["key"])


def test_an_empty_log_says_so(anybody: Client) -> None:
    assert anybody.get("/api/log/head").status_code == 404
    assert anybody.get("/api/log/proof/consistency", {"first": 0}).json()["path"] == []


@pytest.mark.parametrize(
    ("path", "query", "status", "pointer"),
    [
        ("inclusion", {"event": "x"}, 422, "/event"),
        ("inclusion", {"event": UUID(int=1)}, 404, None),
        ("inclusion", {"event": UUID(int=1), "size": -1}, 422, "/size"),
        ("inclusion", {"event": UUID(int=1), "size": 10**30}, 422, "/size"),
        ("consistency", {"first": -1}, 422, "/first"),
        ("consistency", {"first": 0, "second": 10**30}, 422, "/second"),
        ("consistency", {"first": 1, "second": 0}, 422, "/first"),
    ],
)
def test_bad_questions_are_problems(
    anybody: Client, path: str, query: dict[str, Any], status: int, pointer: str | None
) -> None:
    answer = anybody.get(f"/api/log/proof/{path}", query)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert [error["pointer"] for error in answer.json().get("errors", [])] == ([pointer] if pointer else [])


def test_events_are_seen_by_their_parties_and_by_operators_only(anybody: Client) -> None:
    farmer, stranger, operator = person("farmer"), person("stranger"), person("operator", staff=True)
    farm = ids.named("testing", "api", "farm")
    parties.create_organisation(SYSTEM, id=farm, name=Words(en="Farm"), owner=farmer)
    lot = ids.uuid7()
    as_actor, as_farm = received(1, subject=lot, actor=farmer), received(2, subject=farm)
    sequence()

    def seen(reader: Client) -> list[str]:
        found = reader.get("/api/events", {"type": "testing.lot.received"}).json()
        return [event["id"] for event in found["items"]]

    both = [str(as_farm[0]), str(as_actor[0])]
    assert seen(client(farmer)) == both
    assert seen(client(operator, staff=True)) == both
    assert seen(client(operator)) == seen(client(stranger)) == []
    assert anybody.get("/api/events").status_code == 401
    assert client(farmer, scopes=frozenset({"orders:place"})).get("/api/events").status_code == 403
    for id in both:
        assert client(farmer).get(f"/api/events/{id}").json()["id"] == id
        assert client(stranger).get(f"/api/events/{id}").status_code == 404
        assert client(operator).get(f"/api/events/{id}").status_code == 404
        assert anybody.get(f"/api/events/{id}").status_code == 401


def test_events_come_in_pages_newest_first() -> None:
    farmer = person("farmer")
    made = [str(id) for id in received(*range(5), subject=farmer)]
    reader, cursor, got = client(farmer), "", []
    for _ in range(3):
        page = reader.get("/api/events", {"type": "testing.lot.received", "size": 2, "cursor": cursor}).json()
        got += [event["id"] for event in page["items"]]
        cursor = page["next"]
    assert (got, cursor) == (made[::-1], "")


@pytest.mark.parametrize(
    "cursor", ["x", "!", urlsafe_b64encode(b'["x"]').decode(), urlsafe_b64encode(b"[1,2]").decode()]
)
def test_a_bad_cursor_is_a_problem(cursor: str) -> None:
    answer = client(person("farmer")).get("/api/events", {"cursor": cursor})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/cursor")


def test_webhooks_over_http(settings: Any) -> None:
    farmer, stranger = person("farmer"), person("stranger")
    owner, other = client(farmer), client(stranger)
    id = str(ids.uuid7())
    body = {"id": id, "url": "https://example.org/hook", "types": ["testing.*"]}
    made = owner.post("/api/webhooks", body, content_type="application/json")
    assert (made.status_code, made.json()["secret"][:6]) == (201, "whsec_")
    again = owner.post("/api/webhooks", body, content_type="application/json")
    assert (again.status_code, again.json()["secret"]) == (200, "")
    conflict = owner.post("/api/webhooks", body | {"types": []}, content_type="application/json")
    assert (conflict.status_code, conflict.json()["type"]) == (409, "urn:lilong:problem:endpoint-conflict")
    inside = owner.post("/api/webhooks", body | {"url": "https://10.0.0.1/"}, content_type="application/json")
    assert (inside.status_code, inside.json()["errors"][0]["pointer"]) == (422, "/url")
    foreign = other.post("/api/webhooks", body | {"owner": str(farmer)}, content_type="application/json")
    assert foreign.status_code == 403
    assert [one["id"] for one in owner.get("/api/webhooks").json()["items"]] == [id]
    assert other.get("/api/webhooks").json()["items"] == []
    assert "secret" not in owner.get(f"/api/webhooks/{id}").json()
    assert owner.get(f"/api/webhooks/{id}/deliveries", {"state": "dead"}).json() == {"items": [], "next": ""}
    for method, path in (("get", ""), ("delete", ""), ("get", "/deliveries")):
        assert getattr(other, method)(f"/api/webhooks/{id}{path}").status_code == 404
        assert getattr(Client(), method)(f"/api/webhooks/{id}{path}").status_code == 401
    assert owner.delete(f"/api/webhooks/{id}").json()["open"] is False
    assert owner.post("/api/webhooks/deliveries/1/redeliver").status_code == 404
    assert owner.post(f"/api/webhooks/deliveries/{10**30}/redeliver").status_code == 422
