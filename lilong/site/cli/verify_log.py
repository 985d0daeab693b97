"""Recompute the tamper-evident event log from its rows; exit code 1 if any row was changed, removed or re-ordered."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import Any

from lilong.site.cli import setting

HELP = "check the event log against its Merkle tree and signed heads"


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")


def run(options: Namespace) -> int:
    with setting.with_engines(options):
        import msgspec
        from tqdm import tqdm

        from lilong.kernel.events import services

        with tqdm(unit="events", desc="verify", file=sys.stderr, leave=False, disable=None) as bar:
            report = services.verify(_progress(bar))
        facts = msgspec.to_builtins(report)
    print(json.dumps(facts) if options.json else _words(facts))
    return 1 if facts["findings"] else 0


def _words(facts: dict[str, Any]) -> str:
    lines = [f"{facts['size']} events, {facts['waiting']} waiting for their place, {facts['heads']} signed heads"]
    lines.append(f"root {facts['root']}")
    for found in facts["findings"]:
        where = f" at {found['seq']}" if found["seq"] is not None else ""
        lines.append(f"{found['kind'].upper()}{where} {found['event'] or ''} {found['detail']}")
    found = len(facts["findings"])
    lines.append(f"{found} findings: the log is not what was signed" if found else "the log is whole")
    return "\n".join(lines)


def _progress(bar: Any) -> Callable[[int, int], None]:
    def progress(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)

    return progress
