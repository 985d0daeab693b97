"""Sending something: what, from where, to where; what each way of bringing it promises and costs; then asking for it."""

from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST

from lilong.fields.delivery.drafts import ParcelDraft, ShipmentDraft, Spot
from lilong.fields.delivery.pages import forms
from lilong.fields.delivery.pages.frame import page
from lilong.fields.delivery.pages.words import TEMPERATURES, said
from lilong.fields.delivery.queries import carriers, lockers, promises
from lilong.fields.delivery.queries.promises import PromiseView
from lilong.fields.delivery.rules.kinds import TEMPERATURES as KINDS
from lilong.fields.delivery.services import booking
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Problem, invalid
from lilong.kernel.geo.points import Point
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.http import actor_of_request, signed_in, throttle

# Inner sizes people have boxes of: length, width, height in mm.
BOXES = {
    "letter": (lazy("Letter or folder"), (350, 250, 30)),
    "small": (lazy("Shoe box"), (330, 200, 120)),
    "medium": (lazy("Moving box, small"), (400, 300, 300)),
    "large": (lazy("Moving box"), (600, 350, 370)),
}
EACH_MAX = 2  # windows shown of one service
_LOOKUPS, _LOOKUP_SECONDS = 30, 600


class Offer(msgspec.Struct, frozen=True):
    """A promise with what the service says besides: what a late one costs less, for how much it is covered."""

    promise: PromiseView
    late_percent: int
    cover: int
    proofs: list[str]


class Wanted(msgspec.Struct, frozen=True):
    """The form, read: enough to compare."""

    start: Spot
    to: Spot
    bank: UUID | None
    parcel: ParcelDraft
    temperature: str
    address: UUID | None


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def send(request: HttpRequest) -> HttpResponse:
    """The form; with a promise chosen, the shipment."""
    if request.method != "POST":
        return _form(request)
    actor = actor_of_request(request)
    if not request.POST.get("token"):
        return compare(request)
    try:
        wanted = _wanted(request, actor)
        made = booking.request_shipment(actor, _draft(request, actor, wanted))
    except Problem as problem:
        return _form(request, problem=problem, offers=_compared(request, actor))
    return redirect("delivery:shipment", id=made.id)


@require_POST
@signed_in
def compare(request: HttpRequest) -> HttpResponse:
    """What can be promised now; to htmx the comparison alone."""
    actor = actor_of_request(request)
    try:
        offers, problem = _offers(_wanted(request, actor)), None
    except Problem as found:
        offers, problem = [], found
    return _form(request, problem=problem, offers=offers, asked=True)


def _compared(request: HttpRequest, actor: Actor) -> list[Offer]:
    try:
        return _offers(_wanted(request, actor))
    except Problem:
        return []


def _form(
    request: HttpRequest, *, problem: Problem | None = None, offers: list[Offer] | None = None, asked: bool = False
) -> HttpResponse:
    actor = actor_of_request(request)
    partial = request.headers.get("HX-Request") == "true"
    shown: dict[str, Any] = {
        "offers": offers or [], "asked": asked or offers is not None, "problem": said(problem) if problem else "",
        "chosen": request.POST.get("token", ""),
    }  # fmt: skip
    status = problem.status if problem and not partial else 200
    if partial:
        return page(request, "send/offers", **shown)
    shown |= {
        "addresses": parties_addresses(actor), "banks": lockers.banks(), "boxes": BOXES, "temperatures": TEMPERATURES,
        "given": request.POST or {"box": "small", "weight": "1", "temperature": "ambient"},
        "id": request.POST.get("id") or ids.uuid7(),
    }  # fmt: skip
    return page(request, "send/form", status=status, **shown)


def parties_addresses(actor: Actor) -> list[Any]:
    return parties.addresses(actor, actor.party)


def _wanted(request: HttpRequest, actor: Actor) -> Wanted:
    """Raises Invalid, Missing for an address that is not in the reader's book."""
    start = parties.address(actor, forms.uuid(request, "from"))
    kind = request.POST.get("temperature", "")
    box = request.POST.get("box", "")
    if kind not in KINDS:
        raise invalid("/temperature", "one-of")
    if box not in BOXES:
        raise invalid("/box", "one-of")
    length, width, height = BOXES[box][1]
    parcel = ParcelDraft(weight_g=forms.grams(request, "weight"), length_mm=length, width_mm=width, height_mm=height)
    bank = forms.maybe_uuid(request, "bank")
    if bank is not None:
        there = lockers.bank(bank)
        to, address = Spot(latitude_e6=there.latitude_e6, longitude_e6=there.longitude_e6), None
    else:
        entry = parties.address(actor, forms.uuid(request, "to"))
        to, address = Spot(latitude_e6=entry.latitude_e6, longitude_e6=entry.longitude_e6), entry.id
    origin = Spot(latitude_e6=start.latitude_e6, longitude_e6=start.longitude_e6)
    return Wanted(origin, to, bank, parcel, kind, address)


def _offers(wanted: Wanted) -> list[Offer]:
    """Of every carrier (a locker's own, if one is wanted) the first windows of each service, the earliest first."""
    only = lockers.bank(wanted.bank).carrier if wanted.bank else None
    known = [each.id for each in carriers.carriers() if only in (None, each.id)]
    services = promises.services(known, wanted.temperature, wanted.parcel.weight_g)
    found = promises.promised(
        services, _point(wanted.start), _point(wanted.to), wanted.parcel.weight_g, wanted.temperature, clock.now()
    )
    by = {each.id: each for each in services}
    counts: dict[UUID, int] = {}
    offers = []
    for each in found:
        counts[each.service] = counts.get(each.service, 0) + 1
        if counts[each.service] <= EACH_MAX:
            service = by[each.service]
            offers.append(Offer(each, service.late_percent, service.cover, service.proofs))
    return offers


def _point(spot: Spot) -> Point:
    return Point.of_e6(spot.latitude_e6, spot.longitude_e6)


def _draft(request: HttpRequest, actor: Actor, wanted: Wanted) -> ShipmentDraft:
    return ShipmentDraft(
        id=forms.id_of(request), shipper=actor.party, recipient=_recipient(request, actor), payer=actor.party,
        origin=wanted.start, to=None if wanted.bank else wanted.to, bank=wanted.bank, address=wanted.address,
        parcels=[wanted.parcel], token=request.POST["token"], temperature=wanted.temperature,  # type: ignore[arg-type]
        instructions=forms.text(request, "instructions"), contactless=request.POST.get("contactless") == "on",
        value=forms.yuan(request, "value", required=False),
    )  # fmt: skip


def _recipient(request: HttpRequest, actor: Actor) -> UUID:
    """Whose e-mail address was given; the sender, if none was. Counted, so that nobody asks who is known here."""
    email = forms.text(request, "email", 254)
    if not email:
        return actor.party
    throttle("delivery-recipient", str(actor.party), _LOOKUPS, _LOOKUP_SECONDS)
    found = parties.person_by_email(email)
    if found is None:
        raise invalid("/email", "person", _("Nobody with this address is known here."))
    return found
