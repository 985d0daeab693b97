"""After the sale: returns, reviews, recalls."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lilong.fields.market.pages.seller import frame
from lilong.fields.market.queries import products, recalls, returns, reviews, stock
from lilong.fields.market.rules import roles
from lilong.fields.market.rules.reviews import TEXT_MAX
from lilong.fields.market.services import recalls as recall_services
from lilong.fields.market.services import returns as return_services
from lilong.fields.market.services import reviews as review_services
from lilong.kernel.base import ids
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.base.words import Words
from lilong.kernel.orders import queries as orders
from lilong.kernel.parties.http import actor_of_request, member_of

RETURN_STATES = ("asked", "approved", "refunded", "refused")


@require_safe
@member_of(*roles.PAPERS)
def return_queue(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """What buyers want to give back, newest first; those to decide by default."""
    wanted = request.GET.get("state", "asked")
    state = wanted if wanted in RETURN_STATES else "asked"
    found = returns.for_seller(
        actor_of_request(request), organisation, state=state, cursor=request.GET.get("cursor", "")
    )
    views = orders.orders_by({each.order for each in found.items})
    rows = []
    for each in found.items:
        lines = {line.n: line for line in views[each.order].lines}
        asked = [(lines[int(n)], str(Words.read(lines[int(n)].title)), units) for n, units in each.lines.items()]
        rows.append((each, asked, views[each.order].currency))
    return frame.page(request, organisation, "returns", rows=rows, next=found.next, state=state, states=RETURN_STATES)


@require_POST
@member_of(*roles.RANGE)
def decide_return(request: HttpRequest, organisation: UUID, id: UUID, what: str) -> HttpResponse:
    """Approve (at once, or once the goods are back), take the goods in, or refuse with a reason."""
    actor, post = actor_of_request(request), request.POST
    if returns.one(actor, id).seller != organisation:
        raise Missing("no-such-return", violations=[Violation(pointer="/id", rule="known")])
    restock = post.get("restock") == "1"
    steps: dict[str, tuple[Callable[[], Any], Any]] = {
        "approve": (lambda: return_services.approve_return(actor, id=id), _("The money is back with the buyer.")),
        "goods-first": (
            lambda: return_services.approve_return(actor, id=id, goods_back=True),
            _("Agreed; the money follows the goods."),
        ),
        "receive": (
            lambda: return_services.receive_return(actor, id=id, restock=restock),
            _("The money is back with the buyer."),
        ),
        "refuse": (
            lambda: return_services.refuse_return(actor, id=id, reason=post.get("reason", "").strip()),
            _("Refused; the buyer reads why."),
        ),
    }
    run, done = frame.chosen(steps, what)
    frame.act(request, run, done)
    return redirect("market:seller-returns", organisation=organisation)


@require_safe
@member_of(*roles.PAPERS)
def review_list(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """What buyers say, newest first; those without an answer by default."""
    actor, everything = actor_of_request(request), request.GET.get("all") == "1"
    found = reviews.for_seller(actor, organisation, unanswered=not everything, cursor=request.GET.get("cursor", ""))
    known = {id: products.product(id, actor=actor) for id in {each.product for each in found.items}}
    return frame.page(
        request,
        organisation,
        "reviews",
        rows=[(each, known[each.product]) for each in found.items],
        next=found.next,
        everything=everything,
        text_max=TEXT_MAX,
    )


@require_POST
@member_of(*roles.RANGE)
def reply(request: HttpRequest, organisation: UUID, id: UUID) -> HttpResponse:
    """The seller's public answer to a review."""
    actor = actor_of_request(request)
    if products.product(reviews.product_of(id), actor=actor).seller != organisation:
        raise Missing("no-such-review", violations=[Violation(pointer="/id", rule="known")])
    text = request.POST.get("text", "").strip()
    frame.act(
        request, lambda: review_services.reply_to_review(actor, id=id, text=text), _("Everybody can read your answer.")
    )
    return redirect("market:seller-reviews", organisation=organisation)


@require_safe
@member_of(*roles.PAPERS)
def recall_list(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """The firm's recalls, and how to start one."""
    found = recalls.recalls_of(actor_of_request(request), organisation)
    return frame.page(request, organisation, "recalls", recalls=[(each, ids.uuid7()) for each in found])


@require_POST
@member_of(*roles.RECALL)
def recall(request: HttpRequest, organisation: UUID, id: UUID) -> HttpResponse:
    """Recalls a lot, and shows at once whom it reached."""
    actor, post = actor_of_request(request), request.POST
    if stock.lot(actor, id).seller != organisation:
        raise Missing("no-such-lot", violations=[Violation(pointer="/id", rule="known")])

    def run() -> None:
        paper = frame.uuid_of(post.get("id"), "/id")
        recall_services.recall_lot(actor, id=paper, lot=id, reason=post.get("reason", "").strip())

    if frame.act(request, run, _("Recalled: nothing of this lot can be sold any more.")):
        return redirect("market:recall-report", lot=id)
    return redirect("market:seller-lot", organisation=organisation, id=id)


@require_POST
@member_of(*roles.RECALL)
def clear(request: HttpRequest, organisation: UUID, id: UUID) -> HttpResponse:
    """Ends a recalled lot's quarantine: destroyed, or back to its supplier."""
    actor, post = actor_of_request(request), request.POST
    if stock.lot(actor, id).seller != organisation:
        raise Missing("no-such-lot", violations=[Violation(pointer="/id", rule="known")])

    def run() -> None:
        recall_services.clear_quarantine(
            actor, id=frame.uuid_of(post.get("id"), "/id"), lot=id, outcome=post.get("outcome", "")
        )

    frame.act(request, run, _("The quarantine is cleared."))
    return redirect("market:seller-recalls", organisation=organisation)
