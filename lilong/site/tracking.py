"""An order as its buyer follows it: one line of a list, and the steps it went through."""

from collections.abc import Iterable
from typing import Any

import msgspec
from django.utils.translation import gettext_lazy as _

from lilong.kernel.base.words import Words
from lilong.kernel.events import queries as events
from lilong.kernel.orders.drafts import OrderView
from lilong.site.registry import doors
from lilong.ui.states import state_words

STEPS = {
    "orders.placed": (_("Placed"), "done"),
    "orders.amended": (_("Changed"), "done"),
    "orders.completed": (_("Handed over and paid"), "done"),
    "orders.cancelled": (_("Cancelled"), "failed"),
    "orders.refunded": (_("Refunded"), "done"),
}
TITLES_SHOWN = 3
EVENTS_READ = 100


class Step(msgspec.Struct, frozen=True):
    label: Any
    mark: str
    at: Any = None
    note: Any = ""


def rows(orders: Iterable[OrderView]) -> list[dict[str, Any]]:
    """What a list shows of each order."""
    named = {door.code: door for door in doors()}
    return [
        {
            "order": order,
            "door": named.get(order.field),
            "titles": [title(line) for line in order.lines[:TITLES_SHOWN]],
            "more": max(0, len(order.lines) - TITLES_SHOWN),
            "state": state_words(order.state),
        }
        for order in orders
    ]


def title(line: Any) -> str:
    return str(Words.read(line.title)) if line.title else str(_("An offer no longer shown"))


def steps(order: OrderView) -> list[Step]:
    """What happened to the order, from its events, and what comes next."""
    found = [
        Step(*STEPS[event.type], at=event.at)
        for event in events.history(order.id, size=EVENTS_READ).items
        if event.type in STEPS
    ]
    if order.state == "placed":
        found.append(Step(_("Being prepared"), "current"))
        found.append(Step(_("Handed over and paid"), "todo"))
    return found
