"""The basket: looked at, put into, taken from."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lilong.fields.market.pages import visit as visits
from lilong.fields.market.pages.said import said
from lilong.fields.market.pages.shop import back, common
from lilong.fields.market.queries import baskets as queries
from lilong.fields.market.queries import products
from lilong.fields.market.services import baskets as services
from lilong.kernel.base.problems import Problem, invalid


@require_safe
def basket(request: HttpRequest) -> HttpResponse:
    found = visits.visit(request)
    view = queries.basket(found.basket, place=found.place_id)
    return render(request, "market/shop/basket.html", common(found) | {"basket": view})


@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """Sets a line (`line`: '<offer>:<quantity>') or puts more of an offer in (`offer`, `quantity`). htmx gets the
    product's buttons back, a browser the page it came from."""
    found = visits.visit(request)
    problem, offer = None, _offer(request)
    try:
        own = visits.own_basket(request, found)
        if "line" in request.POST:
            services.set_line(
                found.actor, basket=own, offer=offer, quantity=_quantity(request.POST["line"].split(":")[1])
            )
        else:
            quantity = _quantity(request.POST.get("quantity", ""))
            services.add(found.actor, basket=own, offer=offer, quantity=quantity)
    except Problem as refusal:
        problem = refusal
    if request.headers.get("HX-Request") == "true":
        return _buttons(request, offer, problem)
    if problem is not None:
        messages.error(request, said(problem))
    elif "line" not in request.POST:
        messages.success(request, _("It is in your basket."))
    return redirect(back(request, "market:basket"))


def _buttons(request: HttpRequest, offer: UUID, problem: Problem | None) -> HttpResponse:
    found = visits.visit(request)
    product = products.products_by_offer([offer]).get(offer)
    if product is None:
        raise problem or invalid("/offer", "unknown-offer", offer)
    page = common(found) | {"product": product, "refusal": said(problem) if problem else "", "partial": True}
    return render(request, "market/shop/buy.html", page)


def _offer(request: HttpRequest) -> UUID:
    given = request.POST.get("line", "").partition(":")[0] or request.POST.get("offer", "")
    try:
        return UUID(given)
    except ValueError:
        raise invalid("/offer", "uuid") from None


def _quantity(text: str) -> int:
    """Whole pieces or grams: '1.5', '-1' and words are refused, not rounded."""
    if not (text.isascii() and text.isdigit() and len(text) <= len("10000000")):
        raise invalid("/quantity", "whole-units")
    return int(text)
