"""Work that goes on as long as a role runs: rooms register it in their app's `ready()`, `lilong worker | relay` run it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal, NamedTuple

Role = Literal["worker", "relay"]
Run = Callable[[asyncio.Event], Awaitable[None]]


class Loop(NamedTuple):
    name: str
    role: Role
    run: Run


_registered: dict[str, Loop] = {}


def register(name: str, run: Run, *, role: Role) -> None:
    """`run(stop)` returns soon after `stop` is set. It is started anew, after a pause, when it raises.

    Every process of the role runs it: what must happen once needs a lock or an idempotent step of its own.
    """
    _registered[name] = Loop(name, role, run)


def of(role: Role) -> list[Loop]:
    return [loop for loop in _registered.values() if loop.role == role]
