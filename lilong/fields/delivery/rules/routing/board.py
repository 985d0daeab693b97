"""All routes as arrays, so that one task can be tried everywhere at once.

A row is a vehicle, a column a node of its route: 0 where it starts, 1..n its acts, n + 1 where it ends. For each node the
board knows the earliest leaving and the latest beginning that keeps everything after it in time (Savelsbergh's forward slack),
so whether an insertion is in time is one comparison.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from lilong.fields.delivery.rules.routing.problem import FIRST, FOREVER, Act, Route, Vehicle
from lilong.fields.delivery.rules.routing.timeline import Ground, Timeline, timeline

Ints = NDArray[np.int64]
_ROOM = 8  # spare columns, so that not every insertion makes the arrays wider


class Board:
    """Rows follow `vehicles` (of the ground's problem, in order); every array is [rows, columns] unless said."""

    def __init__(self, ground: Ground, routes: Iterable[Route] = ()) -> None:
        self.ground = ground
        self.vehicles: tuple[Vehicle, ...] = ground.problem.vehicles
        self.row = {vehicle.id: n for n, vehicle in enumerate(self.vehicles)}
        self.acts: list[tuple[Act, ...]] = [vehicle.locked for vehicle in self.vehicles]
        for route in routes:
            self.acts[self.row[route.vehicle]] = route.acts
        self.times: list[Timeline] = [
            timeline(ground, v, acts) for v, acts in zip(self.vehicles, self.acts, strict=True)
        ]
        self._fixed()
        self._room(max((len(acts) for acts in self.acts), default=0) + 2 + _ROOM)

    def _fixed(self) -> None:
        """What does not change with the routes: one number a vehicle."""

        def column(values: Iterable[Any]) -> Ints:
            return np.fromiter(values, np.int64, len(self.vehicles))

        cars = self.vehicles
        self.kind, self.pace = column(v.matrix for v in cars), column(v.pace for v in cars)
        self.locked = column(len(v.locked) for v in cars)
        self.reach, self.hours = column(v.reach for v in cars), column(v.hours for v in cars)
        self.closes, self.fixed = column(v.closes for v in cars), column(v.fixed for v in cars)
        self.per_metre, self.per_second = column(v.per_metre for v in cars), column(v.per_second for v in cars)
        self.trips, self.open_end = column(v.trips for v in cars), np.array([v.end is None for v in cars], dtype=bool)
        kin: dict[Vehicle, int] = {}
        self.kin = column(
            kin.setdefault(msgspec.structs.replace(v, id=""), len(kin)) for v in cars
        )  # alike but for the id
        self.kinds = [cars[int(np.argmax(self.kin == n))] for n in range(len(kin))]
        self.capacity = np.array([self.ground.capacity(v) for v in cars], dtype=np.int64)
        if not cars:
            self.capacity = np.zeros((0, 1), np.int64)

    def _room(self, columns: int) -> None:
        rows = len(self.vehicles)
        self.columns = columns
        self.count = np.zeros(rows, np.int64)
        self.begun, self.metres = np.zeros(rows, np.int64), np.zeros(rows, np.int64)
        self.runs = np.zeros(rows, np.int64)  # how often it loads at a depot
        shape = (rows, columns)
        self.place, self.arrive, self.leave = (np.zeros(shape, np.int64) for _ in range(3))
        self.opens, self.service, self.latest = (np.zeros(shape, np.int64) for _ in range(3))
        self.next_seconds, self.next_metres, self.waits = (np.zeros(shape, np.int64) for _ in range(3))
        self.load = np.zeros((*shape, self.capacity.shape[1]), np.int64)
        for row in range(rows):
            self._write(row)

    def put(self, row: int, acts: Sequence[Act]) -> None:
        """Gives a vehicle another route. O(its length)."""
        self.acts[row] = tuple(acts)
        self.times[row] = timeline(self.ground, self.vehicles[row], acts)
        if len(acts) + 2 > self.columns:
            self._room(len(acts) + 2 + _ROOM)
        else:
            self._write(row)

    def _write(self, row: int) -> None:
        vehicle, found = self.vehicles[row], self.times[row]
        stops, n = found.stops, len(found.stops)
        end = vehicle.end if vehicle.end is not None else (stops[-1].place if stops else vehicle.start)
        self.count[row], self.begun[row], self.metres[row] = n, found.leave, found.metres
        self.place[row, : n + 2] = [vehicle.start, *(stop.place for stop in stops), end]
        self.place[row, n + 2 :] = end
        home = self.ground.leg(vehicle, vehicle.start, end) if not stops else (found.seconds_home, found.metres_home)
        finish = found.end if stops else found.leave + home[0]
        self.arrive[row, : n + 2] = [found.leave, *(stop.arrive for stop in stops), finish]
        self.leave[row, : n + 2] = [vehicle.opens, *(stop.leave for stop in stops), finish]
        self.opens[row, : n + 2] = [0, *(stop.window.opens for stop in stops), 0]
        self.service[row, : n + 2] = [0, *(stop.leave - stop.start for stop in stops), 0]
        self.next_seconds[row, : n + 1] = [*(stop.seconds for stop in stops), home[0]]
        self.next_metres[row, : n + 1] = [*(stop.metres for stop in stops), home[1]]
        self.load[row, 0] = found.load
        if stops:
            self.load[row, 1 : n + 1] = [stop.load for stop in stops]
        self.load[row, n + 1 :] = self.load[row, n]
        self._slack(row, finish)
        self.runs[row] = self._runs(row)

    def _slack(self, row: int, finish: int) -> None:
        stops, n = self.times[row].stops, len(self.times[row].stops)
        vehicle = self.vehicles[row]
        latest = max(vehicle.closes, finish)  # what is late already gets no later
        if vehicle.hours < FOREVER:
            latest = min(latest, max(self.times[row].leave + vehicle.hours, finish))
        self.latest[row, n + 1], self.waits[row, n + 1] = latest, 0
        waited = 0
        for k in range(n, 0, -1):
            stop = stops[k - 1]
            after = int(self.next_seconds[row, k]) + stop.leave - stop.start
            latest = min(max(stop.window.closes, stop.start), latest - after)
            waited += stop.start - stop.arrive
            self.latest[row, k], self.waits[row, k] = latest, waited

    def _runs(self, row: int) -> int:
        """How many times the route stops at a depot to load."""
        runs, before = 0, -1
        for stop in self.times[row].stops:
            if stop.act.what == FIRST and stop.place in self.ground.depots and stop.place != before:
                runs += 1
            before = stop.place
        return runs

    def routes(self) -> tuple[Route, ...]:
        return tuple(Route(v.id, acts) for v, acts in zip(self.vehicles, self.acts, strict=True) if acts)

    def cost(self) -> int:
        return sum(found.cost for found in self.times)
