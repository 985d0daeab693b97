"""A first set of routes: what stands is kept as far as it holds, the rest is inserted one by one."""

from collections.abc import Iterable, Sequence

import numpy as np

from lilong.fields.delivery.rules.routing.board import Board
from lilong.fields.delivery.rules.routing.insertion import admitting, cheapest, insert
from lilong.fields.delivery.rules.routing.problem import FIRST, Act, Route, Task, Vehicle
from lilong.fields.delivery.rules.routing.timeline import Ground, timeline


def offending(ground: Ground, vehicle: Vehicle, acts: Sequence[Act]) -> str:
    """The first task of a route that does not hold there; '' if all do."""
    found, capacity = timeline(ground, vehicle, acts), ground.capacity(vehicle)
    loads, before = 0, -1
    for stop in found.stops:
        if stop.late > 0 or any(held > most for held, most in zip(stop.load, capacity, strict=True)):
            return stop.act.task
        if stop.act.what == FIRST and stop.place in ground.depots and stop.place != before:
            loads += 1
            if loads > vehicle.trips:
                return stop.act.task
        before = stop.place
    ends = found.end > vehicle.closes or found.end - found.leave > vehicle.hours or found.metres > vehicle.reach
    return found.stops[-1].act.task if found.stops and ends else ""


def mended(ground: Ground, routes: Iterable[Route]) -> list[Route]:
    """The routes without the tasks that they cannot do; the last ones that do not fit go first."""
    kept = []
    for route in routes:
        acts, vehicle = route.acts, ground.vehicles[route.vehicle]
        while acts and (bad := offending(ground, vehicle, acts)):
            acts = tuple(act for act in acts if act.task != bad)
        if acts:
            kept.append(Route(route.vehicle, acts))
    return kept


def completed(
    ground: Ground, routes: Iterable[Route], missing: Iterable[Task], *, grace: bool
) -> tuple[Board, list[Task]]:
    """A board with the routes and as many of the missing tasks as can be inserted, and those that could not.

    The important first, then those that are due first. With `grace` what cannot be in time may be late within its own.
    """
    board, left = Board(ground, routes), list[Task]()
    kin = _Kin(board)
    for task in sorted(missing, key=urgency):
        offer = cheapest(board, task, only=kin.asked(task))
        if offer is None and grace and task.grace:
            offer = cheapest(board, task, grace=task.grace, only=kin.asked(task))
        if offer is None:
            left.append(task)
        else:
            insert(board, offer)
    return board, left


def urgency(task: Task) -> tuple[int, int, int, str]:
    return (-task.priority, task.give.windows[-1].closes, -sum(task.amount), task.id)


class _Kin:
    """Of idle vehicles that are alike one is asked for all."""

    def __init__(self, board: Board) -> None:
        self.board = board

    def asked(self, task: Task) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        mask = np.zeros(len(self.board.vehicles), dtype=bool)
        rows = admitting(self.board, task)
        idle = rows[self.board.count[rows] == 0]
        mask[rows[self.board.count[rows] > 0]] = True
        _, first = np.unique(self.board.kin[idle], return_index=True)
        mask[idle[first]] = True
        return mask
