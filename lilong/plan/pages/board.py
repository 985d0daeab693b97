"""The board: the whole plan on one page, and the figures it began with."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from lilong.kernel.base.manifest import Indicator
from lilong.kernel.events import queries as log
from lilong.plan import queries, registry, wording
from lilong.plan.pages.pictures import district_picture, trend_picture
from lilong.plan.queries import Figure
from lilong.ui import charts
from lilong.ui.tables import Column, Table

HEADLINES = ("city.turnover", "city.orders", "city.buyers", "city.sellers")
ON_MAP = "city.orders"


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    known = registry.indicators()
    figures = queries.figures(list(known.values()))
    return render(
        request,
        "plan/board.html",
        {
            "headlines": [_card(known[id], figures[id]) for id in HEADLINES],
            "goals": [_with_indicators(goal, "goal", known, figures) for goal in queries.goals()],
            "fields": [_field(field, known, figures) for field in queries.fields()],
            "actions": [_with_indicators(action, "measure", known, figures) for action in queries.actions()],
            "safeguards": [_with_indicators(each, "measure", known, figures) for each in queries.safeguards()],
            "indicators": [_card(i, figures[i.id]) | {"spark": _spark(i.name, figures[i.id])} for i in known.values()],
            "trend": trend_picture(known["city.turnover"], queries.series(known["city.turnover"])),
            "map": district_picture(known[ON_MAP], figures[ON_MAP].start) if figures[ON_MAP].start else "",
            "events": log.tree_size(),
        },
    )


@require_safe
def baseline(request: HttpRequest) -> HttpResponse:
    columns = [
        Column("name", gettext_lazy("Fact")),
        Column("value", gettext_lazy("Value")),
        Column("change", gettext_lazy("Change on the year before")),
        Column("period", gettext_lazy("Period")),
    ]
    groups: dict[str, list[dict[str, str]]] = {}
    for fact in queries.baseline():
        row = {
            "name": str(fact.name),
            "value": wording.fact_value(fact),
            "change": wording.fact_change(fact),
            "period": str(fact.period),
        }
        groups.setdefault(fact.field, []).append(row)
    names = {field.code: str(field.name) for field in queries.fields()} | {"": _("The city")}
    tables = [Table(columns=columns, rows=rows, caption=names[code]) for code, rows in groups.items()]
    return render(request, "plan/baseline.html", {"tables": tables, "source": queries.baseline()[0].source})


def _card(indicator: Indicator, figure: Figure) -> dict[str, Any]:
    return {
        "id": indicator.id,
        "name": indicator.name,
        "figure": figure,
        "unit": wording.unit(indicator),
        "period": wording.period(figure.start, indicator.period) if figure.start else "",
        "baseline": wording.baseline(indicator),
        "target": wording.target(indicator),
        "better": indicator.better,
        "measure": indicator.measure,
        "spark": _spark(_("%(name)s, trend") % {"name": indicator.name}, figure),
    }


def _spark(title: Any, figure: Figure) -> str:
    """Charts of the same numbers on one page need titles of their own: their ids are made of them."""
    return charts.sparkline(title, figure.trend, unit=figure.unit) if len(figure.trend) > 1 else ""


def _with_indicators(thing: Any, kind: str, known: dict[str, Indicator], figures: dict[str, Figure]) -> dict[str, Any]:
    own = [_card(i, figures[i.id]) for i in known.values() if getattr(i, kind) == thing.code]
    return {"thing": thing, "indicators": own}


def _field(field: queries.PlanField, known: dict[str, Indicator], figures: dict[str, Figure]) -> dict[str, Any]:
    manifest = registry.fields().get(field.code)
    is_open = manifest is not None and manifest.quality == "open"
    shown = manifest.figure if manifest and is_open else ""
    return {
        "field": field,
        "open": is_open,
        "name": manifest.name if manifest else field.name,
        "card": _card(known[shown], figures[shown]) if shown else None,
    }
