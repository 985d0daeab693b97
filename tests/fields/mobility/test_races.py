"""Real processes at once, each with its own connection and its own commits; and one that is killed between two steps."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from lilong.fields.mobility.models import Receipt, Rental, Vehicle, VehicleEvent
from lilong.fields.mobility.services.rentals import ending
from lilong.kernel.base import clock, ids
from lilong.kernel.calendar import queries as calendar
from lilong.kernel.geo.points import moved
from lilong.kernel.ledger import queries as ledger
from tests.fields.mobility.scene import NOON, SQUARE, Town, later

RIDERS, FEN = 4, 10_000_000
Process = subprocess.Popen[str]


@pytest.fixture
def town(module_database: str) -> Town:
    with clock.at(NOON):
        return Town()


@pytest.fixture(scope="module")
def crew(module_database: str) -> Iterator[list[Process]]:
    """Four processes that wait for what to do."""
    made = [start() for _ in range(RIDERS)]
    yield made
    for process in made:
        process.communicate(timeout=60)


def start() -> Process:
    command = [sys.executable, "-m", "tests.fields.mobility.racers"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


def say(process: Process, task: str, given: dict[str, Any]) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps({"task": task, "now": NOON} | given, default=str) + "\n")
    process.stdin.flush()


def race(crew: list[Process], task: str, each: Sequence[dict[str, Any]]) -> list[Any]:
    """Lets all of them go at once, and answers what they said."""
    for process, given in zip(crew, each, strict=True):
        say(process, task, given)
    return [json.loads(process.stdout.readline()) for process in crew if process.stdout]


def crowd(town: Town) -> list[Any]:
    with clock.at(NOON):
        return [town.driver(fen=FEN) for _ in range(RIDERS)]


def test_four_processes_on_enclosed_identical_and_touching_times_never_overlap(town: Town, crew: list[Process]):
    """Everybody wants the same hours in every way they can cross; whole hours touch, because this car has no turnaround."""
    with clock.at(NOON):
        car = town.vehicle("沪A·race", buffer_seconds=0)
    riders = crowd(town)
    shapes = [(hour, hour + 1) for hour in range(2, 14)]  # touching
    shapes += [(2, 14), (3, 6), (4, 5), (5, 9), (2, 3), (13, 14)]  # around, across, inside, identical
    tasks = []
    for n, rider in enumerate(riders):
        mine = random.Random(n).sample(shapes, len(shapes))
        wanted = [[str(ids.uuid7()), str(later(hours=a)), str(later(hours=b))] for a, b in mine]
        tasks.append({"rider": rider.party, "vehicle": car.id, "wanted": wanted})
    answers = [answer for said in race(crew, "book", tasks) for answer in said]
    booked = {UUID(id) for id, said in answers if said == "booked"}
    assert {said for _, said in answers} <= {"booked", "vehicle-taken"}
    rows = calendar.bookings(car.id, NOON, later(hours=20))
    assert {row.id for row in rows} == booked == set(Rental.objects.filter(vehicle=car).values_list("id", flat=True))
    assert all(one.end <= following.start for one, following in pairwise(rows))
    assert sum((row.end - row.start).total_seconds() for row in rows) == 12 * 3600  # not a gap: what touched was taken
    held = sum(Rental.objects.filter(vehicle=car).values_list("held", flat=True))
    assert sum(hold for _, hold in town.money(*(rider.party for rider in riders))) == held
    assert ledger.differences() == []


def test_one_request_sent_four_times_at_once_is_one_booking(town: Town, crew: list[Process]):
    (rider, *_), id = crowd(town), ids.uuid7()
    wanted = [[str(id), str(later(hours=2)), str(later(hours=4))]]
    said = race(crew, "book", [{"rider": rider.party, "vehicle": town.car.id, "wanted": wanted}] * RIDERS)
    assert said == [[[str(id), "booked"]]] * RIDERS
    assert (Rental.objects.filter(vehicle=town.car).count(), town.money(rider.party)) == (1, [(FEN, 54_800)])


def test_a_bike_goes_to_one_of_those_who_take_it(town: Town, crew: list[Process]):
    with clock.at(NOON):
        bike = town.bike("B1")
    riders = [rider.party for rider in crowd(town)]
    tasks = [{"rider": rider, "vehicle": bike.id, "id": ids.uuid7(), "at": list(SQUARE)} for rider in riders]
    assert sorted(race(crew, "take", tasks)) == ["unlocking", "vehicle-taken", "vehicle-taken", "vehicle-taken"]
    assert Rental.objects.filter(vehicle=bike).count() == 1
    assert sum(held for _, held in town.money(*riders)) == 1150


def _under_way(town: Town) -> tuple[Any, Rental, datetime]:
    with clock.at(NOON):
        rider = town.driver(fen=FEN)
        row = town.book(rider, NOON, later(hours=2))
        town.unlock(rider, row)
        town.answers(town.car.id)
    until = later(minutes=60)
    with clock.at(until):
        town.reports(town.car.id, odometer_m=5000)
    return rider, row, until


def test_a_trip_ended_by_many_at_once_is_paid_once(town: Town, crew: list[Process]):
    rider, row, until = _under_way(town)
    said = race(crew, "end", [{"rider": rider.party, "rental": row.id, "now": until}] * RIDERS)
    assert said == [2800] * RIDERS
    assert (Receipt.objects.filter(trip=row.id).count(), town.sales(), town.money(rider.party)) == (
        1,
        2800,
        [(FEN - 2800, 0)],
    )


def test_a_process_killed_while_it_ends_a_trip_leaves_it_as_it_was(town: Town):
    rider, row, until = _under_way(town)
    process = start()
    say(process, "end", {"rider": rider.party, "rental": row.id, "now": until, "die": True})
    assert process.wait(timeout=60) == -9
    row.refresh_from_db()
    car = Vehicle.objects.get(id=town.car.id)
    assert (row.state, row.total, car.state, car.trip) == ("started", None, "on_trip", row.id)
    assert (Receipt.objects.filter(trip=row.id).count(), town.money(rider.party)) == (0, [(FEN, 54_800)])
    with clock.at(until):
        assert ending.end(rider, rental=row.id).total == 2800
    assert (town.money(rider.party), town.sales()) == ([(FEN - 2800, 0)], 2800)
    assert ledger.differences() == []


def test_states_move_one_after_another_whoever_moves_them(town: Town, crew: list[Process]):
    said = race(crew, "move", [{"vehicle": town.car.id}] * RIDERS)
    moves = sum(answer.startswith("service") for answers in said for answer in answers)
    assert {answer for answers in said for answer in answers} <= {"service_end", "service_start", "vehicle-state"}
    rows = list(VehicleEvent.objects.filter(vehicle=town.car).order_by("sequence"))
    assert [row.sequence for row in rows] == list(range(1, moves + 3))
    assert all(one.state == following.previous for one, following in pairwise(rows))


def test_a_booking_that_cannot_be_kept_is_moved_once_by_many_workers(town: Town, crew: list[Process]):
    _under_way(town)
    with clock.at(NOON):
        other = town.vehicle("沪A·2", moved(SQUARE, 300, 0))
        rider = town.driver(fen=FEN)
        waiting = town.book(rider, later(hours=2, minutes=15), later(hours=4))
    late = later(hours=2) + timedelta(minutes=6)
    said = race(crew, "rescue", [{"now": late}] * RIDERS)
    assert sum(each["rescued"] for each in said) == len(town.facts(waiting.id, "rental.moved")) == 1
    waiting.refresh_from_db()
    assert (waiting.state, waiting.replacement.vehicle_id) == ("moved", other.id)
    assert town.money(rider.party) == [(FEN, waiting.held)]
    assert ledger.differences() == []
