"""One open WebSocket: reads what the client wants, watches, sends."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import structlog

from lilong.kernel.base.problems import Problem, TooMany
from lilong.kernel.live import figures, hub, topics
from lilong.kernel.live.handshake import Credential, Handshake
from lilong.kernel.live.looking import Ended, look, problem_frame, thread
from lilong.kernel.live.topics import Topic
from lilong.kernel.live.watching import Watching

TOPICS_MAX, TEXT_MAX = 50, 4_096
WAITING_MAX = 200  # messages of all topics together; then topics are read anew instead
PING_SECONDS, SILENT_SECONDS, SEND_SECONDS = 25.0, 75.0, 20.0
_ASKS_MAX, _ASKS_A_SECOND = 150, 5.0
_LOOKS_AT_ONCE = 4

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

log = structlog.get_logger("lilong.live")


class Said(msgspec.Struct, forbid_unknown_fields=True):
    """What a client may say, one of them at a time."""

    watch: str = ""
    leave: str = ""
    token: str = ""
    pong: int = 0


_decode = msgspec.json.Decoder(Said).decode


class Connection:
    def __init__(self, handshake: Handshake, credential: Credential | None, receive: Receive, send: Send) -> None:
        self._handshake, self._credential = handshake, credential
        self._language = handshake.language()
        self._receive, self._send = receive, send
        self._watched: dict[str, Watching] = {}
        self._ready: dict[str, None] = {}  # topics with something to send, in turn
        self._notes: deque[str] = deque()
        self._wake = asyncio.Event()
        self._closing: tuple[int, str] | None = None
        self._looks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(_LOOKS_AT_ONCE)
        self._heard_at = self._pinged_at = self._asked_at = time.monotonic()
        self._asks = float(_ASKS_MAX)

    async def run(self) -> None:
        """Until either side ends it."""
        hub.enter(self)
        reading, writing = asyncio.create_task(self._read()), asyncio.create_task(self._write())
        try:
            await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for topic in list(self._watched):
                self._forget(topic)
            tasks = {reading, writing, *self._looks}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            try:
                if self._closing:  # only now: Granian closes after a pending receive has ended
                    code, reason = self._closing
                    await self._send({"type": "websocket.close", "code": code, "reason": reason})
            finally:
                hub.leave(self)

    # What the hub calls, on the loop.

    def push(self, topic: str, frame: str) -> None:
        watching = self._watched[topic]
        if not watching.push(frame):
            figures.dropped.labels("connection").inc()
        elif sum(len(each.pending) for each in self._watched.values()) > WAITING_MAX:
            watching.lose()
            figures.dropped.labels("connection").inc()
        elif watching.state == "live":
            self._rouse(topic)

    def look_again(self, topic: str) -> None:
        """Rights may have changed: nothing more before they have been looked at."""
        watching = self._watched[topic]
        if watching.state == "checking":
            watching.again = True
        else:
            self._look(topic, watching)

    def all_stale(self) -> None:
        for watching in self._watched.values():
            watching.lose()

    def tick(self) -> None:
        now = time.monotonic()
        if now - self._heard_at > SILENT_SECONDS:
            self.close(1001, "silent")
        elif now - self._pinged_at > PING_SECONDS:
            self._pinged_at = now
            self._note('{"ping":1}')
        for topic, watching in self._watched.items():
            if watching.due(now):
                self._look(topic, watching)

    def close(self, code: int, reason: str) -> None:
        self._closing = self._closing or (code, reason)
        self._wake.set()

    # What the client says.

    async def _read(self) -> None:
        first = True
        while True:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text") or ""
            self._heard_at = time.monotonic()
            try:
                said = _decode(text)
            except msgspec.MsgspecError:
                said = None
            if said is None or len(text) > TEXT_MAX:
                return await self._refuse(1009 if len(text) > TEXT_MAX else 1007)
            if not self._may_ask():
                return await self._refuse(4429)
            if said.token and not (first and await self._signed_in(said.token)):
                return await self._refuse(4401)
            if said.watch:
                self._want(said.watch)
            if said.leave:
                self._forget(said.leave)
            first = False

    async def _refuse(self, code: int) -> None:
        """Says why it ends, and lets the writer end it."""
        self.close(code, {1007: "not understood", 1009: "too long", 4401: "sign in", 4429: "slow down"}[code])
        await asyncio.sleep(SEND_SECONDS)

    def _may_ask(self) -> bool:
        now = time.monotonic()
        self._asks = min(_ASKS_MAX, self._asks + (now - self._asked_at) * _ASKS_A_SECOND) - 1
        self._asked_at = now
        return self._asks >= 0

    async def _signed_in(self, secret: str) -> bool:
        try:
            self._credential = await thread(lambda: self._handshake.bearer_credential(secret))
        except Problem:
            return False
        return True

    def _want(self, text: str) -> None:
        try:
            topic = str(topics.read(text))
            if topic not in self._watched and len(self._watched) >= TOPICS_MAX:
                raise TooMany("busy")
        except Problem as problem:
            self._note(problem_frame(text[: topics.TOPIC_MAX], problem, self._language))
            return
        if topic not in self._watched:
            self._watched[topic] = Watching()
            hub.watch(topic, self)
            self._look(topic, self._watched[topic])

    def _forget(self, topic: str) -> None:
        if self._watched.pop(topic, None):
            self._ready.pop(topic, None)
            hub.unwatch(topic, self)

    # Rights and snapshots.

    def _look(self, topic: str, watching: Watching) -> None:
        watching.begin()
        task = asyncio.create_task(self._looked(topic, watching))
        self._looks.add(task)
        task.add_done_callback(self._looks.discard)

    async def _looked(self, topic: str, watching: Watching) -> None:
        kind, _, id = topic.partition(":")
        refused: Problem | None = None
        found = b""
        try:
            async with self._room:
                found = await thread(lambda: look(self._credential, Topic(kind, id), self._language))
        except Ended:
            self.close(4401, "sign in")
            return
        except Problem as problem:
            refused = problem
        except Exception:
            log.exception("live-look-failed", kind=kind)
            watching.fail(time.monotonic())
            return
        if self._watched.get(topic) is not watching:
            return
        if refused:
            self._forget(topic)
            self._note(problem_frame(topic, refused, self._language))
        elif watching.again and watching.state == "checking":
            self._look(topic, watching)
        else:
            if watching.end(found, time.monotonic()):
                self._note(f'{{"topic":"{topic}","snapshot":{found.decode()}}}')
            self._rouse(topic)

    # What goes out.

    def _note(self, frame: str) -> None:
        self._notes.append(frame)
        self._wake.set()

    def _rouse(self, topic: str) -> None:
        self._ready[topic] = None
        self._wake.set()

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while frame := self._next():
                async with asyncio.timeout(SEND_SECONDS):
                    await self._send({"type": "websocket.send", "text": frame})
            if self._closing:
                return

    def _next(self) -> str | None:
        if self._notes:
            return self._notes.popleft()
        while self._ready:
            topic = next(iter(self._ready))
            watching = self._watched.get(topic)
            if watching and watching.state == "live" and watching.pending:
                return watching.pop()
            del self._ready[topic]
        return None
