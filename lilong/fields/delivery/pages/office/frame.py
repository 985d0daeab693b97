"""What every page of a carrier's office shares: who may open it, and its tabs."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from lilong.fields.delivery.pages import frame
from lilong.fields.delivery.pages.home import offices
from lilong.fields.delivery.queries import carriers
from lilong.fields.delivery.rules import roles
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.http import actor_of_request, signed_in

_TABS = (
    (_("Today"), "office"),
    (pgettext_lazy("routes", "Plan"), "office-plan"),
    (_("Shipments"), "office-shipments"),
    (_("Fleet"), "office-fleet"),
    (_("Lockers"), "office-lockers"),
    (_("Cold chain"), "office-cold"),
    (_("Claims"), "office-claims"),
)


def page(request: HttpRequest, organisation: UUID, template: str, *, status: int = 200, **more: Any) -> HttpResponse:
    actor = actor_of_request(request)
    carriers.carrier(organisation)  # Missing where the firm carries nothing
    tabs = [(label, reverse(f"delivery:{name}", kwargs={"organisation": organisation})) for label, name in _TABS]
    shown = {
        "organisation": organisation, "firm": parties.party(organisation), "tabs": tabs,
        "may_dispatch": actor.acts_for(organisation, *roles.DISPATCH), "may_answer": actor.acts_for(organisation, *roles.CLAIMS),
    }  # fmt: skip
    return frame.page(request, f"office/{template}", status=status, **(shown | more))


@require_safe
@signed_in
def door(request: HttpRequest) -> HttpResponse:
    """The carriers that the reader works for; straight in where there is but one."""
    mine = offices(actor_of_request(request))
    if len(mine) == 1:
        return redirect("delivery:office", organisation=mine[0][0])
    return frame.page(request, "office/door", firms=mine)
