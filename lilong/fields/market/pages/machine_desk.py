"""Machines for those who run them: state, faults, refills, disputes, doubtful weights."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lilong.fields.market.field import FIELD
from lilong.fields.market.pages.machine_words import DISPUTES, KINDS, MATERIALS, attention, said
from lilong.fields.market.queries import machine_users as users
from lilong.fields.market.queries import machines as queries
from lilong.fields.market.rules import roles
from lilong.fields.market.services import disputes, machines, recycling
from lilong.kernel.base.problems import Problem
from lilong.kernel.parties.http import actor_of_request, member_of


@require_safe
@member_of(*roles.STOCK)
def park(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """All machines of a seller: those that need somebody first; what to bring; what to decide."""
    actor = actor_of_request(request)
    found = queries.of_seller(actor, organisation)
    names = {each.device: each.place.name for each in found}
    refill = [(names.get(line.device, ""), line) for line in queries.refill(actor, organisation)]
    cases = queries.disputes_of(actor, organisation, cursor=request.GET.get("cursor", ""))
    shown: dict[str, Any] = {
        "field": FIELD,
        "organisation": organisation,
        "machines": [(each, KINDS[each.kind], attention(each.attention)) for each in found],
        "online": sum(each.online for each in found),
        "troubled": sum(each.troubled for each in found),
        "refill": refill,
        "disputes": [(row, names.get(row.device, ""), DISPUTES[row.kind]) for row in cases.items],
        "next": cases.next,
        "weighings": [
            (row, names.get(row.device, ""), MATERIALS[row.material]) for row in users.quarantined(actor, organisation)
        ],
    }
    return render(request, "market/machines/park.html", shown)


@require_safe
@member_of(*roles.STOCK)
def one(request: HttpRequest, organisation: UUID, device: UUID) -> HttpResponse:
    """One machine: its slots as they are."""
    view = queries.of_seller_one(actor_of_request(request), organisation, device)
    shown = {
        "field": FIELD,
        "organisation": organisation,
        "machine": view,
        "kind": KINDS[view.kind],
        "why": attention(view.attention),
        "slots": [(slot, attention(slot.fault)) for slot in queries.shelves([device])[device]],
        "full": [MATERIALS[each] for each in view.full_bins],
    }
    return render(request, "market/machines/one.html", shown)


@require_POST
@member_of(*roles.STOCK)
def clear(request: HttpRequest, organisation: UUID, device: UUID) -> HttpResponse:
    """Set right: a slot, or the machine."""
    try:
        machines.clear_fault(actor_of_request(request), machine=device, slot=request.POST.get("slot") or None)
        messages.success(request, _("Noted as set right."))
    except Problem as problem:
        messages.error(request, said(problem))
    return redirect("market:machine-one", organisation=organisation, device=device)


@require_POST
@member_of(*roles.RANGE)
def decide(request: HttpRequest, organisation: UUID, id: UUID) -> HttpResponse:
    """A dispute's end."""
    decision, _sep, restock = request.POST.get("decision", "").partition("+")
    try:
        disputes.resolve(actor_of_request(request), id=id, decision=decision, restock=restock == "restock")
        messages.success(request, _("Decided."))
    except Problem as problem:
        messages.error(request, said(problem))
    return redirect("market:machine-park", organisation=organisation)


@require_POST
@member_of(*roles.RANGE)
def review(request: HttpRequest, organisation: UUID, id: UUID) -> HttpResponse:
    """A doubtful weight, accepted or not."""
    try:
        recycling.review(actor_of_request(request), id=id, accept=request.POST.get("accept") == "1")
        messages.success(request, _("Decided."))
    except Problem as problem:
        messages.error(request, said(problem))
    return redirect("market:machine-park", organisation=organisation)
