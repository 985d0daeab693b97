"""The line between NATS and the market's machines: reports in by a durable consumer, commands and receipts out."""

import asyncio
import contextlib

import msgspec
import nats
import structlog
from django.conf import settings
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import TimeoutError as NatsTimeout
from nats.js import api
from nats.js.errors import NotFoundError

from lilong.fields.market.services import machine_inbox, machine_outbox, unmanned, vending
from lilong.fields.market.standard import machine_protocol
from lilong.kernel.events.loop import Line

STREAM, STREAM_SUBJECTS = "DEVICES", "lilong.*.up.>"
CONSUMER = "market-machines"
_KEPT_SECONDS = 7 * 86400
_AT_ONCE, _FETCH_SECONDS, _SEND_SECONDS, _TIDY_SECONDS = 50, 1.0, 0.1, 10.0
_AGAIN_SECONDS = 2

log = structlog.get_logger("lilong.market.machines")


async def run(stop: asyncio.Event) -> None:
    """Until told to stop (a loop of the role `relay`). Any number may run: consumer and database share the work out."""
    if not settings.NATS_URL:
        await stop.wait()
        return
    connection = await nats.connect(settings.NATS_URL, name="lilong-market-machines", max_reconnect_attempts=-1)
    line, sending, tidying = Line("machines"), Line("machine-commands"), Line("machine-times")
    try:
        await _prepare(connection)
        await asyncio.gather(
            _receive(connection, line, stop),
            _repeat(lambda: _send(connection, sending), _SEND_SECONDS, stop),
            _repeat(lambda: tidying.run(_tidy), _TIDY_SECONDS, stop),
        )
    finally:
        for each in (line, sending, tidying):
            await each.close()
        with contextlib.suppress(Exception):
            await connection.close()


async def _prepare(connection: Client) -> None:
    stream = connection.jetstream()
    try:
        await stream.stream_info(STREAM)
    except NotFoundError:
        await stream.add_stream(api.StreamConfig(name=STREAM, subjects=[STREAM_SUBJECTS], max_age=_KEPT_SECONDS))


async def _receive(connection: Client, line: Line, stop: asyncio.Event) -> None:
    """Acknowledges a message to the stream after its transaction; then tells the machine that it may forget it."""
    config = api.ConsumerConfig(durable_name=CONSUMER, ack_policy=api.AckPolicy.EXPLICIT, ack_wait=30)
    consumer = await connection.jetstream().pull_subscribe(
        machine_protocol.SUBJECTS, durable=CONSUMER, stream=STREAM, config=config
    )
    while not stop.is_set():
        try:
            messages = await consumer.fetch(_AT_ONCE, timeout=_FETCH_SECONDS)
        except (NatsTimeout, TimeoutError):
            continue
        for message in messages:
            await _take(connection, line, message)


async def _take(connection: Client, line: Line, message: Msg) -> None:
    device = machine_protocol.device_of(message.subject)
    if device is None:
        await message.term()
        return
    try:
        heard = await line.run(lambda: machine_inbox.take(device, message.data))
    except Exception:
        log.exception("machine-message-failed", device=str(device))
        await message.nak(delay=_AGAIN_SECONDS)
        return
    await message.ack()
    if heard.outcome not in (machine_inbox.TAKEN, "duplicate"):
        log.info("machine-message-refused", device=str(device), seq=heard.ack, why=heard.outcome)
    if heard.ack is not None:
        receipt = msgspec.json.encode({"seq": heard.ack})
        await connection.publish(machine_protocol.down_subject(device, "ack"), receipt)


async def _send(connection: Client, line: Line) -> None:
    letters = await line.run(machine_outbox.waiting)
    for letter in letters:
        await connection.publish(letter.subject, letter.body)
    if letters:
        await connection.flush()
        await line.run(lambda: machine_outbox.sent(letters))


def _tidy() -> None:
    vending.release_silent()
    unmanned.close_overdue()


async def _repeat(step: object, seconds: float, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await step()  # type: ignore[operator]
        except Exception:
            log.exception("machine-line-failed")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)
