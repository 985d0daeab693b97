"""The claims desk, and what the cold chain has to say."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lilong.fields.delivery.pages import forms
from lilong.fields.delivery.pages.frame import act
from lilong.fields.delivery.pages.office import frame
from lilong.fields.delivery.pages.words import CLAIM_STATES
from lilong.fields.delivery.queries import claims as queries
from lilong.fields.delivery.queries import cold_chain, desk, shipments
from lilong.fields.delivery.rules import claims as rules
from lilong.fields.delivery.rules import roles
from lilong.fields.delivery.services import claims
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.parties.http import actor_of_request, member_of


@require_safe
@member_of(*roles.LOOK)
def listed(request: HttpRequest, organisation: UUID) -> HttpResponse:
    actor = actor_of_request(request)
    state = request.GET.get("state", "")
    state = state if state in CLAIM_STATES else ""
    found = queries.of_carrier(actor, organisation, state=state, cursor=request.GET.get("cursor", ""))
    goods = shipments.views({each.shipment for each in found.items})
    rows = [(each, goods[each.shipment]) for each in found.items]
    shown = {"rows": rows, "next": found.next, "state": state, "states": CLAIM_STATES, "answer_max": rules.ANSWER_MAX}
    return frame.page(request, organisation, "claims", **shown)


@require_POST
@member_of(*roles.CLAIMS)
def decide(request: HttpRequest, organisation: UUID, id: UUID, what: str) -> HttpResponse:
    """Answers a claim with an amount, then pays or refuses."""
    actor = actor_of_request(request)
    if shipments.shipment(actor, queries.claim(actor, id).shipment).carrier != organisation:
        raise Missing("no-such-claim", violations=[Violation(pointer="/id", rule="known")])
    answer = request.POST.get("answer", "")
    steps: dict[str, tuple[Callable[[], Any], Any]] = {
        "assess": (
            lambda: claims.assess(actor, id=id, amount=forms.yuan(request, "amount", required=False), answer=answer),
            _("Answered. The claimant may still appeal."),
        ),
        "settle": (lambda: claims.settle(actor, id=id), _("Settled.")),
    }
    if what not in steps:
        raise Missing("no-such-step", violations=[Violation(pointer="/step", rule="known")])
    act(request, *steps[what])
    return redirect("delivery:office-claims", organisation=organisation)


@require_safe
@member_of(*roles.LOOK)
def cold(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Excursions, open records, loggers."""
    actor = actor_of_request(request)
    shown = {"records": desk.cold(actor, organisation), "loggers": cold_chain.loggers(actor, organisation)}
    return frame.page(request, organisation, "cold", **shown)
