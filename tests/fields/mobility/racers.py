"""What the racing processes do: each is a real process of its own, with real commits. `ready` on stdout, then a task a line."""

import json
import os
import sys
from datetime import datetime
from typing import Any
from uuid import UUID


def main() -> None:
    """Reads a task a line, as JSON, until there are no more; prints what came of each, as JSON."""
    import django

    django.setup()
    from lilong.kernel.base import clock

    tasks = {"book": book, "take": take, "end": end, "move": move, "rescue": rescue}
    print("ready", flush=True)
    for line in sys.stdin:
        given = json.loads(line)
        with clock.at(datetime.fromisoformat(given["now"])):
            print(json.dumps(tasks[given["task"]](given)), flush=True)


def book(given: dict[str, Any]) -> list[list[str]]:
    """Books each interval, in this process' own order; answers (id, 'booked' or the refusal's code)."""
    from lilong.fields.mobility.drafts import BookingDraft
    from lilong.fields.mobility.services.rentals import booking
    from lilong.kernel.base.problems import Problem
    from lilong.kernel.parties import queries as parties

    rider, answers = parties.actor_of_party(UUID(given["rider"])), []
    for id, start, end in given["wanted"]:
        draft = BookingDraft(
            id=UUID(id),
            vehicle=UUID(given["vehicle"]),
            start=datetime.fromisoformat(start),
            end=datetime.fromisoformat(end),
        )
        try:
            answers.append([id, booking.book(rider, draft).state])
        except Problem as problem:
            answers.append([id, problem.code])
    return answers


def take(given: dict[str, Any]) -> str:
    """Takes the bike that everybody wants."""
    from lilong.fields.mobility.services.rentals import driving
    from lilong.kernel.base.problems import Problem
    from lilong.kernel.geo.points import Point
    from lilong.kernel.parties import queries as parties

    rider = parties.actor_of_party(UUID(given["rider"]))
    try:
        at = Point(*given["at"])
        return driving.take(rider, id=UUID(given["id"]), vehicle=UUID(given["vehicle"]), position=at).state
    except Problem as problem:
        return problem.code


def end(given: dict[str, Any]) -> object:
    """Ends the trip, or is killed before its transaction is done (`die`)."""
    from lilong.fields.mobility.services.rentals import ending, frame
    from lilong.kernel.parties import queries as parties

    if given.get("die"):
        frame.receipt = lambda *_: os.kill(os.getpid(), 9)  # type: ignore[assignment]
    return ending.end(parties.actor_of_party(UUID(given["rider"])), rental=UUID(given["rental"])).total


def move(given: dict[str, Any]) -> list[str]:
    """Tries to move the vehicle to and fro."""
    from lilong.fields.mobility.services import vehicle_states
    from lilong.kernel.base import ids
    from lilong.kernel.base.problems import Problem
    from lilong.kernel.parties.actor import SYSTEM

    answers = []
    for n in range(20):
        event = ("service_end", "service_start")[n % 2]
        try:
            vehicle_states.change(SYSTEM, id=ids.uuid7(), vehicle=UUID(given["vehicle"]), events=[event])
            answers.append(event)
        except Problem as problem:
            answers.append(problem.code)
    return answers


def rescue(given: dict[str, Any]) -> dict[str, int]:
    """What the job of each minute does."""
    from lilong.fields.mobility.services.rentals import due

    return due.run()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lilong.site.settings")
    main()
