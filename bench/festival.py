"""The festival week: millions of orders of 1 to 8 lines from real baskets, over thousands of lots, through `place`.

Prints one JSON line: orders/s and bytes/order of the whole run, and orders/s of its first and last tenth, which show whether
an order costs more when there is more history. `--orders 4000000` is the whole week of spring 2020.
"""

import argparse
import gc
import json
import random
import time
from uuid import UUID

import django
from django.db import connection
from tqdm import tqdm

BATCH = 2048
PLACES, BUYERS = 12, 40_000


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="lilong bench festival", description=__doc__)
    parser.add_argument("--orders", type=int, default=200_000)
    parser.add_argument("--batch", type=int, default=BATCH)
    parser.add_argument("--seed", type=int, default=2020)
    parser.add_argument("--json", action="store_true", help="the JSON line alone, without progress")
    options = parser.parse_args(argv)
    django.setup()
    print(json.dumps(run(options.orders, options.batch, options.seed, quiet=options.json)))
    return 0


def run(count: int, batch: int, seed: int, *, quiet: bool) -> dict[str, float | int | str]:
    from bench.town import baskets, enrich, stock_up
    from lilong.kernel.base import ids

    rng = random.Random(seed)
    real = baskets()
    names = sorted({name for basket in real for name in basket})
    places = [ids.uuid7() for _ in range(PLACES)]
    goods = dict(zip(names, stock_up(names, places, quantity=max(1000, 3 * count // PLACES)), strict=True))
    buyers = enrich(BUYERS, 10**9)
    gc.collect()
    gc.freeze()  # the town stays as it is: no need to walk it again and again
    before = _bytes()
    seconds: list[tuple[int, float]] = []
    lines = refused = 0
    for start in tqdm(range(0, count, batch), unit="batch", disable=quiet):
        size = min(batch, count - start)
        drafts = [_draft(rng, real, goods, places, buyers) for _ in range(size)]
        lines += sum(len(draft.lines) for draft in drafts)
        took, bad = _place(drafts)
        refused += bad
        seconds.append((size, took))
    total = sum(took for _, took in seconds)
    tenth = max(1, len(seconds) // 10)
    return {
        "bench": "festival",
        "orders": count,
        "refused": refused,
        "lines_per_order": round(lines / count, 2),
        "lots": len(names) * PLACES * 2,
        "orders_per_s": round(count / total),
        "orders_per_s_first_tenth": round(_rate(seconds[:tenth])),
        "orders_per_s_last_tenth": round(_rate(seconds[-tenth:])),
        "bytes_per_order": round((_bytes() - before) / count),
    }


def _draft(rng: random.Random, real: list[list[str]], goods: dict, places: list[UUID], buyers: list[UUID]):
    from lilong.kernel.base import ids
    from lilong.kernel.orders.drafts import LineDraft, OrderDraft

    wanted = [goods[name] for name in rng.choice(real)]
    return OrderDraft(
        id=ids.uuid7(),
        buyer=rng.choice(buyers),
        lines=[LineDraft(offer=each.offer, quantity=rng.choice((1, 1, 1, 2, 3)), price=each.price) for each in wanted],
        place=rng.choice(places),
    )


def _place(drafts: list) -> tuple[float, int]:
    from lilong.kernel.orders.drafts import Refused
    from lilong.kernel.orders.services import place

    start = time.perf_counter()
    answers = place(drafts)
    return time.perf_counter() - start, sum(isinstance(answer, Refused) for answer in answers)


def _rate(part: list[tuple[int, float]]) -> float:
    return sum(size for size, _ in part) / sum(took for _, took in part)


def _bytes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])
