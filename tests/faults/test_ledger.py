"""Writers killed in the middle: every acknowledged move is there, no half of any batch, and the books are right."""

import random
from uuid import UUID

import pytest

from lilong.kernel.base import ids
from lilong.kernel.ledger import queries
from lilong.kernel.ledger.services import open_accounts
from tests.kernel.ledger.books import open_books
from tests.races.ledger_crew import Crew


@pytest.mark.parametrize(("seed", "size"), [(1, 100), (2, 400)])
def test_killed_writers_leave_whole_batches_only(fresh_database: str, seed: int, size: int) -> None:
    books = open_books()
    accounts = open_accounts([(ids.uuid7(), books.asset, "written", None) for _ in range(6)])
    dice, acknowledged = random.Random(seed), []
    with Crew("write_on", 4, 1, accounts=accounts, size=size) as crew:
        for process in crew.processes:
            acknowledged += [crew.hear(process) for _ in range(dice.randint(3, 12))]
            process.kill()  # SIGKILL; it is somewhere in its next batch, or in the middle of saying so
            while (said := crew.hear(process)) is not None:
                acknowledged.append(said)
    assert [each for each in acknowledged if not isinstance(each, str)] == []
    for parent in acknowledged:
        assert len(queries.moves_of(UUID(parent))) == size
    written = queries.net_by_ref([books.world, *accounts])
    assert written == {}, "what leaves one of these accounts arrives in another"
    assert _batches() == {size}
    assert queries.differences() == []
    assert [trial for trial in queries.trial_balance() if trial.debits != trial.credits] == []


def _batches() -> set[int]:
    """The sizes of the batches that stand."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT count(*) FROM ledger_move WHERE ref IS NOT NULL GROUP BY ref")
        return {count for (count,) in cursor.fetchall()}
