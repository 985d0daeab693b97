"""When a vehicle is where, what it carries then, and what its route costs."""

from collections.abc import Sequence
from typing import NamedTuple

from lilong.fields.delivery.rules.routing.problem import FIRST, LAST, Act, Problem, Task, Vehicle, Visit, Window


class Stop(NamedTuple):
    """One act as it will happen. `late` counts from the end of its last window; `load` is aboard after it."""

    act: Act
    place: int
    arrive: int
    start: int
    leave: int
    window: Window
    late: int
    load: tuple[int, ...]
    metres: int  # of the leg before it
    seconds: int


class Timeline(NamedTuple):
    """A route in time. `cost` includes the fixed cost only when something is done; `end` is when it is free or home."""

    leave: int
    stops: tuple[Stop, ...]
    end: int
    metres: int
    seconds_home: int
    metres_home: int
    load: tuple[int, ...]  # aboard when leaving
    cost: int


class Ground:
    """A problem made ready for many looks: tasks and vehicles by id, depots by place, the matrices.

    `seconds` and `metres` are [kinds, places, places]. A leg of a vehicle takes its matrix' seconds * pace // 100.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.tasks = {task.id: task for task in problem.tasks}
        self.vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
        self.depots = {depot.place: depot for depot in problem.depots}
        self.seconds, self.metres = problem.travel
        self.aboard: dict[str, list[Task]] = {vehicle.id: [] for vehicle in problem.vehicles}
        for task in problem.tasks:
            if task.aboard in self.aboard:
                self.aboard[task.aboard].append(task)

    def leg(self, vehicle: Vehicle, a: int, b: int) -> tuple[int, int]:
        """Seconds and metres from place a to place b."""
        kind = vehicle.matrix
        return int(self.seconds[kind, a, b]) * vehicle.pace // 100, int(self.metres[kind, a, b])

    def visit(self, act: Act) -> Visit:
        task = self.tasks[act.task]
        visit = task.take if act.what == FIRST else task.give
        assert visit is not None
        return visit

    def service(self, visit: Visit, before: int) -> int:
        """Seconds at a visit for one who comes from the place `before`: a depot's own are spent once a stop."""
        depot = self.depots.get(visit.place)
        return visit.service + (depot.service if depot is not None and before != visit.place else 0)

    def windows(self, act: Act) -> tuple[Window, ...]:
        """The windows of an act; goods that are not ready yet cannot be taken up."""
        task = self.tasks[act.task]
        if act.what == LAST or task.take is None:
            return task.give.windows
        if not task.release:
            return task.take.windows
        later = tuple(
            Window(max(w.opens, task.release), w.closes) for w in task.take.windows if w.closes >= task.release
        )
        return later or (Window(task.release, task.take.windows[-1].closes),)  # which nobody can keep

    def capacity(self, vehicle: Vehicle) -> tuple[int, ...]:
        """What it may hold; one that is overloaded already may go on, but take up nothing."""
        return tuple(max(most, held) for most, held in zip(vehicle.capacity, self.first_load(vehicle), strict=True))

    def first_load(self, vehicle: Vehicle) -> tuple[int, ...]:
        """What is aboard at the start: the vehicle's own load and every task that is aboard, planned or not."""
        load = vehicle.load or (0,) * len(vehicle.capacity)
        for task in self.aboard[vehicle.id]:
            load = tuple(a + b for a, b in zip(load, task.amount, strict=True))
        return load


def earliest(windows: Sequence[Window], arrive: int) -> tuple[int, Window, int]:
    """When service begins for one who arrives then, in which window, and how much after the last window that is."""
    for window in windows:
        if max(arrive, window.opens) <= window.closes:
            return max(arrive, window.opens), window, 0
    start = max(arrive, windows[-1].opens)
    return start, windows[-1], start - windows[-1].closes


def timeline(ground: Ground, vehicle: Vehicle, acts: Sequence[Act]) -> Timeline:
    """The route in time, leaving as early as it may, except that nobody sets out only to wait at the first stop.

    A shift that would be too long so leaves later, as late as keeps its end.
    """
    found = _forward(ground, vehicle, acts, vehicle.opens)
    if not found.stops:
        return found
    first = found.stops[0]
    idle = first.start - first.arrive
    if idle > 0 and not vehicle.locked:
        found = _forward(ground, vehicle, acts, vehicle.opens + idle)
    if found.end - found.leave > vehicle.hours and not vehicle.locked:
        found = _forward(ground, vehicle, acts, max(found.leave, _latest_leave(found)))
    return found


def _forward(ground: Ground, vehicle: Vehicle, acts: Sequence[Act], leave: int) -> Timeline:
    load = begin = ground.first_load(vehicle)
    place, now, metres = vehicle.start, leave, 0
    stops: list[Stop] = []
    for act in acts:
        visit = ground.visit(act)
        seconds, length = ground.leg(vehicle, place, visit.place)
        arrive = now + seconds
        start, window, late = earliest(ground.windows(act), arrive)
        now = start + ground.service(visit, place if stops else -1)
        sign = 1 if act.what == FIRST else -1
        load = tuple(a + sign * b for a, b in zip(load, ground.tasks[act.task].amount, strict=True))
        place, metres = visit.place, metres + length
        stops.append(Stop(act, place, arrive, start, now, window, late, load, length, seconds))
    home = ground.leg(vehicle, place, vehicle.end) if vehicle.end is not None and stops else (0, 0)
    end, metres = now + home[0], metres + home[1]
    cost = vehicle.fixed + metres * vehicle.per_metre + (end - leave) * vehicle.per_second if stops else 0
    return Timeline(leave, tuple(stops), end, metres, home[0], home[1], begin, cost)


def _latest_leave(found: Timeline) -> int:
    """The latest leaving that does not make the end later."""
    after = found.end - found.seconds_home
    for stop in reversed(found.stops):
        begin = min(max(stop.window.closes, stop.start), after - (stop.leave - stop.start))
        after = begin - stop.seconds
    return after
