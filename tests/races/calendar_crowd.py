"""A crowd: real processes of some threads each, every one with its own connection, let go at the same moment.

Run as a program with a scenario's name and its arguments in JSON; prints a JSON list of what became of each.
"""

import json
import os
import sys
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

GATE = 20_200_408  # the advisory lock that holds the crowd back until all have come
THREADS = 10


def main() -> None:
    import django

    django.setup()
    name, arguments = sys.argv[1], json.loads(sys.argv[2])
    crowd = arguments.pop("crowd")
    sys.stdout.write(json.dumps(_fork(crowd // THREADS, SCENARIOS[name], arguments)))


def _fork(processes: int, scenario: Callable[..., Any], arguments: dict[str, Any]) -> list[Any]:
    """Forks before any connection is open; each child answers through a pipe."""
    pipes = []
    for process in range(processes):
        reading, writing = os.pipe()
        if os.fork() == 0:
            os.close(reading)
            with os.fdopen(writing, "w") as pipe:
                json.dump(_threads(process, scenario, arguments), pipe)
            os._exit(0)
        os.close(writing)
        pipes.append(reading)
    answers = []
    for reading in pipes:
        with os.fdopen(reading) as pipe:
            answers += json.load(pipe)
    return answers


def _threads(process: int, scenario: Callable[..., Any], arguments: dict[str, Any]) -> list[Any]:
    answers: list[Any] = [None] * THREADS

    def run(thread: int) -> None:
        from django.db import connection

        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock_shared(%s)", [GATE])
            answers[thread] = scenario(process * THREADS + thread, **arguments)
        except Exception as error:
            answers[thread] = getattr(error, "code", f"{type(error).__name__}: {error}")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[thread]) for thread in range(THREADS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return answers


def book(n: int, *, room: str, start: str, end: str, id: str = "", party: str = "") -> str:
    """Everybody for themselves, or all with one id."""
    from datetime import datetime

    from lilong.kernel.base import ids
    from lilong.kernel.calendar import services
    from lilong.kernel.parties.actor import Actor

    who = UUID(party) if party else ids.uuid7()
    made = services.book(
        Actor(party=who, kind="person"),
        id=UUID(id) if id else ids.uuid7(),
        resource=UUID(room),
        start=datetime.fromisoformat(start),
        end=datetime.fromisoformat(end),
        party=who,
    )
    return str(made.id)


def batch(n: int, *, rooms: list[str], start: str, seconds: int) -> dict[str, list[list[Any]]]:
    """A batch over all rooms, each caller's in another order, with intervals that overlap in every way."""
    import random
    from datetime import datetime, timedelta

    from lilong.kernel.base import ids
    from lilong.kernel.calendar.services import BookingDraft, book_many

    source, begin = random.Random(n), datetime.fromisoformat(start)
    drafts = []
    for room in source.sample(rooms, len(rooms)):
        at = begin + timedelta(seconds=source.randrange(seconds))
        until = at + timedelta(seconds=source.randrange(1, seconds))
        drafts.append(
            BookingDraft(
                id=ids.uuid7(),
                resource=UUID(room),
                start=at,
                end=until,
                party=ids.uuid7(),
                units=source.choice((1, 1, 2)),
            )
        )
    return {"statuses": [[str(outcome.id), outcome.status] for outcome in book_many(drafts)]}


def past_the_services(n: int, *, unit: int, room: str, start: int, end: int) -> str:
    """Writes the row itself, without any lock: only the database stands in between."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO calendar_booking (booking, n, resource_id, unit, start, "end", busy_until, units, state, party,'
            " created_at, body) VALUES (gen_random_uuid(), 0, %s, %s, %s, %s, %s, 1, 'booked', gen_random_uuid(), now(), '')",
            [room, unit, start + n % 5, end + n % 7, end + n % 7],
        )
    return "created"


def confirm_or_expire(n: int, *, id: str, at: str) -> str:
    """Half the crowd books the held time at the very moment at which the other half ends it."""
    from datetime import datetime, timedelta

    from lilong.kernel.base import clock
    from lilong.kernel.calendar import services
    from lilong.kernel.parties.actor import SYSTEM

    runs_out = datetime.fromisoformat(at)
    if n % 2:
        with clock.at(runs_out + timedelta(seconds=1)):
            return f"expired {services.expire_due()}"
    with clock.at(runs_out - timedelta(seconds=1)):
        return services.book(SYSTEM, id=UUID(id)).state


SCENARIOS: dict[str, Callable[..., Any]] = {
    one.__name__: one for one in (book, batch, past_the_services, confirm_or_expire)
}

if __name__ == "__main__":
    main()
