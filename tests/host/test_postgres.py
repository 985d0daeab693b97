"""The embedded PostgreSQL, killed and started in every way a person would."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from lilong.host.postgres import Postgres, PostgresFailed, end_orphan

# Starts a server, writes a row, says so, and waits to be killed.
_OWNER = """
import sys, pathlib, psycopg
from lilong.host.postgres import Postgres
server = Postgres(pathlib.Path(sys.argv[1]), password="word")
with psycopg.connect(server.start(), autocommit=True) as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
    connection.execute("INSERT INTO kept VALUES (1)")
print(server.process.pid, server.port, flush=True)
sys.stdin.read()
"""


def _rows(folder: Path) -> int:
    server = Postgres(folder, password="word")
    try:
        with psycopg.connect(server.start()) as connection:
            return connection.execute("SELECT count(*) FROM kept").fetchone()[0]
    finally:
        server.stop()


def _owner(folder: Path) -> tuple[subprocess.Popen[str], int, int]:
    owner = subprocess.Popen([sys.executable, "-c", _OWNER, str(folder)], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)  # fmt: skip
    pid, port = owner.stdout.readline().split()
    return owner, int(pid), int(port)


def test_its_owner_is_no_superuser_and_commits_are_durable(tmp_path: Path) -> None:
    server = Postgres(tmp_path / "postgres")
    with psycopg.connect(server.start()) as connection:
        assert connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (False,)
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.url.replace(server.password, "guessed"))
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.url.replace("lilong:", "postgres:"))
    server.stop()
    assert server.process.returncode == 0


def test_another_password_is_one_line(tmp_path: Path) -> None:
    first = Postgres(tmp_path / "postgres", password="one")
    first.start()
    first.stop()
    with pytest.raises(PostgresFailed, match="refuses the password"):
        Postgres(tmp_path / "postgres", password="another").start()


def test_it_ends_with_its_owner_and_starts_again_with_all_that_was_committed(tmp_path: Path) -> None:
    owner, pid, _ = _owner(tmp_path / "postgres")
    handle = os.pidfd_open(pid)
    owner.kill()
    owner.wait()
    assert _ended(handle)
    assert _rows(tmp_path / "postgres") == 1


def test_a_server_killed_with_its_owner_recovers(tmp_path: Path) -> None:
    owner, pid, _ = _owner(tmp_path / "postgres")
    handle = os.pidfd_open(pid)
    os.kill(pid, signal.SIGKILL)
    owner.kill()
    owner.wait()
    assert _ended(handle)
    assert (tmp_path / "postgres" / "cluster" / "postmaster.pid").exists()
    assert _rows(tmp_path / "postgres") == 1


def test_an_orphan_still_running_is_ended_before_the_next_start(tmp_path: Path) -> None:
    owner, pid, _ = _owner(tmp_path / "postgres")
    handle = os.pidfd_open(pid)
    end_orphan(tmp_path / "postgres" / "cluster")
    assert _ended(handle)
    assert _rows(tmp_path / "postgres") == 1
    owner.kill()
    owner.wait()


def test_a_stale_pid_that_now_is_somebody_elses_harms_nobody(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    owner, _, _ = _owner(folder)
    end_orphan(folder / "cluster")
    owner.kill()
    owner.wait()
    bystander = subprocess.Popen(["sleep", "60"])
    (folder / "cluster" / "postmaster.pid").write_text(f"{bystander.pid}\n{folder}\n")
    assert _rows(folder) == 1
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_a_first_start_broken_off_is_begun_anew(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    (folder / "cluster.new").mkdir(parents=True)
    (folder / "cluster.new" / "PG_VERSION").write_text("18\n")
    server = Postgres(folder)
    server.start()
    server.stop()
    assert not (folder / "cluster.new").exists()


def test_a_cluster_of_another_major_version_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "cluster").mkdir()
    (tmp_path / "cluster" / "PG_VERSION").write_text("17\n")
    with pytest.raises(PostgresFailed, match="written by PostgreSQL 17, this is 18"):
        Postgres(tmp_path).start()


def _ended(handle: int) -> bool:
    import select

    return bool(select.select([handle], [], [], 30)[0])
