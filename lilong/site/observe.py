"""What the house notes about each request: its id, one line in the log, its count and its time."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse

from lilong.kernel.base import ids
from lilong.kernel.base.requests import request_id
from lilong.site import metrics

log = structlog.get_logger("lilong.requests")
ID_MAX_CHARACTERS = 64


class RequestMiddleware:
    """Gives every request an id (the caller's own X-Request-ID if it is a sensible one) and answers with it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        token = request_id.set(_sensible(request.headers.get("X-Request-ID", "")))
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get()
            match = request.resolver_match
            note(match.route if match else "unknown", request.method or "", response.status_code, started)
            return response
        finally:
            request_id.reset(token)


def note(route: str, method: str, status: int, started: float) -> None:
    """Counts and logs an answered request. The route, not the path: paths name people and orders."""
    took = time.perf_counter() - started
    metrics.requests.labels(route, method, str(status)).inc()
    metrics.seconds.labels(route).observe(took)
    log.info("answered", route=route, method=method, status=status, ms=round(took * 1000, 1))


def identified(app: Callable[..., Awaitable[None]], *, route: str) -> Callable[..., Awaitable[None]]:
    """The same for a raw ASGI route, without its line in the log: there may be thousands a second."""

    async def wrapped(scope: dict[str, Any], receive: Any, send: Any) -> None:
        started = time.perf_counter()
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        identity = _sensible(given.decode("latin-1"))
        token = request_id.set(identity)

        async def answer(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-request-id", identity.encode())]
                metrics.requests.labels(route, scope["method"], str(message["status"])).inc()
                metrics.seconds.labels(route).observe(time.perf_counter() - started)
            await send(message)

        try:
            await app(scope, receive, answer)
        finally:
            request_id.reset(token)

    return wrapped


def _sensible(given: str) -> str:
    return given if 0 < len(given) <= ID_MAX_CHARACTERS and given.isascii() and given.isprintable() else ids.uuid7().hex
