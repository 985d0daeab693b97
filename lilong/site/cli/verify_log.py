"""Recompute the tamper-evident event log from its rows; exit code 1 if any row was changed, removed or re-ordered."""

import json
from argparse import ArgumentParser, Namespace

from lilong.site.cli import setting

HELP = "check the event log against its Merkle tree and signed heads"


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")


def run(options: Namespace) -> int:
    with setting.with_engines(options):
        import msgspec

        from lilong.kernel.events import services

        report = services.verify()
        facts = msgspec.to_builtins(report, builtin_types=())
    findings = facts.get("findings", [])
    if options.json:
        print(json.dumps(facts))
        return 1 if findings else 0
    for name, value in facts.items():
        if name != "findings":
            print(f"{name}: {value}")
    for finding in findings:
        print(f"FOUND {finding}")
    print("the log is whole" if not findings else f"{len(findings)} findings: the log was tampered with")
    return 1 if findings else 0
