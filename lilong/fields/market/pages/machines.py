"""Machines for their users: what is near, what is in it, buying, entering, coins."""

from typing import Any
from uuid import UUID

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lilong.fields.market.drafts import TakeDraft
from lilong.fields.market.field import FIELD
from lilong.fields.market.pages import visit as visits
from lilong.fields.market.pages.machine_words import MATERIALS, said
from lilong.fields.market.pages.reader import reader
from lilong.fields.market.queries import machine_users as users
from lilong.fields.market.queries import machines as queries
from lilong.fields.market.rules import machines as rules
from lilong.fields.market.services import disputes, passes, vending
from lilong.kernel.base import ids
from lilong.kernel.base.districts import BY_SLUG, DISTRICTS
from lilong.kernel.base.problems import Problem
from lilong.kernel.parties.http import actor_of_request, signed_in, throttle

_DIGITS_MAX = 9


@require_safe
def near(request: HttpRequest) -> HttpResponse:
    """The machines of a district."""
    asked = request.GET.get("district", "") or visits.visit(request).district
    district = BY_SLUG.get(asked) or DISTRICTS[0]
    shown = {"field": FIELD, "district": district, "districts": DISTRICTS, "machines": queries.near(district.slug)}
    return render(request, "market/machines/near.html", shown)


@require_safe
def machine(request: HttpRequest, place: UUID) -> HttpResponse:
    """One machine: goods to buy, a gate to enter by, or bins to fill."""
    return _machine(request, place)


def _machine(request: HttpRequest, place: UUID, problem: Problem | None = None) -> HttpResponse:
    view = queries.at(place)
    actor = reader(request)
    shown: dict[str, Any] = {
        "field": FIELD,
        "machine": view,
        "slots": queries.shelves([view.device])[view.device],
        "problem": said(problem) if problem else "",
        "signed_in": actor is not None,
        "hold": rules.ENTRY_HOLD,
        "rates": [(MATERIALS[each], coins, each in view.full_bins) for each, coins in rules.COINS_PER_KG.items()],
        "a_day": rules.COINS_A_DAY,
    }
    return render(request, "market/machines/machine.html", shown, status=problem.status if problem else 200)


@require_POST
@signed_in
def buy(request: HttpRequest, place: UUID) -> HttpResponse:
    """Reserves what the form names, and goes to the page where one sees it come."""
    actor, view = actor_of_request(request), queries.at(place)
    try:
        line = TakeDraft(
            slot=request.POST.get("slot", ""), quantity=_number(request, "quantity"), price=_number(request, "price")
        )
        made = vending.reserve(actor, id=_id(request), machine=view.device, lines=[line])
    except Problem as problem:
        return _machine(request, place, problem)
    return redirect("market:machine-purchase", id=made.id)


@require_safe
@signed_in
def purchase(request: HttpRequest, id: UUID) -> HttpResponse:
    """A purchase while it happens; to htmx its state alone."""
    found = users.purchase(actor_of_request(request), id)
    shown = {"field": FIELD, "purchase": found, "machine": queries.at(found.place)}
    partial = request.headers.get("HX-Request") == "true"
    return render(request, f"market/machines/{'purchase_state' if partial else 'purchase'}.html", shown)


@require_safe
@signed_in
def entry(request: HttpRequest, place: UUID) -> HttpResponse:
    """The pass as a QR code, renewed while it is shown, until the gate has opened; then how the visit stands."""
    actor, view = actor_of_request(request), queries.at(place)
    visit = users.visit_at(actor.party, place)
    shown: dict[str, Any] = {"field": FIELD, "machine": view, "visit": visit, "hold": rules.ENTRY_HOLD}
    inside = visit is not None and visit.state == "open"
    status = 200
    if not inside:
        throttle("machine-pass", str(actor.party), 60, 60)
        try:
            shown["code"] = _qr(passes.issue(actor, place=place))
        except Problem as problem:
            shown["problem"], status = said(problem), problem.status
    if request.headers.get("HX-Request") == "true":
        return render(request, "market/machines/entry_state.html", shown)
    return render(request, "market/machines/entry.html", shown, status=status)


@require_POST
@signed_in
def contest(request: HttpRequest, order: UUID) -> HttpResponse:
    """The buyer contests a line of what was charged; back to the order."""
    actor = actor_of_request(request)
    try:
        disputes.contest(
            actor,
            id=_id(request),
            order=order,
            line=_number(request, "line"),
            quantity=_number(request, "quantity"),
            reason=request.POST.get("reason", ""),
        )
        messages.success(request, _("The seller will look at it and answer."))
    except Problem as problem:
        messages.error(request, said(problem))
    return redirect("market:machine-contest", order=order)


@require_safe
@signed_in
def contest_page(request: HttpRequest, order: UUID) -> HttpResponse:
    """What was charged at a machine, and the way to say that it is wrong."""
    actor = actor_of_request(request)
    shown = {"field": FIELD, "charged": users.charged(actor, order), "fresh": ids.uuid7()}
    return render(request, "market/machines/contest.html", shown)


@require_safe
@signed_in
def coins(request: HttpRequest) -> HttpResponse:
    """Recycling coins and what they came from."""
    actor = actor_of_request(request)
    found = users.weighings_of(actor.party, cursor=request.GET.get("cursor", ""))
    rows = [(row, MATERIALS[row.material]) for row in found.items]
    shown = {"field": FIELD, "coins": users.coins_of(actor.party), "rows": rows, "next": found.next}
    return render(request, "market/machines/coins.html", shown)


def _qr(text: str) -> SafeString:
    """As inline SVG; its text holds nothing but what segno drew."""
    drawn = segno.make(text, error="m").svg_inline(scale=6, border=2, dark="#000", light="#fff", omitsize=True)
    return mark_safe(drawn)  # noqa: S308


def _id(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("id", ""))
    except ValueError:
        return ids.uuid7()


def _number(request: HttpRequest, name: str) -> int:
    given = request.POST.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= _DIGITS_MAX else -1
