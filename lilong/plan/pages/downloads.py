"""An indicator's numbers to take away."""

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from lilong.kernel.base.manifest import Indicator
from lilong.plan import export, queries
from lilong.plan.asking import reader, sees_everything


@require_safe
def data_csv(request: HttpRequest, id: str) -> HttpResponse:
    found = queries.found(id)
    body = export.as_csv(found, everything=sees_everything(reader(request)))
    return _download(found, body, "csv", "text/csv; charset=utf-8")


@require_safe
def data_json(request: HttpRequest, id: str) -> HttpResponse:
    found = queries.found(id)
    body = {
        "indicator": found,
        "rows": list(export.rows(found, everything=sees_everything(reader(request)))),
    }
    return _download(found, msgspec.json.encode(body), "json", "application/json")


def _download(indicator: Indicator, body: str | bytes, ending: str, kind: str) -> HttpResponse:
    name = f"{indicator.id}.{ending}"
    return HttpResponse(body, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
