"""The ASGI application: probes, the counter and live topics as raw routes, everything else by Django, so many at a time."""

import asyncio
import os
from typing import Any

from lilong.host import processes

if os.environ.get("LILONG_WEB_PROCESS"):
    processes.end_with_parent()

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lilong.site.settings")

from django.core.asgi import get_asgi_application

django = get_asgi_application()  # before anything below: it sets Django up

from lilong.kernel.live import edge as live  # noqa: E402
from lilong.kernel.orders import counter  # noqa: E402
from lilong.site import probes  # noqa: E402
from lilong.site.observe import identified  # noqa: E402

_PROBES = {"/healthz": probes.health, "/readyz": probes.ready, "/metrics": probes.measured}
# Django takes a thread, and soon a connection, for each request: more at a time than the pool serves only queue inside.
_AT_A_TIME = 2 * int(os.environ.get("LILONG_POOL") or 16)
_WAITING_MAX = 1000
_gates: dict[asyncio.AbstractEventLoop, asyncio.Semaphore] = {}
_waiting = 0
_counter = identified(counter.app, route="/api/orders")


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Dispatch by path; only a string comparison stands before the counter."""
    if scope["type"] == "http":
        path = scope["path"]
        if path == "/api/orders" and scope["method"] == "POST":
            await _counter(scope, receive, send)
        elif path in _PROBES:
            await _PROBES[path](scope, receive, send)
        else:
            await _pages(scope, receive, send)
    elif scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["path"] == "/ws/live":
        await live.app(scope, receive, send)
    else:
        await receive()
        await send({"type": "websocket.close", "code": 4404})


async def _pages(scope: dict[str, Any], receive: Any, send: Any) -> None:
    global _waiting  # noqa: PLW0603 (one event loop a process)
    if _waiting >= _WAITING_MAX:
        headers = [(b"content-type", b"application/problem+json"), (b"retry-after", b"1")]
        await send({"type": "http.response.start", "status": 503, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"type":"about:blank","status":503,"code":"busy"}'})
        return
    loop = asyncio.get_running_loop()
    gate = _gates.get(loop) or _gates.setdefault(loop, asyncio.Semaphore(_AT_A_TIME))
    _waiting += 1
    try:
        await gate.acquire()
    finally:
        _waiting -= 1
    try:
        await django(scope, receive, send)
    finally:
        gate.release()


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await send({"type": "lifespan.shutdown.complete"})
            return
