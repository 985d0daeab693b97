"""Machines over the API, two buyers at once by real processes, and the rehearsal that a demo plays."""

import json
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client

from lilong.fields.market.models import Dispute, Machine, Purchase
from lilong.fields.market.services import machine_rehearsal, recycling
from lilong.kernel.base import ids
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.orders import queries as orders
from lilong.kernel.parties import tokens
from lilong.kernel.parties.actor import Actor
from tests.fields.market.machine_park import Park, purse
from tests.fields.market.scene import Market

_RACER = """
import sys, json, django
django.setup()
from uuid import UUID
from lilong.fields.market.drafts import TakeDraft
from lilong.fields.market.services import vending
from lilong.kernel.base import ids
from lilong.kernel.base.problems import Problem
from lilong.kernel.parties import queries
buyer, machine = (UUID(each) for each in sys.argv[1:3])
actor = queries.actor_of_party(buyer)
print("ready", flush=True)
sys.stdin.readline()
try:
    vending.reserve(actor, id=ids.uuid7(), machine=machine, lines=[TakeDraft(slot="A1", quantity=1, price=600)])
    print("reserved")
except Problem as problem:
    print(problem.code)
"""


def asks(actor: Actor | None, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {tokens.issue(actor)}"} if actor else {}
    answer = Client(headers=headers).generic(
        method, f"/api/market{path}", json.dumps(body, default=str), content_type="application/json"
    )
    return answer.status_code, json.loads(answer.content) if answer.content else None


def test_set_up_and_bought_over_the_api(market: Market) -> None:
    device, place = ids.uuid7(), market.machine
    body = {"id": device, "place": place, "coldest_mc": 0, "warmest_mc": 8000}
    assert asks(None, "POST", "/machines", body)[0] == 401
    assert asks(market.rival_owner, "POST", "/machines", body)[0] == 403
    assert asks(market.clerk, "POST", "/machines", body | {"warmest_mc": -1})[0] == 422
    assert asks(market.clerk, "POST", "/machines", body | {"place": market.warehouse})[0] == 422
    assert [asks(market.clerk, "POST", "/machines", body)[0] for _ in range(2)] == [201, 201]
    assert asks(market.clerk, "POST", "/machines", body | {"id": ids.uuid7()})[1]["type"].endswith("place-taken")
    assert asks(market.clerk, "POST", f"/machines/{device}/credentials")[0] == 404
    status, given = asks(market.manager, "POST", f"/machines/{device}/credentials")
    assert (status, sorted(given)) == (201, ["device", "house_key", "secret"])
    milk = market.product("M1", "Milk", price=600)
    lot = market.receive(milk, 5).lot
    layout = {"product": milk, "capacity": 5}
    assert asks(market.clerk, "PUT", f"/machines/{device}/slots/A1", layout)[0] == 200
    assert asks(market.clerk, "PUT", f"/machines/{device}/slots/A1", {"capacity": 0})[0] == 422
    load = {"id": ids.uuid7(), "slot": "A1", "lot": lot, "source": market.warehouse, "quantity": 5}
    assert asks(market.picker, "POST", f"/machines/{device}/loads", load)[0] == 201
    buyer = market.buyer()
    order = {"id": ids.uuid7(), "lines": [{"slot": "A1", "quantity": 1, "price": 600}]}
    assert asks(buyer, "POST", f"/machines/{device}/purchases", order)[1]["type"].endswith("machine-offline")
    machine_rehearsal.beat(device)
    assert asks(buyer, "POST", f"/machines/{device}/purchases", order)[1]["state"] == "reserved"
    assert asks(market.rival_owner, "GET", f"/machines/purchases/{order['id']}")[0] == 404
    assert purse(buyer) == (100_000, 600)


def test_of_buyers_at_once_one_is_served(fresh_database: str) -> None:
    park = Park(Market())
    buyers = [park.market.buyer() for _ in range(3)]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", _RACER, str(buyer.party), str(park.device)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for buyer in buyers
    ]  # fmt: skip
    for process in running:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    said = []
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = sorted(process.communicate(timeout=60)[0].strip() for process in running)
    assert said == ["machine-busy", "machine-busy", "reserved"]
    assert sorted(purse(buyer)[1] for buyer in buyers) == [0, 0, 600]
    assert (Purchase.objects.count(), ledger.differences()) == (1, [])


def test_a_demo_plays_machines_through_the_services(market: Market) -> None:
    milk = market.product("M1", "Milk", price=600)
    lot = market.receive(milk, 20).lot
    device = ids.uuid7()
    machine_rehearsal.set_up(
        market.owner, id=device, place=market.machine, loads=[("A1", milk, lot, 8)], source=market.warehouse
    )
    buyer = market.buyer()
    sold = {"machine": device, "slot": "A1", "quantity": 2, "price": 600}
    assert machine_rehearsal.buy(buyer, id=ids.uuid7(), **sold) == "settled"
    assert machine_rehearsal.buy(buyer, id=ids.uuid7(), comes=1, **sold) == "settled"
    assert purse(buyer) == (98_200, 0)
    shop = Park(market, "unmanned-shop")
    order = machine_rehearsal.visit(buyer, machine=shop.device, place=shop.place, takes=[("A1", 2), ("A1", -1)])
    assert orders.order(buyer, order).captured == 600  # type: ignore[arg-type]
    point = Park(market, "collection-point")
    machine_rehearsal.recycle(buyer, machine=point.device, place=point.place, weights=[("pet", 1_000)])
    assert ledger.balance(recycling.coin_account(buyer.party)).posted == 30
    assert (Machine.objects.count(), Dispute.objects.count(), ledger.differences()) == (3, 0, [])


@pytest.mark.parametrize("path", ["/machines/{}/purchases", "/places/{}/passes"])
def test_what_is_not_there_is_not_found(market: Market, path: str) -> None:
    body = {"id": ids.uuid7(), "lines": [{"slot": "A1", "quantity": 1, "price": 1}]}
    assert asks(market.buyer(), "POST", path.format(ids.uuid7()), body)[0] == 404
