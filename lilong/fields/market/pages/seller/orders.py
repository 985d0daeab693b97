"""The seller's orders: list, export, one with all that can be done about it."""

import csv
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lilong.fields.market.pages.seller import frame
from lilong.fields.market.pages.seller.words import STEPS
from lilong.fields.market.queries import fulfilment, invoices, places, products, returns
from lilong.fields.market.services import fulfilment as services
from lilong.fields.market.services import invoices as invoice_services
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.events import queries as events
from lilong.kernel.orders import queries
from lilong.kernel.orders.drafts import OrderView
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.http import actor_of_request, member_of

STATES = ("placed", "completed", "cancelled", "part-refunded", "refunded")
EXPORT_MAX = 5000


@require_safe
@member_of(*frame.ANY)
def orders(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Orders, newest first, narrowed down by state, place and day; a full order number leads straight to it."""
    asked = request.GET.get("q", "").strip()
    if asked:
        try:
            return redirect("market:seller-order", organisation=organisation, id=UUID(asked))
        except ValueError:
            messages.error(request, _("Please give the whole order number."))
    given = _asked(request, organisation)
    found = queries.orders_for(organisation, field="market", cursor=request.GET.get("cursor", ""), **given["filter"])
    ways = fulfilment.ways(found.items)
    rows = [(view, ways[view.id], STEPS[ways[view.id].state]) for view in found.items]
    known = places.places({view.place for view in found.items if view.place})
    more = {"rows": rows, "next": found.next, "known": known, "states": STATES} | given["shown"]
    return frame.page(request, organisation, "orders", **more)


def _asked(request: HttpRequest, organisation: UUID) -> dict[str, Any]:
    mine, place = frame.place_of(request, organisation)
    state = request.GET.get("state", "")
    wanted: dict[str, Any] = {"state": state if state in STATES else "", "place": place.id if place else None}
    shown = {"places": mine, "place": place, "state": wanted["state"], "day": ""}
    if request.GET.get("day"):
        day = frame.day_of(request.GET["day"], "/day")
        start = datetime.combine(day, time(), clock.CITY_ZONE)
        wanted |= {"since": start, "until": start + timedelta(days=1)}
        shown["day"] = day.isoformat()
    return {"filter": wanted, "shown": shown}


@require_safe
@member_of(*frame.ANY)
def export(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """The same orders as a table (CSV, UTF-8), at most 5000; money in yuan."""
    given = _asked(request, organisation)["filter"]
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="orders.csv"'
    answer.write("\ufeff")
    table = csv.writer(answer)
    table.writerow(
        ["order", "placed_at", "state", "channel", "place", "lines", "total", "captured", "refunded", "currency"]
    )
    cursor, written = "", 0
    while written < EXPORT_MAX:
        found = queries.orders_for(organisation, field="market", cursor=cursor, size=100, **given)
        for view in found.items:
            table.writerow(_exported(view))
        written += len(found.items)
        cursor = found.next
        if not cursor:
            break
    return answer


def _exported(view: OrderView) -> list[Any]:
    money = [f"{fen // 100}.{fen % 100:02}" for fen in (view.total, view.captured, view.refunded)]
    placed = view.placed_at.astimezone(clock.CITY_ZONE).isoformat(timespec="seconds")
    return [view.id, placed, view.state, view.channel, view.place or "", len(view.lines), *money, view.currency]


@require_safe
@member_of(*frame.ANY)
def order(request: HttpRequest, organisation: UUID, id: UUID) -> HttpResponse:
    """One order: its lines, how far it is, its papers, and what can be done now."""
    actor = actor_of_request(request)
    view = mine(request, organisation, id)
    way = fulfilment.way(view)
    known = products.products_by_offer({line.offer for line in view.lines})
    pickable = view.state == "placed" and bool(fulfilment.to_pick([view]))
    return frame.page(
        request,
        organisation,
        "order",
        order=view,
        way=way,
        step=STEPS[way.state],
        pickable=pickable,
        lines=[(line, known.get(line.offer)) for line in view.lines],
        place=places.places([view.place]).get(view.place) if view.place else None,
        district=parties.districts({view.buyer}).get(view.buyer, ""),
        picker=parties.parties([way.picker]).get(way.picker) if way.picker else None,
        history=events.history(view.id, size=50, newest_first=True).items,
        invoices=invoices.of_order(actor, id),
        returns=returns.of_order(id),
        invoice_id=ids.uuid7(),
    )


def mine(request: HttpRequest, organisation: UUID, id: UUID) -> OrderView:
    """A market order of this very firm; Missing for any other."""
    view = queries.order(actor_of_request(request), id)
    if view.seller != organisation or view.field != "market":
        raise Missing("no-such-order", violations=[Violation(pointer="/id", rule="known")])
    return view


@require_POST
@member_of(*frame.ANY)
def step(request: HttpRequest, organisation: UUID, id: UUID, what: str) -> HttpResponse:
    """One step of an order's way: start, put-back, pack, dispatch, deliver, fail, cancel, invoice."""
    mine(request, organisation, id)
    actor, reason = actor_of_request(request), request.POST.get("reason", "")
    steps = {
        "start": (lambda: services.start_picking(actor, order=id), ""),
        "put-back": (lambda: services.put_back(actor, order=id), _("The order waits again.")),
        "pack": (lambda: services.pack(actor, order=id), _("Packed.")),
        "dispatch": (lambda: services.dispatch(actor, order=id), _("On the way.")),
        "deliver": (lambda: services.deliver(actor, order=id), _("Handed over; what was picked is paid.")),
        "fail": (lambda: services.fail(actor, order=id, reason=reason), _("Noted. It can be tried again.")),
        "cancel": (
            lambda: services.cancel_order(actor, order=id, reason=reason),
            _("Cancelled; the buyer has the money back."),
        ),
        "invoice": (
            lambda: invoice_services.issue_invoice(actor, id=frame.uuid_of(request.POST.get("id"), "/id"), order=id),
            _("The invoice is issued."),
        ),
    }
    run, done = frame.chosen(steps, what)
    ok = frame.act(request, run, done)
    if (what == "start" and ok) or (what == "pack" and not ok):
        return redirect("market:seller-pick", organisation=organisation, id=id)
    return redirect("market:seller-order", organisation=organisation, id=id)
