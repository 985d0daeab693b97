"""Publishing: after the commit, to the watchers of this process and, over NATS, to those of all others."""

import os
from functools import partial
from typing import Any

import msgspec
from django.conf import settings
from django.db import transaction

from lilong.kernel.live import figures, hub, topics
from lilong.kernel.live.topics import Topic
from lilong.kernel.live.wire import Wire

MESSAGE_MAX = 16_384

_encode = msgspec.json.Encoder().encode
_wires: dict[int, Wire] = {}


class Sent(msgspec.Struct, frozen=True):
    """What goes over NATS; `process` lets the sender know its own. Without a message: look again who may watch."""

    process: str
    topic: str
    message: msgspec.Raw = msgspec.Raw()


_decode = msgspec.json.Decoder(Sent).decode


def publish(kind: str, id: str, message: dict[str, Any]) -> None:
    """Tells whoever watches `kind:id`, after the commit, at most once. Synchronous code of any role may call it.

    Messages reach a watcher in the order of one process; two processes' may cross, so let a message say all of what it is
    about, or carry a number. Raises ValueError for an unregistered kind or a message beyond 16 kB.
    """
    body = _encode(message)
    if len(body) > MESSAGE_MAX:
        raise ValueError(f"a message of {len(body)} bytes for {kind}:{id}: publish what to look at, not all of it")
    transaction.on_commit(partial(_out, topics.topic(kind, id), body), robust=True)


def recheck(kind: str, id: str) -> None:
    """Rights on the topic changed: after the commit every watcher is asked again, and gets nothing before that is done."""
    transaction.on_commit(partial(_out, topics.topic(kind, id), b""), robust=True)


def wire() -> Wire | None:
    """This process' line to NATS; None without NATS_URL (then there is only one process to reach)."""
    if not settings.NATS_URL:
        return None
    process = os.getpid()  # a forked child must not use its parent's thread
    if process not in _wires:
        _wires[process] = Wire(settings.NATS_URL, heard=_heard, doubtful=hub.doubtful)
    return _wires[process]


def _out(topic: Topic, body: bytes) -> None:
    figures.published.inc()
    hub.deliver(str(topic), body)
    line = wire()
    if line:
        sent = Sent(line.process, str(topic), msgspec.Raw(body or b"null"))
        line.send(f"live.{topic.kind}.{topic.id}", _encode(sent))


def _heard(payload: bytes) -> None:
    """From NATS, on the wire's thread."""
    try:
        sent = _decode(payload)
    except msgspec.MsgspecError:
        return
    line = wire()
    if line is None or sent.process != line.process:
        body = bytes(sent.message)
        hub.deliver(sent.topic, b"" if body == b"null" else body)
