"""The broker's side of the relay: the stream, what it holds last, and publishing in strict order."""

import asyncio
import contextlib
from collections.abc import Sequence

import msgspec
import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext, api
from nats.js.errors import NotFoundError

from lilong.kernel.events.rules.envelope import CONTENT_TYPE, Recorded, encoded

STREAM = "LILONG"
SUBJECTS = "events.>"
SEQ_HEADER, ID_HEADER = "Lilong-Seq", "Nats-Msg-Id"
CURSOR = "jetstream"

_DUPLICATE_WINDOW_SECONDS = 300
_KEPT_SECONDS = 7 * 86400  # the log itself is in the database; the stream only has to outlast a consumer's absence
_TIMEOUT_SECONDS = 10


class Last(msgspec.Struct, frozen=True):
    """Where the stream stands: its last number, and the event in its newest message (0 and '' for none of ours)."""

    number: int
    seq: int = 0
    event: str = ""


class Broker:
    """One connection. It does not reconnect by itself: what it had in flight would be sent again out of order."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._stream: JetStreamContext = client.jetstream(timeout=_TIMEOUT_SECONDS)

    @classmethod
    async def connect(cls, url: str) -> "Broker":
        """Connects and makes sure that the stream is there. Raises nats' errors or OSError."""
        client = await nats.connect(
            url,
            name="lilong relay",
            allow_reconnect=False,
            connect_timeout=_TIMEOUT_SECONDS,
            error_cb=_quiet,
        )
        broker = cls(client)
        try:
            await broker._prepare()
        except BaseException:
            await broker.close()
            raise
        return broker

    async def close(self) -> None:
        with contextlib.suppress(NatsError, OSError):
            await self._client.close()

    @property
    def connected(self) -> bool:
        return self._client.is_connected

    async def last(self) -> Last:
        """What the stream holds last, and the number it has come to (beyond what was deleted or has expired)."""
        number = (await self._stream.stream_info(STREAM)).state.last_seq
        try:
            found = await self._stream.get_msg(STREAM, subject=SUBJECTS)
        except NotFoundError:
            return Last(number)
        headers = found.headers or {}
        seq = headers.get(SEQ_HEADER, "")
        return Last(number, int(seq) if seq.isdecimal() else 0, headers.get(ID_HEADER, ""))

    async def publish(self, events: Sequence[Recorded], number: int) -> int:
        """Publishes the events after the stream's message `number`; answers how many, from the first on, it took.

        All are under way together, yet each is taken only as the successor of the one before it: if one is refused,
        so are all after it, and the order holds whatever fails.
        """
        waiting = [
            await self._stream.publish_async(
                f"events.{event.type}",
                encoded(event),
                headers={
                    ID_HEADER: str(event.id),
                    SEQ_HEADER: str(event.seq),
                    "Nats-Expected-Last-Sequence": str(place),
                    "Content-Type": CONTENT_TYPE,
                },
            )
            for place, event in enumerate(events, number)
        ]
        _done, late = await asyncio.wait(waiting, timeout=_TIMEOUT_SECONDS)
        for future in late:
            future.cancel()
        good = [future not in late and not future.cancelled() and not future.exception() for future in waiting]
        return good.index(False) if False in good else len(good)

    async def _prepare(self) -> None:
        try:
            await self._stream.stream_info(STREAM)
        except NotFoundError:
            await self._stream.add_stream(
                api.StreamConfig(
                    name=STREAM,
                    subjects=[SUBJECTS],
                    duplicate_window=_DUPLICATE_WINDOW_SECONDS,
                    max_age=_KEPT_SECONDS,
                )
            )


async def _quiet(error: Exception) -> None:
    """The relay sees and logs what fails; nats would print it once more."""
