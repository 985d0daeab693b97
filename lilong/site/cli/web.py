"""Serve pages, the API and the counter (needs DATABASE_URL and NATS_URL)."""

import os
import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path

from lilong.host.ports import require_free
from lilong.site.cli import setting

HELP = "serve HTTP"
BACKLOG = 4096
# More than the counter's own queue: it is the counter that says 503, with Retry-After, not a closed door.
BACKPRESSURE = 6000
STATIC_SECONDS = 300


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default=os.environ.get("LILONG_HOST", "127.0.0.1"), help="address to listen on")
    parser.add_argument("--port", type=int, default=int(os.environ.get("LILONG_PORT", "8000")), help="port (8000)")
    parser.add_argument(
        "--workers",
        type=int,
        default=int(os.environ.get("LILONG_WEB_WORKERS", "1")),
        help="processes; one uses a core well, so leave cores to the database (LILONG_WEB_WORKERS; default: 1)",
    )


def run(options: Namespace) -> int:
    setting.require_addresses()
    require_free(options.host, options.port, "--port")
    os.environ.setdefault("LILONG_POOL", "16")
    os.environ["LILONG_WEB_PROCESS"] = "1"
    with tempfile.TemporaryDirectory(prefix="lilong-metrics-") as shared:
        if options.workers > 1:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = shared
        _server(options).serve()
    return 0


def _server(options: Namespace):  # type: ignore[no-untyped-def]
    from granian import Granian
    from granian.constants import Interfaces, Loops
    from granian.log import LogLevels

    static = Path(os.environ.get("LILONG_STATIC", options.data / "static")).absolute()
    return Granian(
        "lilong.site.asgi:application",
        address=options.host,
        port=options.port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        workers=options.workers,
        backlog=BACKLOG,
        backpressure=BACKPRESSURE,
        respawn_failed_workers=options.workers > 1,  # a single one ends the role, which is then started anew
        workers_kill_timeout=10,
        log_level=LogLevels.warning,
        # Granian reads these itself, outside Python's lock; what is not there yet is left to WhiteNoise.
        static_path_mount=[static] if static.is_dir() else None,
        static_path_expires=STATIC_SECONDS,
    )
