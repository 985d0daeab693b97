"""What the racing processes do: each is a real process of its own that takes one task a line and answers one a line."""

import json
import os
import sys
from collections.abc import Callable
from typing import Any
from uuid import UUID


def _accept(given: dict[str, Any]) -> str:
    from lilong.fields.mobility.services.rides import offers

    return offers.accept(_actor(given), offer=UUID(given["offer"])).state


def _cancel(given: dict[str, Any]) -> str:
    from lilong.fields.mobility.services.rides import ending

    return ending.cancel(_actor(given), ride=UUID(given["ride"])).state


def _end(given: dict[str, Any]) -> str:
    from lilong.fields.mobility.services.rides import ending

    return ending.end(_actor(given), ride=UUID(given["ride"])).state


def _start(given: dict[str, Any]) -> str:
    from lilong.fields.mobility.services.rides import driving

    return driving.start(_actor(given), ride=UUID(given["ride"]), code=given["code"]).state


def _lapse(given: dict[str, Any]) -> bool:
    from lilong.fields.mobility.services.rides import offers

    return offers.lapse(UUID(given["offer"]))


def _request(given: dict[str, Any]) -> str:
    from lilong.fields.mobility.services.rides import requests

    return requests.request(_actor(given), id=UUID(given["id"]), quote=UUID(given["quote"])).state


def _match(given: dict[str, Any]) -> list[int] | None:
    from lilong.fields.mobility.services.rides import matching

    found = matching.match_round(at_least=given.get("at_least", 0))
    return list(found) if found else None


def _second(given: dict[str, Any]) -> str:
    """Another driver: matches what waits, and accepts what comes of it."""
    from lilong.fields.mobility.models import RideOffer
    from lilong.fields.mobility.services.rides import matching, offers

    for _ in range(given["turns"]):
        matching.match_round(at_least=0)
        offer = RideOffer.objects.filter(duty__driver=UUID(given["actor"]), state="open").first()
        if offer is not None:
            return offers.accept(_actor(given), offer=offer.id).state
    return "nothing"


def _sweep(given: dict[str, Any]) -> int:
    from lilong.fields.mobility.services.rides import sweeping

    return sweeping.sweep()


def _turns(given: dict[str, Any]) -> None:
    """The worker's loop, until killed."""
    from lilong.fields.mobility.services.rides import matching, sweeping

    while True:
        sweeping.sweep()
        matching.match_round(at_least=0.01)


TASKS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "accept": _accept, "cancel": _cancel, "end": _end, "start": _start, "lapse": _lapse, "request": _request,
    "match": _match, "second": _second, "sweep": _sweep, "turns": _turns,
}  # fmt: skip


def _actor(given: dict[str, Any]) -> Any:
    from lilong.kernel.parties import queries as parties

    return parties.actor_of_party(UUID(given["actor"]))


def main() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lilong.site.settings")
    django.setup()
    from django.db import connection

    from lilong.kernel.base.problems import Problem

    connection.ensure_connection()
    print("ready", flush=True)
    for line in sys.stdin:
        task, given = json.loads(line)
        try:
            answer = TASKS[task](given)
        except Problem as problem:
            answer = problem.code
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
