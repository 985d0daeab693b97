"""Dispatching as long as a worker runs: what nobody answered, what found no place, what a vehicle gave back."""

import asyncio
import contextlib

import structlog

from lilong.fields.delivery.services import dispatch
from lilong.kernel.events.loop import Line

EVERY_SECONDS = 2.0

log = structlog.get_logger("lilong.delivery.dispatch")


async def run(stop: asyncio.Event) -> None:
    """Until told to stop (a loop of the role `worker`). Any number may run: each carrier's desk is locked for each step."""
    line = Line("delivery-dispatch")
    try:
        while not stop.is_set():
            try:
                await line.run(tick)
            except Exception:
                log.exception("dispatch-failed")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), EVERY_SECONDS)
    finally:
        await line.close()


def tick() -> None:
    dispatch.expire_due()
    dispatch.dispatch_waiting()
