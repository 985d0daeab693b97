"""Kinds of topics, and who may watch them."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from lilong.kernel.base.problems import Missing
from lilong.kernel.parties.actor import Actor

Watch = Callable[[Actor | None, str], dict[str, Any]]

TOPIC_MAX = 200
_KIND = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*")
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_watches: dict[str, Watch] = {}


class Topic(NamedTuple):
    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


def register(kind: str, watch: Watch) -> None:
    """`watch(actor, id)` decides whether the actor (None: nobody signed in) may watch, and raises a Problem if not; else it
    answers the snapshot: everything that the page needs to be right without any earlier message. It is asked again every
    30 seconds for each watcher, so keep it quick. Kinds are `<field>.<thing>`; register in `ready()`."""
    if not _KIND.fullmatch(kind):
        raise ValueError(f"{kind!r} is no kind of topic")
    _watches[kind] = watch


def topic(kind: str, id: str) -> Topic:
    """Raises ValueError for a kind that nobody registered, or an id that cannot stand in a topic."""
    if kind not in _watches or not _ID.fullmatch(id):
        raise ValueError(f"no topic {kind}:{id}")
    return Topic(kind, id)


def read(text: str) -> Topic:
    """A topic as a client names it. Raises Missing."""
    kind, _, id = text[:TOPIC_MAX].partition(":")
    try:
        return topic(kind, id)
    except ValueError:
        raise Missing("not-found") from None


def snapshot(actor: Actor | None, wanted: Topic) -> dict[str, Any]:
    """What the watcher is to see now. Raises a Problem when it may not."""
    return _watches[wanted.kind](actor, wanted.id)
