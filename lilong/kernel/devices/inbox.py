"""What devices say, taken in: rooms register an inbox, the loop `devices-inbox` of the role `relay` feeds it.

A batch is one transaction, and is acknowledged to the stream after its commit. Whoever is killed in between gets it once
more: `take` must bear the same message twice. With several relays, and after a failure, the order is not kept: messages
that need one carry numbers of their own.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import msgspec

from lilong.kernel.devices import rules


class Message(msgspec.Struct, frozen=True):
    """`device`: who the broker let publish on that subject, as the inbox reads it. `at`: when the broker had it."""

    device: UUID | None
    subject: str
    payload: bytes
    at: datetime


class Letter(msgspec.Struct, frozen=True):
    """An answer sent once, right after the acknowledgement (a receipt). What must arrive goes through the outbox."""

    subject: str
    payload: bytes


Take = Callable[[list[Message]], list[Letter]]


class Inbox(msgspec.Struct, frozen=True, kw_only=True):
    """`name` is the durable consumer's name, fixed for ever; `subject` may hold wildcards. `take` gets up to `at_once`
    messages, inside one transaction; raising undoes the batch, which then comes one by one, and a message that fails
    `tries` times alone is put aside. Choose `at_once=1` where one batch would lock many things in an order of its own."""

    name: str
    subject: str
    take: Take
    device_of: Callable[[str], UUID | None] = rules.device_of
    at_once: int = 256
    tries: int = 5


_registered: dict[str, Inbox] = {}


def register(inbox: Inbox) -> None:
    """In an app's `ready()`. Raises ValueError for a subject that is not sound or that crosses another's."""
    if not rules.sound(inbox.subject, wildcards=True):
        raise ValueError(f"{inbox.subject!r} is no subject")
    others = [one.subject for one in _registered.values() if one.name != inbox.name]
    rules.least([rules.UP, *others, inbox.subject])
    _registered[inbox.name] = inbox


def registered() -> list[Inbox]:
    return list(_registered.values())


def subjects() -> list[str]:
    """What the stream has to keep."""
    return rules.least([rules.UP, *(inbox.subject for inbox in _registered.values())])
