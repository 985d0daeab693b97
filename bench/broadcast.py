"""The broadcast: 130,000 pieces of one lot, everyone at once, over HTTP through the counter until sold out and a while longer.

Prints one JSON line. Before it, in the same run on the same server, the same order goes through a plain Django view, one
transaction each: `baseline_orders_per_s`. Afterwards everything is counted in the database.
"""

import argparse
import asyncio
import json
from collections.abc import Iterator
from uuid import UUID

import django
from django.db import connection

from bench import load
from bench.server import HOUSE, PLAIN, serving

BUYERS = 20_000


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="lilong bench broadcast", description=__doc__)
    parser.add_argument("--pieces", type=int, default=130_000)
    parser.add_argument("--connections", type=int, default=512)
    parser.add_argument("--baseline-seconds", type=float, default=10)
    parser.add_argument("--json", action="store_true", help="accepted for uniformity: the line is JSON anyway")
    options = parser.parse_args(argv)
    django.setup()
    print(json.dumps(run(options.pieces, options.connections, options.baseline_seconds)))
    return 0


def run(pieces: int, connections: int, baseline_seconds: float) -> dict[str, float | int | str]:
    from bench.town import enrich, stock_up
    from lilong.kernel.base import ids

    place = ids.uuid7()
    rehearsal, goods = (stock_up([name], [place], quantity=pieces, lots=1)[0] for name in ("rehearsal", "broadcast"))
    buyers = enrich(BUYERS, 10**9)
    with serving(PLAIN) as port:
        plain = asyncio.run(
            load.drive(port, _orders(buyers, rehearsal, place), connections=16, seconds=baseline_seconds)
        )
    with serving(HOUSE) as port:
        asyncio.run(load.drive(port, _few(_orders(buyers, rehearsal, place), 2000), connections=connections))
        extra = pieces + pieces // 20
        shown = asyncio.run(load.drive(port, _few(_orders(buyers, goods, place), extra), connections=connections))
    sold, rows, moves = _counted(goods.offer)
    baseline = plain.statuses[201] / plain.seconds
    return {
        "bench": "broadcast",
        "pieces": pieces,
        "sold": sold,
        "oversold": max(0, sold - pieces),
        "answers_201": shown.statuses[201],
        "answers_409": shown.statuses[409],
        "answers_other": sum(n for status, n in shown.statuses.items() if status not in (201, 409)),
        "orders_in_database": rows,
        "moves_in_database": moves,
        "seconds": round(shown.seconds, 1),
        "orders_per_s": round(len(shown.millis) / shown.seconds),
        "p50_ms": shown.percentile(0.50),
        "p99_ms": shown.percentile(0.99),
        "baseline_orders_per_s": round(baseline),
        "baseline_p50_ms": plain.percentile(0.50),
        "ratio": round(len(shown.millis) / shown.seconds / baseline, 1),
    }


def _orders(buyers: list[UUID], goods, place: UUID) -> Iterator[bytes]:
    """One piece an order, buyers in turn, each with a token of his own."""
    from lilong.kernel.base import ids
    from lilong.kernel.parties import tokens
    from lilong.kernel.parties.actor import Actor

    actors = [Actor(party=buyer, kind="person") for buyer in buyers]
    signed = [tokens.issue(actor, 3600) for actor in actors]
    tail = f'","lines":[{{"offer":"{goods.offer}","quantity":1,"price":{goods.price}}}],"place":"{place}","channel":"broadcast"}}'
    while True:
        for token in signed:
            yield load.request("POST", "/api/orders", token=token, body=f'{{"id":"{ids.uuid7()}{tail}'.encode())


def _few(requests: Iterator[bytes], count: int) -> Iterator[bytes]:
    return (each for each, _ in zip(requests, range(count), strict=False))


def _counted(offer: UUID) -> tuple[int, int, int]:
    """Pieces sold, orders and their moves, as the database has them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(quantity), 0), count(*) FROM orders_line WHERE offer = %s", [offer])
        sold, rows = cursor.fetchone()
        cursor.execute(
            "SELECT count(*) FROM ledger_move WHERE ref IN (SELECT order_id FROM orders_line WHERE offer = %s)", [offer]
        )
        (moves,) = cursor.fetchone()
    return int(sold), int(rows), int(moves)
