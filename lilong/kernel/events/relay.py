"""The relay: gives events their place, publishes them to the broker, and delivers webhooks.

Any number of relays may run. The lock on the cursor's row lets one of them publish at a time; when it dies, its
connection ends, the lock with it, and the next one goes on from what the stream itself holds last.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future

from django.conf import settings
from django.db import transaction

from lilong.kernel.events import broker as brokers
from lilong.kernel.events import deliver, follow, queries
from lilong.kernel.events.broker import Broker, Last
from lilong.kernel.events.loop import Line, repeat
from lilong.kernel.events.rules.envelope import Recorded
from lilong.kernel.events.services import sequence

BATCH = 500
PATIENCE_SECONDS = 30  # more than the broker takes to fail by itself: only for a loop that is gone

Publish = Callable[[list[Recorded], int], int]

_log = logging.getLogger(__name__)


async def run(stop: asyncio.Event) -> None:
    """Relays until `stop`, whatever becomes of database and broker meanwhile. Without NATS_URL nothing is published."""
    tasks = [_sequence(stop), deliver.run(stop)]
    if settings.NATS_URL:
        tasks.append(Publisher(settings.NATS_URL).run(stop))
    await asyncio.gather(*tasks)


async def _sequence(stop: asyncio.Event) -> None:
    line = Line("sequence")
    try:
        await repeat("sequencing", lambda: line.run(sequence), stop)
    finally:
        await line.close()


class Publisher:
    """Publishes the log from the cursor on, one batch a transaction; the cursor moves after the broker has taken it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._broker: Broker | None = None

    async def run(self, stop: asyncio.Event) -> None:
        line = Line("publish")
        try:
            await repeat("publishing", lambda: self._step(line), stop)
        finally:
            await line.close()
            if self._broker:
                await self._broker.close()

    async def _step(self, line: Line) -> int:
        if self._broker and not self._broker.connected:
            await self._broker.close()
            self._broker = None
        if self._broker is None:
            self._broker = await Broker.connect(self._url)
        if not await line.run(_behind):
            return 0
        loop, broker = asyncio.get_running_loop(), self._broker

        def last() -> Last:
            return asyncio.run_coroutine_threadsafe(broker.last(), loop).result(PATIENCE_SECONDS)

        def publish(events: list[Recorded], number: int) -> int:
            taken: Future[int] = asyncio.run_coroutine_threadsafe(broker.publish(events, number), loop)
            return taken.result(PATIENCE_SECONDS)

        return await line.run(lambda: _batch(last, publish))


def _behind() -> bool:
    return queries.tree_size() > queries.cursors().get(brokers.CURSOR, 0)


def _batch(last: Callable[[], Last], publish: Publish) -> int:
    """One batch, under the cursor's lock. Answers how far the cursor moved; raises when the broker took none of it."""
    with transaction.atomic():
        seq = follow.locked_cursor(brokers.CURSOR, wait=False)
        if seq is None:
            return 0
        held = last()
        start = _start(seq, held)
        events = queries.after(start, BATCH)
        taken = publish(events, held.number) if events else 0
        if start + taken != seq:
            follow.move_cursor(brokers.CURSOR, start + taken)
    if events and not taken:
        raise ConnectionError("the broker did not take the next event")
    return abs(start - seq) + taken


def _start(seq: int, held: Last) -> int:
    """The place after which to publish. The stream knows better than the cursor what it holds: a relay may have died
    between the broker's acknowledgement and its own commit, or the broker may have been set back."""
    if not held.seq or held.seq == seq:
        return seq
    there = queries.after(held.seq - 1, 1)
    if there and str(there[0].id) == held.event:
        return held.seq
    _log.error("stream %s holds events of another log; publishing goes on from place %s", brokers.STREAM, seq)
    return seq
