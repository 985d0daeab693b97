"""Identifiers: UUIDv7 (RFC 9562, section 5.7), their children, and a seeded source for repeatable cities."""

import hashlib
import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from lilong.kernel.base import clock

CHILDREN_MAX = 0xFFFF

_VERSION_7 = 0x7 << 76
_VARIANT = 0x2 << 62
_seed: ContextVar[random.Random | None] = ContextVar("lilong_id_seed", default=None)
_lock = threading.Lock()
_last = 0


def uuid7() -> UUID:
    """A new UUIDv7; within one process each is greater than the one before, so index pages fill in order."""
    global _last  # noqa: PLW0603 (one counter a process)
    millis = int(clock.now().timestamp() * 1000)
    source = _seed.get()
    bits = source.getrandbits(74) if source else int.from_bytes(os.urandom(10), "big") >> 6
    value = (millis << 80) | _VERSION_7 | ((bits >> 62) << 64) | _VARIANT | (bits & ((1 << 62) - 1))
    if source is not None or clock.is_travelling():
        return UUID(int=value)
    with _lock:
        if value <= _last:  # same millisecond, or the clock stepped back: step on from the last one
            value = _last + 0x1_0000 + (bits & 0xFFFF)
            value = (value & ~(0xF << 76) | _VERSION_7) & ~(0x3 << 62) | _VARIANT
        _last = value
    return UUID(int=value)


def child(parent: UUID, n: int) -> UUID:
    """The n-th id that belongs to `parent`: same first 112 bits, so rows of one parent lie together in an index
    and are found by `child(parent, 0) .. child(parent, CHILDREN_MAX)` without another index.

    Parents made by `uuid7` differ in those 112 bits; a caller who forges two that do not only conflicts with himself.
    """
    if not 0 <= n <= CHILDREN_MAX:
        raise ValueError(f"child number {n} is outside 0..{CHILDREN_MAX}")
    return UUID(int=parent.int & ~CHILDREN_MAX | n)


def named(*parts: object) -> UUID:
    """A UUIDv8 fixed by its parts: the same parts give the same id everywhere (demo city, well-known parties)."""
    digest = int.from_bytes(hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()[:16], "big")
    return UUID(int=(digest & ~(0xF << 76) | (0x8 << 76)) & ~(0x3 << 62) | _VARIANT)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Inside, `uuid7` draws from a generator fixed by `seed`: with a travelling clock, runs repeat exactly."""
    token = _seed.set(random.Random(seed))  # noqa: S311 (repeatability is the point)
    try:
        yield
    finally:
        _seed.reset(token)
