"""kill -9 in the middle of a delivery: before the commit nothing happened, after it everything did, and it can be told again."""

import subprocess
import sys
import time
from datetime import timedelta

import msgspec
import psycopg
import pytest
from django.db import connection

from lilong.fields.delivery.drafts import ClientEventDraft
from lilong.fields.delivery.models import ClientEvent, HandOver, Shipment
from lilong.fields.delivery.services import courier
from lilong.kernel.base import clock, ids
from lilong.kernel.ledger import queries as ledger
from tests.fields.delivery.scene import Lane

SECONDS = 60
_OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@pytest.fixture
def lane(fresh_database: str) -> Lane:
    return Lane()


def events(shipment: Shipment) -> list[ClientEventDraft]:
    now = clock.now()
    return [
        ClientEventDraft(id=ids.uuid7(), shipment=shipment.id, kind=kind, at=now + timedelta(seconds=n))  # type: ignore[arg-type]
        for n, kind in enumerate(("collected", "delivered"))
    ]


def porter(lane: Lane, told: list[ClientEventDraft]) -> subprocess.Popen[str]:
    body = msgspec.json.encode(told).decode()
    command = [sys.executable, "-m", "tests.fields.delivery.porters", lane.courier.party.hex, body]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def as_if_told_once(lane: Lane, shipment: Shipment, told: list[ClientEventDraft]) -> None:
    """Told again, everything stands once."""
    said = courier.take(lane.courier, vehicle=lane.courier.party, events=told)
    assert [(each.state, each.problem) for each in said] == [("applied", "")] * 2
    assert Shipment.objects.get(id=shipment.id).state == "delivered"
    assert list(HandOver.objects.order_by("n").values_list("to_kind", flat=True)) == ["sender", "vehicle", "recipient"]
    assert (ClientEvent.objects.count(), lane.purse(), lane.earned()) == (2, (99_400, 0), 600)
    assert len(lane.facts(shipment.id, "shipment.delivered")) == 1
    assert ledger.differences() == []


def test_killed_between_the_commit_and_the_answer(lane: Lane):
    shipment = lane.ship()
    told = events(shipment)
    process = porter(lane, told)
    assert process.stdout is not None
    assert process.stdout.readline() == "committed\n"
    process.kill()
    process.wait(SECONDS)
    assert Shipment.objects.get(id=shipment.id).state == "delivered"
    as_if_told_once(lane, shipment, told)


def test_killed_before_the_commit(lane: Lane, fresh_database: str):
    """It waits for the payer's wallet, which somebody else has locked, in the middle of taking the fee."""
    shipment = lane.ship()
    told = events(shipment)
    wallet = ledger.wallet_of(lane.recipient.party)
    assert wallet is not None
    with psycopg.connect(fresh_database) as other:
        other.execute("SELECT 1 FROM ledger_account WHERE id = %s FOR UPDATE", [wallet.id])
        process = porter(lane, told)
        wait_for(f"{_OTHERS} AND wait_event_type = 'Lock'", 1)
        process.kill()
        process.wait(SECONDS)
    wait_for(_OTHERS, 0)
    assert Shipment.objects.get(id=shipment.id).state == "collected"  # an event of its own, committed before
    assert (ClientEvent.objects.count(), lane.purse(), HandOver.objects.count()) == (1, (99_400, 600), 2)
    as_if_told_once(lane, shipment, told)


def wait_for(statement: str, wanted: int) -> None:
    deadline = time.monotonic() + SECONDS
    with connection.cursor() as cursor:
        while True:
            cursor.execute(statement)
            found = cursor.fetchone()
            assert found is not None
            if found[0] == wanted:
                return
            assert time.monotonic() < deadline, found
            time.sleep(0.02)
