"""One process' line to NATS for live messages: a thread with a loop of its own, so that any synchronous code may send."""

import asyncio
import threading
import uuid
from collections import deque
from collections.abc import Callable

import nats
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from lilong.kernel.live import figures

SUBJECT = "live.>"
QUEUE_MAX = 10_000
_CONNECT_PAUSE_SECONDS = 1.0

log = structlog.get_logger("lilong.live")


class Wire:
    """`send` never waits: when NATS is away, the oldest messages go. `heard(payload)` is called for each message once
    `listen` was called; `doubtful()` when some may have been lost."""

    def __init__(self, url: str, *, heard: Callable[[bytes], None], doubtful: Callable[[], None]) -> None:
        self.process = uuid.uuid4().hex
        self._url = url
        self._heard, self._doubtful = heard, doubtful
        self._queue: deque[tuple[str, bytes]] = deque()
        self._listening = False
        self._client: Client | None = None
        self._wake = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._started = threading.Lock()
        self._thread: threading.Thread | None = None

    def send(self, subject: str, payload: bytes) -> None:
        if len(self._queue) >= QUEUE_MAX:
            self._queue.popleft()
            figures.dropped.labels("wire").inc()
        self._queue.append((subject, payload))
        self._rouse()

    def listen(self) -> None:
        self._listening = True
        self._rouse()

    def _rouse(self) -> None:
        with self._started:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="live", daemon=True)
                self._thread.start()
        if not self._wake.is_set():
            self._loop.call_soon_threadsafe(self._wake.set)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._work())

    async def _work(self) -> None:
        subscribed = False
        while True:
            try:
                client = await self._connected()
                if self._listening and not subscribed:
                    await client.subscribe(SUBJECT, cb=self._received)
                    await client.flush()
                    subscribed = True
                    self._doubtful()  # what was published before the subscription stood
                while self._queue and client.is_connected:
                    await client.publish(*self._queue.popleft())
            except Exception as error:
                log.warning("live-wire-failed", why=repr(error)[:200])
                await asyncio.sleep(_CONNECT_PAUSE_SECONDS)
                continue
            self._wake.clear()
            if self._queue and client.is_connected:
                continue
            await self._wake.wait()

    async def _connected(self) -> Client:
        if self._client is None or self._client.is_closed:
            self._client = await nats.connect(
                self._url,
                name="lilong-live",
                allow_reconnect=True,
                max_reconnect_attempts=-1,
                reconnect_time_wait=0.5,
                reconnected_cb=self._reconnected,
                error_cb=self._failed,
            )
        return self._client

    async def _received(self, message: Msg) -> None:
        self._heard(message.data)

    async def _reconnected(self) -> None:
        self._wake.set()
        self._doubtful()

    async def _failed(self, error: Exception) -> None:
        """A slow consumer drops messages; anything else is the connection's own affair, and it reconnects."""
        if "slow" in type(error).__name__.lower():
            figures.dropped.labels("consumer").inc()
            self._doubtful()
