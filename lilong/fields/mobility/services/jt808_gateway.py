"""The door for terminals of JT/T 808: a TCP server as a loop of the role `relay`.

A message is answered after its commit, so what was answered is never lost and what was not comes again. Commands come by NATS
to every relay; the one that holds the terminal passes them on.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import UUID

import msgspec
import nats
import structlog
from django.conf import settings
from nats.aio.client import Client
from nats.aio.msg import Msg

from lilong.fields.mobility.rules.points import Reading
from lilong.fields.mobility.services import vehicle_inbox
from lilong.fields.mobility.services.jt808_batches import Batches
from lilong.fields.mobility.services.jt808_connection import Connection, expired
from lilong.fields.mobility.services.terminals import SignedIn
from lilong.fields.mobility.standard import vehicle_protocol as protocol
from lilong.kernel.events.loop import Line

COMMANDS = "lilong.*.down.mobility.command"
CONNECTIONS_MAX = 5_000
AGAIN_SECONDS = 10.0
BUFFER = 65_536

T = TypeVar("T")
log = structlog.get_logger("lilong.mobility.jt808")


async def run(stop: asyncio.Event) -> None:
    """Until told to stop. Of several relays on one machine one has the port; the others wait for it to be free."""
    if not settings.JT808_PORT:
        await stop.wait()
        return
    while not stop.is_set():
        try:
            await Gateway().run(settings.JT808_HOST, settings.JT808_PORT, stop)
        except OSError as error:
            log.info("jt808-waits", port=settings.JT808_PORT, why=str(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), AGAIN_SECONDS)


class Gateway:
    """All connections of this process."""

    def __init__(self) -> None:
        self._line, self._desk = Line("jt808-points"), Line("jt808-desk")
        self._batches = Batches(self._line)
        self._connections: set[Connection] = set()
        self._by_device: dict[UUID, Connection] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, host: str, port: int, stop: asyncio.Event) -> None:
        """Raises OSError when the port cannot be had."""
        server = await asyncio.start_server(self._arrived, host, port, limit=BUFFER)
        batching = asyncio.create_task(self._batches.run())
        client = await self._commanded()
        log.info("jt808-listens", host=host, port=port)
        try:
            await stop.wait()
        finally:
            server.close()
            for connection in list(self._connections):
                connection.end()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            batching.cancel()
            if client is not None:
                with contextlib.suppress(Exception):
                    await client.close()
            for line in (self._line, self._desk):
                await line.close()

    async def take(self, readings: Sequence[Reading]) -> list[str] | None:
        return await self._batches.take(readings)

    async def run_at_desk(self, work: Callable[[], T]) -> T:
        return await self._desk.run(work)

    async def answered(self, device: SignedIn, command: protocol.Command, why: str) -> None:
        answer = protocol.Answer(command=command.id, outcome="failed" if why else "done", why=why)
        await self._desk.run(lambda: vehicle_inbox.answered(device.device, answer))

    async def signed_in(self, connection: Connection) -> None:
        """The newest connection of a terminal is the one that counts. What was said to it meanwhile is said again."""
        assert connection.who is not None
        device = connection.who.device
        before = self._by_device.get(device)
        self._by_device[device] = connection
        if before is not None and before is not connection:
            before.end()
        await self._desk.run(lambda: vehicle_inbox.hello(device))

    async def _arrived(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= CONNECTIONS_MAX:
            writer.close()
            return
        peer = writer.get_extra_info("peername")
        connection = Connection(self, reader, writer, peer[0] if peer else "")
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._connections.add(connection)
        try:
            await connection.run()
        except (ConnectionError, TimeoutError):
            pass
        except Exception:
            log.exception("jt808-connection-failed", phone=connection.phone)
        finally:
            self._tasks.discard(task)
            self._connections.discard(connection)
            if connection.who is not None and self._by_device.get(connection.who.device) is connection:
                del self._by_device[connection.who.device]
            connection.end()

    async def _commanded(self) -> Client | None:
        if not settings.NATS_URL:
            return None
        client = await nats.connect(settings.NATS_URL, name="lilong-jt808", max_reconnect_attempts=-1)
        await client.subscribe(COMMANDS, cb=self._pass_on)
        await client.flush()
        return client

    async def _pass_on(self, message: Msg) -> None:
        """To the terminal, if it is one of ours. A command may come more than once; each is said once on a connection."""
        try:
            connection = self._by_device.get(UUID(message.subject.split(".")[1]))
            if connection is None:
                return
            command = protocol.read_command(message.data)
        except (ValueError, msgspec.DecodeError):
            return
        if not expired(command):
            with contextlib.suppress(ConnectionError):
                await connection.tell(command)
