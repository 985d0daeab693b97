"""What every page of the back office shares: who may open it, its tabs, and how a form's outcome is told."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from lilong.fields.market.field import FIELD
from lilong.fields.market.pages.seller.words import said
from lilong.fields.market.queries import places
from lilong.fields.market.queries.places import PlaceView
from lilong.fields.market.rules import roles
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Missing, Problem, Violation, invalid
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.http import actor_of_request, member_of, signed_in

ANY = tuple(dict.fromkeys((*roles.STOCK, *roles.PAPERS)))
_TABS = (
    (_("Overview"), "seller", roles.PAPERS),
    (_("Orders"), "seller-orders", ANY),
    (_("Picking"), "seller-picking", roles.STOCK),
    (_("Stock"), "seller-stock", ANY),
    (_("Products"), "seller-products", roles.PAPERS),
    (_("Tables"), "seller-imports", roles.STOCK),
    (_("Windows"), "seller-windows", roles.RANGE),
    (_("Returns"), "seller-returns", roles.PAPERS),
    (_("Reviews"), "seller-reviews", roles.PAPERS),
    (_("Recalls"), "seller-recalls", roles.PAPERS),
)


def frame(request: HttpRequest, organisation: UUID) -> dict[str, Any]:
    """What the frame of a page shows: the firm, the tabs of the reader's roles, and what he may do."""
    actor = actor_of_request(request)
    at = {"organisation": organisation}
    tabs = [
        (label, reverse(f"market:{name}", kwargs=at))
        for label, name, who in _TABS
        if actor.acts_for(organisation, *who)
    ]
    return {
        "field": FIELD,
        "organisation": organisation,
        "firm": parties.party(organisation),
        "tabs": tabs,
        "may_range": actor.acts_for(organisation, *roles.RANGE),
        "may_stock": actor.acts_for(organisation, *roles.STOCK),
        "may_recall": actor.acts_for(organisation, *roles.RECALL),
        "reader": actor.party,
    }


def page(request: HttpRequest, organisation: UUID, template: str, *, status: int = 200, **more: Any) -> HttpResponse:
    return render(request, f"market/seller/{template}.html", frame(request, organisation) | more, status=status)


def act(request: HttpRequest, run: Callable[[], Any], done: Any) -> bool:
    """Runs a write and tells the reader what became of it."""
    try:
        run()
    except Problem as problem:
        messages.error(request, said(problem))
        return False
    if done:
        messages.success(request, done)
    return True


def place_of(request: HttpRequest, organisation: UUID) -> tuple[list[PlaceView], PlaceView | None]:
    """The firm's places, and the one asked for by `?place=`."""
    mine = places.places_of(organisation)
    return mine, next((each for each in mine if str(each.id) == request.GET.get("place", "")), None)


def uuid_of(text: str | None, pointer: str) -> UUID:
    """An id out of a form. Raises Invalid."""
    try:
        return UUID(text or "")
    except ValueError:
        raise invalid(pointer, "uuid") from None


def whole(text: str | None, pointer: str) -> int:
    """A whole number out of a form. Raises Invalid."""
    text = (text or "").strip()
    if not (
        text.removeprefix("-").isascii() and text.removeprefix("-").isdigit() and len(text) <= len("-1000000000000")
    ):
        raise invalid(pointer, "whole-units")
    return int(text)


def day_of(text: str | None, pointer: str) -> date:
    """A date out of a form. Raises Invalid."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        raise invalid(pointer, "date") from None


def yuan(text: str | None, pointer: str) -> int:
    """An amount in yuan as fen: '12.9' is 1290. Raises Invalid."""
    major, _dot, minor = (text or "").strip().partition(".")
    digits = major + minor
    if not (
        major and digits.isascii() and digits.isdigit() and len(minor) <= len("00") and len(major) <= len("100000000")
    ):
        raise invalid(pointer, "price")
    return int(major + minor.ljust(2, "0"))


def days_ago(days: int) -> date:
    return clock.today() - timedelta(days=days)


@require_safe
@signed_in
def door(request: HttpRequest) -> HttpResponse:
    """The firms that the reader works for; straight in where there is but one."""
    actor = actor_of_request(request)
    mine = [(firm, held) for firm, held in parties.organisations_of(actor.party) if actor.acts_for(firm.id, *ANY)]
    if len(mine) == 1:
        return redirect(home_of(request, mine[0][0].id))
    return render(request, "market/seller/door.html", {"field": FIELD, "firms": mine})


def chosen(steps: Mapping[str, tuple[Callable[[], Any], Any]], what: str) -> tuple[Callable[[], Any], Any]:
    """The step that an address names, with what to say when it is done. Raises Missing."""
    if what not in steps:
        raise Missing("no-such-step", violations=[Violation(pointer="/step", rule="known")])
    return steps[what]


@require_safe
@member_of(*ANY)
def enter(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """To the first page that the reader's roles open."""
    return redirect(home_of(request, organisation))


def home_of(request: HttpRequest, organisation: UUID) -> str:
    """The first page that the reader's roles open."""
    return str(frame(request, organisation)["tabs"][0][1])
