"""From the stream into the database: batches, one by one when a batch fails, aside when a message fails for good."""

import asyncio
import contextlib
import traceback
from collections import OrderedDict

import nats
import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from nats.aio.client import Client
from nats.aio.msg import Msg

from lilong.kernel.devices.inbox import Inbox, Letter, Message, registered, subjects
from lilong.kernel.devices.services import letters, quarantine
from lilong.kernel.devices.stream import ACK_SECONDS, Pull, prepare
from lilong.kernel.events.loop import Line

_WAIT_SECONDS = 1.0
_PAUSE_SECONDS, _PAUSE_MAX_SECONDS = 0.2, ACK_SECONDS / 6  # soon enough that the stream gives them to nobody else
_AGAIN_SECONDS = (1, 2, 5, 10)
_REMEMBERED_MAX = 10_000
_TIDY_SECONDS = 600.0

log = structlog.get_logger("lilong.devices")


async def run(stop: asyncio.Event) -> None:
    """Feeds every inbox until told to stop, over one connection, each on a database connection of its own.

    Without NATS_URL no device can reach the house.
    """
    if not settings.NATS_URL or not registered():
        await stop.wait()
        return
    client = await nats.connect(settings.NATS_URL, name="lilong-devices-inbox", max_reconnect_attempts=-1)
    feeds = [Feed(client, inbox, subjects()) for inbox in registered()]
    try:
        async with asyncio.TaskGroup() as group:
            for feed in feeds:
                group.create_task(feed.run(stop))
            group.create_task(_tidy(stop))
    finally:
        with contextlib.suppress(Exception):
            await client.close()


class Feed:
    """One inbox: pulls, has it take, acknowledges."""

    def __init__(self, client: Client, inbox: Inbox, subjects: list[str]) -> None:
        self._client = client
        self._inbox = inbox
        self._subjects = subjects
        self._failures: OrderedDict[int, int] = OrderedDict()

    async def run(self, stop: asyncio.Event) -> None:
        """Goes on whatever happens to broker and database; what one inbox suffers does not stop another."""
        line = Line(self._inbox.name)
        pull = Pull(self._client, self._inbox.name, max(self._inbox.at_once, 50))
        pause = _PAUSE_SECONDS
        try:
            while not stop.is_set():
                try:
                    await self._step(line, pull, stop)
                    pause = _PAUSE_SECONDS
                except Exception as error:
                    log.warning("device-inbox-failed", inbox=self._inbox.name, why=repr(error)[:300])
                    pull.lost = True
                    await _sleep(stop, pause)
                    pause = min(pause * 2, _PAUSE_MAX_SECONDS)
        finally:
            await line.close()

    async def _step(self, line: Line, pull: Pull, stop: asyncio.Event) -> None:
        if pull.lost:
            await prepare(self._client.jetstream(), self._subjects)
            await pull.open(self._inbox.subject)
        found = await pull.next(_WAIT_SECONDS)
        for start in range(0, len(found), self._inbox.at_once):
            await self._batch(line, found[start : start + self._inbox.at_once], stop)

    async def _batch(self, line: Line, found: list[Msg], stop: asyncio.Event) -> None:
        try:
            answers = await self._taken(line, found, stop)
        except _Stopped:
            return
        except Exception as error:
            if len(found) > 1:
                log.warning("device-batch-failed", inbox=self._inbox.name, messages=len(found), why=repr(error)[:300])
                for message in found:
                    await self._batch(line, [message], stop)
            else:
                await self._failed(line, found[0], error, stop)
            return
        for message in found:
            await message.ack()
            self._failures.pop(message.metadata.sequence.stream, None)
        for letter in answers:
            await self._client.publish(letter.subject, letter.payload)

    async def _taken(self, line: Line, found: list[Msg], stop: asyncio.Event) -> list[Letter]:
        """The inbox's answers. While the database cannot be reached it waits, and keeps the messages as its own."""
        messages = [self._read(message) for message in found]
        pause = _PAUSE_SECONDS
        while True:
            try:
                return await line.run(lambda: _take(self._inbox, messages))
            except (OperationalError, InterfaceError):
                if await line.run(_reachable):
                    raise
                log.warning("device-inbox-waits-for-database", inbox=self._inbox.name, messages=len(found))
            if stop.is_set():
                raise _Stopped
            for message in found:
                await message.in_progress()
            await _sleep(stop, pause)
            pause = min(pause * 2, _PAUSE_MAX_SECONDS)

    async def _failed(self, line: Line, message: Msg, error: Exception, stop: asyncio.Event) -> None:
        place = message.metadata.sequence.stream
        tries = self._failures.pop(place, 0) + 1
        if tries < self._inbox.tries:
            self._failures[place] = tries
            while len(self._failures) > _REMEMBERED_MAX:
                self._failures.popitem(last=False)
            await message.nak(delay=_AGAIN_SECONDS[min(tries, len(_AGAIN_SECONDS)) - 1])
            log.warning("device-message-failed", inbox=self._inbox.name, subject=message.subject, tries=tries,
                        why=repr(error)[:300])  # fmt: skip
            return
        read = self._read(message)
        text = "".join(traceback.format_exception(error))
        await line.run(
            lambda: quarantine.put_aside(
                self._inbox.name, subject=read.subject, device=read.device, payload=read.payload, at=read.at,
                place=place, tries=tries, error=text,
            )
        )  # fmt: skip
        await message.term()
        log.error("device-message-put-aside", inbox=self._inbox.name, subject=message.subject, why=repr(error)[:300])

    def _read(self, message: Msg) -> Message:
        return Message(
            self._inbox.device_of(message.subject), message.subject, message.data, message.metadata.timestamp
        )


class _Stopped(Exception):
    """Told to stop while waiting: the messages stay with the stream."""


def _take(inbox: Inbox, messages: list[Message]) -> list[Letter]:
    with transaction.atomic():
        return inbox.take(messages)


def _reachable() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (OperationalError, InterfaceError):
        return False
    return True


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def _tidy(stop: asyncio.Event) -> None:
    line = Line("devices-tidy")
    try:
        while not stop.is_set():
            try:
                while await line.run(letters.tidy):
                    pass
                await line.run(quarantine.tidy)
            except Exception as error:
                log.warning("devices-tidy-failed", why=repr(error)[:300])
            await _sleep(stop, _TIDY_SECONDS)
    finally:
        await line.close()
