"""`/healthz`, `/readyz`, `/metrics`: raw ASGI, so that a probe that comes by address meets no host check, no session."""

import asyncio
import hmac
import ipaddress
import json
import os
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections

from lilong.host.nats import greets
from lilong.site import metrics

Send = Callable[[dict[str, Any]], Awaitable[None]]


async def health(scope: dict[str, Any], receive: object, send: Send) -> None:
    """The process runs and answers."""
    await _answer(send, 200, b"alive\n")


async def ready(scope: dict[str, Any], receive: object, send: Send) -> None:
    """It can serve: 200, or 503 with what is missing. `{"database": "ok", "migrations": "ok", "nats": "ok"}`"""
    found = await asyncio.get_running_loop().run_in_executor(None, state)
    fine = all(word == "ok" for word in found.values())
    await _answer(send, 200 if fine else 503, json.dumps(found).encode() + b"\n", "application/json")


async def measured(scope: dict[str, Any], receive: object, send: Send) -> None:
    """Metrics, for this machine itself or for whoever shows LILONG_METRICS_TOKEN."""
    if not may_read_metrics(scope):
        await _answer(send, 403, b"metrics are for this machine, or for the bearer of LILONG_METRICS_TOKEN\n")
        return
    await _answer(send, 200, await sync_to_async(_metrics)(), "text/plain; version=0.0.4; charset=utf-8")


def may_read_metrics(scope: dict[str, Any]) -> bool:
    headers = dict(scope["headers"])
    token = os.environ.get("LILONG_METRICS_TOKEN", "")
    if token:
        given = headers.get(b"authorization", b"").removeprefix(b"Bearer ")
        return hmac.compare_digest(given, token.encode())
    forwarded = b"x-forwarded-for" in headers or b"forwarded" in headers  # a proxy on this machine speaks for others
    try:
        return not forwarded and ipaddress.ip_address((scope.get("client") or [""])[0]).is_loopback
    except ValueError:
        return False


def state() -> dict[str, str]:
    """What this process needs, each `ok` or the reason why not."""
    found = {"database": _database()}
    if found["database"] == "ok":
        found["migrations"] = _migrations()
    found["nats"] = "ok" if greets(settings.NATS_URL) else "does not answer"
    return found


def _database() -> str:
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception as error:
        return type(error).__name__
    finally:
        connections["default"].close()
    return "ok"


_migrated = False


def _migrations() -> str:
    global _migrated  # noqa: PLW0603 (once all are applied they stay so while this process runs)
    if not _migrated:
        from django.db.migrations.executor import MigrationExecutor

        try:
            executor = MigrationExecutor(connections["default"])
            missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        finally:
            connections["default"].close()
        if missing:
            return f"{len(missing)} not applied: lilong migrate"
        _migrated = True
    return "ok"


def _metrics() -> bytes:
    try:
        return metrics.page()
    finally:
        connections["default"].close()


async def _answer(send: Send, status: int, body: bytes, kind: str = "text/plain; charset=utf-8") -> None:
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode()),
               (b"cache-control", b"no-store")]  # fmt: skip
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
