"""Every address of the house, found in its URL table: what a stranger and another resident get of somebody's things.

New addresses are covered by being there. What anybody may see is listed here by name, and nothing else is.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from lilong.kernel.base import ids
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.actor import SYSTEM

PUBLIC_PAGES = {
    "", "search", "robots.txt", "manifest.webmanifest", "plan/", "plan/baseline",
    "culture/", "delivery/", "design/", "education/", "expo/", "factory/", "finance/", "health/", "industry/", "mobility/", "work/",
    "delivery/courier/worker.js", "delivery/epcis/eventTypes", "delivery/lockers/", "mobility/gbfs/3.0/manifest.json", "market/", "market/basket/", "market/broadcast/", "market/campaigns/", "market/groups/", "market/machines/",
    "market/id/", "market/id/(?:.*)$", "market/id/.well-known/gs1resolver",
    "market/products/<uuid:id>/", "market/products/<uuid:id>.jsonld", "market/products/<uuid:id>/qr.svg",
    "market/products/<uuid:id>/reviews/",
}  # fmt: skip
REFUSED = {301, 302, 401, 403, 404, 405, 410}
_PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    from lilong.site.api import api

    paths = api.get_openapi_schema()["paths"]
    verbs = {"get", "post", "put", "patch", "delete"}
    return [(verb, path, told) for path, found in paths.items() for verb, told in found.items() if verb in verbs]


def pages(patterns: Any = None, before: str = "") -> Iterator[str]:
    """Every route that is not the API's, as Django writes it."""
    for found in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(found.pattern).removeprefix("^")
        if isinstance(found, URLResolver) and not route.startswith("api/"):
            yield from pages(found.url_patterns, route)
        elif isinstance(found, URLPattern):
            yield route


class Town:
    """A firm with goods and an order, its buyer; and Mallory, who has nothing to do with either."""

    def __init__(self) -> None:
        from lilong.kernel.orders import services as orders
        from tests.fields.market.scene import Market
        from tests.kernel.orders.stall import a_stall

        market = Market()
        buyer = market.buyer()
        stall = a_stall(seller=market.seller)
        [placed] = orders.place([stall.draft(buyer.party)])
        self.firm: UUID = market.seller
        self.buyer: UUID = buyer.party
        self.things: dict[str, UUID] = {
            "order": placed.id, "product": market.eggs, "place": market.warehouse, "person": buyer.party, "firm": market.seller,
        }  # fmt: skip
        self.mallory = Client()
        mallory = get_user_model().objects.get(party=market.buyer("Mallory").party)
        self.mallory.force_login(mallory, "django.contrib.auth.backends.ModelBackend")


@pytest.fixture
def town(db: None) -> Town:
    return Town()


def _filled(route: str, thing: UUID) -> str:
    return _PARAMETER.sub(lambda found: "1" if found[1] == "int" else str(thing), route)


def test_an_operation_that_asks_for_a_credential_answers_nobody_without(db: None):
    client, answered = Client(), []
    for verb, path, told in operations():
        if told.get("security"):
            where = re.sub(r"\{\w+\}", "00000000-0000-7000-8000-000000000000", path)
            status = getattr(client, verb)(where).status_code
            if status not in {401, 404}:
                answered.append((verb, path, status))
    assert answered == []


def test_every_operation_that_changes_something_asks_for_a_credential(db: None):
    assert [(verb, path) for verb, path, told in operations() if verb != "get" and not told.get("security")] == []


def test_another_resident_reads_nothing_of_a_firm_or_a_buyer(town: Town):
    """Each reading operation with a credential, with ids of things that are not Mallory's in every place."""
    read = []
    for verb, path, told in operations():
        names = [each["name"] for each in told.get("parameters", []) if each["in"] == "query"]
        whose = [name for name in names if name in {"seller", "owner", "party", "organisation"}]
        if verb != "get" or not told.get("security") or not ("{" in path or whose):
            continue
        for kind, thing in town.things.items():
            where = re.sub(r"\{\w+\}", str(thing), path)
            asked = {name: str(town.firm if kind != "person" else town.buyer) for name in whose}
            status = town.mallory.get(
                where, asked | {"start": "2030-01-01T00:00:00Z", "end": "2030-01-02T00:00:00Z"}
            ).status_code
            if status not in {403, 404}:
                read.append((path, kind, status))
    assert [each for each in read if each not in OPEN_TO_RESIDENTS] == []


# An organisation is known to everybody who is signed in; its people and things are not.
OPEN_TO_RESIDENTS = [("/api/parties/{id}", "firm", 200)]


def test_a_stranger_opens_only_the_public_pages(town: Town):
    client, opened = Client(), []
    for route in sorted(set(pages())):
        if route.startswith(("admin/", "accounts/")) or "(?P" in route:
            continue
        for thing in town.things.values():
            where = "/" + _filled(route, thing)
            if client.get(where).status_code not in REFUSED:
                opened.append(route)
    assert sorted(set(opened) - PUBLIC_PAGES) == []


def test_the_operators_pages_are_for_operators_who_signed_in_by_the_houses_own_door(town: Town):
    for client in (Client(), town.mallory):
        for route in ("admin/", "admin/login/", "admin/parties/user/", "admin/orders/order/"):
            answer = client.get(f"/{route}")
            assert answer.status_code in {302, 403, 404}, route
            assert b'name="password"' not in answer.content, route


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\\\evil.example"]
)
def test_nobody_is_sent_elsewhere_after_signing_in(db: None, target: str):
    email, password = "wang@example.org", "a long enough pass phrase"
    parties.create_person(SYSTEM, id=ids.uuid7(), name="Wang", email=email, password=password, district="jingan")
    client = Client()
    before = client.get("/accounts/login/").cookies.get("sessionid")
    answer = client.post(
        f"/accounts/login/?{urlencode({'next': target})}", {"login": email, "password": password, "next": target}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/")
    session = answer.cookies["sessionid"]
    assert session["httponly"] and session["samesite"] == "Lax"
    assert before is None or before.value != session.value
    assert Client().post("/i18n/setlang/", {"language": "ko", "next": target})["Location"] == "/"


@pytest.mark.parametrize(
    "path", ["/", "/nothing-here", "/api/log/key", "/api/nothing", "/accounts/login/", "/static/ui/base.css"]
)
def test_every_answer_carries_the_security_headers(db: None, path: str):
    answer = Client().get(path)
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    for cookie in answer.cookies.values():
        assert cookie["samesite"] == "Lax"
