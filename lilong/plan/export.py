"""An indicator's numbers as open data: one row a period and slice, the same that the pages show."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from lilong.kernel.base.manifest import Indicator
from lilong.plan import queries
from lilong.plan.rules.check import dimensions
from lilong.plan.wording import period_code

PERIODS = 36
COLUMNS = (
    "indicator",
    "period",
    "dimension",
    "key",
    "value",
    "unit",
    "numerator",
    "denominator",
    "events",
    "complete",
    "suppressed",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def rows(indicator: Indicator, *, everything: bool = False) -> Iterator[dict[str, Any]]:
    """The last PERIODS periods: the whole city first, then each dimension. Money is in minor units, shares are ratios.

    Small cells are left out and marked `suppressed` unless `everything`.
    """
    for point in queries.series(indicator, PERIODS):
        common = {
            "indicator": indicator.id,
            "period": period_code(point.start, indicator.period),
            "unit": indicator.unit,
            "complete": point.over,
        }
        yield common | {"dimension": "", "key": "", "suppressed": False} | _numbers(point)
        if not point.events:
            continue
        for dimension in dimensions(indicator):
            for row in queries.table(indicator, point.start, dimension, everything=everything):
                yield common | {"dimension": dimension, "key": row.key, "suppressed": row.hidden} | _numbers(row)


def as_csv(indicator: Indicator, *, everything: bool = False) -> str:
    """The rows as CSV (RFC 4180), with a header line."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    for row in rows(indicator, everything=everything):
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return out.getvalue()


def _numbers(own: queries.Point | queries.Row) -> dict[str, Any]:
    return {
        "value": own.value,
        "numerator": own.numerator,
        "denominator": own.denominator,
        "events": own.events,
    }


def _cell(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula is marked as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
