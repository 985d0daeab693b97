"""Rentals and rides of an operator, alarms, and what vehicles said that nobody believed."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lilong.fields.mobility.pages import frame
from lilong.fields.mobility.pages.fleet import desk
from lilong.fields.mobility.pages.words import REASONS, RENTAL_STATES, RIDE_STATES, word
from lilong.fields.mobility.queries import fleet, hailing
from lilong.fields.mobility.rules import roles
from lilong.fields.mobility.services.rides import safety
from lilong.kernel.base.problems import Missing
from lilong.kernel.parties.http import actor_of_request, member_of

SOURCES = {1: "MQTT", 2: "JT/T 808"}


@require_safe
@member_of(*roles.RUN)
def rentals(request: HttpRequest, organisation: UUID) -> HttpResponse:
    found = fleet.rentals(organisation, request.GET.get("cursor", ""))
    rows = [(row, word(RENTAL_STATES, row.state)) for row in found.items]
    return desk.page(request, organisation, "rentals", rows=rows, next=found.next)


@require_safe
@member_of(*desk.DESK)
def rides(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Rides at work, cars on line, open alarms; then those that are over."""
    found = hailing.over(organisation, request.GET.get("cursor", ""))
    return desk.page(
        request,
        organisation,
        "rides",
        work=[(seen, word(RIDE_STATES, seen.ride.state)) for seen in hailing.at_work(organisation)],
        shifts=hailing.shifts(organisation),
        alarms=hailing.alarms(organisation),
        over=[(row, word(RIDE_STATES, row.state)) for row in found.items],
        next=found.next,
    )


@require_POST
@member_of(*desk.DESK)
def alarm(request: HttpRequest, organisation: UUID, id: UUID) -> HttpResponse:
    """Somebody of the desk looks after an alarm, and closes it with what came of it."""
    if not any(each.id == id for each in hailing.alarms(organisation)):
        raise Missing("no-such-alarm")
    actor, outcome = actor_of_request(request), request.POST.get("outcome", "").strip()

    def run() -> Any:
        return safety.close_alarm(actor, id=id, outcome=outcome) if outcome else safety.take_alarm(actor, id=id)

    frame.act(request, run, _("Closed.") if outcome else _("Yours: please look after it now."))
    return redirect("mobility:fleet-rides", organisation=organisation)


@require_safe
@member_of(*roles.RUN)
def telemetry(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Points and messages that were quarantined, and why."""
    reason = request.GET.get("reason", "")
    found = fleet.quarantined(organisation, reason=reason, cursor=request.GET.get("cursor", ""))
    return desk.page(
        request,
        organisation,
        "telemetry",
        rows=[(row, REASONS.get(row.reason, row.reason), SOURCES.get(row.source, row.source)) for row in found.items],
        reasons=[(code, REASONS.get(code, code), n) for code, n in fleet.reasons(organisation)],
        reason=reason,
        next=found.next,
    )
