"""The stream in which devices' messages wait, and pulling them from it with as many under way as are wanted."""

import asyncio
import time

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext, api
from nats.js.errors import BadRequestError, NotFoundError

from lilong.kernel.devices import rules

STREAM = "DEVICES"
KEPT_SECONDS = 7 * 86400
ACK_SECONDS = 15  # so long waits what a killed relay had taken out
_EXPIRES_SECONDS = 5.0
_PENDING_MAX = 2_000


async def prepare(stream: JetStreamContext, subjects: list[str]) -> None:
    """Makes the stream, or widens the one that is there: subjects are only ever added, for relays of an older version
    may still run beside this one."""
    for _ in range(2):
        try:
            there = (await stream.stream_info(STREAM)).config
        except NotFoundError:
            try:
                await stream.add_stream(api.StreamConfig(name=STREAM, subjects=subjects, max_age=KEPT_SECONDS))
            except BadRequestError:  # another relay was faster
                continue
            return
        wanted = rules.least([*(there.subjects or []), *subjects])
        if wanted != sorted(there.subjects or []):
            await stream.update_stream(there.evolve(subjects=wanted))
        return


class Pull:
    """One durable consumer's messages. Requests are renewed before they run dry, so that the next batch is on its way
    while this one is being written."""

    def __init__(self, client: Client, consumer: str, at_once: int) -> None:
        self._client = client
        self._consumer = consumer
        self._at_once = at_once
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{consumer}"
        self._inbox = client.new_inbox()
        self._queue: asyncio.Queue[Msg] = asyncio.Queue()
        self._wanted = 0
        self._heard_at = 0.0
        self._reconnects = 0
        self._subscribed = False
        self.lost = True  # the broker said that it ends, or that the consumer is gone: open anew

    async def open(self, subject: str) -> None:
        """Makes the consumer, or brings the one that is there up to date."""
        config = api.ConsumerConfig(
            durable_name=self._consumer,
            filter_subject=subject,
            ack_policy=api.AckPolicy.EXPLICIT,
            ack_wait=ACK_SECONDS,
            max_ack_pending=max(_PENDING_MAX, 4 * self._at_once),
        )
        await self._client.jetstream().add_consumer(STREAM, config)
        if not self._subscribed:
            await self._client.subscribe(self._inbox, cb=self._queue.put)
        self._subscribed, self.lost = True, False

    async def next(self, seconds: float) -> list[Msg]:
        """Up to so many messages as are there, waiting at most `seconds` for the first."""
        await self._ask()
        found: list[Msg] = []
        try:
            found += self._kept(await asyncio.wait_for(self._queue.get(), seconds))
        except TimeoutError:
            return found
        while len(found) < self._at_once and not self._queue.empty():
            found += self._kept(self._queue.get_nowait())
        return found

    async def _ask(self) -> None:
        now, reconnects = time.monotonic(), self._client.stats["reconnects"]
        # A lost connection takes the request with it.
        if reconnects != self._reconnects or now - self._heard_at > _EXPIRES_SECONDS + 2:
            self._wanted, self._reconnects = 0, reconnects
        if self._wanted > self._at_once // 2:
            return
        request = {"batch": self._at_once, "expires": int(_EXPIRES_SECONDS * 1_000_000_000)}
        await self._client.publish(self._subject, msgspec.json.encode(request), self._inbox)
        self._wanted += self._at_once
        self._heard_at = now

    def _kept(self, message: Msg) -> list[Msg]:
        self._heard_at = time.monotonic()
        headers = message.headers or {}
        status = headers.get("Status")
        if status is None:
            self._wanted = max(0, self._wanted - 1)
            return [message]
        if status == "408":
            self._wanted = max(0, self._wanted - int(headers.get("Nats-Pending-Messages", self._at_once)))
        elif status != "100":
            self._wanted = 0
            self.lost = status != "404"
        return []
