"""Projections: tables computed from the log, each event exactly once, whatever is killed."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

import msgspec
from django.db import connection, transaction

from lilong.kernel.base import clock
from lilong.kernel.events import queries
from lilong.kernel.events.loop import Line, repeat
from lilong.kernel.events.rules.envelope import Recorded

__all__ = ["Lag", "Projection", "Recorded", "advance", "advance_all", "lags", "register", "replay", "run"]

_LOCK = "SELECT seq FROM events_cursor WHERE name = %s FOR UPDATE"

_log = logging.getLogger(__name__)


class Projection(msgspec.Struct, frozen=True):
    """A reader of the log. `apply` gets events of `types` (none given: all) in the log's order and writes its tables;
    `reset` empties them. Both run in the transaction that moves the cursor, so neither may commit by itself."""

    name: str
    types: tuple[str, ...]
    apply: Callable[[list[Recorded]], None]
    reset: Callable[[], None]


class Lag(msgspec.Struct, frozen=True):
    """How far a follower is behind: places of the log, and seconds since its oldest unread event was recorded."""

    name: str
    seq: int
    behind: int
    seconds: float


_projections: dict[str, Projection] = {}


def register(projection: Projection) -> None:
    """Makes the projection known (in an app's `ready`). Raises ValueError for a name that is taken."""
    if projection.name in _projections:
        raise ValueError(f"the projection {projection.name!r} is registered already")
    _projections[projection.name] = projection


def names() -> list[str]:
    """All registered projections."""
    return list(_projections)


def advance(name: str, limit: int = 1000, *, wait: bool = True) -> int:
    """Applies what comes next, up to `limit` places of the log, and moves the cursor, in one transaction.

    Answers how many places the cursor moved; 0 means that nothing new has a place. Of several processes one reads on;
    the others wait for it, or with `wait=False` answer 0 at once.
    """
    projection = _projections[name]
    with transaction.atomic():
        seq = locked_cursor(name, wait=wait)
        if seq is None:
            return 0
        places = min(queries.tree_size() - seq, limit)
        if places <= 0:
            return 0
        events = queries.after(seq, places, projection.types)
        if events:
            projection.apply(events)
        move_cursor(name, seq + places)
    return places


def advance_all(limit: int = 1000) -> int:
    """Advances every projection that no other process is advancing. One that fails does not stop the others."""
    moved = 0
    for name in names():
        try:
            moved += advance(name, limit, wait=False)
        except Exception:
            _log.exception("projection %s failed; its events wait", name)
    return moved


def replay(name: str) -> int:
    """Empties the projection and applies the whole log again. Answers how many places were read."""
    with transaction.atomic():
        locked_cursor(name, wait=True)
        _projections[name].reset()
        move_cursor(name, 0)
    read = 0
    while moved := advance(name):
        read += moved
    return read


def lags() -> list[Lag]:
    """The lag of every registered projection, and of the relay once it has published."""
    size, cursors, now = queries.tree_size(), queries.cursors(), clock.now()
    found = []
    for name in sorted({*names(), *cursors}):
        seq = cursors.get(name, 0)
        oldest = queries.after(seq, 1)
        found.append(Lag(name, seq, max(size - seq, 0), _seconds(oldest[0].recorded_at, now) if oldest else 0.0))
    return found


async def run(stop: asyncio.Event) -> None:
    """Advances all projections until `stop`: the worker's part."""
    line = Line("follow")
    try:
        await repeat("follow", lambda: line.run(advance_all), stop)
    finally:
        await line.close()


def locked_cursor(name: str, *, wait: bool) -> int | None:
    """The follower's place, locked until the transaction ends; None when another has it and `wait` is false."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq FROM events_cursor WHERE name = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute("INSERT INTO events_cursor (name, seq) VALUES (%s, 0) ON CONFLICT DO NOTHING", [name])
        cursor.execute(_LOCK if wait else f"{_LOCK} SKIP LOCKED", [name])
        row = cursor.fetchone()
    return row[0] if row else None


def move_cursor(name: str, seq: int) -> None:
    """Sets the place of a follower whose lock is held."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE events_cursor SET seq = %s, moved_at = now() WHERE name = %s", [seq, name])


def _seconds(then: datetime, now: datetime) -> float:
    return max((now - then).total_seconds(), 0.0)
