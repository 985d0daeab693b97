"""What every page of an operator shares: who may open it, its tabs, and the door to the reader's operators."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from lilong.fields.mobility.pages import frame
from lilong.fields.mobility.queries import riding
from lilong.fields.mobility.rules import roles
from lilong.kernel.base.problems import Missing
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.http import actor_of_request, signed_in

LOOK = tuple(dict.fromkeys((*roles.RUN, "dispatcher")))
DESK = ("manager", "clerk", "dispatcher")
_TABS = (
    (_("Map"), "fleet", LOOK),
    (_("Vehicles"), "fleet-vehicles", LOOK),
    (_("Rentals"), "fleet-rentals", roles.RUN),
    (_("Rides"), "fleet-rides", DESK),
    (_("Maintenance"), "fleet-maintenance", roles.WORK),
    (_("Charging"), "fleet-charging", roles.WORK),
    (_("Zones"), "fleet-zones", roles.MANAGE),
    (_("Prices"), "fleet-prices", roles.MANAGE),
    (_("Telemetry"), "fleet-telemetry", roles.RUN),
)


def page(request: HttpRequest, organisation: UUID, template: str, *, status: int = 200, **more: Any) -> HttpResponse:
    actor, at = actor_of_request(request), {"organisation": organisation}
    tabs = [
        (label, reverse(f"mobility:{name}", kwargs=at))
        for label, name, who in _TABS
        if actor.acts_for(organisation, *who)
    ]
    told = {
        "organisation": organisation,
        "firm": parties.party(organisation),
        "tabs": tabs,
        "may_manage": actor.acts_for(organisation, *roles.MANAGE),
        "may_work": actor.acts_for(organisation, *roles.WORK),
    }
    return frame.page(request, f"fleet/{template}", status=status, **(told | more))


@require_safe
@signed_in
def door(request: HttpRequest) -> HttpResponse:
    """The operators that the reader works for; straight in where there is but one."""
    actor, mine = actor_of_request(request), []
    for firm, _held in parties.organisations_of(actor.party):
        if actor.acts_for(firm.id, *LOOK) and _operates(firm.id):
            mine.append(firm)
    if len(mine) == 1:
        return redirect("mobility:fleet", organisation=mine[0].id)
    return frame.page(request, "fleet/door", firms=mine)


def _operates(organisation: UUID) -> bool:
    try:
        riding.operator(organisation)
    except Missing:
        return False
    return True
