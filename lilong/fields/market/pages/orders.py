"""A buyer's market orders: the list, one with its tracking, and what he can do about it."""

from typing import Any
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from lilong.fields.market.field import FIELD
from lilong.fields.market.pages import visit as visits
from lilong.fields.market.pages.said import said
from lilong.fields.market.pages.shop import common
from lilong.fields.market.queries import invoices, places, products, recalls, returns, wishes
from lilong.fields.market.services import baskets
from lilong.fields.market.services.invoices import read_invoice
from lilong.fields.market.standard import ubl
from lilong.kernel.base.money import price_of
from lilong.kernel.base.problems import Missing, Problem, Violation
from lilong.kernel.base.words import Words
from lilong.kernel.calendar import queries as calendar
from lilong.kernel.events import queries as events
from lilong.kernel.orders import queries
from lilong.kernel.orders import services as order_services
from lilong.kernel.orders.drafts import OrderView
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.http import actor_of_request, signed_in
from lilong.ui import shown

EVENTS_READ = 100
STATES = ("placed", "completed", "cancelled", "part-refunded", "refunded")
WISHES = {
    "match": gettext_lazy("Something like it"),
    "ask": gettext_lazy("Ask me"),
    "refund": gettext_lazy("Money back"),
}
_STEPS = {
    "orders.placed": (gettext_lazy("Placed"), "done"),
    "orders.amended": (gettext_lazy("Something was replaced"), "done"),
    "market.order.picking": (gettext_lazy("Being picked"), "done"),
    "market.order.packed": (gettext_lazy("Packed"), "done"),
    "market.order.dispatched": (gettext_lazy("On the way"), "done"),
    "market.order.delivered": (gettext_lazy("Delivered"), "done"),
    "market.order.failed": (gettext_lazy("Could not be delivered"), "failed"),
    "market.order.lost": (gettext_lazy("Lost on the way"), "failed"),
    "orders.completed": (gettext_lazy("Handed over and paid"), "done"),
    "orders.cancelled": (gettext_lazy("Cancelled"), "failed"),
    "market.return.asked": (gettext_lazy("Return asked for"), "done"),
    "market.return.approved": (gettext_lazy("Return agreed"), "done"),
    "market.return.refused": (gettext_lazy("Return refused"), "failed"),
    "orders.refunded": (gettext_lazy("Refunded"), "done"),
}
_AHEAD = ("market.order.packed", "market.order.dispatched", "orders.completed")


class Step(msgspec.Struct, frozen=True):
    label: Any
    mark: str
    at: Any = None
    note: Any = ""


@require_safe
@signed_in
def mine(request: HttpRequest) -> HttpResponse:
    """The reader's market orders, newest first."""
    actor = actor_of_request(request)
    state = request.GET.get("state", "")
    found = queries.orders_of(actor.party, field="market", state=state, cursor=request.GET.get("cursor", ""))
    known = products.products_by_offer({line.offer for order in found.items for line in order.lines})
    page = {"orders": found.items, "next": found.next, "known": known, "states": STATES, "state": state}
    return render(request, "market/orders/list.html", _common(request) | page)


@require_safe
@signed_in
def order(request: HttpRequest, id: UUID) -> HttpResponse:
    """One order: where it is, what was picked, weighed and replaced, its papers, and what can be done now."""
    actor = actor_of_request(request)
    view = _market_order(request, id)
    asked = returns.of_order(id)
    page = {
        "order": view,
        "lines": _lines(view),
        "steps": _steps(view),
        "seller": parties.parties([view.seller]).get(view.seller),
        "place": places.places([view.place] if view.place else []).get(view.place) if view.place else None,
        "booking": next((each for each in calendar.bookings_of(id) if each.id == view.booking), None),
        "invoices": invoices.of_order(actor, id),
        "recalls": recalls.for_buyer(view.buyer, [id]),
        "returns": asked,
        "own": actor.acts_for(view.buyer),
        "may_return": actor.acts_for(view.buyer) and returns.may_ask(view),
    }
    return render(request, "market/orders/order.html", _common(request) | page)


@require_POST
@signed_in
def cancel(request: HttpRequest, id: UUID) -> HttpResponse:
    _market_order(request, id)
    try:
        order_services.cancel(actor_of_request(request), id=id, reason=request.POST.get("reason", ""))
    except Problem as problem:
        messages.error(request, said(problem))
    else:
        messages.success(request, _("The order is cancelled. What was held or paid is back in the wallet."))
    return redirect("market:order", id=id)


@require_POST
@signed_in
def reorder(request: HttpRequest, id: UUID) -> HttpResponse:
    """The same goods into the basket once more; says what is gone."""
    found = visits.visit(request)
    assert found.actor is not None
    done = baskets.reorder(found.actor, order=id, basket=visits.own_basket(request, found))
    if done.added:
        messages.success(request, _("In your basket: %(names)s") % {"names": _(", ").join(done.added)})
    if done.gone:
        messages.warning(request, _("No longer sold: %(names)s") % {"names": _(", ").join(done.gone)})
    return redirect("market:basket")


@require_safe
@signed_in
def invoice(request: HttpRequest, id: UUID, invoice: UUID) -> HttpResponse:
    """An invoice of the order as UBL 2.1, to keep."""
    found = read_invoice(actor_of_request(request), invoice)
    if found.order != id:
        raise Missing("no-such-invoice", violations=[Violation(pointer="/id", rule="known")])
    response = HttpResponse(found.document, content_type=f"{ubl.CONTENT_TYPE}; charset=utf-8")
    kind = "credit-note" if found.refund else "invoice"
    response["Content-Disposition"] = f'attachment; filename="{kind}-{found.number}.xml"'
    return response


def _market_order(request: HttpRequest, id: UUID) -> OrderView:
    view = queries.order(actor_of_request(request), id)
    if view.field != FIELD.code:
        raise Missing("no-such-order", violations=[Violation(pointer="/id", rule="known")])
    return view


def _common(request: HttpRequest) -> dict[str, Any]:
    return common(visits.visit(request))


def _lines(view: OrderView) -> list[dict[str, Any]]:
    """Each line with its product, its wish in words, the title of what it replaces, and what the scale changed."""
    known = products.products_by_offer({line.offer for line in view.lines})
    wanted = wishes.of_order(view.id)
    titles = {line.n: str(Words.read(line.title)) for line in view.lines}
    return [
        {
            "line": line,
            "product": known.get(line.offer),
            "title": titles[line.n],
            "wish": WISHES.get(wanted.get(line.n, ""), "") if view.state == "placed" else "",
            "instead_of": titles.get(line.replaces, "") if line.replaces is not None else "",
            "replaced": line.actual == 0 and any(other.replaces == line.n for other in view.lines),
            "weighed": line.unit == "g" and line.actual not in (None, 0, line.quantity),
            "paid": shown.amount(_paid(line), view.currency),
        }
        for line in view.lines
    ]


def _paid(line: Any) -> int:
    handed = line.quantity if line.actual is None else line.actual
    return price_of(handed, line.price, line.per)


def _steps(view: OrderView) -> list[Step]:
    found = [
        Step(*_STEPS[event.type], at=event.at)
        for event in events.history(view.id, size=EVENTS_READ).items
        if event.type in _STEPS
    ]
    if view.state != "placed":
        return found
    happened = {step.label for step in found}
    ahead = [_STEPS[name][0] for name in _AHEAD if _STEPS[name][0] not in happened]
    packed = _STEPS[_AHEAD[0]][0] in happened
    now = [] if packed else [Step(gettext_lazy("Being prepared"), "current")]
    coming = [Step(label, "current" if packed and n == 0 else "todo") for n, label in enumerate(ahead)]
    return found + now + coming
