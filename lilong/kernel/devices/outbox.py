"""Letters to devices: written with `send` in the caller's transaction, published by the loop `devices-outbox`.

At least once, within some 50 ms of the commit; any number of relays share the work, so the order between letters is not
kept. Ordinary letters are NATS messages: a device that is away does not get them (MQTT QoS 0). A letter with `retain`
goes through the house's own MQTT connection, because only a publish over MQTT makes the broker retain it.
"""

import asyncio
import contextlib
from collections.abc import Sequence

import nats
import structlog
from django.conf import settings
from nats.aio.client import Client

from lilong.kernel.devices.models import DeviceLetter
from lilong.kernel.devices.retaining import Retaining
from lilong.kernel.devices.services.letters import carry, send
from lilong.kernel.events.loop import Line

__all__ = ["run", "send"]

AT_ONCE = 500
POLL_SECONDS = 0.05
_FLUSH_SECONDS = 10
_PATIENCE_SECONDS = 60
_FAILED_SECONDS, _FAILED_MAX_SECONDS = 0.2, 5.0

log = structlog.get_logger("lilong.devices")


async def run(stop: asyncio.Event) -> None:
    """Until told to stop (a loop of the role `relay`), whatever becomes of database and broker meanwhile."""
    if not settings.NATS_URL:
        await stop.wait()
        return
    client = await nats.connect(settings.NATS_URL, name="lilong-devices-outbox", max_reconnect_attempts=-1)
    line, retaining = Line("devices-outbox"), Retaining(settings.NATS_URL, settings.MQTT_ADDRESS)
    pause = _FAILED_SECONDS
    try:
        while not stop.is_set():
            wait = POLL_SECONDS
            try:
                if await _step(client, line, retaining):
                    wait = 0.0
                pause = _FAILED_SECONDS
            except Exception as error:
                log.warning("devices-outbox-failed", why=repr(error)[:300])
                wait = pause = min(pause * 2, _FAILED_MAX_SECONDS)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), wait)
    finally:
        retaining.close()
        await line.close()
        with contextlib.suppress(Exception):
            await client.close()


async def _step(client: Client, line: Line, retaining: Retaining) -> int:
    loop = asyncio.get_running_loop()

    def publish(letters: Sequence[DeviceLetter]) -> None:
        plain = [letter for letter in letters if not letter.retain]
        if plain:
            asyncio.run_coroutine_threadsafe(_publish(client, plain), loop).result(_PATIENCE_SECONDS)
        for letter in letters:
            if letter.retain:
                retaining.publish(letter.subject, bytes(letter.payload))

    return await line.run(lambda: carry(publish, AT_ONCE))


async def _publish(client: Client, letters: Sequence[DeviceLetter]) -> None:
    """Raises unless the broker has them: what waits in a connection that is gone would be lost with this process."""
    if not client.is_connected:
        raise ConnectionError("no connection to NATS")
    for letter in letters:
        await client.publish(letter.subject, bytes(letter.payload))
    await client.flush(_FLUSH_SECONDS)
