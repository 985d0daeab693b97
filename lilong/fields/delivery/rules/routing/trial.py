"""One task tried everywhere at once: behind every node of every route, in a few dozen operations on arrays.

Arrays are [rows, columns]: row n is the n-th of the vehicles asked, column k the k-th node of its route (0 is its start).
Behind node i the goods are taken up, behind node j >= i they are handed over; positions count the acts before.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lilong.fields.delivery.rules.routing.board import Board, Ints
from lilong.fields.delivery.rules.routing.problem import FIRST, FOREVER, Act, Task, Visit, Window

NEVER = np.int64(1 << 60)
_LATE = 1 << 24  # a second of lateness weighs more than any detour

Flags = NDArray[np.bool_]


class Trial:
    """`best` [rows] is the lowest score of each row (NEVER: nowhere), `at_take` and `at_give` where that is."""

    def __init__(self, board: Board, task: Task, rows: Ints, grace: int, waiting: int) -> None:
        self.board, self.task, self.rows, self.waiting = board, task, rows, waiting
        self.best = np.full(len(rows), NEVER)
        self.at_take, self.at_give = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
        self._rows = np.arange(len(rows))
        self._look(int(board.count[rows].max()) + 2)
        self.promised = task.give.windows[-1].closes
        self.windows = _stretched(task.give.windows, grace)
        if task.take is None:
            self._single()
        elif task.take.place in board.ground.depots:
            self._from_depot(task.take)
        else:
            self._pair(task.take, self.here & self.fits[:, : self.width])

    def _look(self, width: int) -> None:
        """What is known of the rows, twice as wide as needed, so that looking ahead is a view and no copy."""
        board, rows, wide = self.board, self.rows, 2 * width
        self.width = width
        self.count = board.count[rows][:, None]
        self.kind, self.pace = board.kind[rows][:, None], board.pace[rows][:, None]
        self.column = np.arange(width)[None, :]
        self.here = (self.column >= board.locked[rows][:, None]) & (self.column <= self.count)

        def widened(values: Ints) -> Ints:
            found = np.zeros((len(rows), wide), values.dtype)
            found[:, :width] = values[rows, :width]
            return found

        self.place, self.latest, self.opens = widened(board.place), widened(board.latest), widened(board.opens)
        self.service, self.arrive, self.waits = widened(board.service), widened(board.arrive), widened(board.waits)
        self.next_seconds, self.next_metres = widened(board.next_seconds), widened(board.next_metres)
        self.leave = board.leave[rows, :width]
        spare = board.capacity[rows][:, None, :] - board.load[rows, :width]
        self.fits = np.zeros((len(rows), wide), bool)
        self.fits[:, :width] = (spare >= np.array(self.task.amount, np.int64)).all(axis=2)
        self.last = np.zeros((len(rows), wide), bool)  # the end of one who may stop anywhere: no way leads there
        self.last[:, :width] = board.open_end[rows][:, None] & (self.column == self.count + 1)
        self.idle = self.count == 0
        self.base = np.where(self.idle, board.fixed[rows][:, None], 0)
        self.home = np.where(self.idle, board.next_metres[rows, 0][:, None], 0)  # an idle one drives nowhere
        self.left = (board.reach[rows] - board.metres[rows])[:, None]
        self.per_metre, self.per_second = board.per_metre[rows][:, None], board.per_second[rows][:, None]
        self.to_give, self.give_on = self._to(self.task.give.place), self._from(self.task.give.place)
        self.give_service = self._service(self.task.give, self.place)

    def _to(self, place: int) -> tuple[Ints, Ints]:
        """Seconds and metres from each node to a place."""
        ground = self.board.ground
        seconds = ground.seconds[self.kind, self.place, place] * self.pace // 100
        return seconds, ground.metres[self.kind, self.place, place]

    def _from(self, place: int) -> tuple[Ints, Ints]:
        """The same from a place to each node."""
        ground = self.board.ground
        seconds = ground.seconds[self.kind, place, self.place] * self.pace // 100
        metres = ground.metres[self.kind, place, self.place]
        return np.where(self.last, 0, seconds), np.where(self.last, 0, metres)

    def _service(self, visit: Visit, before: Ints) -> Ints:
        """Seconds at a visit for one who comes from each node; a depot's own are spent once a stop."""
        depot = self.board.ground.depots.get(visit.place)
        if depot is None:
            return np.full(before.shape, visit.service)
        started = np.arange(before.shape[1])[None, :] > 0
        return visit.service + np.where((before == visit.place) & started, 0, depot.service)

    def _ahead(self, values: NDArray[Any], step: int) -> NDArray[Any]:
        return values[:, step : step + self.width]

    def _single(self, good: Flags | None = None, take: Ints | None = None, extra: Ints | None = None) -> None:
        """The hand-over alone behind each node j; `take` [rows, columns] is where the goods then were taken up."""
        seconds, metres = self._ahead(self.to_give[0], 0), self._ahead(self.to_give[1], 0)
        begin, late = self._begin(self.leave + seconds)
        arrive = begin + self._ahead(self.give_service, 0) + self._ahead(self.give_on[0], 1)
        good = self.here if good is None else good
        good = good & (begin < FOREVER) & (arrive <= self._ahead(self.latest, 1))
        metres = metres + self._ahead(self.give_on[1], 1) - self._ahead(self.next_metres, 0)
        at = np.broadcast_to(self.column, good.shape)
        self._keep(
            good, begin, late, arrive, 1, metres if extra is None else metres + extra, at if take is None else take, at
        )

    def _from_depot(self, take: Visit) -> None:
        """Goods from a depot: they join a loading that is planned there, at no time; else the depot is gone to once more."""
        board, place = self.board, self._ahead(self.place, 0)
        loading = (place == take.place) & (self.column > 0) & (self.column <= self.count)
        at = np.maximum.accumulate(np.where(loading, self.column, -1), axis=1)  # the last loading up to each node
        known = np.maximum(at, 0)
        begun = np.take_along_axis(self.leave - self._ahead(self.service, 0), known, axis=1)
        joins = (
            (at >= board.locked[self.rows][:, None]) & (at >= 1) & (begun >= self.task.release) & (take.service == 0)
        )
        full = np.cumsum(~self._ahead(self.fits, 0), axis=1)
        room = full == np.take_along_axis(full - ~self._ahead(self.fits, 0), known, axis=1)
        amid = loading & (self._ahead(self.place, 1) == take.place) & (self.column < self.count)
        self._single(self.here & joins & room & ~amid, known)
        more = (board.runs < board.trips)[self.rows][:, None]
        delayed = loading & ~(joins & (at == self.column))
        self._pair(take, self.here & self._ahead(self.fits, 0) & ((more & ~loading) | delayed))

    def _pair(self, take: Visit, running: Flags) -> None:
        """Both acts: taking up behind each node i where it may be, handing over right then or any number of nodes later."""
        ground = self.board.ground
        to_seconds, to_metres = (self._ahead(values, 0) for values in self._to(take.place))
        windows = ground.windows(Act(self.task.id, FIRST))
        begin = _earliest(windows, self.leave + to_seconds)
        running = running & (begin < FOREVER)
        if not running.any():
            return
        leave = begin + self._ahead(self._service(take, self.place), 0)
        between = ground.seconds[self.kind, take.place, self.task.give.place] * self.pace // 100
        metres = ground.metres[self.kind, take.place, self.task.give.place] + self._ahead(self.give_on[1], 1)
        give, late = self._begin(leave + between)
        service = self._service(self.task.give, np.full((1, 2), take.place))[0, 1]
        arrive = give + service + self._ahead(self.give_on[0], 1)
        good = running & (give < FOREVER) & (arrive <= self._ahead(self.latest, 1))
        at = np.broadcast_to(self.column, good.shape)
        self._keep(good, give, late, arrive, 1, to_metres + metres - self._ahead(self.next_metres, 0), at, at)
        on_seconds, on_metres = self._from(take.place)
        now = leave + self._ahead(on_seconds, 1)
        taken = to_metres + self._ahead(on_metres, 1) - self._ahead(self.next_metres, 0)
        for step in range(1, self.width - 1):
            # node i + step comes before the hand-over: is there one, in time, and is there room on the way from it?
            running = running & (self.column + step <= self.count) & (now <= self._ahead(self.latest, step))
            running = running & self._ahead(self.fits, step)
            if not running.any():
                return
            leave = np.maximum(now, self._ahead(self.opens, step)) + self._ahead(self.service, step)
            give, late = self._begin(leave + self._ahead(self.to_give[0], step))
            arrive = give + self._ahead(self.give_service, step) + self._ahead(self.give_on[0], step + 1)
            good = running & (give < FOREVER) & (arrive <= self._ahead(self.latest, step + 1))
            detour = self._ahead(self.to_give[1], step) + self._ahead(self.give_on[1], step + 1)
            detour = taken + detour - self._ahead(self.next_metres, step)
            self._keep(good, give, late, arrive, step + 1, detour, at, at + step)
            now = leave + self._ahead(self.next_seconds, step)

    def _keep(
        self, good: Flags, give: Ints, late: Ints, arrive: Ints, step: int, metres: Ints, take_at: Ints, give_at: Ints
    ) -> None:
        """Remembers for each row the best of these places: first by lateness, then by cost."""
        metres = metres + self.home
        good = good & (metres <= self.left)
        if not good.any():
            return
        longer = np.maximum(0, arrive - self._ahead(self.arrive, step) - self._ahead(self.waits, step))
        longer = np.where(self.idle, arrive - self.board.begun[self.rows][:, None], longer)
        cost = self.base + metres * self.per_metre + longer * self.per_second + give * self.waiting + late * _LATE
        cost = np.where(good, cost, NEVER)
        at = np.argmin(cost, axis=1)
        lowest = cost[self._rows, at]
        better = lowest < self.best
        self.best = np.where(better, lowest, self.best)
        self.at_take = np.where(better, take_at[self._rows, at], self.at_take)
        self.at_give = np.where(better, give_at[self._rows, at], self.at_give)

    def _begin(self, arrive: Ints) -> tuple[Ints, Ints]:
        """When the hand-over begins for those who arrive then (FOREVER: never), and how late that is against the promise."""
        begin = _earliest(self.windows, arrive)
        return begin, np.maximum(0, begin - self.promised)


def _stretched(windows: tuple[Window, ...], grace: int) -> tuple[Window, ...]:
    return (*windows[:-1], Window(windows[-1].opens, windows[-1].closes + grace)) if grace else windows


def _earliest(windows: tuple[Window, ...], arrive: Ints) -> Ints:
    begin = np.full(arrive.shape, FOREVER, np.int64)
    for window in reversed(windows):
        if window.opens <= window.closes:
            begin = np.where(arrive <= window.closes, np.maximum(arrive, window.opens), begin)
    return begin
