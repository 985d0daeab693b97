from datetime import timedelta
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lilong.fields.market.services import imports
from lilong.kernel.base import clock, ids
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.actor import Actor
from tests.fields.market.scene import Market


def client_of(actor: Actor, *scopes: str) -> Client:
    """A program with a key of the party."""
    expires = clock.now() + timedelta(days=1)
    _, secret = parties.issue_key(
        actor, id=ids.uuid7(), party=actor.party, name="test", scopes=list(scopes or ["*"]), expires_at=expires
    )
    return Client(headers={"Authorization": f"Bearer {secret}"})


def post(client: Client, path: str, body: dict) -> tuple[int, dict]:
    response = client.post(f"/api/market{path}", {k: str(v) if isinstance(v, UUID) else v for k, v in body.items()},
                           content_type="application/json")  # fmt: skip
    return response.status_code, response.json()


def arrival(market: Market, **more) -> dict:
    best_before = (clock.today() + timedelta(days=5)).isoformat()
    return {
        "id": ids.uuid7(), "product": market.eggs, "place": market.warehouse, "lot_code": "L1",
        "best_before": best_before, "quantity": 5,
    } | more  # fmt: skip


def test_a_lot_is_received_thrown_away_and_recalled(market: Market):
    client = client_of(market.manager)
    status, received = post(client, "/lots", arrival(market))
    assert (status, received["quantity"]) == (201, 5)
    waste = {"id": ids.uuid7(), "lot": received["lot"], "place": market.warehouse, "quantity": 2, "reason": "damaged"}
    assert post(client, "/stock/waste", waste)[0] == 201
    available = client.get(f"/api/market/places/{market.warehouse}/available", {"offer": str(market.eggs)}).json()
    assert [each["quantity"] for each in available] == [3]
    (stood,) = client.get("/api/market/stock", {"seller": str(market.seller)}).json()
    assert (stood["on_hand"], stood["days_left"]) == (3, 6)
    status, report = post(client, f"/lots/{received['lot']}/recall", {"id": ids.uuid7(), "reason": "Glass"})
    assert (status, report["reached"], report["reason"]) == (201, [], "Glass")


@pytest.mark.parametrize(
    ("more", "status", "pointer"),
    [
        ({"quantity": 0}, 422, "/quantity"),
        ({"quantity": 2.5}, 422, "/quantity"),
        ({"quantity": "5"}, 422, "/quantity"),
        ({"best_before": "2001-01-01"}, 422, "/best_before"),
        ({"best_before": "soon"}, 422, "/best_before"),
        ({"lot_code": "x\0"}, 422, "/lot_code"),
        ({"product": "00000000-0000-0000-0000-000000000000"}, 404, "/product"),
    ],
)
def test_bad_input_names_the_field(market: Market, more: dict, status: int, pointer: str):
    code, problem = post(client_of(market.picker), "/lots", arrival(market, **more))
    assert (code, [error["pointer"] for error in problem["errors"]]) == (status, [pointer])


def test_a_key_does_what_its_scopes_allow(market: Market):
    assert post(client_of(market.manager, "market:stock"), "/lots", arrival(market))[0] == 201
    assert post(client_of(market.manager, "market:write"), "/lots", arrival(market))[0] == 403
    assert post(client_of(market.rival_owner), "/lots", arrival(market))[0] == 403
    assert post(Client(), "/lots", arrival(market))[0] == 401


def test_products_are_registered_changed_and_public(market: Market):
    client = client_of(market.clerk)
    product = {
        "id": ids.uuid7(), "seller": market.seller, "code": "T1", "name": {"zh": "豆腐"}, "category": "tofu", "price": 450
    }  # fmt: skip
    status, made = post(client, "/products", product)
    assert (status, made["name"], made["vat_percent"]) == (201, {"zh": "豆腐"}, 13)
    body = {k: str(v) if isinstance(v, UUID) else v for k, v in product.items()} | {"price": 500}
    changed = client.put(f"/api/market/products/{product['id']}", body, content_type="application/json")
    assert changed.json()["price"] == 500
    assert Client().get(f"/api/market/products/{product['id']}").json()["price"] == 500
    assert Client().get("/api/market/products", {"seller": str(market.seller)}).status_code == 401
    status, problem = post(client, "/products", product | {"id": ids.uuid7(), "code": "T2", "gtin": "6901234567893"})
    assert (status, problem["errors"][0]["pointer"], problem["errors"][0]["rule"]) == (422, "/gtin", "check-digit")


def test_a_table_is_brought_and_followed(market: Market):
    client, id = client_of(market.owner), ids.uuid7()
    file = SimpleUploadedFile("p.csv", "商品编码,名称,分类,价格(元)\nA,鸡蛋,蛋类,9.9\nB,坏,蛋类,x\n".encode("gb18030"))
    form = {"id": str(id), "seller": str(market.seller), "kind": "products", "file": file}
    started = client.post("/api/market/imports", form)
    assert (started.status_code, started.json()["state"], started.json()["rows"]) == (202, "waiting", 2)
    imports.run_import(market.owner, id=id)  # as the job does
    done = client.get(f"/api/market/imports/{id}").json()
    assert (done["state"], done["taken"]) == ("done", 1)
    assert [(e["row"], e["column"], e["rule"]) for e in done["report"]] == [(3, "price", "number")]
    assert client_of(market.rival_owner).get(f"/api/market/imports/{id}").status_code == 404
    table = client.get("/api/market/exports/products.csv", {"seller": str(market.seller), "language": "zh"})
    assert table.content.decode("utf-8-sig").splitlines()[0].startswith("商品编码,条码")


def test_places_are_found_by_district(market: Market):
    found = Client().get("/api/market/places", {"district": "huangpu"}).json()
    assert [place["id"] for place in found] == [str(market.warehouse)]
    assert Client().get(f"/api/market/places/{market.warehouse}/windows").json() == []
    assert Client().get(f"/api/market/places/{ids.uuid7()}/windows").status_code == 404
