"""Which lot to pick: first expired, first out, with the reason for each choice and each lot passed over."""

from collections.abc import Sequence
from datetime import date
from typing import Literal
from uuid import UUID

import msgspec

from lilong.fields.market.rules.expiry import sellable

Why = Literal[
    "first-to-expire", "rest-after-earlier-lots", "recalled", "expires-before-delivery", "empty", "not-needed"
]


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A lot at the place: what of it may still be taken."""

    lot: UUID
    code: str
    best_before: date | None
    available: int
    recalled: bool = False


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the explanation: `quantity` to pick of the lot (0 if passed over) and why."""

    lot: UUID
    code: str
    best_before: date | None
    quantity: int
    why: Why


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to pick, what was passed over and why, and how much is missing."""

    picks: tuple[Choice, ...]
    passed: tuple[Choice, ...]
    missing: int


def plan(needed: int, candidates: Sequence[Candidate], deliver_on: date, margin_days: int = 0) -> Plan:
    """First expired, first out over `candidates` for goods handed over on `deliver_on`.

    A lot that would expire before that day (less the margin) is never chosen. Equal dates go by lot code, undated
    lots last.
    """
    picks: list[Choice] = []
    passed: list[Choice] = []
    missing = needed
    for lot in sorted(candidates, key=_order):
        why = _against(lot, deliver_on, margin_days, missing)
        taken = 0 if why else min(missing, lot.available)
        missing -= taken
        first = "first-to-expire" if not picks else "rest-after-earlier-lots"
        choice = Choice(
            lot=lot.lot,
            code=lot.code,
            best_before=lot.best_before,
            quantity=taken,
            why=why or first,  # type: ignore[arg-type]
        )
        (passed if why else picks).append(choice)
    return Plan(picks=tuple(picks), passed=tuple(passed), missing=missing)


def _order(lot: Candidate) -> tuple[date, str, UUID]:
    return (lot.best_before or date.max, lot.code, lot.lot)


def _against(lot: Candidate, deliver_on: date, margin_days: int, missing: int) -> Why | None:
    if lot.recalled:
        return "recalled"
    if not sellable(lot.best_before, deliver_on, margin_days):
        return "expires-before-delivery"
    if lot.available <= 0:
        return "empty"
    return None if missing else "not-needed"
