"""The stored parts of numbers, read by period and slice."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from django.db import connection

from lilong.kernel.base.manifest import Indicator
from lilong.plan.models import Cell
from lilong.plan.rules.check import measures
from lilong.plan.rules.contributions import TOTAL, values_of
from lilong.plan.rules.figures import Part, Parts, is_small, months_of, start_of

NUMBER_SQL = """SELECT part, sum(value) FROM plan_cell
WHERE indicator = %s AND month = ANY(%s) AND slice = %s GROUP BY part"""
DISTINCT_SQL = """SELECT part, count(*) FROM (
  SELECT part, value FROM plan_use WHERE indicator = %s AND month = ANY(%s) AND slice = %s
  GROUP BY part, value HAVING sum(uses) > 0
) AS seen GROUP BY part"""
_DISTINCT_BY_SLICE = """
SELECT start, slice, part, count(*) FROM (
  SELECT p.start, u.slice, u.part, u.value
  FROM plan_use u JOIN unnest(%s::date[], %s::date[]) AS p (month, start) ON p.month = u.month
  WHERE u.indicator = %s AND u.slice = ANY(%s)
  GROUP BY p.start, u.slice, u.part, u.value HAVING sum(u.uses) > 0
) AS seen GROUP BY start, slice, part
"""

Found = dict[tuple[str, date, str], Parts]


def totals(indicators: Sequence[Indicator], months: Collection[date]) -> Found:
    """The whole city's parts by (indicator, start of its period, '')."""
    ids = [indicator.id for indicator in indicators]
    cells = Cell.objects.filter(indicator__in=ids, month__in=list(months), slice=TOTAL)
    return _gathered(indicators, cells)


def of_slice(indicator: Indicator, months: Collection[date], slice: str) -> Found:
    """One slice's parts by period."""
    return _gathered([indicator], Cell.objects.filter(indicator=indicator.id, month__in=list(months), slice=slice))


def by_dimension(indicator: Indicator, start: date, name: str) -> dict[str, Parts]:
    """The parts of one period for each value of a dimension."""
    cells = Cell.objects.filter(
        indicator=indicator.id, month__in=months_of(start, indicator.period), slice__startswith=f"{name}="
    )
    found = _gathered([indicator], (cell for cell in cells if "&" not in cell.slice))
    return {values_of(slice)[name]: parts for (_, _, slice), parts in found.items()}


def last_month(indicators: Sequence[Indicator], until: date) -> dict[str, date]:
    """For each indicator the newest month up to `until` that has numbers."""
    rows = Cell.objects.filter(indicator__in=[i.id for i in indicators], slice=TOTAL, month__lte=until)
    return dict(rows.order_by("indicator", "-month").distinct("indicator").values_list("indicator", "month"))


def _gathered(indicators: Sequence[Indicator], cells: Iterable[Cell]) -> Found:
    """Cells of months added up to periods. Distinct values are counted anew over periods longer than a month."""
    by_id = {indicator.id: indicator for indicator in indicators}
    grouped: dict[tuple[str, date, str], list[Cell]] = {}
    for cell in cells:
        start = start_of(cell.month, by_id[cell.indicator].period)
        grouped.setdefault((cell.indicator, start, cell.slice), []).append(cell)
    found = {key: _added(members) for key, members in grouped.items()}
    for indicator in indicators:
        if indicator.period != "month" and any(measure.distinct for _, measure in measures(indicator)):
            found |= _recounted(indicator, {key: parts for key, parts in found.items() if key[0] == indicator.id})
    return found


def _added(cells: list[Cell]) -> Parts:
    sides = {"n": Part(), "d": Part()}
    small = False
    for cell in cells:
        own = Part(cell.value, cell.events, len(cell.parties.split()))
        small = small or (cell.slice != TOTAL and is_small([own]))
        side = sides[cell.part]
        sides[cell.part] = Part(side.value + own.value, side.events + own.events, max(side.parties, own.parties))
    return Parts(sides["n"], sides["d"], small)


def _recounted(indicator: Indicator, found: Found) -> Found:
    distinct = {part for part, measure in measures(indicator) if measure.distinct}
    starts = {start for _, start, _ in found}
    months = [(month, start) for start in starts for month in months_of(start, indicator.period)]
    slices = sorted({slice for _, _, slice in found})
    if not months:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_DISTINCT_BY_SLICE, [[m for m, _ in months], [s for _, s in months], indicator.id, slices])
        counts = {(start, slice, part): count for start, slice, part, count in cursor.fetchall()}
    return {key: _with_counts(key, parts, distinct, counts) for key, parts in found.items()}


def _with_counts(
    key: tuple[str, date, str], parts: Parts, distinct: set[str], counts: dict[tuple[date, str, str], int]
) -> Parts:
    _, start, slice = key
    for part in distinct:
        count = counts.get((start, slice, part), 0)
        parts = (
            parts._replace(n=parts.n._replace(value=count))
            if part == "n"
            else parts._replace(d=parts.d._replace(value=count))
        )
    return parts


def statement(indicator: Indicator, start: date) -> str:
    """The SQL that reads the number from the plan's tables, with its values in place: to be read, not run from here."""
    recounted = indicator.period != "month" and any(measure.distinct for _, measure in measures(indicator))
    months = ", ".join(f"'{month}'" for month in months_of(start, indicator.period))
    sql = DISTINCT_SQL if recounted else NUMBER_SQL
    return sql % (f"'{indicator.id}'", f"ARRAY[{months}]::date[]", "''")
