"""Our planner against OR-Tools on published instances: the gap to the best known cost after the same CPU time on one core.

Prints one JSON line: for each set of instances the mean gap in percent of both (ours: the mean over the seeds), for each
instance both gaps, and what the independent checker found in any of the plans (`violations`, to be 0). Instances, best known
costs and their rounding: `bench/data/routing/ORIGIN.txt`. None of them was used for tuning (see `rules/routing/solver.py`).

OR-Tools: a first solution (the better of two of its strategies for that size), then guided local search, as its documentation
proposes; ended by the same measure of CPU time.
"""

import argparse
import json
import os
import signal
import statistics
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple, TextIO

from bench.instances import Instance, read
from lilong.fields.delivery.rules.routing.budget import Budget
from lilong.fields.delivery.rules.routing.checker import check
from lilong.fields.delivery.rules.routing.planning import plan
from lilong.fields.delivery.rules.routing.problem import FIRST, LAST, Act, Plan, Problem, Reason, Route

SETS = {
    "solomon": (
        10,
        ["R101", "R112", "R201", "R211", "C101", "C109", "C201", "C208", "RC101", "RC108", "RC201", "RC208"],
    ),
    "gh1000": (60, ["R1_10_1", "RC2_10_5", "C1_10_1", "C2_10_3"]),
    "multitrip": (30, ["C201R0.5", "C205R0.5", "C2_2_01R0.5", "C2_2_06R0.5"]),
}
GOALS = {"solomon": 2.0, "gh1000": 5.0}
_PENALTY = 10_000_000  # of a customer that OR-Tools leaves out
_LARGE = 500  # customers, from which on OR-Tools does better from a parallel insertion than from the cheapest arcs


class Result(NamedTuple):
    gap: float  # percent above the best known cost; of what is served
    left: int  # customers not served
    violations: int


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="lilong bench routing", description=__doc__)
    parser.add_argument("--sets", default="solomon,gh1000", help=f"of {', '.join(SETS)}")
    parser.add_argument("--instances", default="", help="only these, by name")
    parser.add_argument("--seconds", type=float, default=0, help="CPU seconds for each, instead of the set's own")
    parser.add_argument("--seeds", type=int, default=1, help="runs of ours for each instance")
    parser.add_argument("--no-peer", action="store_true", help="without OR-Tools")
    parser.add_argument("--json", action="store_true", help="accepted for uniformity: the line is JSON anyway")
    options = parser.parse_args(argv)
    print(json.dumps(run(options)))
    return 0


def run(options: argparse.Namespace) -> dict[str, Any]:
    core = min(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})  # both on the same one
    only = set(options.instances.split(",")) - {""}
    found: dict[str, Any] = {"bench": "routing", "seeds": options.seeds, "violations": 0, "instances": {}}
    for name in options.sets.split(","):
        seconds, names = SETS[name]
        seconds = options.seconds or seconds
        chosen = [each for each in names if not only or each in only]
        if not chosen:
            continue
        results = {each: _both(each, seconds, options) for each in chosen}
        found |= {f"{name}_seconds": seconds} | _means(name, results)
        for each, sides in results.items():
            found["instances"][each] = {side: _shown(runs) for side, runs in sides.items() if runs}
            found["violations"] += sum(result.violations for runs in sides.values() for result in runs)
    return found


def _means(name: str, results: dict[str, dict[str, list[Result]]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for side in ("ours", "ortools"):
        gaps = [statistics.mean(result.gap for result in sides[side]) for sides in results.values() if sides[side]]
        if gaps:
            found[f"{name}_{side}_gap"] = round(statistics.mean(gaps), 3)
    if name in GOALS:
        found[f"{name}_goal"] = GOALS[name]
    return found


def _shown(runs: Sequence[Result]) -> dict[str, Any]:
    shown: dict[str, Any] = {"gap": round(statistics.mean(result.gap for result in runs), 3)}
    if any(result.left for result in runs):
        shown["left"] = sum(result.left for result in runs)
    if len(runs) > 1:
        shown["gaps"] = [round(result.gap, 3) for result in runs]
    return shown


def _both(name: str, seconds: float, options: argparse.Namespace) -> dict[str, list[Result]]:
    instance = read(name)
    ours = [_judged(instance, plan(instance.problem, Budget(seconds), seed=seed)) for seed in range(options.seeds)]
    single = all(vehicle.trips == 1 for vehicle in instance.problem.vehicles)
    theirs = [_judged(instance, _ortools(instance.problem, seconds))] if single and not options.no_peer else []
    told = ", ".join(f"{side} {runs[0].gap:.2f}%" for side, runs in (("ours", ours), ("OR-Tools", theirs)) if runs)
    print(f"{name}: {told}", file=sys.stderr, flush=True)
    return {"ours": ours, "ortools": theirs}


def _judged(instance: Instance, made: Plan) -> Result:
    return Result(100 * (made.cost / instance.best - 1), len(made.unassigned), len(check(instance.problem, made)))


def _ortools(problem: Problem, seconds: float) -> Plan:
    """What OR-Tools has found when its CPU time is over: a process of its own, which says each better solution, is ended then.

    Asking it for its CPU time from within (a search limit of ours) would cost it up to half of that time.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "w") as out:
            _ortools_search(problem, seconds, out)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as said:
        lines = said.read().split("\n")
    os.waitpid(child, 0)
    found = json.loads(lines[-2]) if len(lines) > 1 else {"cost": 0, "routes": []}  # the last one may be cut off
    served = {task for tasks in found["routes"] for task in tasks}
    left = tuple(Reason(task.id, "all-full") for task in problem.tasks if task.id not in served)
    routes = tuple(
        Route(vehicle.id, tuple(Act(task, what) for what in (FIRST, LAST) for task in tasks))
        for vehicle, tasks in zip(problem.vehicles, found["routes"], strict=False)
    )
    return Plan(routes, left, found["cost"] - _PENALTY * len(left))


def _ortools_search(problem: Problem, seconds: float, out: TextIO) -> None:
    """The same problem in OR-Tools' words: one depot, one capacity, windows, vehicles that are alike."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    car, size = problem.vehicles[0], len(problem.tasks) + 1
    manager = pywrapcp.RoutingIndexManager(size, len(problem.vehicles), 0)
    routing = pywrapcp.RoutingModel(manager)
    metres = problem.travel.metres[0]
    service = [0, *(task.give.service for task in problem.tasks)]
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(metres.tolist()))
    passing = routing.RegisterTransitMatrix((metres + [[each] for each in service]).tolist())
    routing.AddDimension(passing, car.closes, car.closes, False, "time")
    demands = routing.RegisterUnaryTransitVector([0, *(task.amount[0] for task in problem.tasks)])
    routing.AddDimensionWithVehicleCapacity(demands, 0, [v.capacity[0] for v in problem.vehicles], True, "load")
    times = routing.GetDimensionOrDie("time")
    for n, task in enumerate(problem.tasks, 1):
        index, (window,) = manager.NodeToIndex(n), task.give.windows
        times.CumulVar(index).SetRange(window.opens, window.closes)
        routing.AddDisjunction([index], _PENALTY)
    asked = pywrapcp.DefaultRoutingSearchParameters()
    first = routing_enums_pb2.FirstSolutionStrategy
    asked.first_solution_strategy = first.PARALLEL_CHEAPEST_INSERTION if size > _LARGE else first.PATH_CHEAPEST_ARC
    asked.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    asked.time_limit.FromSeconds(int(100 * seconds) + 60)  # of the clock: never the one that ends it
    best = sys.maxsize

    def better() -> None:
        nonlocal best
        if (cost := routing.CostVar().Max()) < best:
            best = cost
            routes = [_visited(manager, routing, vehicle) for vehicle in range(len(problem.vehicles))]
            out.write(json.dumps({"cost": cost, "routes": [tasks for tasks in routes if tasks]}) + "\n")
            out.flush()

    routing.AddAtSolutionCallback(better)
    signal.setitimer(signal.ITIMER_PROF, seconds)  # SIGPROF ends the process
    routing.SolveWithParameters(asked)


def _visited(manager: Any, routing: Any, vehicle: int) -> list[str]:
    index, tasks = routing.Start(vehicle), list[str]()
    while not routing.IsEnd(index):
        if manager.IndexToNode(index):
            tasks.append(str(manager.IndexToNode(index)))
        index = routing.NextVar(index).Value()
    return tasks
