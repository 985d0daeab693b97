"""A wallet's statement as a table in words."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lilong.kernel.ledger.queries import Entry
from lilong.ui.tables import Cell, Column, Table

CODES = {
    "top-up": _("Top-up"),
    "order.pay": _("Payment for an order"),
    "order.undo": _("Order cancelled"),
    "order.refund": _("Refund"),
    "delivery.fee": _("Delivery fee"),
    "delivery.claim": _("Compensation for a delivery"),
}
KINDS = {
    "pending": _("held"),
    "post": _("settled"),
    "void": _("released"),
    "expire": _("released"),
    "reverse": _("returned"),
}
COLUMNS = (
    Column("what", _("Entry")),
    Column("at", _("Time"), "moment"),
    Column("held", _("Held"), "money"),
    Column("change", _("In or out"), "money"),
    Column("balance", pgettext_lazy("money in an account", "Balance"), "money"),
)


def table(entries: Iterable[Entry]) -> Table:
    return Table(columns=COLUMNS, rows=[_row(entry) for entry in entries], caption=_("Newest first"))


def _row(entry: Entry) -> dict[str, Any]:
    said = str(CODES.get(entry.code, entry.code))
    if entry.kind in KINDS and entry.code != "order.undo":
        said = f"{said} ({KINDS[entry.kind]})"
    of_order = entry.code.startswith("order.") and entry.ref
    return {
        "what": Cell(said, reverse("my-order", args=[entry.ref])) if of_order else said,
        "at": entry.at,
        "held": entry.amount if entry.kind == "pending" else None,
        "change": entry.change if entry.change else None,
        "balance": entry.balance,
    }
