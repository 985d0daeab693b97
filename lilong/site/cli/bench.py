"""Run a benchmark of the bench/ folder over the given database, or over throw-away engines of its own."""

import sys
import tempfile
from argparse import REMAINDER, ArgumentParser, Namespace
from importlib import import_module, util
from pathlib import Path

from lilong.host.failure import HostFailed
from lilong.site.cli import migrate, setting

HELP = "run a benchmark"


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", help="ledger, broadcast, festival, pages, ...")
    parser.add_argument("rest", nargs=REMAINDER, help="the benchmark's own options: --json, ... (after its name)")


def run(options: Namespace) -> int:
    """With DATABASE_URL it runs there; it writes a lot, so never point it at a city in use."""
    root = Path(__file__).resolve().parents[3]
    sys.path.insert(0, str(root))
    if (
        not options.name.isidentifier()
        or util.find_spec("bench") is None
        or util.find_spec(f"bench.{options.name}") is None
    ):
        raise HostFailed(f"there is no benchmark {options.name!r} in {root / 'bench'}")
    with tempfile.TemporaryDirectory(prefix="lilong-bench-") as scratch:
        options.data = Path(scratch)
        with setting.with_engines(options):
            migrate.migrate(quiet=True)
            return int(import_module(f"bench.{options.name}").main(options.rest) or 0)
