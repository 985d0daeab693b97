"""The plan board: each vehicle's run as a lane of stops, what has no place and why, planning anew."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST, require_safe

from lilong.fields.delivery.pages import forms
from lilong.fields.delivery.pages.frame import act
from lilong.fields.delivery.pages.office import frame
from lilong.fields.delivery.queries import board as queries
from lilong.fields.delivery.queries import desk
from lilong.fields.delivery.rules import roles
from lilong.fields.delivery.services import planning
from lilong.kernel.parties.http import actor_of_request, member_of
from lilong.ui import shown

SECONDS = 2
REASONS = {
    "no-vehicle": lazy("No vehicle is at work."),
    "skill": lazy("Nobody at work can do what it needs."),
    "temperature": lazy("Nothing at work keeps it cold enough."),
    "zone": lazy("Nobody at work goes there."),
    "capacity": lazy("It is too much for every vehicle."),
    "range": lazy("It is too far on one charge."),
    "shift": lazy("No shift is long enough."),
    "time-window": lazy("Nobody can be there in time."),
    "all-full": lazy("Everybody has enough to do."),
    "gone": lazy("The goods are on a vehicle that is not there."),
}


@require_safe
@member_of(*roles.LOOK)
def board(request: HttpRequest, organisation: UUID) -> HttpResponse:
    actor = actor_of_request(request)
    return frame.page(
        request, organisation, "plan", lanes=desk.lanes(actor, organisation), unplaced=queries.unplaced(actor, organisation),
        plan=queries.latest(actor, organisation), reasons=REASONS,
    )  # fmt: skip


@require_POST
@member_of(*roles.DISPATCH)
def make(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Plans the rest of today anew, and says what changed."""
    actor = actor_of_request(request)
    id = forms.id_of(request)
    if act(request, lambda: planning.quick_plan(actor, id=id, carrier=organisation, seconds=SECONDS)):
        made = queries.plan(actor, organisation, id)
        if made is not None:
            text = _(
                "Planned: %(shipments)s shipments on %(vehicles)s vehicles, %(moved)s given to others, %(left)s without a place."
            )
            values = {
                "shipments": made.shipments,
                "vehicles": made.vehicles,
                "moved": made.moved,
                "left": made.unplaced,
            }
            messages.success(request, text % {name: shown.number(n) for name, n in values.items()})
    return redirect("delivery:office-plan", organisation=organisation)
