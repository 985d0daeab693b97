"""The plan as open data: indicators with their numbers, the events behind them, the figures of spring 2020."""

from typing import Any

import msgspec
from django.http import HttpRequest
from ninja import Query, Router

from lilong.kernel.base.manifest import Indicator
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request
from lilong.plan import export, queries, registry, services
from lilong.plan.asking import reader, sees_everything, slice_asked, start_asked
from lilong.plan.shapes import DrillOut, FactOut, IndicatorFullOut, IndicatorOut

router = Router(tags=["plan"])


@router.get("/indicators", response=list[IndicatorOut], auth=None, summary="All indicators with their newest figures")
def indicators(request: HttpRequest) -> list[dict[str, Any]]:
    known = list(registry.indicators().values())
    figures = queries.figures(known)
    return [_described(indicator, figures[indicator.id]) for indicator in known]


@router.get(
    "/indicators/{id}",
    response=IndicatorFullOut,
    auth=None,
    summary="One indicator: definition, numbers by period and slice, restatements",
)
def indicator(request: HttpRequest, id: str) -> dict[str, Any]:
    """Cells of fewer than five parties are suppressed, except for operators."""
    found = queries.found(id)
    measured = {
        "numerator": msgspec.to_builtins(found.numerator),
        "denominator": msgspec.to_builtins(found.denominator),
        "rows": list(export.rows(found, everything=sees_everything(reader(request)))),
        "restatements": queries.restatements(found.id).items,
    }
    return _described(found, queries.figures([found])[found.id]) | measured


@router.get(
    "/indicators/{id}/events",
    response=DrillOut,
    auth=ANY_CREDENTIAL,
    summary="The events behind a number, as far as the caller may see",
)
def events(
    request: HttpRequest,
    id: str,
    period: str = Query("", description="'2026-10', '2026-Q4'; empty: the newest"),
    slice: str = Query("", description="'district=pudong'; empty: the whole city"),
    why: str = Query("", description="Operators: the reason to read other parties' events; they will see it"),
    cursor: str = "",
    size: int = Query(20, ge=1, le=100),
) -> Any:
    found = queries.found(id)
    start, part = start_asked(found, period), slice_asked(found, slice)
    return services.opened(actor_of_request(request), found, start, part, why=why, cursor=cursor, size=size)


@router.get("/baseline", response=list[FactOut], auth=None, summary="The figures of spring 2020")
def baseline(request: HttpRequest) -> Any:
    return queries.baseline()


def _described(indicator: Indicator, figure: queries.Figure) -> dict[str, Any]:
    names = ("id", "name", "definition", "unit", "period", "baseline")
    more = ("target", "due", "better", "measure", "goal")
    return {name: getattr(indicator, name) for name in (*names, *more)} | {
        "disaggregation": list(indicator.disaggregation),
        "baseline_source": str(indicator.baseline_source),
        "figure": figure,
    }
