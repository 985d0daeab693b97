"""Sending webhooks: one POST with one deadline, to no address inside the house."""

import asyncio
import contextlib
import logging
import ssl
from functools import partial
from socket import SOCK_STREAM, gaierror
from urllib.parse import urlsplit

from django.conf import settings

from lilong.kernel.base import clock
from lilong.kernel.events import follow
from lilong.kernel.events.loop import Line, repeat
from lilong.kernel.events.rules import webhooks as rules
from lilong.kernel.events.rules.envelope import CONTENT_TYPE, encoded
from lilong.kernel.events.services.webhooks import Answer, Claimed, claim, settle

PROJECTION = "webhooks"
TIMEOUT_SECONDS = 15
AT_ONCE = 32

_STATUS_LINE_MAX = 1024
_log = logging.getLogger(__name__)


async def run(stop: asyncio.Event) -> None:
    """Makes deliveries of new events and tries those that are due, until `stop`; then waits for those under way."""
    line = Line("webhooks")
    under_way: set[asyncio.Task[None]] = set()

    async def step() -> int:
        moved = await line.run(partial(_fan_out))
        claimed = await line.run(partial(claim, AT_ONCE - len(under_way))) if len(under_way) < AT_ONCE else []
        for one in claimed:
            task = asyncio.create_task(_try(one, line))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        return moved + len(claimed)

    try:
        await repeat("webhooks", step, stop)
        await asyncio.gather(*under_way)
    finally:
        await line.close()


def _fan_out() -> int:
    return follow.advance(PROJECTION, wait=False) if PROJECTION in follow.names() else 0


async def _try(claimed: Claimed, line: Line) -> None:
    try:
        answer = await post(claimed)
        await line.run(partial(settle, claimed.key, claimed.attempt, answer))
    except Exception:
        _log.exception("webhook delivery %s was not settled; it is tried again after its lease", claimed.key)


async def post(claimed: Claimed) -> Answer:
    """One try. Redirects are answers like any other, not followed; the body of an answer is not read."""
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            return Answer(status=await _post(claimed))
    except TimeoutError:
        return Answer(status=None, error=f"no answer within {TIMEOUT_SECONDS} s")
    except (OSError, ValueError, ssl.SSLError, gaierror) as error:
        return Answer(status=None, error=f"{type(error).__name__}: {error}")


async def _post(claimed: Claimed) -> int:
    if rule := rules.bad_url(claimed.url, private=settings.WEBHOOKS_TO_PRIVATE):
        raise ValueError(f"the address breaks the rule {rule!r}")
    parts = urlsplit(claimed.url)
    secure = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if secure else 80)
    address = await _address(host, port)
    context = ssl.create_default_context() if secure else None
    reader, writer = await asyncio.open_connection(
        address, port, ssl=context, server_hostname=host if secure else None, limit=_STATUS_LINE_MAX
    )
    try:
        writer.write(_request(claimed, parts.netloc, parts.path or "/", parts.query))
        await writer.drain()
        return _status(await reader.readline())
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _address(host: str, port: int) -> str:
    """The address to connect to, resolved once, so that a name cannot lead elsewhere between check and connection."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        seen = rules.literal(address)
        if not settings.WEBHOOKS_TO_PRIVATE and (seen is None or not rules.is_public(seen)):
            raise ValueError(f"{host} leads to {address}, which is no public address")
    return addresses[0]


def _request(claimed: Claimed, authority: str, path: str, query: str) -> bytes:
    body = encoded(claimed.event)
    headers = {
        "Host": authority,
        "User-Agent": "Lilong-Webhooks/1",
        "Content-Type": CONTENT_TYPE,
        "Content-Length": str(len(body)),
        "Connection": "close",
        **rules.headers(claimed.secret, str(claimed.event.id), clock.now(), body),
    }
    target = f"{path}?{query}" if query else path
    lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("ascii") + body


def _status(line: bytes) -> int:
    version, _space, rest = line.decode("latin-1").partition(" ")
    code = rest[:3]
    if not version.startswith("HTTP/1.") or not code.isdecimal():
        raise ValueError("the answer is not HTTP/1.1")
    return int(code)
