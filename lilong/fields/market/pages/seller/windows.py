"""Delivery windows of the firm's places: hours, length, capacity, days that differ."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lilong.fields.market.pages.seller import frame
from lilong.fields.market.queries import places
from lilong.fields.market.queries.availability import windows
from lilong.fields.market.rules import roles
from lilong.fields.market.services import windows as services
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.calendar import queries as calendar
from lilong.kernel.calendar.drafts import Opening
from lilong.kernel.parties.http import actor_of_request, member_of

LENGTHS_MINUTES = (30, 60, 90, 120, 180)
_EVERY_DAY = 7


@require_safe
@member_of(*roles.RANGE)
def window_list(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Each place with its hours, its capacity and the windows that buyers can choose now."""
    rows = [_place(place) for place in places.places_of(organisation) if place.kind == "front-warehouse"]
    days = [(n + 1, name) for n, name in WEEKDAYS.items()]
    return frame.page(request, organisation, "windows", rows=rows, days=days, lengths=LENGTHS_MINUTES)


def _place(place: places.PlaceView) -> dict[str, Any]:
    openings = calendar.openings(place.slots) if place.slots else []
    first = openings[0] if openings else None
    return {
        "place": place,
        "openings": openings,
        "capacity": calendar.resource(place.slots).capacity if place.slots else 10,
        "start": first.start if first else "09:00",
        "end": first.end if first else "21:00",
        "minutes": first.slot_seconds // 60 if first else 120,
        "weekdays": first.weekdays if first else tuple(range(1, _EVERY_DAY + 1)),
        "free": windows(place.id, days=2)[:12],
    }


@require_POST
@member_of(*roles.RANGE)
def set_windows(request: HttpRequest, organisation: UUID, place: UUID) -> HttpResponse:
    """The weekly hours, in place of those there were."""
    _mine(organisation, place)
    actor, post = actor_of_request(request), request.POST

    def run() -> None:
        hours = Opening(
            weekdays=tuple(sorted({frame.whole(day, "/weekdays") for day in post.getlist("weekday")})),
            start=post.get("start", ""),
            end=post.get("end", ""),
            slot_seconds=frame.whole(post.get("minutes"), "/minutes") * 60,
        )
        capacity = frame.whole(post.get("capacity"), "/capacity")
        services.set_windows(actor, place=place, hours=hours, capacity=capacity)

    frame.act(request, run, _("Saved. What is booked already stands."))
    return redirect("market:seller-windows", organisation=organisation)


@require_POST
@member_of(*roles.RANGE)
def set_day(request: HttpRequest, organisation: UUID, place: UUID) -> HttpResponse:
    """One day that differs: closed, or as every week again."""
    _mine(organisation, place)
    actor, post = actor_of_request(request), request.POST

    def run() -> None:
        closed = post.get("closed") == "1"
        services.set_day(actor, place=place, day=frame.day_of(post.get("day"), "/day"), closed=closed)

    frame.act(request, run, _("Saved. What is booked already stands."))
    return redirect("market:seller-windows", organisation=organisation)


def _mine(organisation: UUID, place: UUID) -> None:
    if places.place(place).owner != organisation:
        raise Missing("no-such-place", violations=[Violation(pointer="/place", rule="known")])
