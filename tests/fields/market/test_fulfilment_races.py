"""Two pickers at one order, two couriers at one door: real processes with real commits."""

import json
import subprocess
import sys
from uuid import UUID

from lilong.fields.market.services import fulfilment
from lilong.kernel.base import ids
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.orders import services as orders
from lilong.kernel.orders.drafts import LineDraft, OrderDraft
from lilong.kernel.parties.actor import Actor
from tests.fields.market.scene import Market


def race(task: str, order: UUID, actors: list[Actor]) -> list[str]:
    """A process for each actor, let go together; what each was answered."""
    running = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.fields.market.pickers",
                task,
                json.dumps({"actor": str(a.party), "order": str(order)}),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for a in actors
    ]
    for process in running:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [json.loads(process.communicate(timeout=90)[0].splitlines()[-1]) for process in running]


def test_one_picker_has_the_order_and_one_delivery_counts(fresh_database: str):
    city = Market()
    city.receive(city.eggs, 10)
    buyer = city.buyer(fen=10_000)
    line = LineDraft(offer=city.eggs, quantity=3, price=1290)
    id = orders.place_one(buyer, OrderDraft(id=ids.uuid7(), lines=[line], place=city.warehouse)).id
    people = [city.picker, city.clerk, city.manager]
    answers = race("pick", id, people)
    assert sorted(answers) == ["picked-by-other", "picked-by-other", "picking"]
    winner = people[answers.index("picking")]
    fulfilment.pick_line(winner, order=id, line=0, quantity=2)
    fulfilment.pack(winner, order=id)
    assert race("deliver", id, people) == ["handed-over"] * 3
    assert len(city.facts(id, "market.order.delivered")) == 1
    assert ledger.balance(ledger.wallet_of(buyer.party).id).posted == 10_000 - 2 * 1290
    assert ledger.differences() == []
