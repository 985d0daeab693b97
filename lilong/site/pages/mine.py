"""What is mine: the hub, my orders, one of them, my wallet."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lilong.kernel.base import ids
from lilong.kernel.base.problems import Forbidden, Invalid, Problem, invalid
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.ledger import services as ledger_services
from lilong.kernel.orders import queries as orders
from lilong.kernel.orders import services as order_services
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.actor import SYSTEM
from lilong.kernel.parties.http import actor_of_request, signed_in, throttle
from lilong.site import statement, tracking
from lilong.site.demo_mark import is_demo_city
from lilong.site.registry import doors
from lilong.ui import links

HUB_ORDERS = 5
TOP_UPS = (100, 500, 2000)  # yuan
TOP_UP_MAX = 5000
_TOP_UPS_AN_HOUR, _HOUR = 20, 3600
YUAN = 100
STATES = ("placed", "completed", "cancelled", "refunded", "part-refunded")


@require_GET
@signed_in
def hub(request: HttpRequest) -> HttpResponse:
    actor = actor_of_request(request)
    return render(
        request,
        "site/me.html",
        {
            "orders": tracking.rows(orders.orders_of(actor.party, size=HUB_ORDERS).items),
            "wallet": ledger.wallet_of(actor.party),
            "organisations": parties.organisations_of(actor.party),
            "pages": [link for link in links.links(links.MY_PAGES) if link.href != request.path],
            "doors": [door for door in doors() if door.open],
        },
    )


@require_GET
@signed_in
def my_orders(request: HttpRequest) -> HttpResponse:
    actor = actor_of_request(request)
    state, field = request.GET.get("state", ""), request.GET.get("field", "")
    found = orders.orders_of(actor.party, state=state, field=field, cursor=request.GET.get("cursor", ""))
    return render(
        request,
        "site/orders.html",
        {"orders": tracking.rows(found.items), "next": found.next, "states": STATES, "state": state, "doors": doors()},
    )


@require_GET
@signed_in
def my_order(request: HttpRequest, id: UUID) -> HttpResponse:
    order = orders.order(actor_of_request(request), id)
    return render(
        request,
        "site/order.html",
        {
            "order": order,
            "row": tracking.rows([order])[0],
            "steps": tracking.steps(order),
            "seller": parties.parties([order.seller]).get(order.seller),
            "at_the_door": links.found(f"{order.field}:order", order.id),
            "may_cancel": order.state == "placed",
        },
    )


@require_POST
@signed_in
def cancel(request: HttpRequest, id: UUID) -> HttpResponse:
    order_services.cancel(actor_of_request(request), id=id, reason=request.POST.get("reason", ""))
    messages.success(request, _("The order is cancelled. What was held or paid is back in the wallet."))
    return redirect("my-order", id=id)


@require_http_methods(["GET", "POST"])
@signed_in
def wallet(request: HttpRequest) -> HttpResponse:
    actor = actor_of_request(request)
    problem = _topped_up(request) if request.method == "POST" else None
    if request.method == "POST" and problem is None:
        return redirect("my-wallet")
    account = ledger.wallet_of(actor.party)
    found = ledger.statement(account.id, cursor=request.GET.get("cursor", "")) if account else None
    return render(
        request,
        "site/wallet.html",
        {
            "wallet": account,
            "table": statement.table(found.items) if found and found.items else None,
            "next": found.next if found else "",
            "may_top_up": is_demo_city(),
            "top_ups": TOP_UPS,
            "top_up_max": TOP_UP_MAX,
            "top_up_id": ids.uuid7(),
            "problem": problem,
        },
        status=problem.status if problem else 200,
    )


def _topped_up(request: HttpRequest) -> Problem | None:
    """Play money of the demo city, once for each form shown; what was wrong with the request, if anything."""
    if not is_demo_city():
        raise Forbidden("not-a-demo-city", _("Only a demo city gives money away."))
    actor = actor_of_request(request)
    throttle("top-up", str(actor.party), _TOP_UPS_AN_HOUR, _HOUR)
    try:
        amount, id = _asked(request)
        ledger_services.top_up(SYSTEM, id=id, owner=actor.party, amount=amount)
    except Invalid as problem:
        return problem
    messages.success(request, _("Your wallet is topped up."))
    return None


def _asked(request: HttpRequest) -> tuple[int, UUID]:
    yuan = request.POST.get("yuan", "")
    if not (yuan.isascii() and yuan.isdigit() and len(yuan) <= len(str(TOP_UP_MAX)) and 0 < int(yuan) <= TOP_UP_MAX):
        raise invalid("/yuan", "range", f"1..{TOP_UP_MAX}")
    try:
        given = UUID(request.POST.get("id", ""))
    except ValueError:
        raise invalid("/id", "uuid") from None
    return int(yuan) * YUAN, ids.named("site.top-up", actor_of_request(request).party, given)
