import asyncio

import httpx
import msgspec
import pytest

from lilong.kernel.orders import queries
from lilong.kernel.parties import tokens
from lilong.kernel.parties.actor import Actor
from tests.kernel.orders.counter_server import bearer, posted, serving
from tests.kernel.orders.stall import a_buyer, a_stall, purse


@pytest.fixture(scope="module")
def address(module_database: str):
    with serving() as address:
        yield address


def test_an_order_through_the_counter(address: str):
    stall, buyer = a_stall(), a_buyer()
    draft = stall.draft(buyer, 2)
    first, again = posted(address, buyer, draft), posted(address, buyer, draft)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["total"] == again.json()["total"] == 1000
    assert (first.json()["created"], again.json()["created"]) == (True, False)
    other = posted(address, buyer, stall.draft(buyer, 3, id=draft.id))
    assert (other.status_code, other.json()["type"]) == (409, "urn:lilong:problem:id-taken")
    assert other.headers["content-type"] == "application/problem+json"
    assert (stall.stock(), purse(buyer)) == ([98], (99_000, 0))


def test_a_list_is_answered_member_by_member(address: str):
    stall, buyer = a_stall([(3, None)]), a_buyer()
    answer = posted(address, buyer, stall.draft(buyer, 2), stall.draft(buyer, 2), stall.draft(buyer, 1))
    assert answer.status_code == 200
    assert ["order" in member for member in answer.json()] == [True, False, True]
    assert answer.json()[1]["problem"]["type"] == "urn:lilong:problem:sold-out"
    assert stall.stock() == [0]


def test_the_last_piece_is_sold_once(address: str):
    stall, buyers = a_stall([(100, None)]), [a_buyer(10_000) for _ in range(20)]

    async def rush() -> list[int]:
        limits = httpx.Limits(max_connections=140)
        async with httpx.AsyncClient(limits=limits, timeout=60) as client:
            calls = [
                client.post(
                    f"{address}/api/orders",
                    content=msgspec.json.encode(stall.draft(buyers[n % 20])),
                    headers=bearer(buyers[n % 20]),
                )
                for n in range(140)
            ]
            return [answer.status_code for answer in await asyncio.gather(*calls)]

    statuses = asyncio.run(rush())
    assert (statuses.count(201), statuses.count(409)) == (100, 40)
    assert (stall.stock(), stall.sold(), stall.sales()) == ([0], [100], 50_000)


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        ("", 401, "sign-in"),
        ("Basic abc", 401, "sign-in"),
        ("Bearer lt1.forged.signature", 401, "token-invalid"),
        ("Bearer nonsense", 401, None),
    ],
)
def test_nobody_orders_without_a_credential(address: str, header: str, status: int, code: str | None):
    stall, buyer = a_stall(), a_buyer()
    answer = httpx.post(
        f"{address}/api/orders",
        content=msgspec.json.encode(stall.draft(buyer)),
        headers={"Authorization": header} if header else {},
    )
    assert answer.status_code == status
    assert answer.headers["www-authenticate"] == "Bearer"
    assert code is None or answer.json()["type"] == f"urn:lilong:problem:{code}"
    assert stall.stock() == [100]


def test_a_token_without_the_scope_does_not_order(address: str):
    stall, buyer = a_stall(), a_buyer()
    narrow = tokens.issue(Actor(party=buyer, kind="person", scopes=frozenset({"orders:read"})))
    answer = httpx.post(
        f"{address}/api/orders",
        content=msgspec.json.encode(stall.draft(buyer)),
        headers={"Authorization": f"Bearer {narrow}"},
    )
    assert (answer.status_code, stall.stock()) == (403, [100])


def test_nobody_spends_anothers_money_at_the_counter(address: str):
    stall, victim, thief = a_stall(), a_buyer(), a_buyer()
    answer = posted(address, thief, stall.draft(victim))
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:lilong:problem:not-your-purse")
    assert purse(victim) == (100_000, 0)


@pytest.mark.parametrize(
    ("body", "status", "pointer", "rule"),
    [
        (b"{", 422, "", "json"),
        (b"[]", 422, "", "length"),
        (b'{"id":"x","lines":[]}', 422, "/id", "format"),
        (b"\xff\xfe", 422, "", "json"),
        (b'{"lines":[{"offer":"' + b"0" * 32 + b'","quantity":1.5,"price":1}]}', 422, "/lines/0/quantity", "type"),
        (b'"' + b"a" * 600_000 + b'"', 422, "", "bytes"),
    ],
)
def test_bad_bodies_name_the_field(address: str, body: bytes, status: int, pointer: str, rule: str):
    answer = httpx.post(f"{address}/api/orders", content=body, headers=bearer(a_buyer()))
    assert answer.status_code == status
    assert (answer.json()["errors"][0]["pointer"], answer.json()["errors"][0]["rule"]) == (pointer, rule)


def test_a_full_queue_says_come_back(module_database: str):
    """Another session holds the stock's lock: nothing can be decided, the queue fills, the surplus is turned away."""
    import psycopg

    stall, buyer = a_stall([(10_000, None)]), a_buyer(10**9)
    with psycopg.connect(module_database) as blocker, serving() as address:
        blocker.execute("SELECT 1 FROM ledger_account WHERE id = %s FOR UPDATE", [stall.lots[0][0]])

        async def flood() -> list[httpx.Response]:
            async with httpx.AsyncClient(limits=httpx.Limits(max_connections=80), timeout=60) as client:
                calls = []
                for _ in range(60):
                    body = msgspec.json.encode([stall.draft(buyer) for _ in range(100)])
                    calls.append(
                        asyncio.ensure_future(client.post(f"{address}/api/orders", content=body, headers=bearer(buyer)))
                    )
                await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
                blocker.rollback()
                return [await call for call in calls]

        answers = asyncio.run(flood())
    busy = [answer for answer in answers if answer.status_code == 503]
    served = [answer for answer in answers if answer.status_code == 200]
    assert len(busy) + len(served) == 60
    assert busy and {answer.headers["retry-after"] for answer in busy} == {"1"}
    placed = sum("order" in member for answer in served for member in answer.json())
    assert placed == 100 * len(served)
    assert stall.stock() == [10_000 - placed]


def test_an_acknowledged_order_survives_a_killed_server(module_database: str):
    stall, buyer = a_stall(), a_buyer()
    draft = stall.draft(buyer)
    with serving(kill=True) as address:
        assert posted(address, buyer, draft).status_code == 201
    assert queries.standing([draft.id])[draft.id].placed.total == 500
    with serving() as address:
        assert posted(address, buyer, draft).status_code == 200
    assert stall.stock() == [99]


def test_the_documented_schema_is_the_one_that_decodes(module_database: str):
    from django.test import Client

    document = Client().get("/api/openapi.json").json()
    operation = document["paths"]["/api/orders"]["post"]
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    assert {"$ref": "#/components/schemas/OrderDraft"} in body["anyOf"]
    component = document["components"]["schemas"]["OrderDraft"]
    assert set(component["required"]) == {"id", "lines"}
    assert document["components"]["schemas"]["LineDraft"]["properties"]["quantity"]["minimum"] == 1
