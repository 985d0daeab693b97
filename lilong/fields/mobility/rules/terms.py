"""The terms of a rental's tariff, as they are stored and checked."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from lilong.kernel.base.problems import Invalid, Violation

HOUR = 3600
FEN_MAX = 10_000_00  # the most that any one rate, fee, cap or deposit may be
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
_BANDS_MAX, _DAY, _ALL = 12, 1440, 100
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")


class Band(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an hour costs from `start` to `end` (minutes of the day) on `weekdays` (Monday is 1).

    An `end` not after the start is the next day's; `weekdays` are those of the start. `cap` is the most that one run of
    it may cost within 24 hours (a night, a day out).
    """

    per_hour: int
    start: int = 0
    end: int = 1440
    weekdays: tuple[int, ...] = EVERY_DAY
    cap: int | None = None


class Cancelling(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """With at least `before_seconds` to the start, cancelling costs `percent` of the price foreseen."""

    before_seconds: int
    percent: int


class Terms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Money in fen, times in seconds. Of the bands the first that holds counts; the last one must always hold."""

    bands: tuple[Band, ...]
    step_seconds: int = 60
    unlock: int = 0
    free_seconds: int = 0
    day_cap: int | None = None
    per_km: int = 0
    free_m: int = 0
    minimum: int = 0
    deposit: int = 0
    early_percent: int = 0
    late_fee: int = 0
    late_seconds: int = 1800
    grace_seconds: int = 300
    cancel: tuple[Cancelling, ...] = ()
    no_show_percent: int = 0


def read(stored: Mapping[str, Any]) -> Terms:
    """Terms as they were stored."""
    return msgspec.convert(stored, Terms)


def stored(terms: Terms) -> dict[str, Any]:
    """As JSON columns hold them."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(terms))
    return found


def checked(terms: Terms, at: str = "/terms") -> Terms:
    """The same terms. Raises Invalid naming every field that breaks a rule."""
    found = [*_ranges(terms), *_bands(terms), *_cancel(terms)]
    if found:
        raise Invalid(
            "invalid",
            violations=[Violation(pointer=at + pointer, rule=rule, detail=more) for pointer, rule, more in found],
        )
    return terms


def minute(clock: str, pointer: str) -> int:
    """Minutes of the day from 'HH:MM'. Raises Invalid."""
    if not _CLOCK.fullmatch(clock):
        raise Invalid("invalid", violations=[Violation(pointer=pointer, rule="pattern", detail="HH:MM")])
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)


_LIMITS = {
    "step_seconds": (1, 86_400),
    "unlock": (0, FEN_MAX),
    "free_seconds": (0, 86_400),
    "per_km": (0, FEN_MAX),
    "free_m": (0, 1_000_000),
    "minimum": (0, FEN_MAX),
    "deposit": (0, FEN_MAX),
    "early_percent": (0, 100),
    "late_fee": (0, FEN_MAX),
    "late_seconds": (60, 86_400),
    "grace_seconds": (0, 7200),
    "no_show_percent": (0, 100),
}


def _ranges(terms: Terms) -> list[tuple[str, str, str]]:
    found = []
    for name, (least, most) in _LIMITS.items():
        if not least <= getattr(terms, name) <= most:
            found.append((f"/{name}", "range", f"{least}..{most}"))
    if terms.day_cap is not None and not 0 <= terms.day_cap <= FEN_MAX:
        found.append(("/day_cap", "range", f"0..{FEN_MAX}"))
    return found


def _bands(terms: Terms) -> list[tuple[str, str, str]]:
    if not 1 <= len(terms.bands) <= _BANDS_MAX:
        return [("/bands", "length", f"1..{_BANDS_MAX}")]
    found = []
    for n, band in enumerate(terms.bands):
        if not 0 <= band.per_hour <= FEN_MAX:
            found.append((f"/bands/{n}/per_hour", "range", f"0..{FEN_MAX}"))
        if band.cap is not None and not 0 <= band.cap <= FEN_MAX:
            found.append((f"/bands/{n}/cap", "range", f"0..{FEN_MAX}"))
        if not (0 <= band.start < _DAY and 0 < band.end <= _DAY and band.start != band.end):
            found.append((f"/bands/{n}/end", "hours", "00:00..24:00"))
        if not band.weekdays or not set(band.weekdays) <= set(EVERY_DAY):
            found.append((f"/bands/{n}/weekdays", "weekdays", "1..7"))
    last = terms.bands[-1]
    if (last.start, last.end, sorted(set(last.weekdays))) != (0, 1440, list(EVERY_DAY)):
        found.append((f"/bands/{len(terms.bands) - 1}", "always", ""))
    return found


def _cancel(terms: Terms) -> list[tuple[str, str, str]]:
    found, before = [], None
    for n, step in enumerate(terms.cancel):
        if not 0 <= step.percent <= _ALL:
            found.append((f"/cancel/{n}/percent", "range", "0..100"))
        if step.before_seconds < 0 or (before is not None and step.before_seconds >= before):
            found.append((f"/cancel/{n}/before_seconds", "falling", ""))
        before = step.before_seconds
    return found
