"""Recall notices: public, for buyers, and the seller's report."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lilong.fields.market.field import FIELD
from lilong.fields.market.pages.reader import reader
from lilong.fields.market.queries import recalls as queries
from lilong.fields.market.services import recalls as services
from lilong.kernel.parties.http import actor_of_request, signed_in


@require_safe
def notice(request: HttpRequest, lot: UUID) -> HttpResponse:
    """The notice of a recalled lot, for everybody; a signed-in buyer also sees his own orders that took of it."""
    found = queries.notice(lot)
    actor = reader(request)
    mine = [each for each in queries.for_buyer(actor.party) if each.notice.lot == lot] if actor else []
    return render(request, "market/recall.html", {"field": FIELD, "notice": found, "mine": mine})


@require_safe
@signed_in
def mine(request: HttpRequest) -> HttpResponse:
    """All recalls that reached the reader's own orders."""
    actor = actor_of_request(request)
    return render(request, "market/recalls.html", {"field": FIELD, "mine": queries.for_buyer(actor.party)})


@require_safe
@signed_in
def report(request: HttpRequest, lot: UUID) -> HttpResponse:
    """For the seller: every order and resident a recalled lot reached. Looking is written to their access logs."""
    found = services.read_report(actor_of_request(request), lot=lot)
    return render(request, "market/recall_report.html", {"field": FIELD, "report": found})
