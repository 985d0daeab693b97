"""Real processes at once, each with its own connection and its own commits."""

import json
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest

from lilong.fields.market.models import Lot, StockPaper
from lilong.fields.market.services import returns
from lilong.kernel.base import clock, ids
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.orders import services as orders
from lilong.kernel.orders.drafts import LineDraft, OrderDraft
from tests.fields.market.scene import Market


@pytest.fixture
def city(fresh_database: str) -> Market:
    return Market()


def race(tasks: list[tuple[str, dict[str, Any]]]) -> list[Any]:
    """Starts a process for each task, lets them all go at once, and answers what they said."""
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.fields.market.racers", task, json.dumps(given, default=str)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for task, given in tasks
    ]
    for process in running:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [json.loads(process.communicate(timeout=60)[0].splitlines()[-1]) for process in running]


def at(city: Market) -> dict[str, Any]:
    best_before = (clock.today() + timedelta(days=9)).isoformat()
    return {"product": city.eggs, "place": city.warehouse, "best_before": best_before}


def test_one_lot_arriving_twice_at_once_is_one_lot(city: Market):
    found = race([("receive", at(city))] * 3)
    lot = Lot.objects.get()
    assert found == [str(lot.id)] * 3
    assert ledger.balance(lot.stocks.get().account).posted == 30


def test_one_delivery_reported_by_many_at_once_counts_once(city: Market):
    found = race([("receive", at(city) | {"id": ids.uuid7()})] * 3)
    lot = Lot.objects.get()
    assert found == [str(lot.id)] * 3
    assert (ledger.balance(lot.stocks.get().account).posted, StockPaper.objects.count()) == (10, 1)


def test_a_recall_amid_sales_misses_no_order(city: Market):
    received = city.receive(city.eggs, 100)
    buyers = [city.buyer(fen=1_000_000) for _ in range(2)]
    tasks = [("buy", at(city) | {"buyer": buyer.party}) for buyer in buyers]
    *bought, reached = race([*tasks, ("recall", at(city) | {"lot": received.lot})])
    assert sorted(reached) == sorted(order for orders in bought for order in orders)
    assert ledger.balance(received.account).posted == 0
    assert ledger.differences() == []


def test_a_return_is_refunded_once_by_two_who_approve_at_the_same_time(city: Market):
    city.receive(city.eggs, 5)
    buyer = city.buyer()
    line = LineDraft(offer=city.eggs, quantity=4, price=1290)
    order = orders.place_one(buyer, OrderDraft(id=ids.uuid7(), lines=[line], place=city.warehouse)).id
    orders.complete(city.picker, id=order)
    asked = returns.ask_return(buyer, id=ids.uuid7(), order=order, lines={0: 3}, reason="damaged")
    assert race([("approve", {"id": asked.id})] * 3) == [3870] * 3
    assert ledger.balance(ledger.wallet_of(buyer.party).id).available == 100_000 - 1290
    assert len(city.facts(order, "orders.refunded")) == 1
