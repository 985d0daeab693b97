"""The watchers of one process, on its event loop: fans out, pings, has rights looked at again."""

import asyncio
from typing import Protocol

from lilong.kernel.live import figures

CONNECTIONS_MAX = 3_000
TICK_SECONDS = 1.0


class Watcher(Protocol):
    """An open connection, as the hub sees it; all of it on the hub's event loop."""

    def push(self, topic: str, frame: str) -> None:
        """Queues a frame of a watched topic."""

    def look_again(self, topic: str) -> None:
        """Has the right to the topic looked at, and its state read anew."""

    def all_stale(self) -> None:
        """Has every topic read anew: something may have been missed."""

    def tick(self) -> None:
        """Once a second: pings, silence, rights."""


_loop: asyncio.AbstractEventLoop | None = None
_ticking: asyncio.Task[None] | None = None
_connections: set[Watcher] = set()
_watchers: dict[str, set[Watcher]] = {}


def deliver(topic: str, body: bytes) -> None:
    """From any thread: a message for everyone who watches the topic here; an empty one has their rights looked at."""
    loop = _loop
    if loop is not None and topic in _watchers:
        _soon(loop, topic, body)


def doubtful() -> None:
    """From any thread: messages may have been lost; every watcher gets its topics anew."""
    loop = _loop
    if loop is not None and not loop.is_closed():
        loop.call_soon_threadsafe(_all_stale)


def full() -> bool:
    return len(_connections) >= CONNECTIONS_MAX


def enter(connection: Watcher) -> None:
    """On the loop that serves WebSockets, for each connection."""
    global _loop, _ticking
    running = asyncio.get_running_loop()
    if _loop is not running or _ticking is None or _ticking.done():
        _loop, _ticking = running, running.create_task(_tick())
    _connections.add(connection)
    figures.connections.inc()


def leave(connection: Watcher) -> None:
    if connection in _connections:
        _connections.discard(connection)
        figures.connections.dec()


def watch(topic: str, connection: Watcher) -> None:
    _watchers.setdefault(topic, set()).add(connection)
    figures.watches.inc()


def unwatch(topic: str, connection: Watcher) -> None:
    watchers = _watchers.get(topic)
    if watchers and connection in watchers:
        watchers.discard(connection)
        figures.watches.dec()
        if not watchers:
            del _watchers[topic]


def _soon(loop: asyncio.AbstractEventLoop, topic: str, body: bytes) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(_fan_out, topic, body)


def _fan_out(topic: str, body: bytes) -> None:
    frame = f'{{"topic":"{topic}","message":{body.decode()}}}' if body else ""
    for connection in list(_watchers.get(topic, ())):
        if frame:
            connection.push(topic, frame)
        else:
            connection.look_again(topic)


def _all_stale() -> None:
    for connection in _connections:
        connection.all_stale()


async def _tick() -> None:
    while True:
        await asyncio.sleep(TICK_SECONDS)
        for connection in list(_connections):
            connection.tick()
