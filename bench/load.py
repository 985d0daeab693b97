"""A lean HTTP/1.1 load generator for one address of this machine: keep-alive connections, each with one request at a time."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple


class Load(NamedTuple):
    """What came back: seconds of the whole run, milliseconds of each answer, answers by status."""

    seconds: float
    millis: list[float]
    statuses: Counter[int]

    def percentile(self, share: float) -> float:
        ordered = sorted(self.millis)
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1)


class _Caller(asyncio.Protocol):
    """Sends the next request as soon as the last one is answered."""

    def __init__(self, requests: Iterator[bytes], load: Load, done: asyncio.Future[None], until: float) -> None:
        self.requests, self.load, self.done, self.until = requests, load, done, until
        self.buffer = b""
        self.sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._next()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head = self.buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        lower = self.buffer[:head].lower()
        at = lower.find(b"content-length:")
        length = int(lower[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self.buffer) < head + 4 + length:
            return
        self.load.millis.append((time.perf_counter() - self.sent) * 1000)
        self.load.statuses[int(self.buffer[9:12])] += 1
        self.buffer = b""
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def _next(self) -> None:
        request = next(self.requests, None) if time.perf_counter() < self.until else None
        if request is None:
            self.transport.close()
            return
        self.sent = time.perf_counter()
        self.transport.write(request)


async def drive(port: int, requests: Iterator[bytes], *, connections: int, seconds: float = 3600) -> Load:
    """Sends all `requests` (or as many as fit into `seconds`) over so many connections to 127.0.0.1."""
    loop = asyncio.get_running_loop()
    load = Load(0.0, [], Counter())
    start = time.perf_counter()
    futures = []
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        futures.append(done)
        await loop.create_connection(
            lambda done=done: _Caller(requests, load, done, start + seconds), "127.0.0.1", port
        )
    await asyncio.gather(*futures)
    return load._replace(seconds=time.perf_counter() - start)


def request(method: str, path: str, *, token: str = "", body: bytes = b"", accept: str = "application/json") -> bytes:
    """The bytes of a request to this machine."""
    lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1", f"accept: {accept}"]
    if token:
        lines.append(f"authorization: Bearer {token}")
    if body:
        lines += ["content-type: application/json", f"content-length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
