"""What the relay process of these tests does with messages: notes them in rows of the devices' own quarantine table,
the only one at hand that has room for a message; the inbox's name there says which test's inbox took it."""

import asyncio
import os
import signal
from pathlib import Path

import django

_FOLDER = Path(os.environ.get("TEST_FOLDER", "."))


def main() -> None:
    django.setup()
    from lilong.kernel.devices import grants, inbox, outbox, receiving
    from lilong.kernel.parties import device_auth

    for name in os.environ["TEST_INBOXES"].split():
        inbox.register(INBOXES[name]())
    grants.register(granted)

    async def all_of_it() -> None:
        stop = asyncio.Event()
        await asyncio.gather(device_auth.run(stop), receiving.run(stop), outbox.run(stop))

    asyncio.run(all_of_it())


def granted(device):
    """A robot speaks and hears under its own name in a standard's tree of topics; the file may ask for too much."""
    from lilong.kernel.devices.grants import Grants

    greedy = _FOLDER / "greedy"
    more = [greedy.read_text()] if greedy.exists() else []
    return Grants(publish=[f"robots.{device}.state"], subscribe=[f"robots.{device}.order", *more])


def _note(taken, messages):
    from lilong.kernel.base import clock, ids
    from lilong.kernel.devices.models import QuarantinedMessage

    QuarantinedMessage.objects.bulk_create(
        [
            QuarantinedMessage(
                id=ids.uuid7(), inbox=f"taken-{taken}", subject=message.subject, device=message.device,
                payload=message.payload, at=message.at, tries=len(messages), error="", quarantined_at=clock.now(),
            )
            for message in messages
        ]
    )  # fmt: skip


def plain():
    from lilong.kernel.devices.inbox import Inbox, Letter

    def take(messages):
        _note("plain", messages)
        answered = [message for message in messages if message.device]
        return [Letter(f"lilong.{message.device}.down.receipt", message.payload) for message in answered]

    return Inbox(name="plain", subject="lilong.*.up.plain", take=take)


def robots():
    from lilong.kernel.devices.inbox import Inbox

    def take(messages):
        _note("robots", messages)
        return []

    return Inbox(name="robots", subject="robots.>", take=take)


def choosy():
    """Takes everything but what says poison."""
    from lilong.kernel.devices.inbox import Inbox

    def take(messages):
        _note("choosy", messages)
        if any(message.payload == b"poison" for message in messages):
            raise ValueError("poison\x00ed")
        return []

    return Inbox(name="choosy", subject="lilong.*.up.choosy", take=take, tries=3)


def dying():
    """Dies once, after its commit and before the acknowledgement."""
    from django.db import transaction

    from lilong.kernel.devices.inbox import Inbox

    def die():
        died = _FOLDER / "died"
        if not died.exists():
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)

    def take(messages):
        _note("dying", messages)
        transaction.on_commit(die)
        return []

    return Inbox(name="dying", subject="lilong.*.up.dying", take=take)


INBOXES = {"plain": plain, "robots": robots, "choosy": choosy, "dying": dying}
