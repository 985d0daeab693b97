"""Reading numbers: periods, ratios (exact), growth, and what may be published."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import Literal, NamedTuple

from lilong.kernel.base.manifest import Indicator
from lilong.plan.rules.contributions import month_of
from lilong.plan.rules.fold import PARTIES_MIN

Period = Literal["month", "quarter"]
_MONTHS = {"month": 1, "quarter": 3}


class Part(NamedTuple):
    """A part of a number in one slice and period: its value, the events behind it, the parties (up to PARTIES_MIN)."""

    value: int = 0
    events: int = 0
    parties: int = 0


class Parts(NamedTuple):
    """Numerator and denominator. `small`: one of its months has a cell that concerns fewer than PARTIES_MIN parties."""

    n: Part = Part()
    d: Part = Part()
    small: bool = False


def shifted(month: date, months: int) -> date:
    """The first day of the month that many months later (or, negative, earlier)."""
    count = month.year * 12 + month.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def start_of(month: date, period: Period) -> date:
    """The first month of the period that the month lies in."""
    return shifted(month, -((month.month - 1) % _MONTHS[period]))


def months_of(start: date, period: Period) -> list[date]:
    """The months of the period that begins with `start`."""
    return [shifted(start, n) for n in range(_MONTHS[period])]


def period_before(start: date, period: Period) -> date:
    return shifted(start, -_MONTHS[period])


def periods_until(last: date, period: Period, count: int) -> list[date]:
    """The starts of the last `count` periods up to the one of `last`, oldest first."""
    newest = start_of(last, period)
    return [shifted(newest, -_MONTHS[period] * n) for n in range(count - 1, -1, -1)]


def is_over(start: date, period: Period, now: datetime) -> bool:
    """Whether the period has ended in the city."""
    return month_of(now) >= shifted(start, _MONTHS[period])


def value_of(indicator: Indicator, n: int, d: int, year_before: int | None = None) -> Fraction | None:
    """The indicator's exact value from its parts; None where it is not defined (nothing to divide by or compare with)."""
    if indicator.unit == "growth":
        base = exact(indicator.baseline) if indicator.baseline is not None else exact(year_before)
        return Fraction(n) / base - 1 if base else None
    if indicator.denominator is None:
        return Fraction(n)
    return Fraction(n, d) if d else None


def exact(value: float | None) -> Fraction | None:
    """A declared number as it is written: 0.177 is 177/1000, not the nearest double."""
    return None if value is None else Fraction(str(value))


def rounded(value: Fraction | None) -> float | None:
    """For charts and JSON."""
    if value is None:
        return None
    return int(value) if value.denominator == 1 else float(value)


def suppressed(rows: Mapping[str, Parts]) -> set[str]:
    """The rows of one table that are not published: each that concerns fewer than PARTIES_MIN parties, and, where that
    leaves a single one that the total would give away, the smallest of the others too."""
    hidden = {name for name, parts in rows.items() if parts.small}
    if len(hidden) == 1:
        others = [(events_of(parts), name) for name, parts in rows.items() if name not in hidden]
        if others:
            hidden.add(min(others)[1])
    return hidden


def events_of(parts: Parts) -> int:
    return parts.n.events + parts.d.events


def is_small(parts: Iterable[Part]) -> bool:
    """Whether a cell may give somebody away: it has events, of fewer than PARTIES_MIN parties."""
    return any(part.events and part.parties < PARTIES_MIN for part in parts)
