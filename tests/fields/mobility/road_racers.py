"""What the racing processes do: each is a real process of its own, with real commits."""

import json
import os
import sys
from datetime import datetime, timedelta
from uuid import UUID


def main(given: dict[str, str]) -> list[str]:
    import django

    django.setup()
    from lilong.fields.mobility.rules.points import Reading
    from lilong.fields.mobility.services import telemetry

    start = datetime.fromisoformat(given["start"])
    cars = [UUID(car) for car in given["cars"].split()]
    if given.get("backwards"):
        cars.reverse()
    batches = [
        [
            Reading(
                car,
                1,
                n + 1,
                start + timedelta(seconds=n),
                31_230_000 + 90 * n,
                121_470_000,
                engine=n < given["steps"] - 1,
            )
            for car in cars
            for n in range(first, min(first + 10, given["steps"]))
        ]
        for first in range(0, given["steps"], 10)
    ]
    print("ready", flush=True)
    sys.stdin.readline()
    return [verdict for batch in batches for verdict in telemetry.take(batch)]


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lilong.site.settings")
    print(json.dumps(main(json.loads(sys.argv[1]))), flush=True)
