"""The ASGI application: probes and the counter as raw routes, everything else by Django."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lilong.site.settings")

from django.core.asgi import get_asgi_application

django = get_asgi_application()  # before anything below: it sets Django up

from lilong.kernel.orders import counter  # noqa: E402
from lilong.site import probes  # noqa: E402
from lilong.site.observe import identified  # noqa: E402

_PROBES = {"/healthz": probes.health, "/readyz": probes.ready, "/metrics": probes.measured}
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
            await django(scope, receive, send)
    elif scope["type"] == "lifespan":
        await _lifespan(receive, send)
    else:  # no room speaks WebSocket yet
        await receive()
        await send({"type": "websocket.close", "code": 4404})


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await send({"type": "lifespan.shutdown.complete"})
            return
