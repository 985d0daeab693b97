"""Broadcast sales: what comes, what is on, what was; and one sale, bought at the counter."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lilong.fields.market.field import FIELD
from lilong.fields.market.pages.products import embedded
from lilong.fields.market.pages.reader import reader
from lilong.fields.market.pages.said import said
from lilong.fields.market.queries import broadcasts as queries
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Problem

_NO_ORDER = UUID(int=0)
_TOLD = ("over-limit", "offer-closed", "not-yet-released", "id-taken")


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """The three lists; 'ended' is paged."""
    ended = queries.listed("ended", cursor=request.GET.get("cursor", ""))
    shown = {
        "field": FIELD,
        "on": queries.listed("now").items,
        "coming": queries.listed("coming").items,
        "ended": ended.items,
        "next": ended.next,
        "now": clock.now(),
    }
    return render(request, "market/broadcasts/list.html", shown)


@require_safe
def sale(request: HttpRequest, id: UUID) -> HttpResponse:
    """One sale: countdown, what is left, and the button that buys."""
    shown = {
        "field": FIELD,
        "sale": queries.one(id),
        "left": queries.remaining(id),
        "actor": reader(request),
        "texts": embedded(_texts()),
        "orders": reverse("market:order", kwargs={"id": _NO_ORDER}),
        "remaining_url": f"/api/market/broadcasts/{id}/remaining",
    }
    return render(request, "market/broadcasts/sale.html", shown)


def _texts() -> dict[str, str]:
    """What the page's script may have to say, in the reader's language."""
    told = {code: said(Problem(code)) for code in _TOLD}
    return told | {
        "sold-out": _("Sold out. Somebody was quicker."),
        "price-changed": _("The price has changed. Please load the page again."),
        "insufficient-funds": _("There is not enough in your wallet."),
        "invalid": _("Please choose how many."),
        "trying": _("Ordering…"),
        "bought": _("It is yours."),
        "see-order": _("See the order"),
        "again": _("No answer yet. Press again: it will not be bought twice."),
    }
