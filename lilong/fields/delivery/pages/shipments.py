"""A sender's or recipient's shipments: the list, one of them live, and what can still be done about it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lilong.fields.delivery.pages import forms
from lilong.fields.delivery.pages.frame import act, page, partial
from lilong.fields.delivery.pages.track import way
from lilong.fields.delivery.pages.words import CLAIMS, HOLDERS, STATES, VEHICLES
from lilong.fields.delivery.queries import claims, cold_chain, lockers, shipments, tracking
from lilong.fields.delivery.queries.cold_chain import PointView, RecordView
from lilong.fields.delivery.queries.shipments import ShipmentView
from lilong.fields.delivery.rules import claims as claim_rules
from lilong.fields.delivery.rules import roles, states
from lilong.fields.delivery.services import claims as claiming
from lilong.fields.delivery.services import codes, cold_decisions, journey, proofs, ratings, wishes
from lilong.kernel.base.problems import Missing
from lilong.kernel.geo.points import Point
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.http import actor_of_request, signed_in
from lilong.ui import charts, maps
from lilong.ui.charts import Series

SIDES = ("recipient", "shipper")
CHART_POINTS = 120
MARKS = {"courier": "bike", "van": "truck", "unmanned": "car", "robot": "robot", "drone": "drone"}


class Step(msgspec.Struct, frozen=True):
    label: Any
    mark: str
    at: Any = None
    note: Any = ""


@require_safe
@signed_in
def mine(request: HttpRequest) -> HttpResponse:
    """What comes to the reader, or what it sent; found by its number, its order's, or the state."""
    actor = actor_of_request(request)
    side = request.GET.get("side", "")
    side = side if side in SIDES else SIDES[0]
    state, query = request.GET.get("state", ""), request.GET.get("q", "").strip()
    state = state if state in STATES else ""
    found = shipments.mine(
        actor, actor.party, side=side, state=state, query=query, cursor=request.GET.get("cursor", "")
    )
    carriers = parties.parties({each.carrier for each in found.items})
    shown = {"shipments": found.items, "next": found.next, "side": side, "state": state, "q": query, "carriers": carriers,
             "states": STATES}  # fmt: skip
    return page(request, "shipments/list", **shown)


@require_safe
@signed_in
def shipment(request: HttpRequest, id: UUID) -> HttpResponse:
    """One shipment as it goes; to htmx what changes of it alone."""
    actor = actor_of_request(request)
    shown = _now(actor, id)
    if partial(request):
        return page(request, "shipments/now", **shown)
    view: ShipmentView = shown["shipment"]
    link = request.build_absolute_uri(reverse("delivery:track", kwargs={"token": tracking.link(actor, id)}))
    named = parties.parties([view.shipper, view.recipient, view.carrier])
    return page(
        request, "shipments/shipment", **shown, link=link, sender=named.get(view.shipper), receiver=named.get(view.recipient),
        carrier=named.get(view.carrier), features=_features(view),
    )  # fmt: skip


@require_safe
@signed_in
def features(request: HttpRequest, id: UUID) -> HttpResponse:
    """The door and, while it is out, the vehicle: for the map, when that has changed."""
    answer = JsonResponse(_features(shipments.shipment(actor_of_request(request), id)))
    answer["Cache-Control"] = "no-store"
    return answer


def _now(actor: Actor, id: UUID) -> dict[str, Any]:
    view = shipments.shipment(actor, id)
    receives = actor.acts_for(view.recipient)
    own = receives or actor.acts_for(view.shipper, "manager", "clerk", "picker") or actor.acts_for(view.payer)
    cold = _cold(actor, id)
    return {
        "shipment": view, "receives": receives, "own": own, "now": tracking.now_of(actor, id),
        "way": way(view.state, to_locker=view.bank is not None), "steps": _steps(actor, id, view),
        "proofs": tracking.proofs(actor, id), "attempts": shipments.attempts(actor, id),
        "claims": claims.of_shipment(actor, id) if own else [], "code": _code(actor, id) if receives else None,
        "cold": cold, "chart": _chart(cold, cold_chain.readings(actor, id)) if cold else "",
        "may_decide": bool(cold) and cold.state == "stopped" and actor.acts_for(view.shipper, *roles.QUALITY),
        "bank": lockers.bank(view.bank) if view.bank else None, "kinds": CLAIMS, "vehicles": VEHICLES,
        "desk": actor.acts_for(view.carrier, *roles.DISPATCH), "open": view.state in states.OPEN,
        "may_cancel": own and view.state in states.WAITING, "may_claim": own and view.state not in states.WAITING,
        "may_wish": receives and view.state in (*states.WAITING, "collected", "at-depot", "out", "failed"),
        "may_rate": receives and view.state == "delivered", "text_max": claim_rules.TEXT_MAX,
    }  # fmt: skip


def _code(actor: Actor, id: UUID) -> codes.CodeView | None:
    try:
        found = codes.code_of(actor, shipment=id)
    except Missing:
        return None
    return None if found.used else found


def _steps(actor: Actor, id: UUID, view: ShipmentView) -> list[Step]:
    """The custody, newest last."""
    chain = tracking.chain(actor, id)
    steps = [
        Step(HOLDERS.get(each.to_kind, each.to_kind), "failed" if each.to_kind == "lost" else "done", each.at, each.to_name or "")
        for each in chain
    ]  # fmt: skip
    if view.state in states.OPEN and steps:
        steps[-1] = msgspec.structs.replace(steps[-1], mark="current")
    return steps


def _cold(actor: Actor, id: UUID) -> RecordView | None:
    try:
        return cold_chain.record(actor, id)
    except Missing:
        return None


def _chart(record: RecordView, read: list[list[PointView]]) -> Any:
    """The temperature over time between its limits: of each stretch what was farthest from the middle."""
    middle = (record.low_mc + record.high_mc) / 2
    points = sorted((each for trace in read for each in trace), key=lambda each: each.at)
    if not points:
        return ""
    width = max(1, -(-len(points) // CHART_POINTS))
    drawn = [max(points[n : n + width], key=lambda each: abs(each.mc - middle)) for n in range(0, len(points), width)]
    labels = [date_format(localtime(datetime.fromtimestamp(each.at, UTC)), "H:i") for each in drawn]
    series = [
        Series(_("Temperature"), [each.mc / 1000 for each in drawn]),
        Series(_("Upper limit"), [record.high_mc / 1000] * len(drawn)),
        Series(_("Lower limit"), [record.low_mc / 1000] * len(drawn)),
    ]
    return charts.lines(_("Temperature (°C)"), labels, series, unit="number")


def _features(view: ShipmentView) -> dict[str, Any]:
    """The door, the vehicle while it is out; where it comes from only to those who know it anyhow."""
    door = Point.of_e6(view.to_latitude_e6, view.to_longitude_e6)
    kind = "locker" if view.bank else "home"
    marks = [maps.place("door", door, label=_("Locker") if view.bank else _("Destination"), kind=kind, colour="door")]
    if view.vehicle_latitude_e6 is not None and view.vehicle_longitude_e6 is not None:
        label, _icon = VEHICLES.get(view.vehicle_kind, VEHICLES["courier"])
        at = Point.of_e6(view.vehicle_latitude_e6, view.vehicle_longitude_e6)
        marks.append(
            maps.place("vehicle", at, label=label, kind=MARKS.get(view.vehicle_kind, "truck"), colour="lamp",
                       heading=view.vehicle_heading)
        )  # fmt: skip
    return maps.collection(marks)


@require_POST
@signed_in
def cancel(request: HttpRequest, id: UUID) -> HttpResponse:
    actor = actor_of_request(request)
    reason = request.POST.get("reason", "").strip() or "-"
    act(
        request, lambda: journey.cancel(actor, shipment=id, reason=reason),
        _("It is called off. What was held for it is free again."),
    )  # fmt: skip
    return redirect("delivery:shipment", id=id)


@require_POST
@signed_in
def wish(request: HttpRequest, id: UUID) -> HttpResponse:
    """Where to put it, and whether without meeting."""
    actor = actor_of_request(request)
    act(
        request,
        lambda: wishes.change_wishes(
            actor, shipment=id, instructions=forms.text(request, "instructions"),
            contactless=request.POST.get("contactless") == "on",
        ),
        _("The courier will see it."),
    )  # fmt: skip
    return redirect("delivery:shipment", id=id)


@require_POST
@signed_in
def claim(request: HttpRequest, id: UUID) -> HttpResponse:
    """Asks for money for what was lost, damaged, late or too warm."""
    actor = actor_of_request(request)
    act(
        request,
        lambda: claiming.open_claim(
            actor, id=forms.id_of(request), shipment=id, kind=request.POST.get("kind", ""), asked=forms.yuan(request, "asked"),
            text=forms.text(request, "text", claim_rules.TEXT_MAX),
        ),
        _("The carrier will answer."),
    )  # fmt: skip
    return redirect("delivery:shipment", id=id)


@require_POST
@signed_in
def appeal(request: HttpRequest, id: UUID, claim: UUID) -> HttpResponse:
    actor = actor_of_request(request)
    text = request.POST.get("text", "")
    act(request, lambda: claiming.appeal(actor, id=claim, text=text), _("The city's operators will decide."))
    return redirect("delivery:shipment", id=id)


@require_POST
@signed_in
def decide(request: HttpRequest, id: UUID) -> HttpResponse:
    """The shipper's quality people: goods that were stopped may go on, or are to be destroyed."""
    actor = actor_of_request(request)
    act(
        request,
        lambda: cold_decisions.decide(
            actor, id=forms.id_of(request), shipment=id, outcome=request.POST.get("outcome", ""),
            reason=request.POST.get("reason", ""),
        ),
        _("It is noted."),
    )  # fmt: skip
    return redirect("delivery:shipment", id=id)


@require_POST
@signed_in
def rate(request: HttpRequest, id: UUID) -> HttpResponse:
    actor = actor_of_request(request)
    act(
        request,
        lambda: ratings.rate(
            actor, shipment=id, stars=forms.whole(request, "stars", 1, 5), text=forms.text(request, "text")
        ),
        _("Thank you."),
    )
    return redirect("delivery:shipment", id=id)


@require_safe
@signed_in
def photo(request: HttpRequest, id: UUID) -> HttpResponseBase:
    """A proof's picture, for those who may see the shipment."""
    name, media_type = tracking.photo(actor_of_request(request), id)
    file = Path(proofs.folder()) / name
    if not file.is_file():
        raise Missing("no-such-proof")
    answer = FileResponse(file.open("rb"), content_type=media_type)
    answer["Cache-Control"] = "private, max-age=3600"
    answer["Content-Security-Policy"] = "default-src 'none'"
    return answer
