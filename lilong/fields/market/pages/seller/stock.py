"""Stock: lots by age, goods in, moved, counted, thrown away."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lilong.fields.market.drafts import LotDraft
from lilong.fields.market.pages.seller import frame
from lilong.fields.market.pages.seller.words import WASTE
from lilong.fields.market.queries import ageing, products, stock, waste
from lilong.fields.market.rules import roles
from lilong.fields.market.services import lots
from lilong.fields.market.services import stock as services
from lilong.fields.market.services.waste import undo_waste
from lilong.kernel.base import ids
from lilong.kernel.base.problems import Missing, Problem, Violation
from lilong.kernel.parties.http import actor_of_request, member_of
from lilong.ui import charts
from lilong.ui.charts import Series

SHOWN = 40
AGES = {
    "expired": gettext_lazy("Expired"),
    "today": gettext_lazy("Last day"),
    "days-2-3": gettext_lazy("2–3 days"),
    "days-4-7": gettext_lazy("4–7 days"),
    "days-8-30": gettext_lazy("8–30 days"),
    "later": gettext_lazy("Over 30 days"),
}
KINDS = {
    "receipt": gettext_lazy("Goods in"),
    "transfer": gettext_lazy("Moved"),
    "waste": gettext_lazy("Waste"),
    "count": gettext_lazy("Counted"),
    "quarantine": gettext_lazy("Quarantine"),
}


@require_safe
@member_of(*frame.ANY)
def shelf(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Lots by days left, first to expire first, with what they are worth."""
    places, place = frame.place_of(request, organisation)
    found = ageing.aged(actor_of_request(request), organisation, place=place.id if place else None)
    age, text = request.GET.get("age", ""), request.GET.get("q", "").strip().casefold()
    ages = ageing.ages(found)
    shown = [lot for lot in found if (age not in AGES or lot.bucket == age) and _matches(lot, text)]
    cursor = request.GET.get("cursor", "")
    first = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < len("1000000") else 0
    names = [AGES[each.code] for each in ages]
    chart = charts.bars(
        _("Value of stock by days left"),
        [str(n) for n in names],
        [Series(_("List value"), [a.value for a in ages])],
        unit="money",
    )
    return frame.page(
        request,
        organisation,
        "stock",
        places=places,
        place=place,
        by_id={each.id: each for each in places},
        ages=list(zip(ages, names, strict=True)),
        age=age,
        asked=request.GET.get("q", ""),
        lots=shown[first : first + SHOWN],
        next=str(first + SHOWN) if first + SHOWN < len(shown) else "",
        value=sum(lot.value for lot in shown),
        at_risk=sum(lot.value for lot in ageing.soon(found)),
        chart=chart if found else "",
        undoable=waste.undoable(organisation)[:10],
        waste_words=WASTE,
    )


def _matches(lot: ageing.AgedLot, text: str) -> bool:
    name = lot.product.name
    return text in " ".join((name.en, name.zh, name.ko, lot.product.code, lot.product.gtin, lot.stock.code)).casefold()


@require_http_methods(["GET", "POST"])
@member_of(*roles.STOCK)
def receive(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Goods in: a lot of a product at a place."""
    actor, post = actor_of_request(request), request.POST
    problem: Problem | None = None
    if request.method == "POST":
        try:
            lots.receive_lot(actor, _delivery(post))
        except Problem as refusal:
            problem = refusal
        else:
            frame.messages.success(request, _("Taken in: it can be sold at once."))
            return redirect("market:seller-receive", organisation=organisation)
    goods = products.products_of(actor, organisation, size=100)
    rows = list(goods.items)
    while goods.next:
        goods = products.products_of(actor, organisation, size=100, cursor=goods.next)
        rows += goods.items
    mine = [row for row in rows if row.withdrawn_at is None]
    return frame.page(
        request,
        organisation,
        "receive",
        status=problem.status if problem else 200,
        goods=sorted(mine, key=lambda row: str(row.name)),
        places=frame.place_of(request, organisation)[0],
        given=post,
        id=post.get("id") if problem else ids.uuid7(),
        refusal=frame.said(problem) if problem else "",
        bad=[v.pointer for v in problem.violations] if problem else [],
        recent=stock.papers(actor, organisation, kind="receipt", size=8).items,
    )


def _delivery(post: Any) -> LotDraft:
    return LotDraft(
        id=frame.uuid_of(post.get("id"), "/id"),
        product=frame.uuid_of(post.get("product"), "/product"),
        place=frame.uuid_of(post.get("place"), "/place"),
        lot_code=post.get("lot_code", "").strip(),
        best_before=frame.day_of(post.get("best_before"), "/best_before"),
        produced_on=frame.day_of(post["produced_on"], "/produced_on") if post.get("produced_on") else None,
        quantity=frame.whole(post.get("quantity"), "/quantity"),
        supplier=post.get("supplier", "").strip(),
    )


@require_safe
@member_of(*frame.ANY)
def lot(request: HttpRequest, organisation: UUID, id: UUID) -> HttpResponse:
    """A lot: where it stands, and what can be done with it."""
    actor = actor_of_request(request)
    found = _lot(request, organisation, id)
    view = products.product(found.product, actor=actor)
    at = [row for row in stock.stock_at(actor, organisation, product=found.product) if row.lot == id]
    places = frame.place_of(request, organisation)[0]
    return frame.page(
        request,
        organisation,
        "lot",
        lot=found,
        product=view,
        at=[(row, ids.uuid7(), ids.uuid7(), ids.uuid7()) for row in at],
        places=places,
        by_id={each.id: each for each in places},
        reasons=WASTE.items(),
        recall_id=ids.uuid7(),
    )


def _lot(request: HttpRequest, organisation: UUID, id: UUID) -> stock.LotView:
    found = stock.lot(actor_of_request(request), id)
    if found.seller != organisation:
        raise Missing("no-such-lot", violations=[Violation(pointer="/id", rule="known")])
    return found


@require_POST
@member_of(*roles.STOCK)
def move(request: HttpRequest, organisation: UUID, id: UUID, what: str) -> HttpResponse:
    """Transfer, waste or count of a lot at a place."""
    _lot(request, organisation, id)
    actor, post = actor_of_request(request), request.POST
    steps: dict[str, tuple[Callable[[], Any], Any]] = {
        "transfer": (
            lambda: services.transfer(
                actor,
                lot=id,
                id=frame.uuid_of(post.get("id"), "/id"),
                source=frame.uuid_of(post.get("place"), "/source"),
                target=frame.uuid_of(post.get("target"), "/target"),
                quantity=frame.whole(post.get("quantity"), "/quantity"),
            ),
            _("Moved."),
        ),
        "waste": (
            lambda: services.book_waste(
                actor,
                lot=id,
                id=frame.uuid_of(post.get("id"), "/id"),
                place=frame.uuid_of(post.get("place"), "/place"),
                quantity=frame.whole(post.get("quantity"), "/quantity"),
                reason=post.get("reason", ""),
            ),
            _("Written off. It can be undone today."),
        ),
        "count": (
            lambda: services.count_stock(
                actor,
                lot=id,
                id=frame.uuid_of(post.get("id"), "/id"),
                place=frame.uuid_of(post.get("place"), "/place"),
                counted=frame.whole(post.get("quantity"), "/counted"),
            ),
            _("Counted."),
        ),
    }
    run, done = frame.chosen(steps, what)
    frame.act(request, run, done)
    return redirect("market:seller-lot", organisation=organisation, id=id)


@require_POST
@member_of(*roles.STOCK)
def undo(request: HttpRequest, organisation: UUID, paper: UUID) -> HttpResponse:
    """Takes a booking of waste of today back."""
    if paper not in {each.id for each in waste.undoable(organisation)}:
        raise Missing("no-such-paper", violations=[Violation(pointer="/paper", rule="known")])
    frame.act(request, lambda: undo_waste(actor_of_request(request), paper=paper), _("Back on the shelf."))
    return redirect("market:seller-stock", organisation=organisation)


@require_safe
@member_of(*frame.ANY)
def papers(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Every movement of stock, newest first."""
    kind = request.GET.get("kind", "")
    found = stock.papers(
        actor_of_request(request),
        organisation,
        kind=kind if kind in KINDS else "",
        cursor=request.GET.get("cursor", ""),
        size=50,
    )
    places = {each.id: each for each in frame.place_of(request, organisation)[0]}
    rows = [(row, KINDS[row.kind], WASTE.get(row.reason, row.reason), places.get(row.place)) for row in found.items]
    return frame.page(request, organisation, "papers", rows=rows, next=found.next, kinds=KINDS.items(), kind=kind)
