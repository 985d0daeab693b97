"""Running blocking database work again and again beside an event loop."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from django.db import close_old_connections, connections

SHORTEST_SECONDS, LONGEST_SECONDS, FAILED_SECONDS = 0.02, 0.25, 5.0

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Line:
    """One thread of its own with its own database connection: what is run on it runs one after another."""

    def __init__(self, name: str) -> None:
        self._threads = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(_with_connection, work))

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._threads, connections.close_all)
        self._threads.shutdown()


async def repeat(name: str, step: Callable[[], Awaitable[int]], stop: asyncio.Event) -> None:
    """Calls `step` until `stop`: at once again while it answers that it did something, else after a growing pause.

    A step that raises is logged and tried again after a longer pause: neither database nor broker needs to be there.
    """
    pause = SHORTEST_SECONDS
    failed = SHORTEST_SECONDS
    while not stop.is_set():
        try:
            done = await step()
            failed = SHORTEST_SECONDS
            pause = 0.0 if done else min(max(pause * 2, SHORTEST_SECONDS), LONGEST_SECONDS)
        except Exception:
            _log.exception("%s failed; it goes on", name)
            pause = failed = min(failed * 2, FAILED_SECONDS)
        if pause:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)


def _with_connection(work: Callable[[], T]) -> T:
    close_old_connections()
    try:
        return work()
    except BaseException:
        close_old_connections()
        raise
