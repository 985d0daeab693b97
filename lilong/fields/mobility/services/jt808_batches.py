"""Gathers the points that all connections of a gateway bring at the same time into one transaction."""

import asyncio
from collections.abc import Sequence

import structlog

from lilong.fields.mobility.rules.points import Reading
from lilong.fields.mobility.services import telemetry
from lilong.kernel.events.loop import Line

AT_ONCE = 1_000  # points a transaction, and a few more where one message has many
WAITING_MAX = 200  # messages; who comes then waits, and so, by TCP, does its terminal

log = structlog.get_logger("lilong.mobility.jt808")


class Batches:
    """`take` answers after the commit: a verdict for each reading, or None when they could not be taken in now."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._waiting: asyncio.Queue[tuple[Sequence[Reading], asyncio.Future[list[str] | None]]] = asyncio.Queue(
            WAITING_MAX
        )

    async def take(self, readings: Sequence[Reading]) -> list[str] | None:
        done: asyncio.Future[list[str] | None] = asyncio.get_running_loop().create_future()
        await self._waiting.put((readings, done))
        return await done

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            group = [await self._waiting.get()]
            while not self._waiting.empty() and sum(len(readings) for readings, _ in group) < AT_ONCE:
                group.append(self._waiting.get_nowait())
            await self._write(group)

    async def _write(self, group: list[tuple[Sequence[Reading], asyncio.Future[list[str] | None]]]) -> None:
        """All in one transaction; when that fails, each by itself, so that none takes the others down with it."""
        answers = await self._taken([reading for readings, _ in group for reading in readings])
        if answers is None and len(group) > 1:
            for each in group:
                await self._write([each])
            return
        start = 0
        for readings, done in group:
            if not done.done():  # its connection may be gone
                done.set_result(None if answers is None else answers[start : start + len(readings)])
            start += len(readings)

    async def _taken(self, readings: list[Reading]) -> list[str] | None:
        try:
            return await self._line.run(lambda: telemetry.take(readings))
        except Exception:
            log.exception("points-not-taken", points=len(readings))
            return None
