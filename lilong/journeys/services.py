"""Hearing and answering. Both survive any kill: hearing moves with the log's cursor, answering with what it did."""

import asyncio
import logging
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction

from lilong.journeys.journey import Journey, journeys
from lilong.journeys.models import DONE, PENDING, SKIPPED, STUCK, Heard
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Missing, Problem, Violation
from lilong.kernel.events import queries as log
from lilong.kernel.events.follow import Projection, Recorded
from lilong.kernel.events.loop import Line, repeat
from lilong.kernel.parties.actor import Actor

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(minutes=10)
FAULTS_MAX = 8  # a fault of ours so often in a row is for people
WAITS_FOR = timedelta(days=2)  # so long may the time not have come

_log = logging.getLogger(__name__)

# The oldest unanswered event of a run that is due, so that nothing overtakes within a run.
_NEXT = """
SELECT id FROM journeys_heard AS next WHERE state = 'pending' AND due_at <= %s AND NOT EXISTS (
    SELECT 1 FROM journeys_heard AS before WHERE before.journey = next.journey AND before.run = next.run
    AND before.seq < next.seq AND before.state IN ('pending', 'stuck'))
ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
"""


def hear(events: list[Recorded]) -> None:
    """Notes what each journey has to answer. Again (a replay of the log) changes nothing."""
    now, rows = clock.now(), []
    for event in events:
        for journey in journeys().values():
            if event.type not in journey.reactions:
                continue
            run = journey.run_of(event)
            if run is not None:
                rows.append(
                    Heard(id=ids.named("journeys", journey.name, event.id), journey=journey.name, event=event.id, run=run, seq=event.seq or 0, type=event.type, due_at=now, heard_at=now)
                )  # fmt: skip
    Heard.objects.bulk_create(rows, ignore_conflicts=True)


def projection() -> Projection:
    """The journeys' ear: of all events that any of them answers. A replay forgets nothing, so that nothing is done twice."""
    types = tuple(sorted({type for journey in journeys().values() for type in journey.reactions}))
    return Projection("journeys", types, hear, lambda: None)


def answer_next() -> bool:
    """Answers one event, in one transaction with what the answer does; False when none is due."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_NEXT, [clock.now()])
            row = cursor.fetchone()
        if row is None:
            return False
        heard = Heard.objects.get(id=row[0])
        _answer(heard, journeys()[heard.journey])
    return True


def _answer(heard: Heard, journey: Journey) -> None:
    event = log.by_id(heard.event)
    heard.tries = min(heard.tries + 1, 32_000)
    try:
        with transaction.atomic():
            journey.reactions[heard.type](event)
    except Problem as problem:
        _refused(heard, problem, waits=problem.code in journey.waits)
    except Exception as fault:
        _log.exception("journey %s failed at %s of run %s", heard.journey, heard.type, heard.run)
        heard.problem = type(fault).__name__
        _again(heard, heard.tries < FAULTS_MAX)
    else:
        heard.state, heard.ended_at, heard.problem = DONE, clock.now(), ""
    heard.save()


def _refused(heard: Heard, problem: Problem, *, waits: bool) -> None:
    heard.problem = problem.code
    _again(heard, waits and clock.now() - heard.heard_at < WAITS_FOR)


def _again(heard: Heard, again: bool) -> None:
    """Tries later, after a growing pause, or leaves it for people."""
    if again:
        heard.due_at = clock.now() + min(FIRST_PAUSE * 2 ** min(heard.tries - 1, 12), LONGEST_PAUSE)
    else:
        heard.state = STUCK


@transaction.atomic
def retry(actor: Actor, *, journey: str, event: UUID) -> Heard:
    """An operator has a stuck answer tried again now. Raises Missing, Conflict `wrong-state`."""
    heard = _stuck(actor, journey, event)
    heard.state, heard.tries, heard.due_at, heard.heard_at = PENDING, 0, clock.now(), clock.now()
    heard.save()
    return heard


@transaction.atomic
def skip(actor: Actor, *, journey: str, event: UUID) -> Heard:
    """An operator has done it by hand: the run goes on. Raises Missing, Conflict `wrong-state`."""
    heard = _stuck(actor, journey, event)
    heard.state, heard.ended_at = SKIPPED, clock.now()
    heard.save()
    return heard


def _stuck(actor: Actor, journey: str, event: UUID) -> Heard:
    heard = Heard.objects.select_for_update().filter(journey=journey, event=event).first()
    if heard is None or not actor.staff:
        raise Missing("not-found", violations=[Violation(pointer="/event", rule="known")])
    if heard.state != STUCK:
        raise Conflict("wrong-state", violations=[Violation(pointer="/state", rule="stuck")])
    return heard


async def run(stop: asyncio.Event) -> None:
    """Answers whatever is due, until told to stop (a loop of the role `worker`)."""
    line = Line("journeys")
    try:
        await repeat("journeys", lambda: line.run(_step), stop)
    finally:
        await line.close()


def _step() -> int:
    return int(answer_next())
