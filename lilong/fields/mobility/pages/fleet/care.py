"""Looking after vehicles: maintenance in the calendar, damage reports, chargers."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lilong.fields.mobility.pages import frame
from lilong.fields.mobility.pages.fleet import desk
from lilong.fields.mobility.pages.words import MAINTENANCE, said
from lilong.fields.mobility.queries import fleet
from lilong.fields.mobility.rules import roles
from lilong.fields.mobility.services import maintenance
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Missing, Problem, Violation
from lilong.kernel.base.words import Words
from lilong.kernel.parties.http import actor_of_request, member_of

DAYS = 14
TENTHS = 10


@require_safe
@member_of(*roles.WORK)
def plans(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """What is planned and under way by day, damage to be looked at, and the form to plan more."""
    return _shown(request, organisation, request.GET)


def _shown(request: HttpRequest, organisation: UUID, given: Any, refused: Problem | None = None) -> HttpResponse:
    start = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    rows = fleet.maintenance(organisation)
    days: dict[Any, list[Any]] = {}
    for row in rows:
        days.setdefault(row.start.astimezone(clock.CITY_ZONE).date(), []).append(row)
    return desk.page(
        request,
        organisation,
        "maintenance",
        status=refused.status if refused else 200,
        days=sorted(days.items()),
        kinds=MAINTENANCE.items(),
        words={code: str(label) for code, label in MAINTENANCE.items()},
        vehicles=fleet.everything(organisation),
        damages=fleet.damages(organisation),
        given=given,
        start_text=given.get("start") or frame.local(start),
        end_text=given.get("end") or frame.local(start + timedelta(hours=2)),
        refused=said(refused) if refused else "",
        alternatives=(refused.extra.get("alternatives") or [])[:3] if refused else [],
        new_id=ids.uuid7(),
    )


@require_POST
@member_of(*roles.WORK)
def plan(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Takes the vehicle's calendar for it; what is taken already is told with the next free times."""
    post = request.POST
    try:
        vehicle = fleet.vehicle(organisation, frame.uuid_of(post.get("vehicle"), "/vehicle"))
        report = post.get("report", "")
        maintenance.plan(
            actor_of_request(request),
            id=frame.uuid_of(post.get("id"), "/id"),
            vehicle=vehicle.id,
            kind=post.get("kind", ""),
            start=frame.moment_of(post.get("start"), "/start"),
            end=frame.moment_of(post.get("end"), "/end"),
            note=post.get("note", ""),
            report=frame.uuid_of(report, "/report") if report else None,
        )
    except Problem as problem:
        return _shown(request, organisation, post, problem)
    return redirect("mobility:fleet-maintenance", organisation=organisation)


@require_POST
@member_of(*roles.WORK)
def step(request: HttpRequest, organisation: UUID, id: UUID, what: str) -> HttpResponse:
    """Begins a maintenance, finishes it, or calls it off."""
    actor = actor_of_request(request)
    if not any(row.id == id for row in fleet.maintenance(organisation)):
        raise Missing("no-such-maintenance", _("There is no such maintenance."))
    acts: dict[str, tuple[Callable[[], Any], Any]] = {
        "begin": (lambda: maintenance.begin(actor, id=id), _("Begun: the vehicle is out of service.")),
        "done": (lambda: maintenance.finish(actor, id=id), _("Done: the vehicle is in service again.")),
        "cancel": (lambda: maintenance.finish(actor, id=id, done=False), _("Called off.")),
    }
    if what not in acts:
        raise Missing("no-such-step", violations=[Violation(pointer="/step", rule="known")])
    frame.act(request, *acts[what])
    return redirect("mobility:fleet-maintenance", organisation=organisation)


@require_safe
@member_of(*roles.WORK)
def charging(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Who needs a charger, who is at one."""
    chargers = [(row, Words.read(row.name)) for row in fleet.stations(organisation) if row.charging]
    return desk.page(
        request,
        organisation,
        "charging",
        empty=[(row, row.energy_pm / TENTHS) for row in fleet.to_charge(organisation)],
        charging=[
            (row, (row.vehicle.energy_pm or 0) / TENTHS, Words.read(row.station.name) if row.station else "")
            for row in fleet.charging(organisation)
        ],
        chargers=chargers,
        new_id=ids.uuid7(),
    )


@require_POST
@member_of(*roles.WORK)
def charge(request: HttpRequest, organisation: UUID, what: str) -> HttpResponse:
    """Plugs a vehicle in, or takes it off."""
    actor, post = actor_of_request(request), request.POST

    def plug() -> Any:
        vehicle = fleet.vehicle(organisation, frame.uuid_of(post.get("vehicle"), "/vehicle"))
        station = post.get("station", "")
        # one charging a vehicle and moment of the page: sending the form again changes nothing
        made = ids.named("mobility", "charging", vehicle.id, frame.uuid_of(post.get("id"), "/id"))
        return maintenance.plug_in(
            actor, id=made, vehicle=vehicle.id, station=frame.uuid_of(station, "/station") if station else None
        )

    def unplug() -> Any:
        id = frame.uuid_of(post.get("charging"), "/charging")
        if not any(row.id == id for row in fleet.charging(organisation)):
            raise Missing("no-such-charging", _("This vehicle is not at a charger."))
        percent = post.get("percent", "").strip()
        return maintenance.unplug(
            actor, id=id, energy_pm=frame.whole(percent, "/percent") * TENTHS if percent else None
        )

    if what not in ("plug", "unplug"):
        raise Missing("no-such-step", violations=[Violation(pointer="/step", rule="known")])
    frame.act(request, plug if what == "plug" else unplug, _("Charging.") if what == "plug" else _("Off the charger."))
    return redirect("mobility:fleet-charging", organisation=organisation)
