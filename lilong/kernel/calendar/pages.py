"""My calendar: a day or a week of what I have booked."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lilong.kernel.base import clock
from lilong.kernel.base.problems import Problem
from lilong.kernel.calendar import queries, services
from lilong.kernel.calendar.drafts import Entry
from lilong.kernel.calendar.rules.icalendar import CONTENT_TYPE
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.http import actor_of_request, signed_in

VIEWS = {"day": 1, "week": 7}
FILE_DAYS = 180  # how far back and ahead the calendar file reaches
_FIRST, _LAST = date(1971, 1, 1), date(2241, 12, 31)


@signed_in
@require_GET
def agenda(request: HttpRequest) -> HttpResponse:
    """`?view=day|week&day=YYYY-MM-DD`; days are the city's."""
    view = request.GET.get("view", "week")
    days = VIEWS.get(view, VIEWS["week"])
    chosen = _day(request.GET.get("day", ""))
    first = chosen - timedelta(days=chosen.weekday()) if days == VIEWS["week"] else chosen
    entries = queries.agenda(actor_of_request(request).party, _start(first), _start(first + timedelta(days=days)))
    names = parties.parties({entry.owner for entry in entries})
    return render(
        request,
        "calendar/agenda.html",
        {
            "days": [_shown(first + timedelta(days=n), entries, names) for n in range(days)],
            "view": "day" if days == 1 else "week",
            "first": first,
            "last": first + timedelta(days=days - 1),
            "before": first - timedelta(days=days),
            "after": first + timedelta(days=days),
            "chosen": chosen,
            "today": clock.today(),
            "any": bool(entries),
        },
    )


@signed_in
@require_GET
def agenda_ics(request: HttpRequest) -> HttpResponse:
    """What I have booked half a year back and ahead, for any calendar program."""
    now = clock.now()
    span = timedelta(days=FILE_DAYS)
    entries = queries.agenda(actor_of_request(request).party, now - span, now + span)
    response = HttpResponse(queries.agenda_text(entries, get_language() or "en"), content_type=CONTENT_TYPE)
    response["Content-Disposition"] = 'attachment; filename="lilong.ics"'
    return response


@signed_in
@require_POST
def release(request: HttpRequest, id: UUID) -> HttpResponseBase:
    try:
        services.give_back(actor_of_request(request), id=id, reason="by-resident")
    except Problem as problem:
        messages.error(request, str(problem.title))
    else:
        messages.success(request, _("Given back."))
    return redirect("calendar:agenda")


def _day(text: str) -> date:
    """A date as asked for, today's if it is none; within what the calendar holds."""
    try:
        return min(max(date.fromisoformat(text), _FIRST), _LAST)
    except ValueError:
        return clock.today()


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), clock.CITY_ZONE)


def _shown(day: date, entries: list[Entry], names: dict[UUID, Any]) -> dict[str, Any]:
    """One day: what begins on it, and what goes on from the day before."""
    start, end = _start(day), _start(day + timedelta(days=1))
    return {
        "day": day,
        "entries": [
            {
                "entry": entry,
                "booking": entry.booking,
                "start": max(entry.booking.start, start).astimezone(clock.CITY_ZONE),
                "end": entry.booking.end.astimezone(clock.CITY_ZONE),
                "continued": entry.booking.start < start,
                "goes_on": entry.booking.end > end,
                "there": _there(entry),
                "with": names.get(entry.owner),
                "may_release": entry.booking.ref is None and entry.booking.start > clock.now(),
            }
            for entry in entries
            if entry.booking.start < end and start < entry.booking.end
        ],
    }


def _there(entry: Entry) -> str:
    """When it begins by the clock of the resource's own zone, where that is another one."""
    there = entry.booking.start.astimezone(ZoneInfo(entry.zone))
    same = there.utcoffset() == entry.booking.start.astimezone(clock.CITY_ZONE).utcoffset()
    return "" if same else f"{there:%H:%M}"
