"""`lilong`: the one command. Each subcommand is a module with HELP, `arguments(parser)` and `run(options) -> exit code`."""

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path

from lilong.host.failure import HostFailed

COMMANDS = (
    "up",
    "web",
    "worker",
    "relay",
    "migrate",
    "demo",
    "robotaxis",
    "bench",
    "doctor",
    "backup",
    "restore",
    "verify-log",
)


def main(argv: list[str] | None = None) -> int:
    given = sys.argv[1:] if argv is None else argv
    options = _parser().parse_args(given)
    os.environ["LILONG_DATA"] = str(options.data.absolute())
    try:
        return int(options.run(options))
    except HostFailed as failure:
        print(f"lilong: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lilong", description="One lane, twelve doors: a city's online economy.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in COMMANDS:
        module = import_module(f"lilong.site.cli.{name.replace('-', '_')}")
        command = commands.add_parser(name, help=module.HELP, description=module.__doc__)
        command.add_argument(
            "--data",
            type=Path,
            default=Path(os.environ.get("LILONG_DATA", "data")),
            metavar="DIR",
            help="the data folder (LILONG_DATA; default: data)",
        )
        module.arguments(command)
        command.set_defaults(run=module.run)
    return parser
