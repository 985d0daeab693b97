"""Our web server for benches: Granian on a free port with one worker, as `lilong web` runs it, quiet in its log."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from lilong.host.ports import free_port

HOUSE, PLAIN = "lilong.site.asgi:application", "bench.plain:application"


@contextmanager
def serving(application: str = HOUSE) -> Iterator[int]:
    """The port of a server on this run's database."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--loop", "uvloop", "--host", "127.0.0.1",
               "--port", str(port), "--backlog", "4096", "--backpressure", "6000", "--log-level", "warning", application]  # fmt: skip
    environment = os.environ | {"LILONG_POOL": "16", "LILONG_LOG_LEVEL": "WARNING", "LILONG_API_LIMIT": "100000000"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            asyncio.run(_until_open(port))
            yield port
        finally:
            server.terminate()


async def _until_open(port: int) -> None:
    for _ in range(600):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    sys.exit("the web server did not open its port")
