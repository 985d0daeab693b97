"""Reading rights and snapshots: database work, on threads of its own with pooled connections."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import msgspec
from django.db import close_old_connections
from django.utils import translation

from lilong.kernel.base.problems import Problem, Unauthenticated
from lilong.kernel.live import topics
from lilong.kernel.live.handshake import Credential
from lilong.kernel.live.topics import Topic

THREADS = 4

T = TypeVar("T")
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="live")
_encode = msgspec.json.Encoder().encode


class Ended(Exception):
    """The credential itself is no longer good: signed out, revoked, expired."""


async def thread(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_threads, _with_connection, work)


def look(credential: Credential | None, topic: Topic, language: str) -> bytes:
    """The snapshot in JSON. Raises Ended, or the Problem that says why the topic may not be watched."""
    try:
        actor = credential() if credential else None
    except Unauthenticated:
        raise Ended from None
    with translation.override(language):
        return _encode(topics.snapshot(actor, topic))


def problem_frame(topic: str, problem: Problem, language: str) -> str:
    """What a client is told about a topic that it may not watch, or no longer."""
    with translation.override(language):
        return _encode({"topic": topic, "problem": problem.body()}).decode()


def _with_connection(work: Callable[[], T]) -> T:
    """As for a request: the connection goes back to the pool."""
    close_old_connections()
    try:
        return work()
    finally:
        close_old_connections()
