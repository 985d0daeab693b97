"""A small flat town for routing tests: places on a grid of metres, a metre a second."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from lilong.fields.delivery.rules.routing.problem import (
    FIRST,
    LAST,
    Act,
    Depot,
    Problem,
    Route,
    Task,
    Travel,
    Vehicle,
    Visit,
    Window,
)
from lilong.fields.delivery.rules.routing.timeline import Ground, timeline


def travel(points: Sequence[tuple[int, int]]) -> Travel:
    at = np.array(points, float).reshape(-1, 2)
    metres = np.ceil(np.linalg.norm(at[:, None] - at[None], axis=2)).astype(np.int64)
    return Travel(metres[None], metres[None])


def line(*xs: int) -> Travel:
    """Places along one street."""
    return travel([(x, 0) for x in xs])


def task(id: str, give: int, take: int | None = 0, **more: Any) -> Task:
    windows = more.pop("windows", (Window(),))
    service = more.pop("service", 0)
    taken = None if take is None else Visit(take, more.pop("take_service", 0), more.pop("take_windows", (Window(),)))
    return Task(id=id, amount=more.pop("amount", (1,)), take=taken, give=Visit(give, service, windows), **more)


def car(id: str = "v", start: int = 0, end: int | None = 0, **more: Any) -> Vehicle:
    return Vehicle(id=id, capacity=more.pop("capacity", (10,)), start=start, end=end, **more)


def problem(way: Travel, cars: Sequence[Vehicle], tasks: Sequence[Task], **more: Any) -> Problem:
    depots = more.pop("depots", (Depot(0),))
    return Problem(travel=way, depots=depots, vehicles=tuple(cars), tasks=tuple(tasks), **more)


def acts(*words: str) -> tuple[Act, ...]:
    """'+a' takes a up, '-a' hands it over."""
    return tuple(Act(word[1:], FIRST if word[0] == "+" else LAST) for word in words)


class Rounds:
    """A stop after so many questions: the same on every machine."""

    def __init__(self, rounds: int) -> None:
        self.left = rounds

    def __call__(self, cost: float = 0) -> bool:
        self.left -= 1
        return self.left < 0


SKILLS = ("stairs", "signature")
COLD = ("ambient", "chilled")


@st.composite
def windows(draw: st.DrawFn) -> tuple[Window, ...]:
    starts = sorted(draw(st.lists(st.integers(0, 40), min_size=1, max_size=2, unique=True)))
    lasts = [draw(st.integers(3, 15)) for _ in starts]
    found: list[Window] = []
    for start, last in zip(starts, lasts, strict=True):
        opens = start * 100
        if not found or opens > found[-1].closes:
            found.append(Window(opens, opens + last * 100))
    return tuple(found)


@st.composite
def tasks(draw: st.DrawFn, id: str, places: int, depots: int, now: int = 0) -> Task:
    kind = draw(st.sampled_from(["delivery", "delivery", "pair", "collect"]))
    door = draw(st.integers(depots, places - 1))
    depot = draw(st.integers(0, depots - 1))
    take, give = {
        "delivery": (Visit(depot), Visit(door, 20, draw(windows()))),
        "pair": (Visit(door, 10), Visit(draw(st.integers(depots, places - 1)), 20, draw(windows()))),
        "collect": (Visit(door, 10, draw(windows())), Visit(depot)),
    }[kind]
    return Task(
        id=id,
        amount=(draw(st.integers(1, 4)), draw(st.integers(1, 3))),
        take=take,
        give=give,
        release=now + draw(st.sampled_from([0, 0, 300])),
        skills=frozenset(draw(st.lists(st.sampled_from(SKILLS), max_size=1))),
        temperature=draw(st.sampled_from(["", "", "chilled"])),
        priority=draw(st.integers(0, 3)),
        grace=draw(st.sampled_from([0, 0, 500])),
    )


@st.composite
def vehicles(draw: st.DrawFn, id: str, places: int, depots: int) -> Vehicle:
    depot = draw(st.integers(0, depots - 1))
    zone = draw(st.one_of(st.none(), st.sets(st.integers(0, places - 1), min_size=places // 2)))
    return Vehicle(
        id=id,
        capacity=(draw(st.integers(4, 12)), draw(st.integers(4, 9))),
        start=draw(st.sampled_from([depot, depot, places - 1])),
        end=draw(st.sampled_from([depot, depot, None])),
        opens=draw(st.sampled_from([0, 400])),
        closes=draw(st.sampled_from([4000, 6000])),
        hours=draw(st.sampled_from([1 << 40, 3000])),
        reach=draw(st.sampled_from([1 << 40, 1500, 4000])),
        skills=frozenset(draw(st.lists(st.sampled_from(SKILLS), max_size=2))),
        temperatures=frozenset(draw(st.lists(st.sampled_from(COLD), max_size=2))),
        zone=None if zone is None else frozenset(zone | set(range(depots))),
        pace=draw(st.sampled_from([100, 150])),
        fixed=draw(st.sampled_from([0, 500])),
        per_second=draw(st.sampled_from([0, 1])),
        trips=draw(st.sampled_from([1, 3])),
    )


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    size, depots = draw(st.integers(4, 9)), draw(st.integers(1, 2))
    spot = st.tuples(st.integers(0, 400), st.integers(0, 400))
    points = draw(st.lists(spot, min_size=size, max_size=size))
    cars = [draw(vehicles(f"v{n}", size, depots)) for n in range(draw(st.integers(0, 3)))]
    asked = [draw(tasks(f"t{n}", size, depots)) for n in range(draw(st.integers(0, 8)))]
    return problem(travel(points), cars, asked, depots=tuple(Depot(n, 30) for n in range(depots)))


def visited(found: Problem, routes: Sequence[Route], now: int) -> Iterator[tuple[str, list[Act], Vehicle]]:
    """The fleet at a moment: for each vehicle what it has done, and itself from there: the stop it is at or drives to is
    locked, what it carries has to be said by the caller."""
    ground = Ground(found)
    done = {route.vehicle: route.acts for route in routes}
    for vehicle in found.vehicles:
        stops = timeline(ground, vehicle, done.get(vehicle.id, ())).stops
        past = [stop for stop in stops if stop.leave <= now]
        coming = [stop for stop in stops if stop.leave > now and stop.arrive - stop.seconds <= now][:1]
        place = past[-1].place if past else vehicle.start
        yield vehicle.id, [stop.act for stop in past], car_at(vehicle, place, now, past, coming)


def car_at(vehicle: Vehicle, place: int, now: int, past: Sequence[Any], coming: Sequence[Any]) -> Vehicle:
    import msgspec

    opens = max(vehicle.opens, past[-1].leave if past else 0, 0 if coming else now)
    return msgspec.structs.replace(
        vehicle,
        start=place,
        opens=opens,
        reach=max(0, vehicle.reach - sum(stop.metres for stop in past)),
        hours=vehicle.hours,
        locked=tuple(stop.act for stop in coming),
        trips=9,
    )
