"""A problem in PyVRP's words, and its answer in ours.

What is said how: goods loaded where all vehicles that may take them start are clients of a delivery; goods brought to where
all of them end are clients of a pickup; every other pair is a shipment (PyVRP 0.14 keeps its order and its one vehicle).
Goods that are aboard are clients of their vehicle alone. Who may carry what is a profile: the ways to a place that a kind of
vehicle may not serve are too long for it. Several windows of a client are a group of which one is visited.

Not said: several windows of a shipment (their hull is), the number of loadings of a vehicle that starts elsewhere. What
PyVRP so gets wrong is found and mended afterwards (`planning`).
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyvrp
from pyvrp.search import (
    OPERATORS,
    LocalSearch,
    NeighbourhoodParams,
    PerturbationManager,
    PerturbationParams,
    compute_neighbours,
)

from lilong.fields.delivery.rules.routing.problem import (
    FIRST,
    FOREVER,
    LAST,
    Act,
    Route,
    Task,
    Vehicle,
    Visit,
    admits,
)
from lilong.fields.delivery.rules.routing.timeline import Ground, timeline

Stop = Any  # called with the best cost so far; True ends the search
_FORBIDDEN = 1 << 32  # metres and seconds: longer than any range or shift
_LIMIT = np.iinfo(np.int64).max
MATRIX_BYTES = 512 * 1024 * 1024
CLIENT, PICKUP, DELIVERY, DEPOT = (
    pyvrp.ActivityType.CLIENT,
    pyvrp.ActivityType.PICKUP,
    pyvrp.ActivityType.DELIVERY,
    pyvrp.ActivityType.DEPOT,
)


class TooLarge(Exception):
    """The matrices of this problem's kinds of vehicles would not fit into memory."""


class _Said(NamedTuple):
    """What became of a task: clients (one a window) or a shipment; which of its acts the clients stand for."""

    clients: tuple[int, ...] = ()
    shipment: int = -1
    loads: bool = False  # its FIRST is the loading at the start of the trip
    returns: bool = False  # its LAST is the handing in at the end of the trip


class Model:
    """`problem` has no locked acts (see `planning.unlocked`). `required`: a solution must hold every task."""

    def __init__(self, ground: Ground, tasks: Sequence[Task], *, required: bool) -> None:
        self.ground, self.problem, self.required = ground, ground.problem, required
        self.tasks = list(tasks)
        self.locations: list[int] = []  # our place of each location
        self.barred: list[frozenset[int]] = []  # the kinds of vehicles that may not go there
        self._location: dict[tuple[int, frozenset[int]], int] = {}
        self._kinds()
        self.depots = self._depots()
        self.clients: list[pyvrp.Client] = []
        self.groups: list[pyvrp.ClientGroup] = []
        self.shipments: list[pyvrp.Shipment] = []
        self.said: dict[str, _Said] = {task.id: self._say(task) for task in self.tasks}
        self._of_client = {c: id for id, said in self.said.items() for c in said.clients}
        self._of_shipment = {said.shipment: id for id, said in self.said.items() if said.shipment >= 0}
        self.types = [self._type(members) for members in self.alike]
        self.data = self._data()

    def _kinds(self) -> None:
        """Vehicles that may do the same are one kind (a profile); those alike in everything are one type."""
        may = {v.id: frozenset(t.id for t in self.tasks if not admits(v, t)) for v in self.problem.vehicles}
        kinds: dict[tuple[int, int, frozenset[str]], int] = {}
        alike: dict[Vehicle, list[Vehicle]] = {}
        self.kind: dict[str, int] = {}
        for vehicle in self.problem.vehicles:
            key = (vehicle.matrix, vehicle.pace, may[vehicle.id])
            self.kind[vehicle.id] = kinds.setdefault(key, len(kinds))
            alike.setdefault(msgspec.structs.replace(vehicle, id=str(self.kind[vehicle.id])), []).append(vehicle)
        self.may, self.ways = may, [(matrix, pace) for matrix, pace, _ in kinds]
        self.served = [allowed for _, _, allowed in kinds]
        self.alike = list(alike.values())

    def _depots(self) -> dict[int | None, int]:
        """PyVRP's depots: wherever a vehicle starts or ends, and None for anywhere."""
        places: list[int | None] = list(dict.fromkeys(p for v in self.problem.vehicles for p in (v.start, v.end)))
        if None in places:
            places = [*(p for p in places if p is not None), None]
        for place in places:
            self._at(-1 if place is None else place, frozenset())
        return {place: n for n, place in enumerate(places)}

    def _at(self, place: int, barred: frozenset[int]) -> int:
        found = self._location.setdefault((place, barred), len(self.locations))
        if found == len(self.locations):
            self.locations.append(place)
            self.barred.append(barred)
        return found

    def _say(self, task: Task) -> _Said:
        barred = frozenset(n for n, served in enumerate(self.served) if task.id not in served)
        able = [v for v in self.problem.vehicles if task.id in self.may[v.id]]
        prize = 0 if self.required else self._prize(task)
        if task.take is None:
            return _Said(self._say_client(task, task.give, barred, prize, delivery=task.amount))
        if task.take.place in self.ground.depots and all(v.start == task.take.place for v in able):
            return _Said(self._say_client(task, task.give, barred, prize, delivery=task.amount), loads=True)
        anytime = task.give.windows[0].opens <= 0 and task.give.windows[-1].closes >= max(
            (v.closes for v in able), default=0
        )
        if task.give.place in self.ground.depots and anytime and all(v.end == task.give.place for v in able):
            return _Said(self._say_client(task, task.take, barred, prize, pickup=task.amount), returns=True)
        opens = max(task.take.windows[0].opens, task.release)
        self.shipments.append(
            pyvrp.Shipment(
                self._at(task.take.place, barred),
                self._at(task.give.place, barred),
                pickup_tw_early=opens,
                pickup_tw_late=max(opens, task.take.windows[-1].closes),
                pickup_service_duration=task.take.service,
                delivery_tw_early=task.give.windows[0].opens,
                delivery_tw_late=task.give.windows[-1].closes,
                delivery_service_duration=task.give.service,
                amount=list(task.amount),
                prize=prize,
                required=self.required,
            )
        )
        return _Said(shipment=len(self.shipments) - 1)

    def _say_client(
        self,
        task: Task,
        visit: Visit,
        barred: frozenset[int],
        prize: int,
        delivery: tuple[int, ...] = (),
        pickup: tuple[int, ...] = (),
    ) -> tuple[int, ...]:
        ready = max(task.release, task.take.windows[0].opens) if task.take is not None and not pickup else task.release
        windows = [window for window in visit.windows if window.closes >= ready] or visit.windows[-1:]
        several, begun = len(windows) > 1, len(self.clients)
        for window in windows:
            opens = max(window.opens, ready) if pickup else window.opens
            self.clients.append(
                pyvrp.Client(
                    self._at(visit.place, barred),
                    delivery=list(delivery),
                    pickup=list(pickup),
                    service_duration=visit.service,
                    tw_early=opens,
                    tw_late=max(opens, window.closes),
                    release_time=0 if pickup else min(ready, max(opens, window.closes)),
                    prize=prize,
                    required=self.required and not several,
                    group=len(self.groups) if several else None,
                )
            )
        found = tuple(range(begun, len(self.clients)))
        if several:
            self.groups.append(pyvrp.ClientGroup(list(found), required=self.required))
        return found

    def _prize(self, task: Task) -> int:
        """More than carrying it can cost, and more again for each priority: what is left out costs the least of it."""
        return self.dearest * (1 + task.priority)

    @property
    def dearest(self) -> int:
        longest, slowest = int(self.ground.metres.max()), int(self.ground.seconds.max())
        return 1 + max(
            (
                v.fixed + 4 * longest * v.per_metre + 4 * slowest * v.pace // 100 * v.per_second
                for v in self.problem.vehicles
            ),
            default=0,
        )

    def _type(self, members: list[Vehicle]) -> pyvrp.VehicleType:
        one = members[0]
        start = self.depots[one.start]
        reloads = one.trips > 1 and one.start in self.ground.depots
        return pyvrp.VehicleType(
            num_available=len(members),
            capacity=list(one.capacity),
            start_depot=start,
            end_depot=self.depots[one.end],
            fixed_cost=one.fixed,
            tw_early=one.opens,
            tw_late=max(one.opens, one.closes),
            shift_duration=one.hours if one.hours < FOREVER else _LIMIT,
            max_distance=one.reach if one.reach < FOREVER else _LIMIT,
            unit_distance_cost=one.per_metre,
            unit_duration_cost=one.per_second,
            profile=self.kind[one.id],
            initial_load=list(one.load) if one.load else [],
            reload_depots=[start] if reloads else [],
            max_reloads=one.trips - 1 if reloads else 0,
        )

    def _data(self) -> pyvrp.ProblemData:
        size = len(self.locations)
        if len(self.ways) * size * size * 16 > MATRIX_BYTES:
            raise TooLarge(f"{len(self.ways)} kinds of vehicles, {size} places")
        places = np.array(self.locations)
        seconds, metres = list[Any](), list[Any]()
        for kind, (matrix, pace) in enumerate(self.ways):
            time = self.ground.seconds[matrix][np.ix_(places, places)] * pace // 100
            length = self.ground.metres[matrix][np.ix_(places, places)].copy()
            nowhere, barred = places < 0, np.array([kind in each for each in self.barred])
            for values, far in ((time, _FORBIDDEN), (length, _FORBIDDEN)):
                values[nowhere, :] = values[:, nowhere] = 0
                values[barred, :] = values[:, barred] = far
                np.fill_diagonal(values, 0)
            seconds.append(time)
            metres.append(length)
        services = {place: self.ground.depots[place].service for place in self.ground.depots}
        return pyvrp.ProblemData(
            [pyvrp.Location(0, 0) for _ in self.locations],
            self.clients,
            [
                pyvrp.Depot(n, service_duration=services.get(p, 0) if p is not None else 0)
                for p, n in self.depots.items()
            ],
            self.types,
            metres,
            seconds,
            self.groups,
            self.shipments,
        )

    def told(self, routes: Sequence[Route]) -> pyvrp.Solution:
        """Our routes in PyVRP's words."""
        acts = {route.vehicle: route.acts for route in routes}
        found = [
            pyvrp.Route(self.data, self._activities(vehicle, acts[vehicle.id]), n)
            for n, members in enumerate(self.alike)
            for vehicle in members
            if acts.get(vehicle.id)
        ]
        return pyvrp.Solution(self.data, found)

    def _activities(self, vehicle: Vehicle, acts: Sequence[Act]) -> list[pyvrp.Activity]:
        found: list[pyvrp.Activity] = []
        stops = {stop.act: stop for stop in timeline(self.ground, vehicle, acts).stops}
        held, fresh, reloads = (
            0,
            True,
            vehicle.trips - 1,
        )  # whether nothing was done since the last loading; how many are left
        for act in acts:
            said = self.said[act.task]
            if said.shipment >= 0:
                held += 1 if act.what == FIRST else -1  # a trip of PyVRP's ends with all its shipments handed over
                found.append(pyvrp.Activity(PICKUP if act.what == FIRST else DELIVERY, said.shipment))
            elif said.loads and act.what == FIRST:
                if not fresh and not held and reloads > 0:
                    found.append(pyvrp.Activity(DEPOT, self.depots[vehicle.start]))
                    fresh, reloads = True, reloads - 1
                continue
            elif not (said.returns and act.what == LAST):
                closes = stops[act].window.closes
                chosen = (c for c in said.clients if self.clients[c].tw_late >= closes)
                found.append(pyvrp.Activity(CLIENT, next(chosen, said.clients[-1])))
            fresh = False
        return found

    def understood(self, solution: pyvrp.Solution) -> list[Route]:
        """PyVRP's routes in ours; vehicles of one type in their order."""
        left = [list(members) for members in self.alike]
        routes = []
        for route in solution.routes():
            vehicle = left[route.vehicle_type()].pop(0)
            trips: list[list[pyvrp.Activity]] = [[] for _ in range(route.num_trips())]
            for activity in route:
                if not activity.is_depot():
                    trips[activity.trip].append(activity)
            acts = tuple(act for trip in trips for act in self._acts(trip))
            if acts:
                routes.append(Route(vehicle.id, acts))
        return routes

    def _acts(self, trip: Sequence[pyvrp.Activity]) -> list[Act]:
        before, within, after = list[Act](), list[Act](), list[Act]()
        for activity in trip:
            if activity.is_client():
                task = self._of_client[activity.idx]
                said = self.said[task]
                within.append(Act(task, FIRST if said.returns else LAST))
                if said.loads:
                    before.append(Act(task, FIRST))
                if said.returns:
                    after.append(Act(task, LAST))
            else:
                within.append(Act(self._of_shipment[activity.idx], FIRST if activity.is_pickup() else LAST))
        return before + within + after


def search(model: Model, stop: Stop, seed: int, begun: Sequence[Route]) -> list[Route]:
    """The best routes found. `begun`: routes to start from; they are improved to the end first, as a bad start makes the
    search accept bad ones for long."""
    data, rng = model.data, pyvrp.RandomNumberGenerator(seed)
    near = NeighbourhoodParams(num_neighbours=NEIGHBOURS)
    local = LocalSearch(
        data, rng, compute_neighbours(data, near), PerturbationManager(PerturbationParams(1, PERTURBATIONS))
    )
    for operator in OPERATORS:
        if operator.supports(data):
            local.add_operator(operator(data))
    penalties = pyvrp.PenaltyParams()
    manager = pyvrp.PenaltyManager(penalties.midpoint_penalties(data), penalties)
    first = local(model.told(begun), manager.max_cost_evaluator(), exhaustive=True)
    params = pyvrp.IteratedLocalSearchParams(history_length=HISTORY)
    result = pyvrp.IteratedLocalSearch(data, manager, local, first, params).run(stop, collect_stats=False)
    return model.understood(result.best)


# Tuned on RC1_10_5, R2_10_5, R1_10_6, C2_10_7 (1,000 customers) and R106, RC106, R206, C106, RC205 (100): none is reported.
NEIGHBOURS, HISTORY, PERTURBATIONS = 50, 300, 25
