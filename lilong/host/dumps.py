"""Dumping and restoring a database with PostgreSQL's own programs."""

import os
import subprocess
import threading
from collections.abc import Callable
from typing import IO
from urllib.parse import parse_qs, unquote, urlsplit

from lilong.host.failure import HostFailed
from lilong.host.programs import postgres_programs

CHUNK_BYTES = 1 << 20
Progress = Callable[[int], object]


def dump(url: str, into: IO[bytes], progress: Progress) -> None:
    """Writes a consistent snapshot (pg_dump's custom format, compressed); `progress` is told each chunk's bytes."""
    command = [str(postgres_programs() / "pg_dump"), "--format=custom", "--no-owner", "--no-privileges"]
    process = subprocess.Popen(command, env=_environment(url), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    _pump(process, "pg_dump", process.stdout, into, progress)


def restore(url: str, source: IO[bytes], progress: Progress) -> None:
    """Reads such a dump into an empty database: all of it or, after any error, nothing."""
    command = [str(postgres_programs() / "pg_restore"), "--no-owner", "--no-privileges", "--single-transaction",
               "--exit-on-error", f"--dbname={_environment(url)['PGDATABASE']}"]  # fmt: skip
    process = subprocess.Popen(command, env=_environment(url), stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    _pump(process, "pg_restore", source, process.stdin, progress)


def _pump(
    process: subprocess.Popen[bytes],
    name: str,
    source: IO[bytes] | None,
    target: IO[bytes] | None,
    progress: Progress,
) -> None:
    said: list[bytes] = []
    listener = threading.Thread(target=lambda: said.append(process.stderr.read() if process.stderr else b""))
    listener.start()
    try:
        while source and target and (chunk := source.read(CHUNK_BYTES)):
            target.write(chunk)
            progress(len(chunk))
        if process.stdin:
            process.stdin.close()
    except BrokenPipeError:
        pass  # it ended; its exit code and its words say why
    except BaseException:
        process.kill()
        raise
    finally:
        code = process.wait()
        listener.join()
    if code:
        lines = b"".join(said).decode(errors="replace").strip().splitlines() or [f"exit code {code}"]
        raise HostFailed(f"{name} failed: {lines[0]}")


def _environment(url: str) -> dict[str, str]:
    """libpq's variables: a password on the command line could be read by everybody on the machine."""
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    found = {
        "PGHOST": query.get("host", parts.hostname or ""),
        "PGPORT": str(parts.port or ""),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
        "PGSSLMODE": query.get("sslmode", ""),
        "PGSSLROOTCERT": query.get("sslrootcert", ""),
    }
    return dict(os.environ) | {key: value for key, value in found.items() if value}
