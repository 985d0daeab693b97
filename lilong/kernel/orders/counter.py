"""The counter: the fast way in. A raw ASGI route that gathers the orders that arrive together into one `place`.

Nothing is answered before its transaction has committed. The queue is bounded: when it is full, nobody waits in the dark
but gets 503 with Retry-After. An order that breaks a batch (a fault of ours) is found by halving and fails alone.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import InterfaceError, OperationalError, connections
from prometheus_client import Counter, Gauge, Histogram

from lilong.kernel.base.problems import Busy, Forbidden, Invalid, Problem, Unauthenticated, Violation
from lilong.kernel.orders import edge
from lilong.kernel.orders.drafts import OrderDraft, Placed, Refused
from lilong.kernel.orders.services.placing import SCOPE, place
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties import tokens
from lilong.kernel.parties.actor import Actor

BATCH_MAX = 512
QUEUE_MAX = 4096

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
_Entry = tuple[Actor, OrderDraft, "asyncio.Future[Placed | Refused]"]

log = logging.getLogger(__name__)
depth = Gauge("lilong_counter_queue_orders", "Orders waiting at the counter")
batches = Histogram("lilong_counter_batch_orders", "Orders in one transaction", buckets=[1, 4, 16, 64, 128, 256, 512])
turned_away = Counter("lilong_counter_turned_away_orders", "Orders answered 503 because the queue was full")


class Queue:
    """The bounded queue and its one clerk. Made anew for each event loop."""

    def __init__(self) -> None:
        self.waiting: deque[_Entry] = deque()
        self.clerk: asyncio.Task[None] | None = None
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="counter")

    async def take(self, actor: Actor, drafts: list[OrderDraft]) -> list[Placed | Refused]:
        """The answers to `drafts`, once they are committed. Raises Busy when there is no room for all of them."""
        if len(self.waiting) + len(drafts) > QUEUE_MAX:
            turned_away.inc(len(drafts))
            raise Busy("busy", extra={"retry_after": 1})
        loop = asyncio.get_running_loop()
        futures = [loop.create_future() for _ in drafts]
        self.waiting.extend((actor, draft, future) for draft, future in zip(drafts, futures, strict=True))
        if self.clerk is None or self.clerk.done():
            self.clerk = loop.create_task(self._serve())
        return [await future for future in futures]

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        while self.waiting:
            batch = [self.waiting.popleft() for _ in range(min(BATCH_MAX, len(self.waiting)))]
            depth.set(len(self.waiting))
            batches.observe(len(batch))
            answers = await loop.run_in_executor(self.thread, _place, [(actor, draft) for actor, draft, _ in batch])
            for (_, _, future), answer in zip(batch, answers, strict=True):
                if not future.done():  # the caller may have gone; the order stands all the same
                    future.set_result(answer)


def _place(batch: list[tuple[Actor, OrderDraft]]) -> list[Placed | Refused]:
    """One transaction for the batch, in the counter's own thread; never raises."""
    try:
        return place([draft for _, draft in batch], actor=[actor for actor, _ in batch])
    except (OperationalError, InterfaceError):
        log.exception("the counter could not reach the database")
        connections["default"].close()
        return [Refused(id=draft.id, problem=Busy("unavailable", extra={"retry_after": 2})) for _, draft in batch]
    except Exception:
        if len(batch) > 1:
            middle = len(batch) // 2
            return _place(batch[:middle]) + _place(batch[middle:])
        log.exception("an order could not be decided", extra={"order": str(batch[0][1].id)})
        return [Refused(id=batch[0][1].id, problem=_Fault("fault"))]


class _Fault(Problem):
    """Ours, not the caller's."""

    status = 500


_queues: dict[asyncio.AbstractEventLoop, Queue] = {}


async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """`POST /api/orders` (ASGI 3)."""
    headers = dict(scope["headers"])
    extra: tuple[tuple[bytes, bytes], ...] = ()
    try:
        actor = await _actor(headers.get(b"authorization", b""))
        drafts, many = edge.read(await _body(headers, receive))
        loop = asyncio.get_running_loop()
        queue = _queues.get(loop) or _queues.setdefault(loop, Queue())
        status, kind, body = edge.write(await queue.take(actor, drafts), many)
    except Problem as found:
        status, kind, body = edge.problem(found)
        retry = found.extra.get("retry_after")
        extra = ((b"retry-after", str(retry).encode()),) if retry else ()
    except ConnectionError:
        return
    if status == Unauthenticated.status:
        extra += ((b"www-authenticate", b"Bearer"),)
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode()), *extra],
        }
    )
    await send({"type": "http.response.body", "body": body})


async def _actor(authorization: bytes) -> Actor:
    """Who orders: a bearer token (no database) or an API key (looked up, briefly remembered)."""
    kind, _, secret = authorization.decode("latin-1").partition(" ")
    if kind.lower() != "bearer" or not secret:
        raise Unauthenticated("sign-in", detail="Authorization: Bearer <token or API key>")
    if tokens.looks_like_token(secret):
        actor = tokens.read(secret)
    else:
        actor = await asyncio.get_running_loop().run_in_executor(None, _actor_of_key, secret)
    if not actor.may(SCOPE):
        raise Forbidden("scope", violations=[Violation(pointer="", rule="scope", detail=SCOPE)])
    return actor


def _actor_of_key(secret: str) -> Actor:
    try:
        return parties.actor_of_key(secret)
    finally:
        connections.close_all()


async def _body(headers: dict[bytes, bytes], receive: Receive) -> bytes:
    if int(headers.get(b"content-length") or 0) > edge.BODY_MAX_BYTES:
        raise Invalid("too-large", violations=[Violation(pointer="", rule="bytes", detail=str(edge.BODY_MAX_BYTES))])
    message = await receive()
    body = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
        if len(body) > edge.BODY_MAX_BYTES:
            raise Invalid(
                "too-large", violations=[Violation(pointer="", rule="bytes", detail=str(edge.BODY_MAX_BYTES))]
            )
    if message["type"] == "http.disconnect":
        raise ConnectionError
    return body
