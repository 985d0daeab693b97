"""The ledger under real concurrency: many processes, many connections, the same accounts."""

import threading
import time
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from lilong.kernel.base import ids
from lilong.kernel.ledger import queries
from lilong.kernel.ledger.services import (
    Move,
    Outcome,
    open_account,
    open_accounts,
    open_asset,
    post,
    post_all,
    reverse,
)
from tests.kernel.ledger.books import Books, open_books
from tests.races.ledger_crew import Crew

pytestmark = pytest.mark.usefixtures("fresh_database")


@pytest.mark.parametrize("floor", [0, -700])
def test_fifty_writers_drain_an_account_to_its_floor_and_not_past_it(floor: int) -> None:
    books = open_books()
    (source,) = open_accounts([(books.owner, books.asset, "drained", floor)])
    post_all([Move(ids.uuid7(), books.world, source, 2000 + floor)])
    with Crew("drain", 5, 10, source=source, target=books.empty) as crew:
        said = crew.rest()
    assert [each["left"] for each in said] == [floor] * 50
    assert sum(each["got"] for each in said) == 2000
    assert queries.balance(source) == queries.Balance(posted=floor, held=0, available=floor, incoming=0)
    assert queries.balance(books.empty).posted == 2000
    assert queries.differences() == []


def test_one_id_from_many_writers_stands_once() -> None:
    books = open_books()
    pairs = [[books.world, books.empty], [books.world, books.credit], [books.credit, books.full]]
    moves = [str(ids.uuid7()) for _ in range(40)]
    with Crew("same", 4, 6, moves=moves, pairs=pairs) as crew:
        said = crew.rest()
    standing = queries.moves(list(map(ids.UUID, moves)))
    for id, move in ((str(id), move) for id, move in standing.items()):
        winner = pairs.index([move.source, move.target])
        statuses = Counter((each["pair"] == winner, each["statuses"][id]) for each in said)
        assert statuses == {(True, "created"): 1, (True, "exists"): 7, (False, "conflict"): 16}
    assert len(standing) == 40
    assert queries.differences() == []


def test_writers_in_every_order_neither_lock_each_other_out_nor_lose_anything() -> None:
    books = open_books()
    accounts = open_accounts([(ids.uuid7(), books.asset, "stirred", 0) for _ in range(8)])
    post_all([Move(ids.uuid7(), books.world, account, 60) for account in accounts])
    with Crew("stir", 4, 5, accounts=accounts, batches=25) as crew:
        assert crew.rest() == [{"done": 25}] * 20
    assert sum(balance.posted for balance in queries.balances(accounts).values()) == 480
    assert min(balance.available for balance in queries.balances(accounts).values()) >= 0
    assert [trial for trial in queries.trial_balance() if trial[1] != trial[2] or trial[3] != trial[4]] == []
    assert queries.differences() == []


@pytest.mark.parametrize(("commits", "status"), [(True, "conflict"), (False, "created")])
def test_an_id_taken_by_an_open_transaction_on_other_accounts_waits_for_its_end(commits: bool, status: str) -> None:
    """The unique index alone decides here: their accounts have nothing in common."""
    books = open_books()
    world, other = open_accounts([(books.owner, books.asset, name, None) for name in ("w2", "o2")])
    shared, own = ids.uuid7(), ids.uuid7()
    answers: list[list[Outcome]] = []

    def rival() -> None:
        answers.append(post([Move(own, world, other, 1), Move(shared, world, other, 1)]))
        connection.close()

    thread = threading.Thread(target=rival)
    with transaction.atomic():
        assert post([Move(shared, books.full, books.empty, 1)]) == [Outcome(shared, "created")]
        thread.start()
        _until(lambda: _waiting() == 1)
        transaction.set_rollback(not commits)
    thread.join(30)
    assert answers == [[Outcome(own, "created"), Outcome(shared, status)]]
    assert queries.balance(other).posted == (1 if commits else 2)
    assert queries.differences() == []


def test_a_caller_s_transaction_survives_a_lost_race() -> None:
    """The retry happens behind a savepoint: what the caller did before stays."""
    books = open_books()
    world, other = open_accounts([(books.owner, books.asset, name, None) for name in ("w2", "o2")])
    shared, earlier = ids.uuid7(), ids.uuid7()
    answers: list[list[Outcome]] = []

    def rival() -> None:
        with transaction.atomic():
            post_all([Move(earlier, world, other, 5)])
            answers.append(post([Move(shared, world, other, 1)]))
        connection.close()

    thread = threading.Thread(target=rival)
    with transaction.atomic():
        post_all([Move(shared, books.full, books.empty, 1)])
        thread.start()
        _until(lambda: _waiting() == 1)
    thread.join(30)
    assert answers == [[Outcome(shared, "conflict")]]
    assert queries.balance(other).posted == 5


def test_twenty_open_the_same_account_at_once() -> None:
    owner, asset = ids.uuid7(), open_asset("LOT", kind="stock", unit="piece")
    opened = _at_once(20, lambda n: open_accounts([(owner, asset, str(k), 0) for k in range(n, n + 5)]))
    assert sorted(view.purpose for view in queries.accounts_of(owner)) == sorted(map(str, range(24)))
    by_purpose = {view.purpose: view.id for view in queries.accounts_of(owner)}
    assert opened == [[by_purpose[str(k)] for k in range(n, n + 5)] for n in range(20)]
    assets = _at_once(10, lambda n: [open_asset("SEATS", kind="seat", unit="seat")])
    assert assets == [assets[0]] * 10


def test_a_move_reversed_by_many_at_once_is_reversed_once() -> None:
    books: Books = open_books()
    move = Move(ids.uuid7(), books.full, books.empty, 10)
    post_all([move, Move(ids.uuid7(), books.world, books.empty, 100)])
    reversed_by = _at_once(8, lambda n: [each.id for each in reverse([move.id])])
    assert reversed_by == [reversed_by[0]] * 8
    assert queries.balance(books.full).posted == 100
    assert open_account(books.owner, books.asset, "full") == books.full


def _at_once(count: int, work: Callable[[int], list[object]]) -> list[list[object]]:
    """What `work` answers in `count` threads with connections of their own, started together."""
    barrier, answers = threading.Barrier(count), {}

    def run(n: int) -> None:
        connection.ensure_connection()
        barrier.wait(30)
        answers[n] = work(n)
        connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return [answers[n] for n in range(count)]


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _waiting() -> int:
    """Connections to this database that wait for another's transaction to end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees what it saw first
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'transactionid'"
        )
        return int(cursor.fetchone()[0])
