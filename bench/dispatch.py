"""Matching riders and cars in batches, by the house's own rules, against first-come-nearest in the same simulated city.

Prints one JSON line. The city is the street graph around People's Square with 300 cars. The extract is small, so every way on
it is stretched by one factor, chosen so that trips with getting in and out last `--cycle` seconds on average: at 720 requests an
hour the 300 cars are then 73% busy with riders and have just the time for a short way to each of them, not for a long one; that
is saturation, and first-come-nearest serves some 93%. Requests come at
random moments (Poisson), a third of them from, and a third to, the surroundings of a few hot spots. Every policy sees the same requests from
the same cars' places; riders without a car give up when the house would call their ride off; no car is sent further than the
rules allow. Waits are from the request to the car's arrival. The first hour is not counted.

- `first-come-nearest`: who asks first is served first, by the nearest free car.
- `nearest`: a rider takes the nearest free car, a freed car the nearest waiting rider: greedy both ways.
- `batch`: the house's match, every few seconds; `batch-no-ageing` the same where having waited counts for nothing.

`patient` is the same at saturation if nobody ever gave up: what ageing does for who waits longest.

The goal is held at saturation: mean wait at most half of first-come-nearest's, and more riders served. `day` is a weekday: the
hours' shape is that of 4,519 taxi trips in New York (March 2019, TLC records), its peak 720 an hour.
"""

import argparse
import heapq
import json
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lilong.fields.mobility.rules.rides import matching, states
from lilong.fields.mobility.rules.rides.matching import Ageing, Cars, Riders, Terms
from lilong.kernel.geo import streets

CARS, SATURATED, RELAXED = 300, 720, 540
DWELL_SECONDS = 90
HOT_SPOTS, SAMPLE = 4, 50_000
WARM_UP = 3600
ROUND_SECONDS = 2
GOALS = {"wait_ratio": 0.5, "served": "more"}
# Trips that began in each hour of a weekday.
HOURS = (
    103,
    46,
    45,
    23,
    23,
    38,
    120,
    190,
    258,
    242,
    231,
    185,
    221,
    205,
    243,
    238,
    244,
    281,
    313,
    289,
    266,
    276,
    231,
    208,
)
NO_AGEING = Terms(ageing=Ageing(0, 0.0, 0.0))

Ints = NDArray[np.int64]


class City(NamedTuple):
    """Every way between two corners, stretched; `hot` are the corners around the hot spots, spot by spot."""

    seconds: Ints
    metres: Ints
    stretch: float
    hot: Ints


class Demand(NamedTuple):
    """Requests in time: when, from and to which corner. `cars`: where the cars stand at the beginning."""

    at: NDArray[np.float64]
    start: Ints
    end: Ints
    cars: Ints


class Served(NamedTuple):
    """A rider's wait (None: gave up) and the metres driven empty for it."""

    wait: float | None
    deadhead: int


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="lilong bench dispatch", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--hours", type=float, default=4, help="that are counted, after the first")
    parser.add_argument("--cycle", type=int, default=1100, help="seconds of a mean trip with getting in and out")
    parser.add_argument("--quick", action="store_true", help="one seed, an hour and a half, no day")
    parser.add_argument("--json", action="store_true", help="accepted for uniformity: the line is JSON anyway")
    options = parser.parse_args(argv)
    if options.quick:
        options.seeds, options.hours = 1, 1.5
    print(json.dumps(run(options.seeds, options.hours, options.cycle, day=not options.quick)))
    return 0


def run(seeds: int, hours: float, cycle: int, *, day: bool) -> dict[str, Any]:
    city = _city(cycle)
    saturated = _compare(city, SATURATED, hours, seeds)
    fair, ours = saturated["first-come-nearest"], saturated["batch"]
    ratio = round(ours["mean_wait_s"] / fair["mean_wait_s"], 3)
    found: dict[str, Any] = {
        "bench": "dispatch",
        "cars": CARS,
        "corners": len(city.seconds),
        "stretch": round(city.stretch, 2),
        "mean_trip_s": cycle - DWELL_SECONDS,
        "seeds": seeds,
        "hours": hours,
        "saturation": {"requests_per_hour": SATURATED, **saturated},
        "below": {"requests_per_hour": RELAXED, **_compare(city, RELAXED, hours, seeds)},
    }
    found["patient"] = _patient(city, hours)
    if day:
        found["day"] = {"peak_per_hour": SATURATED, **_compare_day(city)}
    found["starved_bound_s"] = round(matching.overtaken_seconds(Terms()))
    found.update(_cost())
    return found | {
        "wait_ratio": ratio,
        "goals": GOALS,
        "reached": ratio <= GOALS["wait_ratio"] and ours["served"] > fair["served"],  # type: ignore[operator]
    }


def _city(cycle: int) -> City:
    """The hot spots are the city's: the same for every seed."""
    graph = streets.city()
    points = [graph.point(node) for node in range(len(graph.nodes))]
    ways = graph.matrix(points, points)
    rng = np.random.default_rng(HOT_SPOTS)
    hot = np.argsort(ways.seconds[rng.integers(0, len(points), HOT_SPOTS)], axis=1)[:, : len(points) // 20]
    start, end = _trips(rng, hot, len(points), SAMPLE)
    stretch = (cycle - DWELL_SECONDS) / float(ways.seconds[start, end].mean())
    seconds, metres = (np.rint(way * stretch).astype(np.int64) for way in ways)
    return City(seconds, metres, stretch, hot)


def _trips(rng: np.random.Generator, hot: Ints, corners: int, count: int) -> tuple[Ints, Ints]:
    """From where to where: each end at a hot spot for a third of the trips, else anywhere."""

    def ends() -> Ints:
        spot = hot[rng.integers(0, len(hot), count), rng.integers(0, hot.shape[1], count)]
        return np.where(rng.uniform(size=count) < 1 / 3, spot, rng.integers(0, corners, count))

    start, end = ends(), ends()
    return start, np.where(end == start, (end + 1) % corners, end)


def _demand(city: City, rates: list[float], seed: int) -> Demand:
    """Requests at `rates` an hour, hour by hour."""
    rng = np.random.default_rng(seed)
    corners = len(city.seconds)
    moments = np.concatenate(
        [hour * 3600 + np.sort(rng.uniform(0, 3600, rng.poisson(rate))) for hour, rate in enumerate(rates)]
    )
    start, end = _trips(rng, city.hot, corners, len(moments))
    return Demand(moments, start, end, rng.integers(0, corners, CARS))


class Fleet:
    """The simulated city at work: a policy decides who takes whom, this does what follows from it."""

    def __init__(self, city: City, demand: Demand, give_up: float) -> None:
        self.city, self.demand, self.give_up = city, demand, give_up
        self.place = demand.cars.copy()
        self.free: set[int] = set(range(CARS))
        self.waiting: dict[int, float] = {}  # rider: since when, in the order of their coming
        self.served: dict[int, Served] = {}
        self._busy: list[tuple[float, int]] = []
        self._next = 0

    def until(self, now: float) -> None:
        """Everything up to `now`: trips that end, riders who come, riders who give up."""
        while self._busy and self._busy[0][0] <= now:
            self.free.add(heapq.heappop(self._busy)[1])
        while self._next < len(self.demand.at) and self.demand.at[self._next] <= now:
            self.waiting[self._next] = float(self.demand.at[self._next])
            self._next += 1
        for rider in [r for r, since in self.waiting.items() if now - since >= self.give_up]:
            del self.waiting[rider]
            self.served[rider] = Served(None, 0)

    def moments(self) -> Iterator[float]:
        """When something happens: a request, a car that is free again; once all requests have come, until nobody waits."""
        while self._next < len(self.demand.at) or self.waiting:
            ahead = [self._busy[0][0]] if self._busy else []
            ahead += [float(self.demand.at[self._next])] if self._next < len(self.demand.at) else []
            if not ahead:
                return
            yield min(ahead)

    def send(self, car: int, rider: int, now: float) -> None:
        start, end = self.demand.start[rider], self.demand.end[rider]
        empty = int(self.city.seconds[self.place[car], start])
        self.served[rider] = Served(
            now - self.waiting.pop(rider) + empty, int(self.city.metres[self.place[car], start])
        )
        self.free.discard(car)
        self.place[car] = end
        heapq.heappush(self._busy, (now + empty + DWELL_SECONDS + int(self.city.seconds[start, end]), car))

    def nearest_car(self, rider: int) -> int | None:
        cars = np.fromiter(self.free, dtype=np.int64)
        if not len(cars):
            return None
        ways = self.city.seconds[self.place[cars], self.demand.start[rider]]
        best = int(ways.argmin())
        return int(cars[best]) if ways[best] <= Terms().max_pickup else None

    def nearest_rider(self, car: int) -> int | None:
        if not self.waiting:
            return None
        riders = np.fromiter(self.waiting, dtype=np.int64)
        ways = self.city.seconds[self.place[car], self.demand.start[riders]]
        best = int(ways.argmin())
        return int(riders[best]) if ways[best] <= Terms().max_pickup else None


def first_come_nearest(fleet: Fleet) -> None:
    for now in fleet.moments():
        fleet.until(now)
        for rider in list(fleet.waiting):
            car = fleet.nearest_car(rider)
            if not fleet.free:
                break
            if car is not None:
                fleet.send(car, rider, now)


def nearest(fleet: Fleet) -> None:
    for now in fleet.moments():
        fleet.until(now)
        for car in sorted(fleet.free) if len(fleet.free) < len(fleet.waiting) else []:
            rider = fleet.nearest_rider(car)
            if rider is not None:
                fleet.send(car, rider, now)
        for rider in list(fleet.waiting) if fleet.free else []:
            found = fleet.nearest_car(rider)
            if found is not None:
                fleet.send(found, rider, now)


def batch(terms: Terms) -> Callable[[Fleet], None]:
    def policy(fleet: Fleet) -> None:
        last = -float(ROUND_SECONDS)
        for moment in fleet.moments():
            now = max(float(np.ceil(moment / ROUND_SECONDS)) * ROUND_SECONDS, last + ROUND_SECONDS)
            fleet.until(now)
            last = now
            if fleet.waiting and fleet.free:
                _round(fleet, now, terms)

    return policy


def _round(fleet: Fleet, now: float, terms: Terms) -> None:
    riders, cars = list(fleet.waiting), sorted(fleet.free)
    waited = [int(now - since) for since in fleet.waiting.values()]
    block = np.ix_(fleet.place[cars], fleet.demand.start[riders])
    seconds, metres = fleet.city.seconds[block].T, fleet.city.metres[block].T
    for pair in matching.match(_riders(waited), _cars(len(cars)), seconds, metres, terms=terms):
        fleet.send(cars[pair.car], riders[pair.rider], now)


def _riders(waited: list[int]) -> Riders:
    none = np.zeros(len(waited), dtype=np.int64)
    return Riders(np.array(waited, dtype=np.int64), none, none + 1, none.astype(bool), none, none)


def _cars(count: int) -> Cars:
    none = np.zeros(count, dtype=np.int64)
    return Cars(none, none + 4, none.astype(bool), none + matching.ENDLESS, none + matching.ENDLESS)


POLICIES: dict[str, Callable[[Fleet], None]] = {
    "first-come-nearest": first_come_nearest,
    "nearest": nearest,
    "batch": batch(Terms()),
    "batch-no-ageing": batch(NO_AGEING),
}


def _compare(city: City, rate: int, hours: float, seeds: int) -> dict[str, Any]:
    whole, part = divmod(hours, 1)
    rates = [float(rate)] * (1 + int(whole)) + ([rate * part] if part else [])
    found: dict[str, Any] = {}
    for name, policy in POLICIES.items():
        runs = [_figures(_simulated(city, _demand(city, rates, seed), policy), WARM_UP) for seed in range(seeds)]
        found[name] = {key: _mean([each[key] for each in runs]) for key in runs[0]}
        found[name]["mean_wait_s_by_seed"] = [each["mean_wait_s"] for each in runs]
    return found


def _patient(city: City, hours: float) -> dict[str, Any]:
    demand = _demand(city, [float(SATURATED)] * (1 + round(hours)), 0)
    return {
        name: _figures(_simulated(city, demand, policy, float("inf")), WARM_UP)
        for name, policy in POLICIES.items()
        if name.startswith("batch")
    }


def _compare_day(city: City) -> dict[str, Any]:
    rates = [SATURATED * trips / max(HOURS) for trips in HOURS]
    demand = _demand(city, rates, 100)
    return {
        name: _figures(_simulated(city, demand, policy), 0)
        for name, policy in POLICIES.items()
        if name in ("first-come-nearest", "batch")
    }


def _simulated(
    city: City, demand: Demand, policy: Callable[[Fleet], None], give_up: float = states.GIVE_UP_SECONDS
) -> tuple[Demand, dict[int, Served]]:
    fleet = Fleet(city, demand, give_up)
    policy(fleet)
    return demand, fleet.served


def _figures(ran: tuple[Demand, dict[int, Served]], since: float) -> dict[str, float]:
    demand, served = ran
    counted = [each for rider, each in served.items() if demand.at[rider] >= since]
    waits = sorted(each.wait for each in counted if each.wait is not None)
    deadhead = sum(each.deadhead for each in counted if each.wait is not None)
    return {
        "mean_wait_s": round(statistics.fmean(waits), 1),
        "p50_wait_s": round(waits[len(waits) // 2]),
        "p95_wait_s": round(waits[int(len(waits) * 0.95)]),
        "max_wait_s": round(waits[-1]),
        "served": round(len(waits) / len(counted), 4),
        "deadhead_km_per_ride": round(deadhead / 1000 / len(waits), 2),
        "requests": len(counted),
    }


def _mean(values: list[float]) -> float:
    return round(statistics.fmean(values), 4)


def _cost() -> dict[str, Any]:
    """CPU milliseconds of one match of 1,000 riders and 1,200 cars, and of the ways it is made from."""
    rng = np.random.default_rng(7)
    graph = streets.city()
    places = [graph.point(int(node)) for node in rng.integers(0, len(graph.nodes), 1200)]
    starts = [graph.point(int(node)) for node in rng.integers(0, len(graph.nodes), 1000)]
    graph.matrix(places, starts)  # the trees of the streets are kept
    began = time.process_time()
    ways = graph.matrix(places, starts)
    matrix_ms = (time.process_time() - began) * 1000
    waited = rng.integers(0, 1200, 1000)
    took = []
    for _ in range(5):
        began = time.process_time()
        pairs = matching.match(_riders(waited.tolist()), _cars(1200), ways.seconds.T, ways.metres.T)
        took.append((time.process_time() - began) * 1000)
    return {
        "match_1000x1200_ms": round(statistics.median(took), 1),
        "ways_1000x1200_ms": round(matrix_ms, 1),
        "matched": len(pairs),
    }


if __name__ == "__main__":
    raise SystemExit(main())
