"""What a rental costs: exact, in integer minor units (fen), rounded once.

A tariff's terms price time by bands of the day, distance by the kilometre, and things that happen (late, cancelled). All
sums are kept as fractions of an hour's fen, and only what is shown is rounded; lines are cut so that they sum to the total.
Bands follow the wall clock of the city's zone, seconds are elapsed seconds: a change of the clock makes an hour neither free
nor double.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from lilong.fields.mobility.rules.bands import Piece, pieces
from lilong.fields.mobility.rules.terms import HOUR, Terms
from lilong.kernel.base.problems import invalid

_KILOMETRE = 1000


class Line(NamedTuple):
    """One line of a bill: `quantity` of `unit` at `rate` fen make `amount` (below zero: taken off)."""

    code: str
    quantity: int
    unit: str  # 'trip', 's', 'm', 'percent', 'time'
    rate: int
    amount: int
    start: datetime | None = None
    end: datetime | None = None


class Bill(NamedTuple):
    """A price with its lines, which sum to `total`."""

    lines: tuple[Line, ...]
    total: int
    seconds: int
    metres: int


NOTHING = Bill((), 0, 0, 0)


def bill(terms: Terms, start: datetime, end: datetime, metres: int, *, booked_until: datetime | None = None) -> Bill:
    """What is to be paid for having a vehicle from `start` to `end` and driving it `metres`.

    `booked_until` is where the booking ends: later than that costs the late fee besides the time, earlier a share
    (`early_percent`) of the time that nobody else could have. Raises Invalid for an end before the start, or metres
    below zero.
    """
    if end < start:
        raise invalid("/end", "after-start")
    if metres < 0:
        raise invalid("/metres", "minimum", "0")
    lines = [Line("unlock", 1, "trip", terms.unlock, terms.unlock)] if terms.unlock else []
    lines += _time(terms, start, end)
    if booked_until is not None:
        lines += _early(terms, start, end, booked_until) or _late(terms, end, booked_until)
    lines += _distance(terms, metres)
    total = sum(line.amount for line in lines)
    if total < terms.minimum:
        lines.append(Line("minimum", 1, "trip", terms.minimum, terms.minimum - total))
    total = max(total, terms.minimum)
    return Bill(tuple(lines), total, int((end - start).total_seconds()), metres)


def cancelling(terms: Terms, quoted: int, seconds_left: int) -> Bill:
    """What cancelling costs with `seconds_left` to the start: a share of the price that was foreseen, falling with time."""
    for step in terms.cancel:
        if seconds_left >= step.before_seconds:
            return _share("cancel", quoted, step.percent)
    return _share("cancel", quoted, terms.cancel[-1].percent if terms.cancel else 0)


def missing(terms: Terms, quoted: int) -> Bill:
    """What it costs not to come."""
    return _share("no-show", quoted, terms.no_show_percent)


def _share(code: str, of: int, percent: int) -> Bill:
    amount = of * percent // 100
    lines = (Line(code, percent, "percent", of, amount),) if amount else ()
    return Bill(lines, amount, 0, 0)


def _time(terms: Terms, start: datetime, end: datetime) -> list[Line]:
    """Time by bands, in started steps, after what is free; with what bands and days are capped at taken off."""
    seconds = int((end - start).total_seconds())
    steps = -(-seconds // terms.step_seconds)
    until = start + timedelta(seconds=steps * terms.step_seconds)
    found = pieces(terms.bands, start, until)
    lines, sums = [], _Sums()
    for run in _runs(found):
        first, last, band = run[0], run[-1], terms.bands[run[0].band]
        length = sum(piece.seconds for piece in run)
        amount = sums.add(length * band.per_hour)
        lines.append(Line("time", length, "s", band.per_hour, amount, first.start, last.end))
    for code, off in _taken_off(terms, found):
        amount = sums.add(-off)
        if amount:
            lines.append(Line(code, 1, "time", 0, amount))
    return lines


def _taken_off(terms: Terms, found: list[Piece]) -> list[tuple[str, int]]:
    """What is free at the beginning and what caps save, each in fen-seconds an hour."""
    free, off_free, by_day = terms.free_seconds, 0, {}
    by_band: dict[tuple[int, int, int], int] = {}
    for piece in found:
        rate = terms.bands[piece.band].per_hour
        unpaid = min(free, piece.seconds)
        free -= unpaid
        off_free += unpaid * rate
        key = (piece.day, piece.band, piece.occurrence)
        by_band[key] = by_band.get(key, 0) + (piece.seconds - unpaid) * rate
    off_bands = 0
    for (day, band, _), worth in by_band.items():
        cap = terms.bands[band].cap
        paid = worth if cap is None else min(worth, cap * HOUR)
        off_bands += worth - paid
        by_day[day] = by_day.get(day, 0) + paid
    off_days = 0
    if terms.day_cap is not None:
        off_days = sum(max(0, worth - terms.day_cap * HOUR) for worth in by_day.values())
    return [("free", off_free), ("band-cap", off_bands), ("day-cap", off_days)]


def _early(terms: Terms, start: datetime, end: datetime, booked_until: datetime) -> list[Line]:
    """Brought back early: a share of what the rest of the booking would have cost."""
    if end >= booked_until or not terms.early_percent:
        return []
    rest = sum(line.amount for line in _time(terms, start, booked_until)) - sum(
        line.amount for line in _time(terms, start, end)
    )
    amount = rest * terms.early_percent // 100
    return [Line("unused", terms.early_percent, "percent", rest, amount, end, booked_until)] if amount else []


def _late(terms: Terms, end: datetime, booked_until: datetime) -> list[Line]:
    """Brought back late: a fee for each started step beyond the grace."""
    over = int((end - booked_until).total_seconds())
    if over <= terms.grace_seconds or not terms.late_fee:
        return []
    steps = -(-over // terms.late_seconds)
    return [Line("late", steps, "time", terms.late_fee, steps * terms.late_fee, booked_until, end)]


def _distance(terms: Terms, metres: int) -> list[Line]:
    paid = max(0, metres - terms.free_m)
    amount = -(-paid * terms.per_km // _KILOMETRE) if terms.per_km else 0
    return [Line("distance", paid, "m", terms.per_km, amount)] if amount else []


def _runs(found: list[Piece]) -> list[list[Piece]]:
    """Pieces of one band that follow each other, over midnights and days of 24 hours."""
    runs: list[list[Piece]] = []
    for piece in found:
        if runs and runs[-1][-1].band == piece.band:
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return runs


class _Sums:
    """Cuts a running sum of fen-seconds an hour into whole fen: each part is the difference of two rounded sums."""

    def __init__(self) -> None:
        self.exact = self.rounded = 0

    def add(self, part: int) -> int:
        self.exact += part
        after = (2 * self.exact + HOUR) // (2 * HOUR)
        amount, self.rounded = after - self.rounded, after
        return amount
