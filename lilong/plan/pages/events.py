"""The events behind a number, for those whose they are, and for operators who say why."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from lilong.kernel.base.manifest import Indicator, Measure
from lilong.kernel.parties.http import actor_of_request, signed_in
from lilong.plan import queries, services, wording
from lilong.plan.asking import slice_asked, start_asked
from lilong.ui import shown
from lilong.ui.tables import Column, Table


@require_safe
@signed_in
def events(request: HttpRequest, id: str) -> HttpResponse:
    found = queries.found(id)
    asked = {name: request.GET.get(name, "") for name in ("period", "slice", "why", "cursor")}
    start, slice = start_asked(found, asked["period"]), slice_asked(found, asked["slice"])
    actor = actor_of_request(request)
    drill = services.opened(actor, found, start, slice, why=asked["why"], cursor=asked["cursor"])
    context = {
        "indicator": found,
        "period": wording.period(start, found.period),
        "period_code": wording.period_code(start, found.period),
        "slice": slice,
        "events": _table(found, drill),
        "drill": drill,
        "why": asked["why"],
        "staff": actor.staff,
    }
    return render(request, "plan/events.html", context)


def _table(indicator: Indicator, drill: queries.Drill) -> Table:
    columns = [
        Column("seq", _("Place in the log"), "number"),
        Column("type", _("Event")),
        Column("at", _("When"), "moment"),
        Column("district", _("District")),
        Column("numerator", _("Numerator")),
        *([Column("denominator", _("Denominator"))] if indicator.denominator else []),
        Column("subject", _("About")),
    ]
    rows = [
        {
            "seq": event.seq,
            "type": event.type,
            "at": event.at,
            "district": wording.key("district", event.district),
            "numerator": _amount(indicator.numerator, event.numerator),
            "denominator": _amount(indicator.denominator or indicator.numerator, event.denominator),
            "subject": str(event.subject),
        }
        for event in drill.items
    ]
    return Table(columns=columns, rows=rows)


def _amount(measure: Measure, amount: int | None) -> str:
    return shown.amount(amount) if wording.is_money(measure) else shown.number(amount)
