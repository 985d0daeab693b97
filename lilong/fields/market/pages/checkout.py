"""Checkout: delivery time, wishes, wallet; then one order a seller, each standing or falling by itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from lilong.fields.market.pages import visit as visits
from lilong.fields.market.pages.said import said, sold_out
from lilong.fields.market.pages.shop import common
from lilong.fields.market.queries import availability, carriage
from lilong.fields.market.queries import baskets as queries
from lilong.fields.market.services import checkout as services
from lilong.kernel.base import ids
from lilong.kernel.base.clock import CITY_ZONE
from lilong.kernel.base.problems import Conflict, Problem, Violation, invalid
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.orders.carriage import AT
from lilong.kernel.orders.drafts import LINES_MAX, LineDraft, OrderDraft, Placed, Refused, SlotDraft
from lilong.kernel.parties.http import signed_in
from lilong.ui import links

DAYS = 3
NOTE_MAX = 500
_SLOT_PARTS, _LINE_PARTS = 3, 3
_OF_SLOT = ("outside-opening", "resource-closed")
_DIGITS_MAX = 13


@require_http_methods(["GET", "POST"])
@signed_in
def checkout(request: HttpRequest) -> HttpResponse:
    """Shows what would be ordered, with the orders' ids; a post places exactly those, however often it comes."""
    if request.method != "POST":
        return _shown(request, visits.visit(request), _Answers())
    found = visits.visit(request)
    assert found.actor is not None
    answers = _Answers()
    try:
        drafts, wishes, carried = _drafts(request)
        answers.read(drafts, services.place_all(found.actor, drafts, wishes, carried))
    except Problem as problem:
        answers.lay_whole(problem)
    if answers.failed:
        return _shown(request, visits.visit(request), answers)
    count = len(answers.placed)
    messages.success(request, ngettext("Your order is placed.", "Your %(n)s orders are placed.", count) % {"n": count})
    if count == 1:
        return redirect("market:order", id=answers.placed[0].id)
    return redirect("market:orders")


class _Answers:
    """What became of a post: orders placed, and each refusal where it belongs."""

    def __init__(self) -> None:
        self.placed: list[Placed] = []
        self.refused: list[Refused] = []
        self.lines: dict[UUID, str] = {}  # by offer
        self.ways: dict[UUID, str] = {}  # by the first offer of the parcel whose carriage was refused
        self.slot, self.money = "", ""
        self.whole: list[str] = []

    def read(self, drafts: Sequence[OrderDraft], answers: Sequence[Placed | Refused]) -> None:
        for draft, answer in zip(drafts, answers, strict=True):
            if isinstance(answer, Placed):
                self.placed.append(answer)
            else:
                self.refused.append(answer)
                self._lay(draft, answer.problem)

    @property
    def failed(self) -> bool:
        return bool(self.refused or self.whole or self.slot)

    def lay_whole(self, problem: Problem) -> None:
        """A refusal that belongs to no line: of the delivery time, or of all."""
        of_slot = problem.code.startswith("slot-") or problem.code in _OF_SLOT
        if of_slot or any(violation.pointer.startswith("/slot") for violation in problem.violations):
            self.slot = said(problem)
        else:
            self.whole.append(said(problem))

    def _lay(self, draft: OrderDraft, problem: Problem) -> None:
        pointers = [violation.pointer.split("/") for violation in problem.violations]
        line = next((int(parts[2]) for parts in pointers if len(parts) > 2 and parts[1] == "lines"), None)  # noqa: PLR2004
        if pointers and pointers[0][1:] == [AT[1:]]:
            self.ways[draft.lines[0].offer] = said(problem)
        elif line is not None:
            self.lines[draft.lines[line].offer] = said(problem)
        elif problem.code == "insufficient-funds":
            self.money = said(problem)
        else:
            self.lay_whole(problem)


def _shown(request: HttpRequest, found: visits.Visit, answers: _Answers) -> HttpResponse:
    chosen = request.POST.get("slot", "")
    windows = availability.windows(found.place.id, days=DAYS) if found.place else []
    slots = [_Slot(window) for window in windows]
    day = next((slot.start for slot in windows if _Slot(slot).value == chosen), None)
    view = queries.basket(found.basket, place=found.place_id, on=day.astimezone(CITY_ZONE).date() if day else None)
    for line in view.lines:
        if line.trouble in ("sold-out", "short"):
            answers.lines.setdefault(line.product.offer, sold_out(line.available or 0, line.product.unit))
    assert found.actor is not None
    book = carriage.addresses(found.actor)
    to = carriage.chosen(book, request.POST.get("address", "") or request.GET.get("address", ""))
    goods = [(each.seller, [(line.product, line.quantity) for line in each.lines]) for each in view.parcels]
    ways = carriage.by_seller(found.place, to, goods)
    wallet = ledger.wallet_of(found.actor.party)
    available = wallet.available if wallet else 0
    page: dict[str, Any] = common(found) | {
        "basket": view,
        "parcels": [(parcel, ids.uuid7(), ways.get(parcel.seller, [])) for parcel in view.parcels],
        "ways": ways,
        "addresses": book,
        "to": to,
        "days": _by_day(slots, chosen),
        "chosen": chosen or (slots[0].value if slots else ""),
        "note": request.POST.get("note", "")[:NOTE_MAX],
        "note_max": NOTE_MAX,
        "wallet": available,
        "short": max(0, view.most - available),
        "wallet_url": links.found("my-wallet"),
        "answers": answers,
        "wishes": {
            line.product.offer: request.POST.get(f"wish_{line.product.offer}", line.wish) for line in view.lines
        },
        "needs_slot": found.place is not None and found.place.slots is not None,
    }
    return render(request, "market/shop/checkout.html", page, status=409 if answers.failed else 200)


class _Slot:
    """A delivery time as the form shows and sends it."""

    def __init__(self, window: availability.Window) -> None:
        self.window = window
        self.day = window.start.astimezone(CITY_ZONE).date()
        self.hours = f"{window.start.astimezone(CITY_ZONE):%H:%M}–{window.end.astimezone(CITY_ZONE):%H:%M}"
        self.value = f"{window.resource}|{window.start.isoformat()}|{window.end.isoformat()}"


def _by_day(slots: Sequence[_Slot], chosen: str) -> list[tuple[Any, list[_Slot], bool]]:
    """(day, its times, whether it is shown open): the day of the time chosen, else the first."""
    days: dict[Any, list[_Slot]] = {}
    for slot in slots:
        days.setdefault(slot.day, []).append(slot)
    opened = next((slot.day for slot in slots if slot.value == chosen), next(iter(days), None))
    return [(day, group, day == opened) for day, group in days.items()]


def _drafts(request: HttpRequest) -> tuple[list[OrderDraft], dict[UUID, str], dict[UUID, services.Carried]]:
    """The orders of a posted form: sellers, the lines of each with the prices shown, slot, wishes; what is to be carried how.

    A parcel that a carrier brings needs no time of the warehouse's own delivery.
    """
    post = request.POST
    place, slot, note = _uuid(post.get("place", ""), "/place"), _slot(post.get("slot", "")), post.get("note", "")
    if len(note) > NOTE_MAX or "\0" in note:
        raise invalid("/note", "length", f"0..{NOTE_MAX}")
    brought = {seller: token for seller in post.getlist("seller") if (token := post.get(f"carriage_{seller}", ""))}
    if post.get("needs_slot") and slot is None and set(post.getlist("seller")) - set(brought):
        raise Conflict("slot-required", violations=[Violation(pointer="/slot", rule="required")])
    drafts = [
        OrderDraft(
            id=_uuid(post.get(f"order_{seller}", ""), "/id"),
            lines=[_line(text) for text in post.getlist(f"line_{seller}")][:LINES_MAX],
            place=place,
            slot=None if seller in brought else slot,
            note=note,
        )
        for seller in post.getlist("seller")
    ]
    if not drafts or not all(draft.lines for draft in drafts):
        raise invalid("/lines", "required")
    wishes = {line.offer: post.get(f"wish_{line.offer}", "match") for draft in drafts for line in draft.lines}
    return drafts, wishes, _carried(post, drafts, brought)


def _carried(post: QueryDict, drafts: list[OrderDraft], brought: dict[str, str]) -> dict[UUID, services.Carried]:
    """By order: the token chosen for each seller's parcel, and the address."""
    if not brought:
        return {}
    address = _uuid(post.get("address", ""), "/address")
    order_of = dict(zip(post.getlist("seller"), drafts, strict=True))
    return {order_of[seller].id: services.Carried(token=token, address=address) for seller, token in brought.items()}


def _line(text: str) -> LineDraft:
    parts = text.split(":")
    if len(parts) != _LINE_PARTS or not all(
        part.isascii() and part.isdigit() and len(part) <= _DIGITS_MAX for part in parts[1:]
    ):
        raise invalid("/lines", "format")
    return LineDraft(offer=_uuid(parts[0], "/lines"), quantity=int(parts[1]), price=int(parts[2]))


def _slot(text: str) -> SlotDraft | None:
    if not text:
        return None
    parts = text.split("|")
    try:
        if len(parts) != _SLOT_PARTS:
            raise ValueError
        start, end = datetime.fromisoformat(parts[1]), datetime.fromisoformat(parts[2])
        if start.tzinfo is None or end.tzinfo is None:
            raise ValueError
    except ValueError:
        raise invalid("/slot", "format") from None
    return SlotDraft(resource=_uuid(parts[0], "/slot"), start=start, end=end)


def _uuid(text: str, pointer: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise invalid(pointer, "uuid") from None
