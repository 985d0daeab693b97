"""Pure decisions on orders: what a draft must satisfy, what a line costs, which lots it takes, how a settlement splits."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from lilong.kernel.base import ids
from lilong.kernel.base.money import price_of
from lilong.kernel.base.problems import Conflict, Invalid, Problem, Violation, invalid
from lilong.kernel.orders.drafts import LINES_MAX, QUANTITY_MAX, OrderDraft

PAY, TAKE, SETTLE, BOOKING = 0, 1, 0x4000, 0xC000
LOTS_MAX = 16  # lots one line may be taken from
USED_LINES_MAX = (SETTLE - TAKE) // LOTS_MAX  # lines an order may ever have, substitutes included

_encoder = msgspec.json.Encoder(order="deterministic")


class Stock(NamedTuple):
    """Where an offer's units can be taken: ledger accounts `account` (from) and `sink` (to), good until `use_by`."""

    place: UUID
    account: int
    sink: int
    use_by: date | None


class Take(NamedTuple):
    account: int
    sink: int
    quantity: int


def fingerprint(draft: OrderDraft) -> bytes:
    """16 bytes that two drafts share only if they ask for the same (idempotency by id and body)."""
    return hashlib.blake2b(_encoder.encode(draft), digest_size=16).digest()


def take_id(order: UUID, line: int, lot: int) -> UUID:
    """The move by which line `line` of an order takes from its `lot`-th lot (both from 0)."""
    return ids.child(order, TAKE + line * LOTS_MAX + lot)


def line_of(move: UUID) -> int:
    """The line a take belongs to: the inverse of `take_id`."""
    return ((move.int & ids.CHILDREN_MAX) - TAKE) // LOTS_MAX


def settling(move: UUID) -> UUID:
    """The id of the move that settles or undoes `move` of an order."""
    return UUID(int=move.int + SETTLE)


def check(draft: OrderDraft, now: datetime, zone: ZoneInfo) -> Problem | None:
    """What can be said of a draft without looking at the city: sizes, quantities, the slot's sense."""
    found: list[Violation] = []
    if not 1 <= len(draft.lines) <= LINES_MAX:
        found.append(Violation(pointer="/lines", rule="length", detail=f"1..{LINES_MAX}"))
    for n, line in enumerate(draft.lines):
        if not 1 <= line.quantity <= QUANTITY_MAX:
            found.append(Violation(pointer=f"/lines/{n}/quantity", rule="range", detail=f"1..{QUANTITY_MAX}"))
        if line.price < 0:
            found.append(Violation(pointer=f"/lines/{n}/price", rule="minimum", detail="0"))
    if draft.slot:
        if draft.slot.end <= draft.slot.start:
            found.append(Violation(pointer="/slot/end", rule="after-start"))
        elif draft.slot.start < now:
            found.append(Violation(pointer="/slot/start", rule="slot-in-the-past"))
    if draft.use_on and draft.use_on < now.astimezone(zone).date():
        found.append(Violation(pointer="/use_on", rule="in-the-past"))
    return Invalid("invalid", violations=found) if found else None


def use_on(draft: OrderDraft, now: datetime, zone: ZoneInfo) -> date:
    """The first day the goods must still be good on. Never before the slot's day: nothing expires on its way."""
    slot_day = draft.slot.end.astimezone(zone).date() if draft.slot else now.astimezone(zone).date()
    return max(draft.use_on, slot_day) if draft.use_on else slot_day


def with_tolerance(quantity: int, percent: int) -> int:
    """The most that may be handed over for `quantity`: whole units, rounded down (1000 g at 10 % -> 1100 g)."""
    return quantity + quantity * percent // 100


def allocate(
    quantity: int, stocks: Sequence[Stock], good_on: date, available: Callable[[int], int]
) -> tuple[list[Take], int]:
    """First expired, first out: takes from `stocks` (in that order) that are good on `good_on` (the day itself counts).

    Returns the takes and what is still missing (0 when it worked out).
    """
    takes: list[Take] = []
    for stock in stocks:
        if stock.use_by is not None and stock.use_by < good_on:
            continue
        part = min(quantity, available(stock.account))
        if part > 0 and len(takes) < LOTS_MAX:
            takes.append(Take(stock.account, stock.sink, part))
            quantity -= part
            if not quantity:
                break
    return takes, quantity


def spread(actual: int, takes: Sequence[Take]) -> list[int]:
    """How `actual` units settle over the takes of a line, first taken first used; the rest is released."""
    shares = []
    for take in takes:
        share = min(actual, take.quantity)
        shares.append(share)
        actual -= share
    if actual:
        raise invalid("/actual", "above-held")
    return shares


def refund_amount(price: int, per: int, handed: int, refunded: int, back: int) -> int:
    """What `back` more units bring back, so that refunding all of a line piece by piece sums to what it cost."""
    if back < 1 or refunded + back > handed:
        raise invalid("/lines", "above-handed-over", f"1..{handed - refunded}")
    left = price_of(handed - refunded, price, per)
    return left - price_of(handed - refunded - back, price, per)


def sold_out(pointer: str, offer: UUID, available: int) -> Conflict:
    return Conflict(
        "sold-out",
        violations=[Violation(pointer=pointer, rule="sold-out")],
        extra={"offer": str(offer), "available": available},
    )
