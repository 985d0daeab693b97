"""The plan's charts and its map."""

from datetime import date

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from lilong.kernel.base.districts import BY_SLUG
from lilong.kernel.base.manifest import Indicator
from lilong.plan import queries, wording
from lilong.plan.queries import Point, Row
from lilong.plan.rules.figures import exact
from lilong.ui import charts

_COMPARED = ("money", "count", "share", "duration")


def trend_picture(indicator: Indicator, points: list[Point]) -> SafeString | str:
    """The series by period: bars for what adds up, a line for ratios. Nothing before there is a number."""
    if not points:
        return ""
    labels = [wording.period_code(point.start, indicator.period) for point in points]
    values = charts.Series(indicator.name, [point.value for point in points])
    title = _("%(name)s by period") % {"name": indicator.name}
    drawn = charts.lines if indicator.denominator or indicator.unit == "growth" else charts.bars
    return drawn(
        title,
        labels,
        [values],
        unit=indicator.unit,
        baseline=_near(indicator, [point.value for point in points]),
        target=indicator.target,
    )


def district_picture(indicator: Indicator, start: date, rows: list[Row] | None = None) -> SafeString:
    """The map by district; districts that are not published are empty."""
    shown = queries.table(indicator, start, "district") if rows is None else rows
    values = {row.key: row.value for row in shown if row.key in BY_SLUG and not row.hidden}
    title = _("%(name)s by district, %(period)s") % {
        "name": indicator.name,
        "period": wording.period(start, indicator.period),
    }
    return charts.district_map(title, values, unit=indicator.unit)


def hidden_note(rows: list[Row]) -> SafeString | str:
    """How many rows were left out, and why."""
    count = sum(row.hidden for row in rows)
    if not count:
        return ""
    return format_html(
        "<p class='soft'>{}</p>",
        _("%(count)s not published: fewer than five parties are behind a number, or it would give such a number away.")
        % {"count": count},
    )


def _near(indicator: Indicator, values: list[float | None]) -> float | None:
    """The baseline, where it can be drawn without flattening everything else: it is the city's, we may be small."""
    base = exact(indicator.baseline)
    highest = max((value for value in values if value is not None), default=0)
    if indicator.unit not in _COMPARED or base is None or base > 4 * highest:
        return None
    return float(base)
