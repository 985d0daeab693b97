"""Getting an order out of the door: which step follows which, what a picker may report, what a scanned code says."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import msgspec

from lilong.fields.market.rules import digital_link, gtin
from lilong.fields.market.rules.weight import most
from lilong.kernel.base.problems import Conflict, Invalid, Problem, Violation, invalid

WAITING, PICKING, PACKED, ON_THE_WAY = "waiting", "picking", "packed", "on-the-way"
DELIVERED, HANDED_OVER, FAILED, LOST = "delivered", "handed-over", "failed", "lost"
STATES = (WAITING, PICKING, PACKED, ON_THE_WAY, DELIVERED, HANDED_OVER, FAILED, LOST)
DONE = (DELIVERED, HANDED_OVER)
SELF_SERVED = ("vending", "unmanned")  # channels where the buyer takes the goods himself
REASON_MAX, SCAN_MAX, WAVE_MAX = 200, 200, 60
_ELEMENTS = re.compile(r"\(01\)(?P<gtin>\d{14})(?:\(17\)\d{6})?(?:\(10\)(?P<lot>[^()]{1,20}))?$")
_TEMPERATURE_ORDER = ("ambient", "chilled", "live", "frozen")  # cold goods last, so that they stay cold


class Scanned(NamedTuple):
    """What a code says: a GTIN of 14 digits, a lot, or both ('' where it says nothing)."""

    gtin: str
    lot: str


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """Units of a lot that the ledger holds for a line, for orders that were placed by now."""

    account: int
    lot: str
    best_before: date
    units: int


def read_scan(text: str, today: date) -> Scanned:
    """Reads a GS1 Digital Link, an element string with brackets, a GTIN, or a bare lot code.

    Raises Invalid at `/scan` with rule `length` or what the number breaks.
    """
    text = text.strip()
    if not 0 < len(text) <= SCAN_MAX:
        raise invalid("/scan", "length", f"1..{SCAN_MAX}")
    if "/01/" in text:
        return _of_link(text, today)
    found = _ELEMENTS.match(text)
    if found:
        return Scanned(gtin.normalise(found["gtin"], "/scan"), found["lot"] or "")
    if text.isascii() and text.isdigit() and len(text) in (8, 12, 13, 14):
        try:
            return Scanned(gtin.normalise(text, "/scan"), "")
        except Invalid:
            return Scanned("", text)  # sellers number lots by date: 20300408 is no GTIN-8
    return Scanned("", unquote(text))


def _of_link(text: str, today: date) -> Scanned:
    path = urlsplit(text).path
    try:
        link = digital_link.parse(path[path.index("/01/") :], {}, today)
    except Problem:
        raise invalid("/scan", "digital-link") from None
    return Scanned(link.gtin, link.lot)


def up_to(quantity: int, takes: Iterable[Taken]) -> list[Taken]:
    """Of what is held for a line (for weighed goods more than was ordered) the lots and units to take for `quantity`."""
    found, left = [], quantity
    for take in takes:
        if left > 0:
            found.append(msgspec.structs.replace(take, units=min(left, take.units)))
            left -= take.units
    return found


def require_right_goods(scanned: Scanned, number: str, lots: Iterable[str]) -> None:
    """Raises Conflict `other-goods` or `other-lot` (with the lots the ledger holds for the line): a recall must find
    whom a lot reached, so what is handed over is what was taken."""
    expected = sorted(lots)
    if scanned.gtin and scanned.gtin != number:
        raise Conflict("other-goods", violations=[Violation(pointer="/scan", rule="ordered-goods")])
    if scanned.lot and scanned.lot not in expected:
        raise Conflict(
            "other-lot", violations=[Violation(pointer="/scan", rule="taken-lot")], extra={"lots": ", ".join(expected)}
        )


def require_picked(quantity: int, ordered: int, unit: str, tolerance_percent: int) -> None:
    """What may be reported for a line: pieces up to those ordered, grams up to the tolerance. Raises Invalid."""
    if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 0:
        raise invalid("/quantity", "whole-units")
    limit = most(ordered, tolerance_percent) if unit == "g" else ordered
    if quantity > limit:
        raise invalid("/quantity", "above-tolerance" if unit == "g" else "above-ordered", limit)


def require_state(state: str, *allowed: str) -> None:
    """Raises Conflict `wrong-step` with the step it is at."""
    if state not in allowed:
        raise Conflict("wrong-step", violations=[Violation(pointer="/state", rule="one-of")], extra={"state": state})


def require_reason(reason: str) -> str:
    """A reason in the picker's words. Raises Invalid."""
    if not reason.strip() or len(reason) > REASON_MAX or "\0" in reason:
        raise invalid("/reason", "length", f"1..{REASON_MAX}")
    return reason.strip()


def seconds(start: datetime, end: datetime) -> int:
    """Whole seconds from one moment to another, never less than none."""
    return max(0, int((end - start).total_seconds()))


def shelf_order(
    temperature: str, category: str, name: str, best_before: date, lot: str
) -> tuple[int, str, str, date, str]:
    """The way through the warehouse: ambient first, frozen last; within a shelf by name, first to expire first."""
    return (_TEMPERATURE_ORDER.index(temperature), category, name, best_before, lot)
