"""`lilong up`, end to end."""

import select
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from lilong.host.folder import LAYOUT
from tests.site.running import City, lilong


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("city") / "data"


@pytest.fixture(scope="module")
def first(data: Path) -> Iterator[City]:
    city = City(data)
    yield city
    city.stop(signal.SIGKILL)


def _all_ended(handles: list[int], within_seconds: float) -> bool:
    deadline = time.monotonic() + within_seconds
    return all(select.select([handle], [], [], max(0.0, deadline - time.monotonic()))[0] for handle in handles)


def test_it_tells_its_address_and_answers_there(first: City) -> None:
    assert "ready after" in first.said
    assert f"http://localhost:{first.port}/" in first.said
    assert first.get("/healthz") == (200, b"alive\n")
    assert first.get("/readyz") == (200, b'{"database": "ok", "migrations": "ok", "nats": "ok"}\n')
    status, style = first.get("/static/admin/css/base.css")
    assert status == 200
    assert b"{" in style


def test_metrics_are_for_this_machine_only(first: City) -> None:
    status, page = first.get("/metrics")
    assert status == 200
    for name in (
        b"lilong_requests_total",
        b"lilong_database_pool",
        b"lilong_events_waiting 0",
        b"lilong_counter_queue",
    ):
        assert name in page
    assert first.get("/metrics", **{"X-Forwarded-For": "203.0.113.7"})[0] == 403


def test_doctor_finds_a_running_city_well(first: City) -> None:
    found = lilong("doctor", "--data", str(first.data), "--port", str(first.port))
    assert [line for line in found.stdout.splitlines() if not line.startswith("ok ")] == []
    assert found.returncode == 0


def test_a_second_one_on_the_same_data_or_port_is_one_line(first: City, tmp_path: Path) -> None:
    same = lilong("up", "--data", str(first.data))
    assert (same.returncode, same.stderr) == (
        1,
        f"lilong: {first.data} is already in use by a running Lilong http://localhost:{first.port}/\n",
    )
    port = lilong("up", "--data", str(tmp_path / "other"), "--port", str(first.port))
    assert port.returncode == 1
    assert port.stderr.startswith(f"lilong: port {first.port} on 127.0.0.1 is in use")
    assert port.stderr.count("\n") == 1


def test_a_folder_of_a_newer_version_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "VERSION").write_text(f"{LAYOUT + 1}\n")
    found = lilong("up", "--data", str(tmp_path))
    assert found.returncode == 1
    assert "was written by a newer Lilong" in found.stderr
    assert found.stderr.count("\n") == 1


def test_stopped_it_leaves_no_process_and_starts_again_with_its_data(first: City) -> None:
    with psycopg.connect(first.database_url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    family = first.family()
    assert len(family) >= 6  # web and its process, worker, relay, two engines
    assert first.stop(signal.SIGINT) == 0
    assert _all_ended(family, 0)

    second = City(first.data)
    family = second.family()
    try:
        assert "preparing the database" not in second.said
        with psycopg.connect(second.database_url()) as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
    finally:
        second.stop(signal.SIGKILL)
    assert _all_ended(family, 30)  # killed itself, it still takes everything along

    third = City(first.data)
    try:
        with psycopg.connect(third.database_url()) as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
    finally:
        assert third.stop(signal.SIGTERM) == 0
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", third.port)) != 0
