"""One indicator: what it is, how it went, where it happened, how it is computed, what changed afterwards."""

from datetime import date
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from lilong.kernel.base.manifest import Indicator
from lilong.kernel.base.paging import Slice
from lilong.plan import queries, wording
from lilong.plan.asking import reader, sees_everything, start_asked
from lilong.plan.pages.pictures import district_picture, hidden_note, trend_picture
from lilong.plan.queries import Row
from lilong.plan.rules.check import dimensions
from lilong.ui import shown
from lilong.ui.tables import Column, Table


@require_safe
def indicator(request: HttpRequest, id: str) -> HttpResponse:
    found = queries.found(id)
    start = start_asked(found, request.GET.get("period", ""))
    actor = reader(request)
    points = queries.series(found)
    point = queries.series(found, 1, until=start)
    changes = queries.restatements(found.id, cursor=request.GET.get("cursor", ""), size=10)
    return render(
        request,
        "plan/indicator.html",
        {
            "indicator": found,
            "figure": queries.figures([found])[found.id],
            "point": point[0] if point else None,
            "value": shown.measured(point[0].value if point else None, found.unit),
            "period": wording.period(start, found.period),
            "period_code": wording.period_code(start, found.period),
            "periods": [(wording.period_code(p.start, found.period), p.start == start) for p in reversed(points)],
            "baseline": wording.baseline(found),
            "target": wording.target(found),
            "unit": wording.unit(found),
            "trend": trend_picture(found, points),
            "running": bool(points) and not points[-1].over,
            "splits": [_split(found, start, name, sees_everything(actor)) for name in dimensions(found)],
            "numerator": wording.explained(found.numerator),
            "denominator": wording.explained(found.denominator) if found.denominator else [],
            "definition": _pretty({"numerator": found.numerator, "denominator": found.denominator}),
            "statement": queries.statement(found, start),
            "restatements": changes,
            "restated": _restated(found, changes),
            "signed_in": actor is not None,
        },
    )


def _split(indicator: Indicator, start: date, name: str, everything: bool) -> dict[str, Any]:
    rows = queries.table(indicator, start, name, everything=everything)
    return {
        "name": wording.dimension(name),
        "map": district_picture(indicator, start, rows) if name == "district" and rows else "",
        "table": _rows(indicator, name, rows),
        "note": hidden_note(rows),
        "empty": not rows,
    }


def _rows(indicator: Indicator, name: str, rows: list[Row]) -> Table:
    columns = [
        Column("key", wording.dimension(name)),
        Column("value", indicator.name),
        Column("events", _("Events"), "number"),
    ]
    cells = [
        {
            "key": wording.key(name, row.key),
            "value": _("not published") if row.hidden else shown.measured(row.value, indicator.unit),
            "events": row.events,
        }
        for row in rows
    ]
    return Table(columns=columns, rows=cells)


def _restated(indicator: Indicator, changes: Slice) -> Table | None:
    if not changes.items:
        return None
    money = wording.is_money(indicator.numerator)
    rows = [
        {
            "month": wording.period(change.month, "month"),
            "part": _("Numerator") if change.part == "n" else _("Denominator"),
            "before": shown.amount(change.before) if money else shown.number(change.before),
            "after": shown.amount(change.after) if money else shown.number(change.after),
            "at": change.at,
            "seq": change.seq,
        }
        for change in changes.items
    ]
    columns = [
        Column("month", _("Month")),
        Column("part", _("Part")),
        Column("before", _("From")),
        Column("after", _("To")),
        Column("at", _("When"), "moment"),
        Column("seq", _("Place in the log"), "number"),
    ]
    return Table(columns=columns, rows=rows)


def _pretty(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
