"""Community group buying: for buyers, for the leader at the point (on a phone), for the seller."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lilong.fields.market.field import FIELD
from lilong.fields.market.pages.reader import reader
from lilong.fields.market.pages.said import said
from lilong.fields.market.queries import campaigns as queries
from lilong.fields.market.rules import roles
from lilong.fields.market.services import campaigns as services
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Missing, Problem, invalid
from lilong.kernel.orders.drafts import LineDraft
from lilong.kernel.parties.http import actor_of_request, signed_in
from lilong.ui import shown as figures

_DIGITS_MAX = 8


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """All campaigns; a leader finds his own on top."""
    actor = reader(request)
    found = queries.campaigns(cursor=request.GET.get("cursor", ""))
    led = queries.campaigns_led(actor) if actor else []
    shown = {"field": FIELD, "campaigns": found.items, "next": found.next, "led": led, "now": clock.now()}
    return render(request, "market/campaigns/list.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def campaign(request: HttpRequest, id: UUID) -> HttpResponse:
    """One campaign: ordering until the cut-off, then one's own orders with their codes."""
    view = queries.campaign(id)
    refusal = ""
    if request.method == "POST":
        try:
            _order(request, view)
            messages.success(request, _("Ordered. Show the code when you collect it."))
            return redirect("market:campaign", id=id)
        except Problem as problem:
            refusal = said(problem)
    actor = reader(request)
    shown: dict[str, Any] = {
        "field": FIELD,
        "campaign": view,
        "actor": actor,
        "mine": _mine(request, id) if actor else [],
        "leads": queries.led_by(actor, id) if actor else [],
        "sells": actor is not None and actor.acts_for(view.seller, *roles.STOCK),
        "order_id": ids.uuid7(),
        "refusal": refusal,
        "asked": request.POST,
    }
    return render(request, "market/campaigns/campaign.html", shown, status=422 if refusal else 200)


def _order(request: HttpRequest, view: queries.CampaignView) -> None:
    lines = []
    for line in view.lines:
        quantity = _whole(request.POST.get(f"quantity-{line.offer}", "") or "0")
        if quantity:
            price = _whole(request.POST.get(f"price-{line.offer}", ""))
            lines.append(LineDraft(offer=line.offer, quantity=quantity, price=price))
    if not lines:
        raise invalid("/lines", "required")
    services.order(
        actor_of_request(request),
        id=_uuid(request.POST.get("order", "")),
        campaign=view.id,
        leader=_uuid(request.POST.get("leader", "")),
        lines=lines,
    )


def _mine(request: HttpRequest, id: UUID) -> list[dict[str, Any]]:
    actor = actor_of_request(request)
    points = {point.leader: point for point in queries.campaign(id).points}
    return [
        {
            "parcel": parcel,
            "point": points.get(parcel.leader),
            "code": services.code_of(actor, order=parcel.order) if parcel.state == "waiting" else "",
        }
        for parcel in queries.parcels_of(actor, campaign=id).items
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def hand_over(request: HttpRequest, id: UUID) -> HttpResponse:
    """The leader's page: one field for the code, then what is still waiting."""
    actor = actor_of_request(request)
    view, points = queries.campaign(id), queries.led_by(actor, id)
    if not points:
        raise Missing("no-such-campaign")
    refusal = ""
    if request.method == "POST":
        try:
            leader = _uuid(request.POST.get("leader", ""))
            done = services.hand_over(actor, campaign=id, leader=leader, code=request.POST.get("code", ""))
            earned = figures.amount(done.commission, "CNY")
            messages.success(request, _("Handed over. Your commission: %(earned)s.") % {"earned": earned})
            return redirect("market:hand-over", id=id)
        except Problem as problem:
            refusal = said(problem)
    parcels = queries.parcels(actor, id, cursor=request.GET.get("cursor", ""), size=50)
    shown = {
        "field": FIELD,
        "campaign": view,
        "points": points,
        "picks": queries.picks(actor, id),
        "parcels": parcels.items,
        "next": parcels.next,
        "refusal": refusal,
    }
    return render(request, "market/campaigns/hand_over.html", shown, status=422 if refusal else 200)


@require_safe
@signed_in
def seller(request: HttpRequest, id: UUID) -> HttpResponse:
    """The seller's page: what goes where, and what became of each order."""
    actor, view = actor_of_request(request), queries.campaign(id)
    if not actor.acts_for(view.seller, *roles.STOCK):
        raise Missing("no-such-campaign")
    parcels = queries.parcels(actor, id, cursor=request.GET.get("cursor", ""), size=50)
    shown = {
        "field": FIELD,
        "campaign": view,
        "picks": queries.picks(actor, id),
        "parcels": parcels.items,
        "next": parcels.next,
        "points": {point.leader: point for point in view.points},
        "percent": figures.percent(view.commission_bp / 10_000),
    }
    return render(request, "market/campaigns/seller.html", shown)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise invalid("/leader", "required") from None


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX):
        raise invalid("/quantity", "range")
    return int(text)
