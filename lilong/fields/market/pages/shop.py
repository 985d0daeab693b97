"""The shop: shelves, search, where to deliver to."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from lilong.fields.market.field import FIELD
from lilong.fields.market.pages import visit as visits
from lilong.fields.market.pages.said import said
from lilong.fields.market.queries import baskets, shop
from lilong.fields.market.rules.categories import CATEGORIES
from lilong.kernel.base.districts import DISTRICTS
from lilong.kernel.base.problems import Invalid

SORTS = (
    ("", _("Best match")),
    ("newest", _("Newest first")),
    ("price", _("Cheapest first")),
    ("-price", _("Dearest first")),
)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The shop's front, a search, or a shelf; to htmx the next cards alone."""
    found = visits.visit(request)
    asked = _asked(request)
    try:
        shelf = shop.shelf(place=found.place_id, cursor=request.GET.get("cursor", ""), **asked)
    except Invalid as problem:
        return render(request, "market/shop/home.html", _page(found) | {"problem": said(problem)}, status=422)
    searching = any(asked[name] for name in ("text", "category"))
    page = _page(found) | {"shelf": shelf, "more": _more(request, shelf.next), "asked": asked, "searching": searching}
    if request.headers.get("HX-Request") == "true" and request.GET.get("cursor"):
        return render(request, "market/shop/cards.html", page)
    plain = not (searching or asked["sort"] or asked["available_only"] or request.GET.get("cursor"))
    page |= {
        "category": CATEGORIES.get(asked["category"]),
        "sorts": SORTS,
        "bestsellers": shop.bestsellers(found.place_id) if plain else [],
    }
    return render(request, "market/shop/home.html", page)


@require_POST
def choose_place(request: HttpRequest) -> HttpResponse:
    """Remembers district and warehouse, and goes back to where the reader was."""
    visits.choose(request, request.POST.get("district", ""), request.POST.get("place", ""))
    return redirect(back(request))


def back(request: HttpRequest, other: str = "market:home") -> str:
    """The page named by `next`, if it is one of ours."""
    asked = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure()):
        return asked
    return reverse(other)


def common(found: visits.Visit) -> dict[str, Any]:
    """What every page of the shop shows: where to deliver to, and how much is in the basket."""
    return {
        "field": FIELD,
        "visit": found,
        "districts": DISTRICTS,
        "in_basket": baskets.quantities(found.basket),
    }


def _page(found: visits.Visit) -> dict[str, Any]:
    return common(found) | {"shelves": list(CATEGORIES.values())}


def _asked(request: HttpRequest) -> dict[str, Any]:
    category = request.GET.get("category", "")
    return {
        "text": request.GET.get("q", "").strip(),
        "category": category if category in CATEGORIES else "",
        "sort": request.GET.get("sort", ""),
        "available_only": request.GET.get("available", "") == "1",
    }


def _more(request: HttpRequest, cursor: str) -> str:
    if not cursor:
        return ""
    query = request.GET.copy()
    query["cursor"] = cursor
    return f"?{query.urlencode()}"
