"""The log under concurrent processes."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from django.db import connection

from lilong.kernel.events import follow, queries
from lilong.kernel.events.services import sequence, verify
from tests.kernel.events.city import received

PRELUDE = """
import os, sys, django
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lilong.site.settings")
django.setup()
from django.db import connection, transaction
from lilong.kernel.events import follow, queries
from lilong.kernel.events.services import sequence
from tests.kernel.events.city import received
"""
COUNTER = (
    PRELUDE
    + """
def apply(events):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO counted (seq) SELECT unnest(%s::bigint[])", [[event.seq for event in events]])
        cursor.execute("UPDATE total SET n = n + %s", [len(events)])

follow.register(follow.Projection("testing.race", (), apply, lambda: None))
while queries.cursors().get("testing.race", 0) < int(sys.argv[1]):
    follow.advance("testing.race", 7, wait="wait" in sys.argv)
"""
)


def start(code: str, *arguments: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)])


@pytest.fixture
def counted(fresh_database: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE counted (key bigserial, seq bigint); CREATE TABLE total (n int); INSERT INTO total VALUES (0)"
        )
    yield


def read() -> tuple[list[int], int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq FROM counted ORDER BY key")
        seqs = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT n FROM total")
        return seqs, cursor.fetchone()[0]


@pytest.mark.parametrize("how", ["wait", "pass"])
def test_four_processes_advance_one_projection_and_count_each_event_once(counted: None, how: str) -> None:
    received(*range(400))
    assert sequence() == 400
    workers = [start(COUNTER, 400, how) for _ in range(4)]
    assert [worker.wait(60) for worker in workers] == [0] * 4
    assert read() == (list(range(1, 401)), 400)


def test_a_projection_killed_again_and_again_counts_each_event_once(counted: None) -> None:
    received(*range(700))
    sequence()
    for goal in (100, 250, 400):
        worker = start(COUNTER, 700)
        deadline = time.monotonic() + 60
        while queries.cursors().get("testing.race", 0) < goal:
            assert time.monotonic() < deadline
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    workers = [start(COUNTER, 700, "wait") for _ in range(2)]
    assert [worker.wait(60) for worker in workers] == [0, 0]
    assert read() == (list(range(1, 701)), 700)


def test_writers_and_sequencers_together_leave_one_gapless_log(fresh_database: str) -> None:
    """Four writers, some of whose transactions fail, and three sequencers: every committed event has one place."""
    writer = (
        PRELUDE
        + """
for n in range(60):
    try:
        with transaction.atomic():
            received(n, n)
            if n % 5 == 4:
                raise ZeroDivisionError
    except ZeroDivisionError:
        pass
"""
    )
    sequencer = (
        PRELUDE
        + """
while queries.tree_size() < int(sys.argv[1]):
    sequence(11)
"""
    )
    total = 4 * 48 * 2
    workers = [start(writer) for _ in range(4)] + [start(sequencer, total) for _ in range(3)]
    assert [worker.wait(90) for worker in workers] == [0] * 7
    assert (sequence(), queries.waiting()) == (0, 0)
    events = queries.after(0, 10_000)
    assert [event.seq for event in events] == list(range(1, total + 1))
    assert len({event.id for event in events}) == total
    report = verify()
    assert (report.findings, report.size) == ([], total)


def test_a_sequencer_killed_in_its_work_leaves_no_half_of_it(fresh_database: str) -> None:
    received(*range(3000))
    endless = (
        PRELUDE
        + """
while True:
    sequence(50)
"""
    )
    for goal in (50, 600, 1200):
        worker = start(endless)
        deadline = time.monotonic() + 60
        while queries.tree_size() < goal:
            assert time.monotonic() < deadline
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        report = verify()
        assert (report.findings, report.size + report.waiting) == ([], 3000)
    while sequence():
        pass
    assert (verify().findings, queries.tree_size()) == ([], 3000)


def test_the_same_event_from_many_processes_is_recorded_once(fresh_database: str) -> None:
    same = (
        PRELUDE
        + """
from uuid import UUID
from lilong.kernel.base.problems import Conflict
from lilong.kernel.events.services import emit
from tests.kernel.events.city import LOT, LotReceived
for n in range(30):
    emit(LotReceived(lot=LOT, quantity=n), subject=LOT, id=UUID(int=n + 1))
    try:
        emit(LotReceived(lot=LOT, quantity=int(sys.argv[1]) + 1000), subject=LOT, id=UUID(int=n + 1))
        sys.exit("another body was taken")
    except Conflict:
        pass
"""
    )
    workers = [start(same, n) for n in range(4)]
    assert [worker.wait(60) for worker in workers] == [0] * 4
    assert queries.waiting() == 30
    assert sequence() == 30
    assert sorted(event.data["quantity"] for event in queries.after(0, 100)) == list(range(30))
    assert follow.advance("webhooks") == 30
