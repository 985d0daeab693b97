"""Buying in groups: offers, a group with its seats and its share link."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lilong.fields.market.drafts import JoinDraft
from lilong.fields.market.pages import visit as visits
from lilong.fields.market.pages.reader import reader
from lilong.fields.market.pages.said import said
from lilong.fields.market.pages.shop import common
from lilong.fields.market.queries import groups as queries
from lilong.fields.market.services import groups as services
from lilong.kernel.base import ids
from lilong.kernel.base.problems import Problem, invalid
from lilong.kernel.parties.http import actor_of_request, signed_in

_DIGITS_MAX = 8


@require_safe
def offers(request: HttpRequest) -> HttpResponse:
    """What can be bought together, and the reader's own groups."""
    found = visits.visit(request)
    shelf = queries.group_offers(cursor=request.GET.get("cursor", ""))
    mine = queries.groups_of(found.actor, size=6).items if found.actor else []
    shown = common(found) | {"offers": [each for each in shelf.items if each.open], "next": shelf.next, "mine": mine}
    return render(request, "market/groups/offers.html", shown)


@require_safe
def offer(request: HttpRequest, id: UUID) -> HttpResponse:
    """One offer: its open groups, and opening another."""
    found = visits.visit(request)
    shown = common(found) | {
        "offer": queries.group_offer(id),
        "groups": queries.open_groups(id, actor=found.actor),
        "order_id": ids.uuid7(),
        "group_id": ids.uuid7(),
    }
    return render(request, "market/groups/offer.html", shown)


@require_safe
def group(request: HttpRequest, id: UUID) -> HttpResponse:
    """One group, for whoever has its link."""
    found = visits.visit(request)
    view = queries.group(id, actor=found.actor)
    shown = common(found) | {
        "group": view,
        "offer": view.offer,
        "seats": [n < view.members for n in range(min(view.size, 50))],
        "link": request.build_absolute_uri(reverse("market:group", kwargs={"id": id})),
        "order_id": ids.uuid7(),
    }
    return render(request, "market/groups/group.html", shown)


@require_POST
@signed_in
def open_group(request: HttpRequest, id: UUID) -> HttpResponse:
    """Opens the group the form was made for; sent twice it is opened once."""
    actor = actor_of_request(request)
    try:
        draft = _draft(request, _uuid(request, "group"))
        view, _placed = services.open_group(actor, offer=id, draft=draft)
    except Problem as problem:
        messages.error(request, said(problem))
        return redirect("market:group-offer", id=id)
    messages.success(request, _("Your group is open. Share the link with others."))
    return redirect("market:group", id=view.id)


@require_POST
@signed_in
def join(request: HttpRequest, id: UUID) -> HttpResponse:
    try:
        view, _placed = services.join(actor_of_request(request), _draft(request, id))
    except Problem as problem:
        messages.error(request, said(problem))
        return redirect("market:group", id=id)
    if view.members == view.size:
        messages.success(request, _("You are in, and the group is complete."))
    else:
        messages.success(request, _("You are in. The money is held until the group is complete."))
    return redirect("market:group", id=id)


@require_POST
@signed_in
def leave(request: HttpRequest, id: UUID) -> HttpResponse:
    actor = reader(request)
    seat = queries.group(id, actor=actor).order
    try:
        if actor is not None and seat is not None:
            services.leave(actor, order=seat)
            messages.success(request, _("You have left. The money is in your wallet again."))
    except Problem as problem:
        messages.error(request, said(problem))
    return redirect("market:group", id=id)


def _draft(request: HttpRequest, group: UUID) -> JoinDraft:
    return JoinDraft(
        order=_uuid(request, "order"),
        group=group,
        quantity=_number(request, "quantity"),
        price=_number(request, "price"),
        place=_uuid(request, "place"),
    )


def _uuid(request: HttpRequest, name: str) -> UUID:
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        raise invalid(f"/{name}", "required") from None


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX):
        raise invalid(f"/{name}", "range")
    return int(text)
