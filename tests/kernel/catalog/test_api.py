from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from lilong.kernel.base import ids
from lilong.kernel.parties import tokens
from lilong.kernel.parties.actor import Actor
from tests.kernel.parties.city import again, firm, person

pytestmark = pytest.mark.django_db


def call(method: str, path: str, actor: Actor | None = None, body: Any = None, **query: Any) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {tokens.issue(actor)}"} if actor else {}
    given = {"data": body, "content_type": "application/json"} if body is not None else {}
    if query:
        given["query_params"] = query
    response = getattr(Client(), method)(f"/api/catalog/{path}", headers=headers, **given)
    return response.status_code, response.json()


@pytest.fixture
def grocer() -> tuple[Actor, UUID]:
    owner = person()
    shop = firm(owner)
    return again(owner), shop


def body(seller: UUID, **changes: Any) -> dict[str, Any]:
    return {"field": "market", "seller": str(seller), "price": 500, "title": {"en": "Milk", "zh": "牛奶"}} | changes


def test_put_search_read_and_withdraw(grocer: tuple[Actor, UUID]):
    owner, shop = grocer
    id = ids.uuid7()
    status, made = call("put", f"offers/{id}", owner, body(shop, tags=["dairy"]))
    assert (status, made["version"], made["title"]) == (200, 1, {"en": "Milk", "zh": "牛奶", "ko": ""})
    assert call("put", f"offers/{id}", owner, body(shop, tags=["dairy"])) == (200, made)
    status, found = call("get", "offers", text="牛奶", tag=["dairy"], field="market")
    assert (status, [o["id"] for o in found["items"]], found["next"]) == (200, [str(id)], "")
    assert found["facets"] == {
        "total": 1,
        "fields": {"market": 1},
        "tags": {"dairy": 1},
        "price_from": 500,
        "price_to": 500,
    }
    assert call("get", f"offers/{id}") == (200, made)
    call("put", f"offers/{id}", owner, body(shop, price=450))
    assert [p["price"] for p in call("get", f"offers/{id}/prices")[1]] == [500, 450]
    status, gone = call("post", f"offers/{id}/withdraw", owner, {})
    assert (status, gone["state"]) == (200, "withdrawn")
    assert call("get", "offers", text="牛奶")[1]["items"] == []
    assert [o["state"] for o in call("get", f"sellers/{shop}/offers", owner, state="withdrawn")[1]["items"]] == [
        "withdrawn"
    ]


def test_a_stranger_neither_puts_nor_sees_what_is_not_listed(grocer: tuple[Actor, UUID]):
    owner, shop = grocer
    id, stranger = ids.uuid7(), person()
    assert call("put", f"offers/{id}", None, body(shop))[0] == 401
    assert call("put", f"offers/{id}", stranger, body(shop))[0] == 403
    assert call("get", f"offers/{id}")[0] == 404
    assert call("put", f"offers/{id}", owner, body(shop, state="draft"))[0] == 200
    for who in (None, stranger):
        assert call("get", f"offers/{id}", who)[0] == call("get", f"offers/{id}/prices", who)[0] == 404
    assert call("get", f"offers/{id}", owner)[0] == 200
    assert call("get", f"sellers/{shop}/offers", stranger)[0] == 404
    assert call("post", f"offers/{id}/withdraw", stranger, {})[0] == 403
    narrow = owner.narrowed(frozenset({"orders:read"}))
    assert call("put", f"offers/{id}", narrow, body(shop))[0] == 403
    assert call("get", f"sellers/{shop}/offers", narrow)[0] == 403


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [({"price": -1}, "/price"), ({"price": 1.5}, "/price"), ({"title": {}}, "/title"), ({"colour": "red"}, "/colour"),
     ({"released_at": "2030-01-01T00:00:00"}, "/released_at"), ({"image": "javascript:x"}, "/image"),
     ({"title": {"en": "a\x00"}}, "/title/en")],
)  # fmt: skip
def test_bad_bodies_name_the_field(grocer: tuple[Actor, UUID], changes: dict, pointer: str):
    owner, shop = grocer
    id = ids.uuid7()
    status, problem = call("put", f"offers/{id}", owner, body(shop, **changes))
    assert (status, [found["pointer"] for found in problem["errors"]]) == (422, [pointer])
    assert call("get", f"offers/{id}", owner)[0] == 404


@pytest.mark.parametrize("query", [{"size": 0}, {"cursor": "!"}, {"sort": "x"}, {"text": "x" * 201}, {"text": "\x00"},
                                   {"field": "A"}, {"price_from": -1}, {"seller": "x"}, {"tag": ["\x00"]}])  # fmt: skip
def test_bad_questions(query: dict):
    assert call("get", "offers", **query)[0] == 422
