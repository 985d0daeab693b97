"""The same points by several processes at once, each with its own connection and its own commits."""

import json
import subprocess
import sys
from datetime import timedelta
from typing import Any

from lilong.fields.mobility.models import TrackPoint, TrackQuarantine, Trip
from lilong.kernel.base import clock
from tests.fields.mobility.road import Road

STEPS = 50


def race(tasks: list[dict[str, Any]]) -> list[list[str]]:
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.fields.mobility.road_racers", json.dumps(given)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for given in tasks
    ]  # fmt: skip
    for process in running:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [json.loads(process.communicate(timeout=60)[0].splitlines()[-1]) for process in running]


def test_each_point_counts_once_and_each_trip_is_one(fresh_database: str):
    """Four relays get the same messages, two of them with the vehicles in the opposite order: none waits for ever."""
    road = Road()
    cars = [road.vehicle() for _ in range(6)]
    start = clock.now() - timedelta(seconds=200)
    given = {"cars": " ".join(str(car.id) for car in cars), "start": start.isoformat(), "steps": STEPS}
    verdicts = race([given, given | {"backwards": "1"}] * 2)
    assert sum(each.count("taken") for each in verdicts) == STEPS * len(cars)
    assert {verdict for each in verdicts for verdict in each} == {"taken", "duplicate"}
    assert (TrackPoint.objects.count(), TrackQuarantine.objects.count()) == (STEPS * len(cars), 0)
    trips = Trip.objects.filter(ended_at__isnull=False)
    assert sorted(trips.values_list("vehicle", flat=True)) == sorted(car.id for car in cars)
    assert {trip.points for trip in trips} == {STEPS}
