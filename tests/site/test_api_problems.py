"""Every error under /api/ is a problem in the reader's language, also those that Django answers by itself."""

import json
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from lilong.kernel.base import ids
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.actor import SYSTEM

PROBLEM = "application/problem+json"
KINDS = ("en", "zh-hans", "ko")


def a_session(**options: Any) -> Client:
    person = ids.uuid7()
    parties.create_person(SYSTEM, id=person, name="Wang", email=f"{person}@example.org", district="jingan")
    client = Client(**options)
    client.force_login(get_user_model().objects.get(party=person), "django.contrib.auth.backends.ModelBackend")
    return client


def told(response: Any) -> tuple[int, str, str]:
    assert response["Content-Type"] == PROBLEM
    body = json.loads(response.content)
    assert body["status"] == response.status_code
    return response.status_code, body["type"].removeprefix("urn:lilong:problem:"), response["Cache-Control"]


def test_no_such_address_wrong_method_bad_host(db: None):
    client = Client()
    assert told(client.get("/api/nothing-here")) == (404, "not-found", "no-store")
    assert told(client.get("/api/log/proof/inclusion/")) == (404, "not-found", "no-store")
    wrong = client.delete("/api/log/head")
    assert told(wrong) == (405, "method-not-allowed", "no-store")
    assert wrong["Allow"] == "GET"
    assert told(client.get("/api/log/key", headers={"Host": "evil.example"})) == (400, "bad-request", "no-store")


def test_a_fault_tells_nothing_but_the_request(db: None, monkeypatch: pytest.MonkeyPatch):
    from lilong.kernel.events import api as events_api

    def broken() -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(events_api, "verifier_keys", broken)
    answer = Client(raise_request_exception=False).get("/api/log/key", headers={"X-Request-ID": "mine-1"})
    assert told(answer) == (500, "internal-error", "no-store")
    assert answer.json()["request"] == answer["X-Request-ID"] == "mine-1"
    assert b"secret" not in answer.content


def test_what_is_not_json_and_what_cannot_be_kept(db: None):
    client = a_session()
    sent = [
        ("{", "not-json", ""),
        ("[NaN]", "not-json", ""),
        ('{"name": "a\\u0000b"}', "invalid", "/name"),
        ('{"name": "\\ud800"}', "invalid", "/name"),
        ('{"name": ' + "9" * 30 + "}", "invalid", "/name"),
    ]
    for body, code, pointer in sent:
        answer = client.patch("/api/me", body, content_type="application/json")
        assert told(answer) == (422, code, "no-store"), body
        assert answer.json()["errors"][0]["pointer"] == pointer
    answer = client.get("/api/parties?text=a%00b")
    assert (told(answer)[:2], answer.json()["errors"][0]["pointer"]) == ((422, "invalid"), "/text")
    answer = client.get("/api/me/access-log?size=1000")
    assert (told(answer)[:2], answer.json()["errors"][0]["pointer"]) == ((422, "invalid"), "/size")


def test_a_session_writes_with_its_csrf_token_only(db: None):
    client = a_session(enforce_csrf_checks=True)
    body = json.dumps({"name": "Wang Min"})
    assert told(client.patch("/api/me", body, content_type="application/json")) == (403, "csrf", "no-store")
    client.get("/api/docs")
    token = client.cookies["csrftoken"].value
    written = client.patch("/api/me", body, content_type="application/json", headers={"X-CSRFToken": token})
    assert (written.status_code, written.json()["name"]["en"]) == (200, "Wang Min")


def test_titles_are_in_the_readers_language(db: None):
    client = a_session()
    asked = [client.get("/api/nothing-here", headers={"Accept-Language": kind}).json()["title"] for kind in KINDS] + [
        client.get(f"/api/orders/{ids.uuid7()}", headers={"Accept-Language": kind}).json()["title"] for kind in KINDS
    ]
    assert len(set(asked)) == len(asked)


def test_what_is_said_to_somebody_is_not_kept_by_caches(db: None):
    assert a_session().get("/api/me")["Cache-Control"] == "no-store"


def test_the_limit_is_answered_by_a_problem(db: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LILONG_API_LIMIT", "2")
    client = a_session()
    assert [client.get("/api/me").status_code for _ in range(2)] == [200, 200]
    over = client.get("/api/me")
    assert told(over) == (429, "too-many", "no-store")
    assert 1 <= int(over["Retry-After"]) <= 120
