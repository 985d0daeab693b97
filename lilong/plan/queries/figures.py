"""Indicators as they are shown: the newest figure, the series by period, the table by district."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from lilong.kernel.base import clock
from lilong.kernel.base.manifest import Indicator
from lilong.kernel.base.problems import Missing, invalid
from lilong.kernel.base.words import Words
from lilong.plan import registry
from lilong.plan.queries import parts
from lilong.plan.rules.check import dimensions
from lilong.plan.rules.contributions import month_of
from lilong.plan.rules.figures import (
    Parts,
    events_of,
    is_over,
    months_of,
    period_before,
    periods_until,
    rounded,
    shifted,
    suppressed,
    value_of,
)
from lilong.ui import shown

TREND_MONTHS = 13
SERIES_MAX = 120


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One period of a series. `value` is in the indicator's unit (None: not defined); `over`: the period has ended."""

    start: date
    value: float | None
    numerator: int
    denominator: int | None
    events: int
    over: bool


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a disaggregation. `hidden`: too few parties to be published; its numbers are left out."""

    key: str
    value: float | None
    numerator: int | None
    denominator: int | None
    events: int | None
    hidden: bool = False


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """An indicator's newest figure, its change on the period before (a ratio), and its trend, oldest first.

    `shown` is written in the reader's language; `over` is false while the period still runs.
    """

    indicator: str
    name: Words
    unit: str
    better: str
    shown: str
    value: float | None
    start: date | None
    over: bool
    change: float | None
    trend: list[float | None]


def found(id: str) -> Indicator:
    """The indicator of that id. Raises Missing."""
    known = registry.indicators().get(id)
    if known is None:
        raise Missing("no-such-indicator", extra={"indicator": id})
    return known


def figure(field_code: str) -> Figure | None:
    """What a field's door shows: the indicator that its manifest names. None for a door that is not open."""
    manifest = registry.fields().get(field_code)
    if manifest is None or not manifest.figure:
        return None
    return figures([found(manifest.figure)])[manifest.figure]


def figures(indicators: Sequence[Indicator]) -> dict[str, Figure]:
    """The newest figures of many indicators, by a handful of statements."""
    this_month = month_of(clock.now())
    newest = parts.last_month(indicators, this_month)
    earliest = min(newest.values(), default=this_month)
    months = [shifted(this_month, -n) for n in range(_months_between(earliest, this_month) + TREND_MONTHS + 12)]
    known = parts.totals(indicators, months)
    return {indicator.id: _figure(indicator, newest.get(indicator.id), known) for indicator in indicators}


def series(
    indicator: Indicator, count: int = TREND_MONTHS, *, until: date | None = None, slice: str = ""
) -> list[Point]:
    """The last `count` periods up to `until` (default: the newest one with numbers), oldest first; from the first one
    that has numbers.

    The caller must have seen to it that the reader may see the slice.
    """
    if not 1 <= count <= SERIES_MAX:
        raise invalid("/count", "range", f"1..{SERIES_MAX}")
    last = until or parts.last_month([indicator], month_of(clock.now())).get(indicator.id)
    starts = periods_until(last, indicator.period, count) if last else []
    months = [month for start in starts for month in months_of(start, indicator.period)]
    months += [shifted(month, -12) for month in months]
    known = parts.of_slice(indicator, months, slice)
    points = [_point(indicator, start, known, slice) for start in starts]
    first = next((n for n, point in enumerate(points) if point.events), len(points))
    return points[first:]


def table(indicator: Indicator, start: date, dimension: str, *, everything: bool = False) -> list[Row]:
    """The period's numbers by one dimension, most events first. Small cells are left out unless `everything`.

    Raises Invalid for a dimension that the indicator is not split by.
    """
    if dimension not in dimensions(indicator):
        raise invalid("/by", "one-of", ", ".join(dimensions(indicator)))
    lines = parts.by_dimension(indicator, start, dimension)
    hidden = set() if everything else suppressed(lines)
    before = parts.by_dimension(indicator, shifted(start, -12), dimension) if indicator.unit == "growth" else {}
    rows = [_row(indicator, key, own, before.get(key, Parts()), key in hidden) for key, own in lines.items()]
    return sorted(rows, key=lambda row: (row.hidden, -(row.events or 0), row.key))


def _row(indicator: Indicator, key: str, own: Parts, before: Parts, hidden: bool) -> Row:
    if hidden:
        return Row(key=key, value=None, numerator=None, denominator=None, events=None, hidden=True)
    return Row(
        key=key,
        value=rounded(value_of(indicator, own.n.value, own.d.value, before.n.value or None)),
        numerator=own.n.value,
        denominator=own.d.value if indicator.denominator else None,
        events=events_of(own),
    )


def _point(indicator: Indicator, start: date, known: parts.Found, slice: str = "") -> Point:
    own = known.get((indicator.id, start, slice), Parts())
    before = known.get((indicator.id, shifted(start, -12), slice), Parts())
    return Point(
        start=start,
        value=rounded(value_of(indicator, own.n.value, own.d.value, before.n.value or None)),
        numerator=own.n.value,
        denominator=own.d.value if indicator.denominator else None,
        events=events_of(own),
        over=is_over(start, indicator.period, clock.now()),
    )


def _figure(indicator: Indicator, newest: date | None, known: parts.Found) -> Figure:
    common: dict[str, Any] = {
        "indicator": indicator.id,
        "name": indicator.name,
        "unit": indicator.unit,
        "better": indicator.better,
    }
    if newest is None:
        return Figure(**common, shown=shown.DASH, value=None, start=None, over=False, change=None, trend=[])
    starts = periods_until(newest, indicator.period, TREND_MONTHS // len(months_of(newest, indicator.period)) or 1)
    points = [_point(indicator, start, known) for start in starts]
    first = next((n for n, point in enumerate(points) if point.events), 0)
    last = points[-1]
    return Figure(
        **common,
        shown=shown.measured(last.value, indicator.unit),
        value=last.value,
        start=last.start,
        over=last.over,
        change=_change(indicator, last, known),
        trend=_trend(points[first:]),
    )


def _trend(points: list[Point]) -> list[float | None]:
    """Without the period that still runs, once there are two that do not: its drop would mean nothing."""
    over = [point for point in points if point.over]
    return [point.value for point in (over if len(over) > 1 else points)]


def _change(indicator: Indicator, last: Point, known: parts.Found) -> float | None:
    """Against the period before, once the period is over: half a month against a whole one would say nothing."""
    before = _point(indicator, period_before(last.start, indicator.period), known).value
    if not last.over or indicator.unit == "growth" or not before or last.value is None:
        return None
    return last.value / before - 1


def _months_between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month
