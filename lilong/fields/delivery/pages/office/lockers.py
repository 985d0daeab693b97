"""A carrier's lockers: how full, what is in which cell, cells out of order."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from lilong.fields.delivery.pages.frame import act
from lilong.fields.delivery.pages.office import frame
from lilong.fields.delivery.pages.words import OUT_REASONS
from lilong.fields.delivery.queries import lockers as queries
from lilong.fields.delivery.rules import roles
from lilong.fields.delivery.services import banks, lockers
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.parties.http import actor_of_request, member_of


@require_safe
@member_of(*roles.LOOK)
def listed(request: HttpRequest, organisation: UUID) -> HttpResponse:
    return frame.page(request, organisation, "lockers", banks=queries.banks(carrier=organisation))


@require_safe
@member_of(*roles.LOOK)
def bank(request: HttpRequest, organisation: UUID, bank: UUID) -> HttpResponse:
    view = _own(organisation, bank)
    cells = queries.cells(actor_of_request(request), bank)
    return frame.page(request, organisation, "bank", bank=view, cells=cells, reasons=OUT_REASONS)


@require_POST
@member_of(*roles.DISPATCH)
def cell(request: HttpRequest, organisation: UUID, bank: UUID, number: int) -> HttpResponse:
    """Takes a cell out of order, or puts it back."""
    actor = actor_of_request(request)
    _own(organisation, bank)
    found = lockers.cell_of(bank, number)
    if request.POST.get("back"):
        act(request, lambda: banks.put_back_in_order(actor, cell=found.id))
    else:
        reason = request.POST.get("reason", "")
        act(request, lambda: banks.take_out_of_order(actor, cell=found.id, reason=reason))
    return redirect("delivery:office-bank", organisation=organisation, bank=bank)


def _own(organisation: UUID, bank: UUID) -> queries.BankView:
    view = queries.bank(bank)
    if view.carrier != organisation:
        raise Missing("no-such-bank", violations=[Violation(pointer="/bank", rule="known")])
    return view
