"""Load the demo city: residents, firms, warehouses and their goods; the same for the same seed."""

import sys
from argparse import ArgumentParser, Namespace
from importlib import import_module, util

from lilong.host.failure import HostFailed
from lilong.site.cli import setting

HELP = "load the demo city"
SEED = 2020


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=SEED, help=f"another seed, another city (default: {SEED})")


def run(options: Namespace) -> int:
    if util.find_spec("lilong.site.demo") is None:
        raise HostFailed("this Lilong comes without a demo city")
    with setting.with_engines(options):
        from tqdm import tqdm

        with tqdm(total=100, unit="%", desc="demo city", file=sys.stderr, leave=False, disable=None) as bar:
            said = import_module("lilong.site.demo").load(options.seed, _progress(bar))
    if said:
        print(said)
    return 0


def _progress(bar):  # type: ignore[no-untyped-def]
    def progress(share: float, what: str = "") -> None:
        """`share` is how much is done, 0 to 1."""
        bar.set_description(f"demo city: {what}" if what else "demo city")
        bar.update(round(share * 100) - bar.n)

    return progress
