"""What is due at machines by the clock alone: purchases nobody reports on, sessions that were never closed."""

import asyncio
import contextlib

import structlog

from lilong.fields.market.services import unmanned, vending
from lilong.kernel.events.loop import Line

_EVERY_SECONDS = 10.0

log = structlog.get_logger("lilong.market.machines")


async def run(stop: asyncio.Event) -> None:
    """Until told to stop (a loop of the role `worker`). Any number may run: each step locks what it closes."""
    line = Line("machine-times")
    try:
        while not stop.is_set():
            try:
                await line.run(vending.release_silent)
                await line.run(unmanned.close_overdue)
            except Exception:
                log.exception("machine-times-failed")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _EVERY_SECONDS)
    finally:
        await line.close()
