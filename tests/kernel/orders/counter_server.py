"""A real web server in a process of its own, for the counter's tests."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import httpx
import msgspec

from lilong.host.ports import answers, free_port
from lilong.kernel.orders.drafts import OrderDraft
from lilong.kernel.parties import tokens
from lilong.kernel.parties.actor import Actor


@contextmanager
def serving(*, kill: bool = False) -> Iterator[str]:
    """The address of a server on the test's own database; `kill` ends it by SIGKILL."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port),
               "--log-level", "warning", "lilong.site.asgi:application"]  # fmt: skip
    with subprocess.Popen(command, env=os.environ | {"LILONG_POOL": "8"}, start_new_session=True) as server:
        try:
            assert answers("127.0.0.1", port, within_seconds=30)
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(server.pid, signal.SIGKILL if kill else signal.SIGTERM)


def bearer(party: UUID, **changes: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.issue(Actor(party=party, kind='person', **changes))}"}


def posted(address: str, party: UUID, *drafts: OrderDraft) -> httpx.Response:
    """One draft is sent by itself, several as a list."""
    body = msgspec.json.encode(drafts[0] if len(drafts) == 1 else list(drafts))
    return httpx.post(f"{address}/api/orders", content=body, headers=bearer(party), timeout=30)
