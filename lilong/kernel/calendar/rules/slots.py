"""What is free: the slots of open windows against the lanes that are taken."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from lilong.kernel.calendar.rules.opening import Window


class Busy(NamedTuple):
    """Lane `lane` is taken from `start` to before `until`, turnaround included."""

    lane: int
    start: int
    until: int


class _Candidate(NamedTuple):
    start: int
    end: int
    capacity: int


def free_slots(
    found: Sequence[Window],
    busy: Sequence[Busy],
    *,
    start: int,
    end: int,
    seconds: int | None,
    step: int,
    buffer: int,
    units: int,
    limit: int,
) -> list[tuple[int, int, int]]:
    """(start, end, free lanes) of every slot within `start` .. `end` with at least `units` lanes free, by start.

    Windows with slots give theirs (`seconds` long where given, a multiple of the slot); windows on the resource's `step`
    give every step (`seconds` long, else one step); windows with neither give their free stretches whole.
    """
    gridded: dict[tuple[int, int], int] = {}
    for window in found:
        if window.slot or step:
            for one in _grid(window, start, end, seconds, step):
                gridded[one.start, one.end] = max(one.capacity, gridded.get((one.start, one.end), 0))
    stretches = [
        stretch
        for window in _joined(window for window in found if not (window.slot or step))
        for stretch in _stretches(window, busy, max(start, window.start), min(end, window.end), seconds, buffer)
    ]
    candidates = [_Candidate(*span, capacity) for span, capacity in sorted(gridded.items())]
    free = [*_counted(candidates, busy, buffer), *stretches]
    return sorted({slot for slot in free if slot[2] >= units})[:limit]


def _grid(window: Window, start: int, end: int, seconds: int | None, step: int) -> Iterator[_Candidate]:
    grid = window.slot or step
    length = seconds or grid
    if length % grid:
        return
    first = window.start + max(0, -((window.start - start) // grid)) * grid
    for at in range(first, min(end, window.end) - length + 1, grid):
        yield _Candidate(at, at + length, window.capacity)


def _joined(found: Iterable[Window]) -> list[Window]:
    """Windows of equal capacity that touch are one: whoever is open round the clock is free through midnight."""
    joined: list[Window] = []
    for window in found:
        last = joined[-1] if joined else None
        if last and last.end >= window.start and last.capacity == window.capacity:
            joined[-1] = last._replace(end=max(last.end, window.end))
        else:
            joined.append(window)
    return joined


def _counted(candidates: Sequence[_Candidate], busy: Iterable[Busy], buffer: int) -> Iterator[tuple[int, int, int]]:
    """Each candidate with its free lanes: every taken stretch is marked on the candidates it touches."""
    starts = [one.start for one in candidates]
    longest = max((one.end - one.start for one in candidates), default=0) + buffer
    taken: list[set[int]] = [set() for _ in candidates]
    for lane, since, until in busy:
        for n in range(bisect_right(starts, since - longest), bisect_left(starts, until)):
            if candidates[n].end + buffer > since and lane < candidates[n].capacity:
                taken[n].add(lane)
    for one, lanes in zip(candidates, taken, strict=True):
        yield one.start, one.end, one.capacity - len(lanes)


def _stretches(
    window: Window, busy: Sequence[Busy], start: int, end: int, seconds: int | None, buffer: int
) -> Iterator[tuple[int, int, int]]:
    """The longest stretches in which some lane is free, each with the number of lanes free throughout."""
    lanes: dict[int, list[tuple[int, int]]] = {lane: [] for lane in range(window.capacity)}
    for lane, since, until in sorted(busy, key=lambda one: one.start):
        if lane in lanes:
            lanes[lane].append((since - buffer, until))  # a booking before another ends its turnaround before it
    gaps = [gap for taken in lanes.values() for gap in _gaps(taken, start, end) if gap[1] - gap[0] >= (seconds or 1)]
    for since, until in set(gaps):
        yield since, until, sum(1 for gap in gaps if gap[0] <= since and until <= gap[1])


def _gaps(taken: Iterable[tuple[int, int]], start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    for since, until in taken:
        if at < min(since, end):
            yield at, min(since, end)
        at = max(at, until)
    if at < end:
        yield at, end
