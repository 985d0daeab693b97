"""Check the installation, one line a finding; exit code 1 if anything is wrong."""

import os
import shutil
import socket
import stat
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from lilong.host.failure import HostFailed
from lilong.host.folder import NEEDED_BYTES, DataFolder
from lilong.host.nats import greets
from lilong.host.ports import is_free
from lilong.site.cli import setting

HELP = "check this installation"
PYTHON = (3, 11)
SKEW_SECONDS = 2.0
LAG_EVENTS = 10_000
PUBLIC_BITS = 0o077
WELL_KNOWN = ("admin", "password", "lilong", "changeme", "demo", "123456")

Finding = tuple[bool, str]


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=int(os.environ.get("LILONG_PORT", "8000")), help="the web's port")


def run(options: Namespace) -> int:
    fine = True
    for ok, words in _findings(options):
        print(f"{'ok   ' if ok else 'WRONG'} {words}")
        fine = fine and ok
    return 0 if fine else 1


def _findings(options: Namespace) -> Iterator[Finding]:
    folder = DataFolder(options.data)
    for check in (_python, _disk, _layout, _permissions):
        yield _told(check, folder)
    yield _told(lambda folder: _port(folder, options.port), folder)
    try:
        with setting.with_engines(options) as found:
            yield _told(lambda _: _nats(found.nats_url), folder)
            for check in (_postgres, _durable, _clock, _migrations, _lag, _admin):
                yield _told(check, folder)
    except HostFailed as failure:
        yield False, str(failure)


def _told(check: Callable[[DataFolder], Finding], folder: DataFolder) -> Finding:
    """A check that breaks is a finding too."""
    try:
        return check(folder)
    except Exception as error:
        return False, f"{getattr(check, '__name__', 'check').strip('_')}: {type(error).__name__}: {error}".split("\n")[
            0
        ]


def _python(folder: DataFolder) -> Finding:
    return sys.version_info[:2] >= PYTHON, f"python {sys.version.split()[0]} (3.11 or newer)"


def _disk(folder: DataFolder) -> Finding:
    place = next(path for path in (folder.path, *folder.path.parents) if path.exists())
    free = shutil.disk_usage(place).free
    return free >= NEEDED_BYTES, f"disk: {free // 2**20} MB free at {place} ({NEEDED_BYTES // 2**20} MB needed)"


def _layout(folder: DataFolder) -> Finding:
    folder.require_known_layout()
    return True, f"data folder {folder.path}" + ("" if folder.path.exists() else " (not made yet)")


def _permissions(folder: DataFolder) -> Finding:
    kept = folder.path / "secrets"
    files = [kept, *kept.iterdir()] if kept.exists() else []
    open_to_others = [file.name for file in files if stat.S_IMODE(file.stat().st_mode) & PUBLIC_BITS]
    return not open_to_others, f"secrets readable by their owner only {' '.join(open_to_others)}".strip()


def _port(folder: DataFolder, port: int) -> Finding:
    address = folder.running().get("address", "")
    if f":{port}/" in address:
        return True, f"port {port}: used by this city ({address})"
    return is_free("127.0.0.1", port), f"port {port} is free"


def _nats(url: str) -> Finding:
    return greets(url), "NATS answers, JetStream is on"


def _ask(question: str) -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(question)
        return str(cursor.fetchone()[0])


def _postgres(folder: DataFolder) -> Finding:
    version = int(_ask("SHOW server_version_num")) // 10_000
    return version >= 16, f"PostgreSQL {_ask('SHOW server_version')} answers (16 or newer)"  # noqa: PLR2004


def _durable(folder: DataFolder) -> Finding:
    words = {name: _ask(f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")}
    lost = [name for name, value in words.items() if value == "off"]
    return not lost, f"commits are durable: {', '.join(f'{name} {value}' for name, value in words.items())}"


def _clock(folder: DataFolder) -> Finding:
    theirs = float(_ask("SELECT extract(epoch FROM clock_timestamp())"))
    skew = abs(theirs - datetime.now(UTC).timestamp())
    return skew < SKEW_SECONDS, f"clock: {skew:.1f} s from the database's, on {socket.gethostname()}"


def _migrations(folder: DataFolder) -> Finding:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return not missing, f"migrations: {len(missing)} not applied" if missing else "migrations: all applied"


def _lag(folder: DataFolder) -> Finding:
    from lilong.kernel.events import follow, queries

    behind = {"log": queries.waiting()} | {lag.name: lag.behind for lag in follow.lags()}
    words = ", ".join(f"{name} {number}" for name, number in behind.items())
    return max(behind.values()) < LAG_EVENTS, f"events not yet followed: {words}"


def _admin(folder: DataFolder) -> Finding:
    """Nobody may run the city with a password that everybody tries first."""
    from django.contrib.auth import get_user_model

    staff = list(get_user_model().objects.filter(is_staff=True, is_active=True).order_by("pk")[:20])
    weak = [str(user.pk) for user in staff if any(user.check_password(word) for word in WELL_KNOWN)]
    return not weak, f"no operator has a default password {' '.join(weak)}".strip()
