"""What a process of the ledger's races and faults does: `python -m tests.races.ledger_work TASK THREADS ARGUMENTS-AS-JSON`.

Each thread has its own connection, says `ready`, and begins when the process reads a line. What it did it prints as JSON.
"""

import json
import os
import random
import sys
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID


def drain(writer: int, say: Callable[[Any], None], *, source: int, target: int) -> None:
    """Takes small amounts until nothing is left; says how much it was told it got."""
    from lilong.kernel.base import ids
    from lilong.kernel.ledger.services import Move, post

    dice, got = random.Random(writer), 0
    while True:
        moves = [Move(ids.uuid7(), source, target, dice.randint(1, 5)) for _ in range(dice.randint(1, 4))]
        moves.append(Move(ids.uuid7(), source, target, 1))
        outcomes = post(moves)
        got += sum(move.amount for move, outcome in zip(moves, outcomes, strict=True) if outcome.status == "created")
        if outcomes[-1].status == "insufficient":
            return say({"got": got, "left": outcomes[-1].available})


def same(writer: int, say: Callable[[Any], None], *, moves: list[str], pairs: list[list[int]]) -> None:
    """Posts the same ids as everybody else, between the accounts of this writer's pair; says what became of each."""
    from lilong.kernel.ledger.services import Move, post

    source, target = pairs[writer % len(pairs)]
    statuses = {move: post([Move(UUID(move), source, target, 1)])[0].status for move in moves}
    say({"pair": writer % len(pairs), "statuses": statuses})


def stir(writer: int, say: Callable[[Any], None], *, accounts: list[int], batches: int) -> None:
    """Moves amounts to and fro, holds and settles, in whatever order the dice say."""
    from lilong.kernel.base import ids
    from lilong.kernel.ledger.services import PENDING, POST, VOID, Move, post

    dice = random.Random(writer)
    for _ in range(batches):
        moves = []
        for _ in range(12):
            source, target = dice.sample(accounts, 2)
            hold = Move(ids.uuid7(), source, target, dice.randint(1, 9), dice.choice([0, PENDING]))
            moves.append(hold)
            if hold.kind == PENDING and dice.random() < 0.8:
                kind = dice.choice([POST, VOID])
                moves.append(Move(ids.uuid7(), 0, 0, hold.amount if kind == POST else 0, kind, of=hold.id))
        post(moves)
    say({"done": batches})


def write_on(writer: int, say: Callable[[Any], None], *, accounts: list[int], size: int) -> None:
    """Posts linked batches without end and names each once `post` has answered."""
    from lilong.kernel.base import ids
    from lilong.kernel.ledger.services import Move, post

    dice = random.Random(writer)
    while True:
        parent = ids.uuid7()
        moves = [Move(ids.child(parent, n), *dice.sample(accounts, 2), 1, link=1, ref=parent) for n in range(size)]
        if {outcome.status for outcome in post(moves)} == {"created"}:
            say(str(parent))


def main(task: str, threads: int, first: int, arguments: dict[str, Any]) -> None:
    import django

    django.setup()
    from django.db import connection

    lock, begin = threading.Lock(), threading.Event()

    def say(what: Any) -> None:
        with lock:
            sys.stdout.write(json.dumps(what) + "\n")
            sys.stdout.flush()

    def run(writer: int) -> None:
        connection.ensure_connection()
        say("ready")
        begin.wait()
        try:
            globals()[task](writer, say, **arguments)
        except Exception as error:  # the test must see it, whatever it is
            say({"error": repr(error)})
        finally:
            connection.close()

    started = [threading.Thread(target=run, args=(first + n,)) for n in range(threads)]
    for thread in started:
        thread.start()
    sys.stdin.readline()
    begin.set()
    for thread in started:
        thread.join()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lilong.site.settings")
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), json.loads(sys.argv[4]))
