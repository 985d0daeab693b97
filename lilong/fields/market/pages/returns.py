"""Asking to give goods back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lilong.fields.market.pages import visit as visits
from lilong.fields.market.pages.said import said
from lilong.fields.market.pages.shop import common
from lilong.fields.market.queries import returns as queries
from lilong.fields.market.rules import returns as rules
from lilong.fields.market.services import returns as services
from lilong.fields.market.templatetags.market import RETURN_REASONS
from lilong.kernel.base import ids
from lilong.kernel.base.problems import Missing, Problem, Violation, invalid
from lilong.kernel.base.words import Words
from lilong.kernel.orders import queries as orders
from lilong.kernel.parties.http import actor_of_request, signed_in


@require_http_methods(["GET", "POST"])
@signed_in
def ask(request: HttpRequest, id: UUID) -> HttpResponse:
    """The form, and what comes of it: one request an order at a time, within the days allowed."""
    actor = actor_of_request(request)
    view = orders.order(actor, id)
    if view.field != "market" or not actor.acts_for(view.buyer):
        raise Missing("no-such-order", violations=[Violation(pointer="/id", rule="known")])
    problem: Problem | None = None
    if request.method == "POST":
        try:
            services.ask_return(actor, order=id, **_asked(request))
        except Problem as refusal:
            problem = refusal
        else:
            messages.success(request, _("Your request is with the seller. You find the answer on this page."))
            return redirect("market:order", id=id)
    left = queries.left(view)
    page: dict[str, Any] = {
        "order": view,
        "lines": [(line, str(Words.read(line.title)), left[line.n]) for line in view.lines if line.n in left],
        "may": queries.may_ask(view),
        "days": rules.RETURN_DAYS,
        "reasons": RETURN_REASONS.items(),
        "return_id": ids.uuid7(),
        "text_max": rules.TEXT_MAX,
        "given": request.POST,
        "refusal": said(problem) if problem else "",
    }
    status = problem.status if problem else 200
    return render(request, "market/orders/return.html", common(visits.visit(request)) | page, status=status)


def _asked(request: HttpRequest) -> dict[str, Any]:
    post = request.POST
    lines = {}
    for name in post:
        if name.startswith("units_") and post[name] not in ("", "0"):
            n, units = name.removeprefix("units_"), post[name]
            if not all(part.isascii() and part.isdigit() and len(part) <= len("10000000") for part in (n, units)):
                raise invalid(f"/lines/{n}", "whole-units")
            lines[int(n)] = int(units)
    try:
        id = UUID(post.get("id", ""))
    except ValueError:
        raise invalid("/id", "uuid") from None
    return {"id": id, "lines": lines, "reason": post.get("reason", ""), "text": post.get("text", "").strip()}
