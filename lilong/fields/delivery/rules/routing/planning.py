"""Plans: from nothing, from a plan that stands, in the middle of the day.

Nothing is dropped and nothing doubled: every task of the problem is in exactly one route or among the unassigned with its
reason. What PyVRP answers is not believed but mended: a task whose route does not hold is taken out and inserted again.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec
import numpy as np
from scipy.optimize import linear_sum_assignment

from lilong.fields.delivery.rules.routing import solver
from lilong.fields.delivery.rules.routing.board import Board
from lilong.fields.delivery.rules.routing.budget import Budget
from lilong.fields.delivery.rules.routing.construction import completed, mended
from lilong.fields.delivery.rules.routing.problem import FIRST, LAST, Act, Plan, Problem, Reason, Route, Task, Vehicle
from lilong.fields.delivery.rules.routing.reasons import alone, explain
from lilong.fields.delivery.rules.routing.timeline import Ground, timeline

_SEARCH_FROM = 2  # tasks: one alone is best where the insertion puts it


def plan(problem: Problem, stop: float | Callable[[float], bool], *, seed: int = 0) -> Plan:
    """The best plan found until `stop` (seconds of CPU time, or a callable that says so).

    Raises ValueError for a problem that contradicts itself (unknown places, doubled ids).
    """
    _sound(problem)
    stop = stop if callable(stop) else Budget(stop)
    open_ = unlocked(problem)
    ground = Ground(open_)
    begun, left = _begin(ground)
    candidates = [(begun, left)]
    if len(open_.tasks) - len(left) >= _SEARCH_FROM and not stop(0):
        found = _searched(ground, begun, left, stop, seed)
        if found is not None:
            candidates.append(found)
    board, left = min(candidates, key=lambda each: _score(each[0], each[1]))
    reasons = tuple(explain(board, task) for task in left)
    return _whole(problem, board, reasons)


def repaired(problem: Problem) -> Plan:
    """The current routes as far as they hold, what is missing inserted: the least change, in milliseconds."""
    _sound(problem)
    ground = Ground(unlocked(problem))
    board, left = _begin(ground)
    return _whole(problem, board, tuple(explain(board, task) for task in left))


def unlocked(problem: Problem) -> Problem:
    """The same problem once every vehicle has done its locked acts: what is left, from where it is then."""
    if not any(vehicle.locked for vehicle in problem.vehicles):
        return problem
    ground = Ground(problem)
    done, taken = set[str](), dict[str, str]()
    vehicles = []
    for vehicle in problem.vehicles:
        if not vehicle.locked:
            vehicles.append(vehicle)
            continue
        found = timeline(ground, vehicle, vehicle.locked)
        for act in vehicle.locked:
            if act.what == LAST:
                done.add(act.task)
            else:
                taken[act.task] = vehicle.id
        last = found.stops[-1]
        vehicles.append(_after(vehicle, last.place, last.leave, found.leave, sum(stop.metres for stop in found.stops)))
    tasks = [
        msgspec.structs.replace(task, take=None, aboard=taken[task.id]) if task.id in taken else task
        for task in problem.tasks
        if task.id not in done
    ]
    heads = {vehicle.id: len(vehicle.locked) for vehicle in problem.vehicles}
    current = tuple(
        Route(route.vehicle, route.acts[heads[route.vehicle] :]) for route in problem.current if route.vehicle in heads
    )
    return msgspec.structs.replace(problem, vehicles=tuple(vehicles), tasks=tuple(tasks), current=current)


def _after(vehicle: Vehicle, place: int, now: int, left_at: int, metres: int) -> Vehicle:
    return msgspec.structs.replace(
        vehicle,
        start=place,
        opens=now,
        hours=max(0, vehicle.hours - (now - left_at)),
        reach=max(0, vehicle.reach - metres),
        fixed=0,
        locked=(),
    )


def _begin(ground: Ground) -> tuple[Board, list[Task]]:
    """What stands, mended and completed."""
    problem = ground.problem
    known = {task.id: task for task in problem.tasks}
    seen: set[Act] = set()
    routes = []
    for route in problem.current:
        if route.vehicle not in ground.vehicles:
            continue
        acts = tuple(
            act for act in route.acts if act.task in known and act not in seen and _may(known[act.task], route, act)
        )
        whole = {act.task for act in acts if act.what == LAST}
        whole -= {id for id in whole if known[id].take is not None and Act(id, FIRST) not in acts}
        acts = tuple(act for act in acts if act.task in whole)
        seen.update(acts)
        routes.append(Route(route.vehicle, acts))
    kept = mended(ground, routes)
    planned = {act.task for route in kept for act in route.acts}
    return completed(ground, kept, [task for task in problem.tasks if task.id not in planned], grace=True)


def _may(task: Task, route: Route, act: Act) -> bool:
    return not (task.take is None and (act.what == FIRST or task.aboard != route.vehicle))


def _searched(
    ground: Ground, begun: Board, left: Sequence[Task], stop: Callable[[float], bool], seed: int
) -> tuple[Board, list[Task]] | None:
    """PyVRP's answer, mended and completed; None if it has none."""
    hopeless = {task.id for task in left if not any(not alone(ground, v, task) for v in ground.problem.vehicles)}
    late = {stop_.act.task for times in begun.times for stop_ in times.stops if stop_.late}
    tasks = [task for task in ground.problem.tasks if task.id not in hopeless and task.id not in late]
    required = len(tasks) == len(ground.problem.tasks) - len(left) - len(late)
    routes = mended(ground, [Route(r.vehicle, tuple(a for a in r.acts if a.task not in late)) for r in begun.routes()])
    try:
        model = solver.Model(ground, tasks, required=required)
    except solver.TooLarge:
        return None
    found = solver.search(model, stop, seed, routes)
    kept = mended(ground, _kindred(ground, found))
    planned = {act.task for route in kept for act in route.acts}
    return completed(ground, kept, [task for task in ground.problem.tasks if task.id not in planned], grace=True)


def _kindred(ground: Ground, routes: Iterable[Route]) -> list[Route]:
    """Among vehicles that are alike, each gets the route with most of what was promised in its name."""
    alike: dict[Vehicle, list[str]] = {}
    for vehicle in ground.problem.vehicles:
        alike.setdefault(msgspec.structs.replace(vehicle, id=""), []).append(vehicle.id)
    of = {vehicle: members for members in alike.values() for vehicle in members}
    groups: dict[str, list[Route]] = {}
    for route in routes:
        groups.setdefault(of[route.vehicle][0], []).append(route)
    found = []
    for first, members in ((members[0], members) for members in alike.values()):
        mine = groups.get(first, [])
        kept = np.array(
            [[sum(ground.tasks[a.task].promised == v for a in r.acts if a.what == LAST) for v in members] for r in mine]
        ).reshape(len(mine), len(members))
        for row, column in zip(*linear_sum_assignment(-kept), strict=True):
            found.append(Route(members[column], mine[row].acts))
    return found


def moved(tasks: Iterable[Task], routes: Iterable[Route]) -> int:
    """How many promised tasks are with another vehicle than was said."""
    by = {act.task: route.vehicle for route in routes for act in route.acts}
    return sum(bool(task.promised) and task.id in by and by[task.id] != task.promised for task in tasks)


def _score(board: Board, left: Sequence[Task]) -> int:
    """What is left out costs more than any carrying; then lateness; then cost and change."""
    problem = board.ground.problem
    late = sum(stop.late for times in board.times for stop in times.stops)
    change = problem.change * moved(problem.tasks, board.routes())
    worst = 1 + board.cost() + change
    return sum(1 + task.priority for task in left) * max(worst, _WORST) + late * _SECOND + board.cost() + change


_WORST, _SECOND = 1 << 48, 1 << 24


def _whole(problem: Problem, board: Board, reasons: tuple[Reason, ...]) -> Plan:
    """The plan of the problem as it was asked: with the acts under way before."""
    heads = {vehicle.id: vehicle.locked for vehicle in problem.vehicles}
    acts = {route.vehicle: route.acts for route in board.routes()}
    routes = tuple(
        Route(vehicle.id, heads[vehicle.id] + acts.get(vehicle.id, ()))
        for vehicle in problem.vehicles
        if heads[vehicle.id] or acts.get(vehicle.id)
    )
    ground = Ground(problem)
    cost = sum(timeline(ground, ground.vehicles[route.vehicle], route.acts).cost for route in routes)
    return Plan(routes, reasons, cost, moved(problem.tasks, routes))


def _sound(problem: Problem) -> None:
    kinds, places, _ = problem.travel.seconds.shape
    for matrices in problem.travel:
        if matrices.shape != (kinds, places, places) or (matrices < 0).any():
            raise ValueError("travel matrices are square, of one size, and never negative")
    for members in (problem.vehicles, problem.tasks):
        if len({each.id for each in members}) != len(members):
            raise ValueError("ids are given once")
    for task in problem.tasks:
        used = [task.give.place] + ([task.take.place] if task.take else [])
        if not all(0 <= place < places for place in used) or (task.take is None and not task.aboard):
            raise ValueError(f"task {task.id}: a place is not in the matrices, or its goods are nowhere")
    for vehicle in problem.vehicles:
        used = [vehicle.start] + ([vehicle.end] if vehicle.end is not None else [])
        if not all(0 <= place < places for place in used) or vehicle.matrix >= kinds:
            raise ValueError(f"vehicle {vehicle.id}: a place or its matrix is not there")
