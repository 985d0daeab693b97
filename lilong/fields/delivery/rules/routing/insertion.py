"""The cheapest place for one more task, over all vehicles at once: for what arrives now.

Promises first, cost second: nothing that is planned gets late (or later) for it, and the task itself is late only within its
grace and only if nobody can be in time. `Ages` makes an order that has waited long weigh its own time more than driving.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lilong.fields.delivery.rules.routing.board import Board, Ints
from lilong.fields.delivery.rules.routing.problem import FIRST, LAST, Act, Task, admits
from lilong.fields.delivery.rules.routing.timeline import timeline
from lilong.fields.delivery.rules.routing.trial import NEVER, Trial

TRIES = 12  # how many vehicles' best places are looked at closely before giving up


class Offer(NamedTuple):
    """Where a task goes: the acts of the vehicle with it, what that costs more, when it is done, how late that is."""

    vehicle: str
    row: int
    acts: tuple[Act, ...]
    cost: int
    done: int
    late: int


def cheapest(
    board: Board, task: Task, *, grace: int = 0, waiting: int = 0, only: NDArray[np.bool_] | None = None
) -> Offer | None:
    """The best insertion, or None. O(rows * columns^2) in a few dozen array operations.

    `grace`: seconds the hand-over may be late. `waiting`: cost of each second until it is handed over. `only`: [rows], which
    vehicles are asked (default: all that admit the task).
    """
    rows = admitting(board, task) if only is None else np.flatnonzero(only)
    if not len(rows):
        return None
    for row, i, j in _ranked(Trial(board, task, rows, grace, waiting)):
        offer = _checked(board, task, row, i, j, grace)
        if offer is not None:
            return offer
    return None


def admitting(board: Board, task: Task) -> Ints:
    """[n] the rows whose vehicle may carry the task."""
    if task.aboard:
        row = board.row.get(task.aboard)
        return np.array([] if row is None or admits(board.vehicles[row], task) else [row], dtype=np.int64)
    able = np.array([not admits(vehicle, task) for vehicle in board.kinds], dtype=bool)
    return np.flatnonzero(able[board.kin])


def insert(board: Board, offer: Offer) -> None:
    board.put(offer.row, offer.acts)


def _ranked(trial: Trial) -> Iterator[tuple[int, int, int]]:
    """The vehicles with their best places, best first, of those that have any."""
    order = np.argsort(trial.best, kind="stable")[:TRIES]
    for n in order:
        if trial.best[n] >= NEVER:
            return
        yield int(trial.rows[n]), int(trial.at_take[n]), int(trial.at_give[n])


def _checked(board: Board, task: Task, row: int, i: int, j: int, grace: int) -> Offer | None:
    """The insertion done for real and looked at: the arrays do not know everything (a depot's shared service)."""
    old, vehicle, capacity = board.acts[row], board.vehicles[row], board.capacity[row]
    give = (*old[i:j], Act(task.id, LAST), *old[j:])
    acts = (*old[:i], *((Act(task.id, FIRST),) if task.take else ()), *give)
    before, after = board.times[row], timeline(board.ground, vehicle, acts)
    late_before = {stop.act: stop.late for stop in before.stops}
    own = Act(task.id, LAST)
    for stop in after.stops:
        if stop.late > (grace if stop.act == own else late_before.get(stop.act, 0)):
            return None
        if (stop.load > capacity).any():
            return None
    if after.end > max(vehicle.closes, before.end if before.stops else 0) or after.metres > vehicle.reach:
        return None
    if after.end - after.leave > vehicle.hours:
        return None
    done = next(stop for stop in after.stops if stop.act == own)
    return Offer(vehicle.id, row, acts, after.cost - before.cost, done.start, done.late)
