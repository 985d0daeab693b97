"""A product's reviews: read by all, written by its buyers."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from lilong.fields.market.pages import visit as visits
from lilong.fields.market.pages.said import said
from lilong.fields.market.pages.shop import common
from lilong.fields.market.queries import products
from lilong.fields.market.queries import reviews as queries
from lilong.fields.market.rules.reviews import STARS, TEXT_MAX
from lilong.fields.market.services import reviews as services
from lilong.kernel.base import ids
from lilong.kernel.base.problems import Problem
from lilong.kernel.parties.http import actor_of_request, signed_in

REPORT_REASONS = (
    ("abuse", gettext_lazy("It insults somebody")),
    ("untrue", gettext_lazy("It is not true")),
    ("advert", gettext_lazy("It is an advertisement")),
    ("private", gettext_lazy("It names private matters")),
)


@require_http_methods(["GET", "HEAD", "POST"])
def reviews(request: HttpRequest, id: UUID) -> HttpResponse:
    """All reviews of a product; a post writes the reader's own."""
    problem: Problem | None = None
    if request.method == "POST":
        actor = actor_of_request(request)
        stars, text = request.POST.get("stars", ""), request.POST.get("text", "").strip()
        try:
            number = int(stars) if stars in [str(each) for each in STARS] else 0
            services.write_review(actor, id=ids.uuid7(), product=id, stars=number, text=text)
        except Problem as refusal:
            problem = refusal
        else:
            messages.success(request, _("Thank you. Your review is shown to everybody."))
            return redirect("market:reviews", id=id)
    found = visits.visit(request)
    actor_now = found.actor
    shown = request.GET.get("stars", "")
    stars_only = int(shown) if shown in [str(each) for each in STARS] else 0
    page: dict[str, Any] = {
        "product": products.product(id, actor=actor_now),
        "summary": queries.summary(id),
        "reviews": queries.reviews_of(id, reader=actor_now, stars=stars_only, cursor=request.GET.get("cursor", "")),
        "stars_only": stars_only,
        "may_review": actor_now is not None and queries.may_review(actor_now.party, id),
        "own": queries.mine(actor_now.party, id) if actor_now else None,
        "stars": STARS,
        "text_max": TEXT_MAX,
        "report_reasons": REPORT_REASONS,
        "refusal": said(problem) if problem else "",
    }
    return render(request, "market/shop/reviews.html", common(found) | page, status=problem.status if problem else 200)


@require_POST
@signed_in
def report(request: HttpRequest, id: UUID) -> HttpResponse:
    """Tells the operators of a review."""
    product = queries.product_of(id)
    services.report_review(actor_of_request(request), id=id, reason=request.POST.get("reason", ""))
    messages.success(request, _("Thank you. The city's operators will look at it."))
    return redirect("market:reviews", id=product)
