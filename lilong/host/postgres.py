"""The embedded PostgreSQL: one cluster in a folder of ours, from the wheel's own programs."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path

from lilong.host import processes
from lilong.host.failure import HostFailed
from lilong.host.ports import free_port
from lilong.host.programs import engine_user, here, postgres_programs

DATABASE = "lilong"
USER = "lilong"  # owns the database; not a superuser, as with a PostgreSQL that somebody else runs for us
MAJOR = "18"

# For a machine of two cores and a few GB. Durability is never traded: fsync and synchronous_commit stay on.
SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_connections": "200",
    "max_wal_size": "4GB",
    "min_wal_size": "256MB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}

# The superuser has no password and so cannot sign in at all.
ACCESS = "host all all 127.0.0.1/32 scram-sha-256\n"


class PostgresFailed(HostFailed):
    """It did not start; the message is one line for people, with the log's last words."""


class Postgres:
    """A PostgreSQL cluster under `folder`, listening on a loopback TCP port.

    `password` is asked from everybody who connects (SCRAM); without one a fresh one is made for this run.
    """

    def __init__(
        self, folder: Path, *, port: int = 0, password: str = "", settings: dict[str, str] | None = None
    ) -> None:
        self.folder = folder
        self.cluster = folder / "cluster"
        self.port = port or free_port()
        self.password = password or secrets.token_urlsafe(24)
        self.settings = SETTINGS | (settings or {})
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{DATABASE}"

    def start(self, timeout_seconds: float = 60) -> str:
        """Creates the cluster if need be, ends what a killed start left behind, starts it, waits until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.user = engine_user(self.folder)
        if (self.cluster / "PG_VERSION").exists():
            self._require_version()
            end_orphan(self.cluster)
        else:
            self._create()
        options = self.settings | {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
        }
        arguments = [word for key, value in options.items() for word in ("-c", f"{key}={value}")]
        with (self.folder / "postgres.log").open("wb") as log:
            self.process = processes.start(
                [str(postgres_programs() / "postgres"), "-D", here(), *arguments],
                log=log,
                folder=self.cluster,
                user=self.user,
                last_signal=signal.SIGINT,
            )
        self._wait(time.monotonic() + timeout_seconds)
        return self.url

    def stop(self) -> None:
        """A fast shutdown: open sessions are cut, everything committed is kept."""
        if self.process:
            processes.stop(self.process, first=signal.SIGINT, patience_seconds=60)

    def _wait(self, deadline: float) -> None:
        """Until the database answers; a server that recovers from a crash refuses for a while."""
        import psycopg

        while self.process and self.process.poll() is None and time.monotonic() < deadline:
            try:
                psycopg.connect(self.url, connect_timeout=5).close()
            except psycopg.OperationalError as error:
                if "password authentication failed" in str(error):
                    self.stop()
                    raise PostgresFailed(
                        f"PostgreSQL refuses the password in the secrets folder beside {self.folder}: "
                        "put back the one it was made with"
                    ) from None
                time.sleep(0.03)
            else:
                return
        words = self._last_words()
        self.stop()
        raise PostgresFailed(f"PostgreSQL did not start: {words}")

    def _create(self) -> None:
        """A new cluster with its owner and database; made aside, so that an interrupted start leaves none by half."""
        draft = self.folder / "cluster.new"
        if draft.exists():
            shutil.rmtree(draft)
        draft.mkdir(mode=0o700)
        if self.user:
            os.chown(draft, *self.user)
        self._run(draft, "initdb", "-D", here(), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C",
                  "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync", "--no-instructions")  # fmt: skip
        (draft / "pg_hba.conf").write_text(ACCESS)
        self._run(draft, "postgres", "--single", "-D", here(), "postgres", words=(
            f"CREATE ROLE {USER} LOGIN CREATEDB PASSWORD '{self.password}' IN ROLE pg_monitor, pg_checkpoint\n"
            f"CREATE DATABASE {DATABASE} OWNER {USER}\n"
        ))  # fmt: skip
        self._run(draft, "initdb", "-D", here(), "--sync-only")
        draft.rename(self.cluster)

    def _run(self, folder: Path, program: str, *arguments: str, words: str = "") -> None:
        identity = {} if self.user is None else {"user": self.user[0], "group": self.user[1], "extra_groups": []}
        done = subprocess.run(
            [str(postgres_programs() / program), *arguments],
            input=words,
            capture_output=True,
            text=True,
            cwd=folder,
            check=False,
            **identity,  # type: ignore[call-overload]
        )
        complaints = [line for line in done.stderr.splitlines() if "ERROR" in line or "FATAL" in line]
        if done.returncode or complaints:
            lines = complaints or done.stderr.strip().splitlines() or [f"ended with {done.returncode}"]
            raise PostgresFailed(f"PostgreSQL's {program} failed: {explained(lines[-1])}")

    def _require_version(self) -> None:
        found = (self.cluster / "PG_VERSION").read_text().strip()
        if found != MAJOR:
            raise PostgresFailed(
                f"{self.folder} was written by PostgreSQL {found}, this is {MAJOR}: restore a backup into a new folder"
            )

    def _last_words(self) -> str:
        lines = (self.folder / "postgres.log").read_text(errors="replace").splitlines()
        telling = [line for line in lines if "FATAL" in line or "PANIC" in line]
        return explained(" ".join((telling or lines)[-2:]) or "it said nothing")


def explained(words: str) -> str:
    """PostgreSQL's own words, led by what they mean where people would have to guess."""
    if "No space left on device" in words:
        return f"the disk is full ({words})"
    return words


def end_orphan(cluster: Path) -> None:
    """Ends the server that a killed start left running on `cluster`, or forgets its stale pid file.

    The caller holds the data folder's lock, so nobody else may be using it. A pid that now belongs to another program
    (after a restart of the machine or container) is told apart by its working folder.
    """
    note = cluster / "postmaster.pid"
    try:
        pid = int(note.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        note.unlink(missing_ok=True)
        return
    if not _serves(pid, cluster):
        note.unlink(missing_ok=True)
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGINT)
    deadline = time.monotonic() + 60
    while _serves(pid, cluster):
        if time.monotonic() > deadline:
            raise PostgresFailed(f"an earlier PostgreSQL (process {pid}) still uses {cluster} and does not end")
        time.sleep(0.05)


def _serves(pid: int, cluster: Path) -> bool:
    try:
        return os.path.samefile(f"/proc/{pid}/cwd", cluster)
    except FileNotFoundError:
        if Path("/proc/self/cwd").exists():
            return False
    except OSError:
        return False
    try:  # no /proc: believe the pid
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
