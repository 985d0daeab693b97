"""Devices sign in to MQTT: NATS asks the house, by auth callout, who may come in and what they may say and hear."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import nats
import structlog
from django.conf import settings
from django.db import close_old_connections
from nats.aio.client import Client
from nats.aio.msg import Msg

from lilong.kernel.base.problems import Unauthenticated
from lilong.kernel.devices import grants
from lilong.kernel.devices.grants import Grants
from lilong.kernel.parties import queries
from lilong.kernel.parties.device_claims import Question, Refused, admission, issuer_pair, read_question, refusal

SUBJECT = "$SYS.REQ.USER.AUTH"
QUEUE = "lilong-devices"  # any number of relays share the questions
ACCOUNT = "LILONG"  # the account of the server's configuration in which devices live
THREADS = 2

log = structlog.get_logger("lilong.devices")


async def run(stop: asyncio.Event) -> None:
    """Answers NATS' questions until told to stop (a loop of the role `relay`). Without NATS_URL there is none to answer."""
    if not settings.NATS_URL:
        await stop.wait()
        return
    connection = await nats.connect(settings.NATS_URL, name="lilong-devices", max_reconnect_attempts=-1)
    try:
        await serve(connection)
        await stop.wait()
    finally:
        await connection.drain()


async def serve(connection: Client) -> None:
    """Answers from now on, as long as `connection` (one of the callout's `auth_users`) lives."""
    keys = issuer_pair(settings.TOKEN_KEY)
    threads = ThreadPoolExecutor(THREADS, thread_name_prefix="devices")

    async def answer(message: Msg) -> None:
        try:
            question = read_question(message.data)
        except Refused as refused:
            log.warning("device-question-refused", why=str(refused))
            return
        try:
            device, more = await asyncio.get_running_loop().run_in_executor(threads, _device, question)
            reply = admission(question, device, more, account=ACCOUNT, keys=keys, now=int(time.time()))
        except (Refused, Unauthenticated) as refused:
            log.info("device-refused", device=question.user[:64], why=str(refused))
            reply = refusal(question, "refused", keys=keys, now=int(time.time()))
        except Exception:
            log.exception("device-sign-in-failed")
            reply = refusal(question, "failed", keys=keys, now=int(time.time()))
        await message.respond(reply)

    tasks: set[asyncio.Task[Any]] = set()

    async def take(message: Msg) -> None:
        """One question does not wait for the one before."""
        task = asyncio.create_task(answer(message))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    await connection.subscribe(SUBJECT, queue=QUEUE, cb=take)
    await connection.flush()


def _device(question: Question) -> tuple[UUID, Grants]:
    """The device, if its secret is right, and what it may besides. The id must be spelled as in its topics."""
    if question.transport != "mqtt":
        raise Refused("not MQTT")
    try:
        device = UUID(question.user)
    except ValueError:
        raise Refused("no device's id") from None
    if str(device) != question.user:
        raise Refused("not spelled as its topics are")
    close_old_connections()
    queries.actor_of_device(device, question.password)
    return device, grants.of(device)
