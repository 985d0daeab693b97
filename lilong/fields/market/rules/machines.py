"""Pure decisions on unattended trade: times, what is charged of what was taken, coins for what was weighed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from lilong.kernel.base import ids
from lilong.kernel.base.problems import Invalid, Violation, invalid

GUARD = "market.machine"  # orders at machines are placed and settled by the machine's services alone
VENDING, UNMANNED = "vending", "unmanned"  # channels
MACHINES = ("vending-machine", "unmanned-shop", "collection-point")

ONLINE_SECONDS = 90  # without a word for longer, a machine counts as offline
VEND_SECONDS = 60  # the machine obeys an order to vend no longer than this
SILENT_SECONDS = 120  # after that, how long its report is waited for before the buyer gets the money back
PASS_SECONDS = 90
ENTRY_HOLD = 20_000  # fen held while somebody is inside an unmanned shop
STAY_SECONDS = 2 * 3600
CONTEST_SECONDS = 24 * 3600
LATE_SECONDS = 7 * 86400  # a machine's journal counts this long after the session began

LINES_MAX, QUANTITY_MAX = 8, 20
CAPACITY_MAX = 500
CODE_MAX = 12
REASON_MIN, REASON_MAX = 3, 500

COINS_PER_KG = {"paper": 10, "pet": 30, "metal": 40, "glass": 2, "textile": 8}
SUSPECT_GRAMS = {"paper": 30_000, "pet": 8_000, "metal": 15_000, "glass": 25_000, "textile": 20_000}
COINS_A_DAY = 300
COIN = "RECYCLING"  # the ledger asset's code


class Part(NamedTuple):
    """What a machine says left a slot."""

    slot: str
    quantity: int


class Charge(NamedTuple):
    """A line of the order to charge: `taken` of what was `reserved`."""

    slot: str
    reserved: int


def online(seen_at: datetime | None, now: datetime) -> bool:
    return seen_at is not None and now - seen_at <= timedelta(seconds=ONLINE_SECONDS)


def missing(parts: Sequence[int] | None, there: set[int]) -> bool:
    """Whether a report is incomplete: the closing word has not come, or reports that it names have not."""
    return parts is None or not set(parts) <= there


def charged(lines: Sequence[Charge], taken: Mapping[str, int]) -> tuple[list[int], dict[str, int]]:
    """What to charge of each line, never above what was reserved, and what left slots beyond that."""
    left = {slot: quantity for slot, quantity in taken.items() if quantity > 0}
    found = []
    for line in lines:
        part = min(line.reserved, left.get(line.slot, 0))
        found.append(part)
        if part:
            left[line.slot] -= part
    return found, {slot: quantity for slot, quantity in left.items() if quantity}


def affordable(wanted: Sequence[tuple[int, int]], stock: Sequence[int], money: int) -> list[int]:
    """How many of each (quantity, price) can be charged, in order: no more than stock has and money pays for."""
    found = []
    for (quantity, price), there in zip(wanted, stock, strict=True):
        part = max(0, min(quantity, there, money // price if price else quantity))
        money -= part * price
        found.append(part)
    return found


def coins(material: str, grams: int) -> int:
    """Whole coins for a weight, rounded down."""
    return COINS_PER_KG[material] * grams // 1000


def suspect(material: str, grams: int) -> bool:
    """More than one person carries to a machine at once: a person looks before anything is credited."""
    return grams > SUSPECT_GRAMS[material]


def check_lines(lines: Sequence[tuple[str, int, int]]) -> None:
    """Raises Invalid for a purchase's lines (slot, quantity, price shown) that no machine could serve."""
    found = []
    if not 1 <= len(lines) <= LINES_MAX:
        found.append(Violation(pointer="/lines", rule="length", detail=f"1..{LINES_MAX}"))
    for n, (slot, quantity, price) in enumerate(lines):
        if not 1 <= quantity <= QUANTITY_MAX:
            found.append(Violation(pointer=f"/lines/{n}/quantity", rule="range", detail=f"1..{QUANTITY_MAX}"))
        if price < 0:
            found.append(Violation(pointer=f"/lines/{n}/price", rule="minimum", detail="0"))
        if slot in {each[0] for each in lines[:n]}:
            found.append(Violation(pointer=f"/lines/{n}/slot", rule="once"))
    if found:
        raise Invalid("invalid", violations=found)


def check_layout(code: str, capacity: int, par: int) -> None:
    """Raises Invalid for a slot that cannot be."""
    if not (1 <= len(code) <= CODE_MAX and code.isascii() and code.isalnum()):
        raise invalid("/code", "slot-code", f"1..{CODE_MAX} letters and digits")
    if not 1 <= capacity <= CAPACITY_MAX:
        raise invalid("/capacity", "range", f"1..{CAPACITY_MAX}")
    if not 0 <= par <= capacity:
        raise invalid("/par", "range", f"0..{capacity}")


def check_reason(reason: str) -> None:
    if not REASON_MIN <= len(reason.strip()) <= REASON_MAX or "\0" in reason:
        raise invalid("/reason", "length", f"{REASON_MIN}..{REASON_MAX}")


def offer_of(product: UUID) -> UUID:
    """The offer by which machines sell a product."""
    return ids.named("market", "unattended", product)
