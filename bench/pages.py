"""Pages under load, warm: the market's home, a product, the plan board. Beside them, in the same run, the raw probe `/healthz`.

Prints one JSON line: requests/s and p50/p99 in ms of each, on a demo city, all on this machine's cores together.
"""

import argparse
import asyncio
import json
from itertools import repeat

import django

from bench import load
from bench.server import serving

WARM_SECONDS = 2.0


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="lilong bench pages", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--scale", type=float, default=0.3, help="size of the demo city")
    parser.add_argument("--json", action="store_true", help="accepted for uniformity: the line is JSON anyway")
    options = parser.parse_args(argv)
    django.setup()
    print(json.dumps(run(options.seconds, options.connections, options.scale)))
    return 0


def run(seconds: float, connections: int, scale: float) -> dict[str, object]:
    from lilong.site import demo

    demo.load(2020, lambda share, what: None, scale=scale, days=14)
    found: dict[str, object] = {"bench": "pages", "connections": connections}
    with serving() as port:
        for name, path in {"baseline_healthz": "/healthz", **_paths()}.items():
            request = load.request("GET", path, accept="text/html")
            asyncio.run(load.drive(port, repeat(request), connections=connections, seconds=WARM_SECONDS))
            shown = asyncio.run(load.drive(port, repeat(request), connections=connections, seconds=seconds))
            assert set(shown.statuses) == {200}, shown.statuses
            found[name] = {
                "requests_per_s": round(len(shown.millis) / shown.seconds),
                "p50_ms": shown.percentile(0.50),
                "p99_ms": shown.percentile(0.99),
            }
    return found


def _paths() -> dict[str, str]:
    from lilong.kernel.base import ids

    product = ids.named("demo", "product", "nongtang", "Fresh milk")
    return {"market": "/market/", "product": f"/market/products/{product}/", "board": "/plan/", "lane": "/"}
