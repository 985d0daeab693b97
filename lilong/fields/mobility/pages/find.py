"""Finding a car or a bike on the map, a vehicle's page with its free times, the price before booking, and booking."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lilong.fields.mobility.drafts import BookingDraft
from lilong.fields.mobility.pages import bars, frame, maps
from lilong.fields.mobility.pages.words import line, said
from lilong.fields.mobility.queries import finding, riding
from lilong.fields.mobility.services.rentals import booking, driving
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Problem
from lilong.kernel.geo.points import Point
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.http import actor_of_request, signed_in
from lilong.ui import maps as ui_maps
from lilong.ui.maps.tag import CENTRE

KINDS = ("cars", "bikes")
RADII = (500, 1000, 2000, 5000, 10_000)
QUARTER = 900
USUAL = timedelta(hours=2)
KM_USUAL, KM_MAX = 20, 2000
RANGE_KM_MAX = 1000


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What can be had near a point: cars for a time, bikes at once."""
    actor, problem = frame.reader(request), ""
    asked = _asked(request, actor)
    try:
        found = _found(request, asked)
    except Problem as refused:
        found, problem = [], said(refused)
    features = [
        ui_maps.place("here", asked["near"], label=_("Searched from here"), kind="person", colour="ink"),
        *maps.found(found, lambda id: _vehicle_url(id, asked)),
    ]
    return frame.page(
        request,
        "find",
        status=422 if problem else 200,
        asked=asked,
        found=[(each, maps.energy(each.energy_pm), _vehicle_url(each.id, asked)) for each in found],
        features=ui_maps.collection(features),
        problem=problem,
        radii=RADII,
        running=riding.running(actor.party) if actor else [],
        ride=riding.open_ride(actor.party) if actor else None,
    )


def _asked(request: HttpRequest, actor: Actor | None) -> dict[str, Any]:
    """What the form asks for, with something sensible for what it leaves out or what cannot be read."""
    get = request.GET
    start = _moment(get.get("start"), _next_quarter())
    kind = get.get("kind", "cars")
    return {
        "kind": kind if kind in KINDS else "cars",
        "near": _near(request, actor),
        "start": start,
        "end": _moment(get.get("end"), start + USUAL),
        "start_text": frame.local(start),
        "end_text": frame.local(_moment(get.get("end"), start + USUAL)),
        "seats": _number(get.get("seats"), 1, 9),
        "range_km": _number(get.get("range"), 0, RANGE_KM_MAX),
        "radius": radius if (radius := _number(get.get("radius"), 2000, RADII[-1])) in RADII else RADII[2],
        "sort": "price" if get.get("sort") == "price" else "near",
    }


def _near(request: HttpRequest, actor: Actor | None) -> Point:
    try:
        asked = frame.point_of(request.GET)
    except Problem:
        asked = None
    if asked is not None:
        return asked
    book = parties.addresses(actor, actor.party) if actor else []
    return book[0].point if book else Point(*CENTRE)


def _found(request: HttpRequest, asked: dict[str, Any]) -> list[finding.FoundVehicle]:
    if asked["kind"] == "bikes":
        return finding.at_once(asked["near"], radius_m=asked["radius"])
    found = finding.cars(
        asked["near"], asked["start"], asked["end"], radius_m=asked["radius"], seats=asked["seats"], foreseen_m=0
    )
    if asked["range_km"]:
        found = [each for each in found if each.range_m is None or each.range_m >= asked["range_km"] * 1000]
    if asked["sort"] == "price":
        found = sorted(found, key=lambda each: each.price.total if each.price else 0)
    return found


def _vehicle_url(id: UUID, asked: dict[str, Any]) -> str:
    query = f"?start={asked['start_text']}&end={asked['end_text']}" if asked["kind"] == "cars" else ""
    return reverse("mobility:vehicle", args=[id]) + query


def _next_quarter() -> datetime:
    seconds = int(clock.now().timestamp())
    return clock.now().replace(microsecond=0) + timedelta(seconds=-seconds % QUARTER)


def _moment(text: str | None, default: datetime) -> datetime:
    try:
        return frame.moment_of(text, "/start") if text else default
    except Problem:
        return default


def _number(text: str | None, default: int, most: int) -> int:
    return (
        min(most, int(text)) if text and text.isascii() and text.isdigit() and len(text) < len(str(10**6)) else default
    )


@require_safe
def vehicle(request: HttpRequest, id: UUID) -> HttpResponse:
    """A car's page: where it is, when it is free, what it would cost; a bike's: what it costs, and taking it."""
    return _shown(request, id, request.GET)


def _shown(
    request: HttpRequest, id: UUID, given: Any, *, refused: Problem | None = None, status: int = 200
) -> HttpResponse:
    actor, row = frame.reader(request), riding.vehicle(id)
    start = _moment(given.get("start"), _next_quarter())
    end = _moment(given.get("end"), start + USUAL)
    km = _number(given.get("km"), KM_USUAL, KM_MAX)
    price, wrong = None, ""
    if row.mode == "car-share":
        try:
            price = finding.quote(id, start, end, foreseen_m=km * 1000)
        except Problem as problem:
            wrong = said(problem)
    at = Point.of_e6(row.latitude_e6 or 0, row.longitude_e6 or 0)
    there = row.latitude_e6 is not None
    wallet = ledger.wallet_of(actor.party) if actor else None
    features = maps.zones(riding.zones_for(row.operator_id, row.mode)) + maps.stations(
        riding.stations_of(row.operator_id)
    )
    if there:
        features.append(ui_maps.place(row.id, at, label=row.plate, kind=maps.mark_of(row.type.form_factor), open=False))
    return frame.page(
        request,
        "vehicle",
        status=status,
        vehicle=row,
        at=at if there else None,
        firm=parties.party(row.operator_id),
        energy=maps.energy(row.energy_pm),
        range_km=_range_km(row),
        free=row.state == "available",
        times=bars.bar(riding.times(id, clock.now().replace(microsecond=0))) if row.mode == "car-share" else "",
        start_text=frame.local(start),
        end_text=frame.local(end),
        km=km,
        price=price,
        lines=[(line(each["code"]), each) for each in price.lines] if price else [],
        wrong=wrong,
        refused=said(refused) if refused else "",
        alternatives=_alternatives(refused),
        licence=_licence(actor, row, end),
        available=wallet.available if wallet else 0,
        features=ui_maps.collection(features),
        tariff=_tariff(row),
        new_id=ids.uuid7(),
    )


def _range_km(row: Any) -> int | None:
    if row.type.max_range_m is None or row.energy_pm is None:
        return None
    return int(row.type.max_range_m * row.energy_pm // 1_000_000)


def _tariff(row: Any) -> Any:
    try:
        return finding.tariff_of(row.type)
    except Problem:
        return None


def _licence(actor: Actor | None, row: Any, end: datetime) -> str:
    """'' where the reader may drive it, else what is missing: 'sign-in', 'none', 'waiting', 'other'."""
    if not row.type.licence_class:
        return "" if actor else "sign-in"
    if actor is None:
        return "sign-in"
    from lilong.fields.mobility.services.licences import require_licence

    try:
        require_licence(actor.party, row.type.licence_class, end)
    except Conflict:
        states = [each.state for each in riding.licences(actor.party)]
        return "other" if "verified" in states else "waiting" if "submitted" in states else "none"
    return ""


def _alternatives(refused: Problem | None) -> list[dict[str, Any]]:
    """The free times and cars that a refusal names, as links."""
    found = []
    for each in (refused.extra.get("alternatives") or []) if refused else []:
        start, end = (datetime.fromisoformat(str(each[name]).replace("Z", "+00:00")) for name in ("start", "end"))
        url = reverse("mobility:vehicle", args=[each["vehicle"]])
        found.append(
            {
                "start": start,
                "end": end,
                "metres": each.get("metres") or 0,
                "total": each.get("total"),
                "url": f"{url}?start={frame.local(start)}&end={frame.local(end)}",
            }
        )
    return found[:6]


@require_POST
@signed_in
def book(request: HttpRequest, id: UUID) -> HttpResponse:
    """Books the car for the time and price shown, however often the form is sent."""
    actor, post = actor_of_request(request), request.POST
    try:
        draft = BookingDraft(
            id=frame.uuid_of(post.get("id"), "/id"),
            vehicle=id,
            start=frame.moment_of(post.get("start"), "/start"),
            end=frame.moment_of(post.get("end"), "/end"),
            foreseen_m=frame.whole(post.get("km"), "/km", KM_USUAL) * 1000,
            price=frame.whole(post.get("price"), "/price"),
        )
        made = booking.book(actor, draft)
    except Problem as problem:
        return _shown(request, id, post, refused=problem, status=problem.status)
    messages.success(request, _("Booked. The price and the deposit are set aside in your wallet."))
    return redirect("mobility:rental", id=made.id)


@require_POST
@signed_in
def take(request: HttpRequest, id: UUID) -> HttpResponse:
    """Takes a bike at once, from where the reader stands."""
    actor = actor_of_request(request)
    try:
        at = frame.point_of(request.POST)
        if at is None:
            messages.error(request, _("Please let the page know where you are, or choose the place on the map."))
            return redirect("mobility:vehicle", id=id)
        made = driving.take(actor, id=frame.uuid_of(request.POST.get("id"), "/id"), vehicle=id, position=at)
    except Problem as problem:
        return _shown(request, id, request.POST, refused=problem, status=problem.status)
    return redirect("mobility:rental", id=made.id)
