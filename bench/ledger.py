"""Moves a second through `post`, next to pgbench's TPC-B in the same run on the same server.

Prints one JSON line. A TPC-B transaction updates three balances and adds one history row; a move updates two and adds one
row, is decided against floors and is idempotent. Both are committed with fsync. pgbench counts at its best of 1, 4, 8 and
16 clients; the ledger at its best of the given numbers of writing processes. Both are measured in turn, round by round, and
each keeps its best, so that what else the machine does meanwhile does not favour one of them. Every writer has its own share
of the accounts, as pgbench has twice as many branches as clients: neither measures waiting for locks.
"""

import argparse
import json
import multiprocessing
import os
import random
import re
import subprocess
import time
from typing import Any

import django

SIZES = (1, 64, 1024)
CLIENTS = (1, 4, 8, 16)
SCALE = 32  # pgbench branches: twice the clients, so that they seldom wait for one another
GOALS = {"ratio_64": 4, "ratio_1024": 10}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="lilong bench ledger", description=__doc__)
    parser.add_argument("--seconds", type=float, default=4, help="of each measurement of the ledger")
    parser.add_argument("--pgbench-seconds", type=int, default=4, help="of each measurement of pgbench")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--writers", default="1,2,4", help="numbers of writing processes to try")
    parser.add_argument("--json", action="store_true", help="accepted for uniformity: the line is JSON anyway")
    options = parser.parse_args(argv)
    django.setup()
    writers = [int(word) for word in options.writers.split(",")]
    print(json.dumps(run(options.seconds, options.pgbench_seconds, options.accounts, writers, options.rounds)))
    return 0


def run(seconds: float, pgbench_seconds: int, accounts: int, writers: list[int], rounds: int) -> dict[str, Any]:
    from lilong.kernel.ledger import queries

    opened = _open(accounts)
    tps: dict[int, float] = {}
    rates: dict[int, dict[int, float]] = {size: {} for size in SIZES}
    for _ in range(rounds):
        _keep_best(tps, _pgbench(pgbench_seconds))
        for size in SIZES:
            _keep_best(rates[size], _rates(opened, size, seconds, writers))
    best = max(tps.values())
    found: dict[str, Any] = {"bench": "ledger", "pgbench_tps": best, "pgbench_by_clients": tps}
    for size, by_writers in rates.items():
        found[f"moves_per_s_{size}"] = max(by_writers.values())
        found[f"by_writers_{size}"] = by_writers
        found[f"ratio_{size}"] = round(max(by_writers.values()) / best, 2)
    sound = not queries.differences() and all(each.debits == each.credits for each in queries.trial_balance())
    return found | {
        "goals": GOALS,
        "reached": all(found[key] >= goal for key, goal in GOALS.items()),
        "bytes_per_move": _bytes_per_move(),
        "accounts": accounts,
        "sound": sound,
    }


def _keep_best(best: dict[int, float], measured: dict[int, float]) -> None:
    for key, rate in measured.items():
        best[key] = max(rate, best.get(key, 0.0))


def _pgbench(seconds: int) -> dict[int, float]:
    """Transactions a second of the standard TPC-B script, by number of clients."""
    from django.db import connection

    from lilong.host.programs import postgres_programs

    known = connection.settings_dict
    environment = os.environ | {
        "PGHOST": str(known["HOST"]), "PGPORT": str(known["PORT"]), "PGUSER": str(known["USER"]),
        "PGPASSWORD": str(known["PASSWORD"]), "PGDATABASE": str(known["NAME"]),
    }  # fmt: skip
    program = str(postgres_programs() / "pgbench")

    def call(*words: str) -> str:
        return subprocess.run(
            [program, *words], env=environment, check=True, capture_output=True, text=True, timeout=seconds + 300
        ).stdout

    call("-i", "-q", "-s", str(SCALE))
    rates = {}
    for clients in CLIENTS:
        said = call("-n", "-c", str(clients), "-j", str(min(2, clients)), "-T", str(seconds), "-M", "prepared")
        found = re.search(r"tps = ([\d.]+)", said)
        rates[clients] = round(float(found[1]), 1) if found else 0.0
    call("-i", "-q", "-I", "d")
    return rates


def _open(count: int) -> list[int]:
    """Accounts with floor 0 and plenty on them."""
    from lilong.kernel.base import ids
    from lilong.kernel.ledger.services import Move, open_account, open_accounts, open_asset, post_all

    owner, asset = ids.uuid7(), open_asset(f"bench:{ids.uuid7()}", kind="coin", unit="coin")
    world = open_account(owner, asset, "world", floor=None)
    accounts: list[int] = []
    while len(accounts) < count:
        opened = open_accounts([(ids.uuid7(), asset, "purse", 0) for _ in range(min(5000, count - len(accounts)))])
        post_all([Move(ids.uuid7(), world, account, 10**9) for account in opened])
        accounts += opened
    return accounts


def _rates(accounts: list[int], size: int, seconds: float, writers: list[int]) -> dict[int, float]:
    spawn = multiprocessing.get_context("spawn")
    rates = {}
    for count in writers:
        barrier = spawn.Barrier(count)
        with spawn.Pool(count, initializer=_ready, initargs=(barrier,)) as pool:
            work = [(accounts[seed::count], size, seconds, seed) for seed in range(count)]
            rates[count] = round(sum(pool.starmap(_write, work, chunksize=1)), 1)
    return rates


_barrier: Any = None


def _ready(barrier: Any) -> None:
    global _barrier  # noqa: PLW0603 (a pool's processes have no other place for it)
    django.setup()
    _barrier = barrier


def _write(accounts: list[int], size: int, seconds: float, seed: int) -> float:
    """Moves a second that this process got acknowledged, making the moves included."""
    from lilong.kernel.base import ids
    from lilong.kernel.ledger.services import Move, post

    pick, half = random.Random(seed).random, len(accounts) // 2
    payers, payees = accounts[:half], accounts[half:]
    post([Move(ids.uuid7(), payers[0], payees[0], 1)])  # connects
    _barrier.wait()
    begun, created = time.perf_counter(), 0
    while (passed := time.perf_counter() - begun) < seconds:
        moves = [
            Move(
                ids.uuid7(), payers[int(pick() * half)], payees[int(pick() * half)], 1 + int(pick() * 100), code="bench"
            )
            for _ in range(size)
        ]
        created += sum(outcome.status == "created" for outcome in post(moves))
    return created / passed


def _bytes_per_move() -> float:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size('ledger_move')::float / greatest(1, count(*)) FROM ledger_move")
        return round(cursor.fetchone()[0], 1)
