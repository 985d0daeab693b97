"""A carrier's shipments: the list, what its office may do with one, the table to take along."""

import csv
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
from lilong.fields.delivery.pages.words import STATES
from lilong.fields.delivery.queries import shipments
from lilong.fields.delivery.queries.shipments import ShipmentView
from lilong.fields.delivery.rules import roles
from lilong.fields.delivery.services import courier, journey, stopping
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.http import actor_of_request, member_of

EXPORT_MAX = 5_000
_COLUMNS = (
    "shipment", "order", "service", "state", "stopped", "late", "district", "temperature", "weight_g", "parcels", "earliest",
    "latest", "requested_at", "delivered_at", "vehicle", "vehicle_kind", "fee", "currency",
)  # fmt: skip


@require_safe
@member_of(*roles.LOOK)
def listed(request: HttpRequest, organisation: UUID) -> HttpResponse:
    actor = actor_of_request(request)
    state, late = _asked(request)
    found = shipments.of_carrier(
        actor, organisation, state=state, late=late, cursor=request.GET.get("cursor", ""), size=30
    )
    shown = {"shipments": found.items, "next": found.next, "state": state, "late": late, "states": STATES}
    return frame.page(request, organisation, "shipments", **shown)


def _asked(request: HttpRequest) -> tuple[str, bool]:
    state = request.GET.get("state", "open")
    return (state if state in (*STATES, "open", "") else "open"), request.GET.get("late") == "1"


@require_safe
@member_of(*roles.LOOK)
def export(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """The same shipments as a table (CSV, UTF-8), at most 5000; money in yuan, no names."""
    actor = actor_of_request(request)
    state, late = _asked(request)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="shipments.csv"'
    answer.write("\ufeff")
    table = csv.writer(answer)
    table.writerow(_COLUMNS)
    cursor, written = "", 0
    while written < EXPORT_MAX:
        found = shipments.of_carrier(actor, organisation, state=state, late=late, cursor=cursor, size=100)
        for view in found.items:
            table.writerow(_row(view))
        written, cursor = written + len(found.items), found.next
        if not cursor:
            break
    return answer


def _row(view: ShipmentView) -> list[Any]:
    special = {"shipment": view.id, "parcels": len(view.parcels), "fee": f"{view.fee // 100}.{view.fee % 100:02}"}
    values = [special.get(name, getattr(view, name, "")) for name in _COLUMNS]
    return ["" if value is None else value.isoformat() if hasattr(value, "isoformat") else value for value in values]


@require_POST
@member_of(*roles.DISPATCH)
def step(request: HttpRequest, organisation: UUID, id: UUID, what: str) -> HttpResponse:
    """What the office decides about one shipment; it must be the carrier's own."""
    actor = actor_of_request(request)
    if shipments.shipment(actor, id).carrier != organisation:
        raise Missing("no-such-shipment", violations=[Violation(pointer="/id", rule="known")])
    reason = forms.text(request, "reason", journey.REASON_MAX)
    steps: dict[str, tuple[Callable[[], Any], Any]] = {
        "accept": (lambda: journey.accept(actor, shipment=id), _("Accepted.")),
        "stop": (lambda: stopping.stop(actor, shipment=id, reason="office"), _("Nobody gets it now.")),
        "go-on": (lambda: stopping.go_on(actor, shipment=id), _("It may go on.")),
        "send-back": (lambda: journey.send_back(actor, shipment=id, reason=reason), _("It goes back.")),
        "lose": (lambda: journey.lose(actor, shipment=id, reason=reason), _("It is noted as lost.")),
        "cancel": (lambda: _cancel(actor, id, reason), _("It is called off.")),
    }
    if what not in steps:
        raise Missing("no-such-step", violations=[Violation(pointer="/step", rule="known")])
    act(request, *steps[what])
    return redirect("delivery:shipment", id=id)


def _cancel(actor: Actor, id: UUID, reason: str) -> Any:
    return journey.cancel(actor, shipment=id, reason=reason)


@require_POST
@member_of(*roles.DISPATCH)
def seen(request: HttpRequest, organisation: UUID, id: UUID) -> HttpResponse:
    """Somebody has looked at what a phone said that never fitted."""
    actor = actor_of_request(request)
    act(request, lambda: courier.look_at_kept(actor, id=id), _("It is noted."))
    return redirect("delivery:office", organisation=organisation)
