"""A carrier's couriers, vehicles, robots and drones with their states."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from lilong.fields.delivery.pages.frame import act
from lilong.fields.delivery.pages.office import frame
from lilong.fields.delivery.pages.words import VEHICLE_STATES, VEHICLES
from lilong.fields.delivery.queries import carriers, desk, vehicles
from lilong.fields.delivery.rules import roles
from lilong.fields.delivery.services import fleet
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.parties.http import actor_of_request, member_of

SETTABLE = ("idle", "charging", "fault", "off")


@require_safe
@member_of(*roles.LOOK)
def listed(request: HttpRequest, organisation: UUID) -> HttpResponse:
    actor = actor_of_request(request)
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
    found = carriers.vehicles(
        actor, organisation, kind=kind if kind in VEHICLES else "", state=state if state in VEHICLE_STATES else ""
    )
    shown = {
        "vehicles": found, "kinds": VEHICLES, "states": VEHICLE_STATES, "kind": kind, "state": state, "settable": SETTABLE,
        "lanes": {lane.vehicle: lane for lane in desk.lanes(actor, organisation)},
        "controlled": {each.vehicle: each for each in vehicles.vehicles(actor, organisation)},
        "depots": {each.id: each for each in carriers.depots(organisation)},
    }  # fmt: skip
    return frame.page(request, organisation, "fleet", **shown)


@require_POST
@member_of(*roles.DISPATCH)
def set_state(request: HttpRequest, organisation: UUID, vehicle: UUID) -> HttpResponse:
    actor = actor_of_request(request)
    if carriers.vehicle(actor, vehicle).carrier != organisation:
        raise Missing("no-such-vehicle", violations=[Violation(pointer="/vehicle", rule="known")])
    act(request, lambda: fleet.set_state(actor, vehicle=vehicle, state=request.POST.get("state", "")))
    return redirect("delivery:office-fleet", organisation=organisation)
