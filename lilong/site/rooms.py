"""What the site mounts: the rooms' and fields' own edges, found by their place in the house."""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from lilong.site.fields import FIELD_APPS

KERNEL = ("events", "parties", "ledger", "calendar", "catalog", "orders")


def edges(name: str) -> Iterator[tuple[str, ModuleType]]:
    """(where it is mounted, module) of every room and field that has an edge of that name: `api` or `urls`."""
    rooms = [(room, f"lilong.kernel.{room}") for room in KERNEL] + [("plan", "lilong.plan")]
    for code, package in rooms + [(app.rpartition(".")[2], app) for app in FIELD_APPS]:
        if find_spec(f"{package}.{name}"):
            yield code, import_module(f"{package}.{name}")
