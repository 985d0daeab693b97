"""What the house notes: ids on every line, probes by address, jobs by their number."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from lilong.site import probes
from lilong.site.asgi import application
from tests.site.running import environment

_WORK = """
import asyncio
import django
django.setup()
import structlog
from procrastinate.contrib.django import app
from lilong.kernel.base import ids
from lilong.kernel.base.requests import request_id
from lilong.kernel.events import services
from lilong.site import roles

@app.task(name="greet")
def greet(word):
    structlog.get_logger("greeter").info(word)

number = app.configure_task("greet").defer(word="hello")
request_id.set("outside")

async def work():
    with app.replace_connector(app.connector.get_worker_connector()) as working:
        async with working.open_async():
            await working.run_worker_async(wait=False, install_signal_handlers=False, worker_middleware=[roles._named])

asyncio.run(work())
structlog.get_logger("greeter").info("after", number=number)
"""


def test_a_job_logs_json_with_its_number(fresh_database: str, tmp_path: Path) -> None:
    settings = {"LILONG_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "lilong.site.settings"}
    done = subprocess.run([sys.executable, "-c", _WORK], capture_output=True, text=True, check=True,
                          env=environment() | settings | {"DATABASE_URL": fresh_database})  # fmt: skip
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    hello, after = [line for line in lines if line["logger"] == "greeter"]
    assert (hello["event"], hello["request"]) == ("hello", f"job-{after['number']}")
    assert (after["event"], after["request"]) == ("after", "outside")


@pytest.mark.parametrize(
    ("given", "kept"), [("abc-1", True), ("x" * 64, True), ("x" * 65, False), ("line\tbreak", False), ("", False)]
)
def test_a_sensible_request_id_is_kept(db: None, client: Client, given: str, kept: bool) -> None:
    answered = client.get("/no-such-page", headers={"X-Request-ID": given})["X-Request-ID"]
    assert (answered == given) is kept
    assert 0 < len(answered) <= 64


def _ask(path: str, method: str = "GET", **scope: Any) -> tuple[int, dict[bytes, bytes], bytes]:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    facts = {"type": "http", "path": path, "method": method, "headers": [], "client": ("127.0.0.1", 1)} | scope
    asyncio.run(application(facts, receive, send))
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(message.get("body", b"") for message in sent[1:])


def test_a_probe_needs_no_known_host() -> None:
    assert _ask("/healthz", headers=[(b"host", b"10.0.0.7:8000")])[::2] == (200, b"alive\n")


def test_the_counter_is_reached_before_django_and_answers_with_the_callers_id() -> None:
    status, headers, body = _ask("/api/orders", "POST", headers=[(b"x-request-id", b"till-7")])
    assert (status, headers[b"x-request-id"]) == (401, b"till-7")
    assert json.loads(body)["status"] == 401


@pytest.mark.parametrize(
    ("client", "headers", "token", "allowed"),
    [
        (("127.0.0.1", 1), [], "", True),
        (("::1", 1), [], "", True),
        (("192.0.2.1", 1), [], "", False),
        (None, [], "", False),
        (("127.0.0.1", 1), [(b"x-forwarded-for", b"192.0.2.1")], "", False),
        (("192.0.2.1", 1), [(b"authorization", b"Bearer word")], "word", True),
        (("127.0.0.1", 1), [(b"authorization", b"Bearer guess")], "word", False),
        (("127.0.0.1", 1), [], "word", False),
    ],
)
def test_who_reads_metrics(
    monkeypatch: pytest.MonkeyPatch, client: Any, headers: list[tuple[bytes, bytes]], token: str, allowed: bool
) -> None:
    monkeypatch.setenv("LILONG_METRICS_TOKEN", token)
    assert probes.may_read_metrics({"client": client, "headers": headers}) is allowed


def test_readiness_names_what_is_missing(fresh_database: str, settings: Any) -> None:
    settings.NATS_URL = "nats://127.0.0.1:1"
    assert probes.state()["nats"] == "does not answer"
    assert probes.state()["database"] == "ok"


def test_a_websocket_nobody_speaks_is_closed() -> None:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(application({"type": "websocket", "path": "/ws/", "headers": []}, receive, send))
    assert sent == [{"type": "websocket.close", "code": 4404}]
