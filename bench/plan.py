"""How fast the plan's numbers follow the log, live and replayed, at two lengths of the log 10x apart.

Prints one JSON line. Events are those of orders (placed, completed, some cancelled or refunded) over 13 months, 16
districts, and as many buyers as a tenth of the orders; all indicators of the city and of the open fields are computed from
them. Rates are events a second of `follow.advance` alone (reading, computing, writing, moving the cursor, committing);
`cost_ratio` is the cost of an event at the longer log over that at the shorter one (1 is flat). `fresh_ms` is the time from
an event's commit until the board's figures have it: sequencing, one batch, reading.
"""

import argparse
import json
import random
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import django

START = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = 390
CHUNK = 5000


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="lilong bench plan", description=__doc__)
    parser.add_argument(
        "--events", type=int, default=6_000, help="of the shorter log; the longer has ten times as many"
    )
    parser.add_argument("--json", action="store_true", help="accepted for uniformity: the line is JSON anyway")
    options = parser.parse_args(argv)
    django.setup()
    print(json.dumps(run(options.events)))
    return 0


def run(small: int) -> dict[str, Any]:
    from lilong.kernel.events import queries as log
    from lilong.plan import registry

    choice = random.Random(7)
    buyers = max(100, small // 4)
    _record(choice, small, buyers)
    live_small, replay_small = _advanced(), _replayed()
    _record(choice, 9 * small, buyers)
    live_large, replay_large = _advanced(small), _replayed()
    return {
        "bench": "plan",
        "events": [small, log.tree_size()],
        "indicators": len(registry.indicators()),
        "live_per_s": [live_small, live_large],
        "replay_per_s": [replay_small, replay_large],
        "cost_ratio_live": round(live_small / live_large, 2),
        "cost_ratio_replay": round(replay_small / replay_large, 2),
        "fresh_ms": _fresh(choice, buyers),
        "goal_per_s": 1000,
        "reached": min(live_small, live_large, replay_small, replay_large) >= 1000,
    }


def _record(choice: random.Random, count: int, buyers: int) -> None:
    """Emits and sequences about `count` events in the order in which they happened."""
    from lilong.kernel.events.services import emit_many, sequence

    emissions: list[Any] = []
    while len(emissions) < count:
        emissions += _order(choice, buyers)
    emissions = sorted(emissions[:count], key=lambda emission: emission.at)
    for start in range(0, count, CHUNK):
        emit_many(emissions[start : start + CHUNK])
    while sequence():
        pass


def _order(choice: random.Random, buyers: int) -> list[Any]:
    from lilong.kernel.base import ids
    from lilong.kernel.base.districts import SLUGS
    from lilong.kernel.events.services import Emission
    from lilong.kernel.orders.events import Item, OrderCancelled, OrderCompleted, OrderPlaced, OrderRefunded

    order, total = ids.uuid7(), choice.randint(500, 50_000)
    common: dict[str, Any] = {
        "buyer": ids.named("bench", "buyer", choice.randrange(buyers)),
        "seller": ids.named("bench", "seller", choice.randrange(50)),
        "field": "market",
        "channel": choice.choice(("online", "online", "online", "vending", "unmanned")),
        "district": choice.choice(SLUGS),
        "currency": "CNY",
        "total": total,
    }
    lines = [Item(offer=ids.named("bench", "offer", n), quantity=1, amount=total // 3) for n in range(3)]
    at = START + timedelta(minutes=choice.randrange(DAYS * 1440))
    placed = Emission(OrderPlaced(**common, place=None, lines=lines), order, None, at)
    if choice.random() < 0.04:
        return [placed, Emission(OrderCancelled(**common, reason="bench"), order, None, at + timedelta(hours=1))]
    done = Emission(OrderCompleted(**common, lines=lines), order, None, at + timedelta(hours=3))
    if choice.random() < 0.04:
        back = OrderRefunded(**common | {"total": total // 2}, reason="bench", lines=lines)
        return [placed, done, Emission(back, order, None, at + timedelta(days=12))]
    return [placed, done]


def _advanced(last: int = 0) -> float:
    """Events a second until the end of the log; with `last`, of that many last events only."""
    from lilong.kernel.events import follow
    from lilong.kernel.events import queries as log

    size = log.tree_size()
    while last and (behind := size - last - log.cursors().get("plan", 0)) > 0:
        follow.advance("plan", min(1000, behind))
    started, read = time.perf_counter(), 0
    while moved := follow.advance("plan", 1000):
        read += moved
    return round(read / (time.perf_counter() - started), 1)


def _replayed() -> float:
    from lilong.kernel.events import follow

    started = time.perf_counter()
    return round(follow.replay("plan") / (time.perf_counter() - started), 1)


def _fresh(choice: random.Random, buyers: int) -> float:
    """Milliseconds from a committed order to the board's figures, the middle of nine."""
    from lilong.kernel.events import follow
    from lilong.kernel.events.services import emit_many, sequence
    from lilong.plan import queries, registry

    found = []
    for _ in range(9):
        emit_many(_order(choice, buyers))
        started = time.perf_counter()
        sequence()
        follow.advance("plan")
        queries.figures(list(registry.indicators().values()))
        found.append(1000 * (time.perf_counter() - started))
    return round(sorted(found)[4], 1)
