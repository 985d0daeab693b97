"""Asking for a ride: from where to where, prices before asking, the ride while it lasts, and after it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lilong.fields.mobility.pages import frame, shared
from lilong.fields.mobility.pages.words import RIDE_STATES, line, said, word
from lilong.fields.mobility.queries import hailing, rides, riding
from lilong.fields.mobility.rules.rides import states
from lilong.fields.mobility.services.rides import after, driving, ending, quotes, requests, safety
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Missing, Problem, Violation
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.http import actor_of_request, signed_in
from lilong.ui import maps as ui_maps

PEOPLE = tuple(range(1, quotes.PEOPLE_MAX + 1))
STEPS = ("requested", "accepted", "arrived", "under-way", "completed")
TIPS = (500, 1000, 2000)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def ask(request: HttpRequest) -> HttpResponseBase:
    """The way, and for a posted one what each kind of car would cost. Whoever has a ride is shown that."""
    actor = actor_of_request(request)
    standing = riding.open_ride(actor.party)
    if standing is not None:
        return redirect("mobility:ride", id=standing.id)
    offered, problem, way = [], "", None
    if request.method == "POST":
        try:
            way = _way(request.POST)
            quotes.checked(way)
            offered = quotes.quote_all(actor, id=frame.uuid_of(request.POST.get("id"), "/id"), way=way)
        except Problem as refused:
            problem = said(refused)
    wallet = ledger.wallet_of(actor.party)
    names = parties.parties({each.operator_id for each in offered})
    return frame.page(
        request,
        "ride_ask",
        status=422 if problem else 200,
        given=request.POST or request.GET,
        book=parties.addresses(actor, actor.party),
        people=PEOPLE,
        problem=problem,
        asked=way is not None and not problem,
        quotes=[
            (each, names.get(each.operator_id), [(line(one["code"]), one) for one in each.lines]) for each in offered
        ],
        features=ui_maps.collection(_quoted(offered)),
        available=wallet.available if wallet else 0,
        new_id=ids.uuid7(),
        ride_id=ids.uuid7(),
    )


def _way(post: Any) -> quotes.Way:
    start, end = (
        frame.point_of(post, "from_latitude", "from_longitude"),
        frame.point_of(post, "to_latitude", "to_longitude"),
    )
    if start is None or end is None:
        raise Missing("way-needed", _("Please choose where from and where to."))
    return quotes.Way(
        start=start,
        end=end,
        people=frame.whole(post.get("people"), "/people", 1),
        wheelchair=bool(post.get("wheelchair")),
    )


def _quoted(offered: list[Any]) -> list[dict[str, Any]]:
    if not offered:
        return []
    first = offered[0]
    return [
        ui_maps.line("way", hailing.path_of(first)),
        ui_maps.place("from", rides.start_of(first), label=pgettext("way", "From"), kind="person", colour="ink"),
        ui_maps.place("to", rides.end_of(first), label=pgettext("way", "To"), kind="flag"),
    ]


@require_POST
@signed_in
def request_ride(request: HttpRequest) -> HttpResponse:
    """Asks for the ride of a quote, however often the form is sent."""
    actor, post = actor_of_request(request), request.POST
    try:
        made = requests.request(
            actor, id=frame.uuid_of(post.get("id"), "/id"), quote=frame.uuid_of(post.get("quote"), "/quote")
        )
    except Problem as problem:
        messages.error(request, said(problem))
        opened = problem.extra.get("ride")
        return redirect("mobility:ride", id=opened) if opened else redirect("mobility:ride-ask")
    return redirect("mobility:ride", id=made.id)


@require_safe
@signed_in
def ride(request: HttpRequest, id: UUID) -> HttpResponseBase:
    """A ride for its rider (its driver and the desk see it too): the map, what is next, what can be done."""
    actor = actor_of_request(request)
    seen = hailing.ride(actor, id)
    return frame.page(
        request,
        "ride",
        ride=seen.ride,
        seen=seen,
        open=seen.ride.state not in states.CLOSED,
        now=frame.marked(request, "ride_now", **_now(request, seen)),
        features=ui_maps.collection(_features(seen)),
        map_url=reverse("mobility:ride-map", args=[id]),
    )


@require_safe
@signed_in
def ride_now(request: HttpRequest, id: UUID) -> HttpResponse:
    return frame.piece(request, "ride_now", **_now(request, hailing.ride(actor_of_request(request), id)))


@require_safe
@signed_in
def ride_map(request: HttpRequest, id: UUID) -> JsonResponse:
    seen = hailing.ride(actor_of_request(request), id)
    return JsonResponse(ui_maps.collection(_features(seen)), content_type="application/geo+json")


def _now(request: HttpRequest, seen: hailing.Seen) -> dict[str, Any]:
    row, rider = seen.ride, seen.side == hailing.RIDER
    before = row.state in states.BEFORE_START
    shares = rider and row.state not in states.CLOSED
    return {
        "ride": row,
        "link": shared.link_of(request, row.id) if shares else "",
        "sharing": shares and rides.sharing(row.id),
        "word": word(RIDE_STATES, row.state),
        "rider": rider,
        "open": row.state not in states.CLOSED,
        "minutes": None if seen.eta_seconds is None else max(1, round(seen.eta_seconds / 60)),
        "steps": _steps(row),
        "code": hailing.rider_code(row) if rider and before and row.state in states.WITH_CAR else "",
        "driverless": bool(row.vehicle and row.driver is None),
        "driver": hailing.driver_name(row),
        "stars": _stars(row.driver),
        "may_cancel": rider and before,
        "cancel_free": row.state in (states.REQUESTED, states.OFFERED),
        "terms": row.quote.tariff.terms,
        "receipt": hailing.receipt(row) if row.state in states.CLOSED else None,
        "rating": hailing.rating(row, "rider"),
        "tips": TIPS,
        "km": row.metres / 1000,
        "minutes_driven": int((clock.now() - row.started_at).total_seconds() // 60) if row.started_at else 0,
        "id": ids.named("mobility", "ride-form", row.id, row.version),
    }


def _stars(driver: UUID | None) -> str:
    """'4.8', '' for a car without a driver or a driver whom nobody rated yet."""
    found = rides.stars_of(driver) if driver else None
    return f"{found / 100:.1f}" if found else ""


def _steps(row: Any) -> list[dict[str, Any]]:
    """The ride's steps as far as it is: a cancelled one ends where it was."""
    at = {
        "requested": row.requested_at,
        "accepted": row.accepted_at,
        "arrived": row.arrived_at,
        "under-way": row.started_at,
        "completed": row.ended_at,
    }
    if row.state == states.CANCELLED:
        done = [{"label": word(RIDE_STATES, name)[0], "at": at[name], "mark": "done"} for name in STEPS[:4] if at[name]]
        return [*done, {"label": word(RIDE_STATES, row.state)[0], "at": row.ended_at, "mark": "failed"}]
    place = STEPS.index({"offered": "requested", "arriving": "accepted"}.get(row.state, row.state))
    marks = ["done"] * place + ["current"] + ["todo"] * (len(STEPS) - place - 1)
    if row.state == states.COMPLETED:
        marks[-1] = "done"
    labels = [row.state if n == place else name for n, name in enumerate(STEPS)]
    return [
        {"label": word(RIDE_STATES, label)[0], "at": at[name] if mark != "todo" else None, "mark": mark}
        for label, name, mark in zip(labels, STEPS, marks, strict=True)
    ]


def _features(seen: hailing.Seen) -> list[dict[str, Any]]:
    row = seen.ride
    features = [
        ui_maps.line("way", hailing.path_of(row.quote), dashed=row.state != states.UNDER_WAY, colour="ink"),
        ui_maps.place("from", rides.start_of(row.quote), label=pgettext("way", "From"), kind="person", colour="ink"),
        ui_maps.place("to", rides.end_of(row.quote), label=pgettext("way", "To"), kind="flag"),
    ]
    car = rides.place_of(row.vehicle)
    if car is not None and row.state in states.WITH_CAR:
        if seen.way:
            features.insert(0, ui_maps.line("ahead", seen.way))
        label = word(RIDE_STATES, row.state)[0]
        features.append(
            ui_maps.place(
                "car", car, label=row.vehicle.plate, kind="car", colour="info", state=label, heading=row.vehicle.heading
            )
        )
    return features


@require_POST
@signed_in
def ride_do(request: HttpRequest, id: UUID, what: str) -> HttpResponse:
    """One of the rider's acts: cancel, end, new-code, start, rate, tip, lost, alarm, share, stop-sharing."""
    actor, post = actor_of_request(request), request.POST
    acts: dict[str, tuple[Callable[[], Any], Any]] = {
        "cancel": (lambda: ending.cancel(actor, ride=id), _("The ride is called off.")),
        "end": (lambda: ending.end(actor, ride=id, place=frame.point_of(post)), _("The ride is over.")),
        "new-code": (lambda: requests.new_code(actor, ride=id), _("Here is a new code.")),
        "start": (lambda: driving.start(actor, ride=id, code=post.get("code", "")), _("Have a good ride.")),
        "rate": (
            lambda: after.rate(
                actor,
                id=_id(post),
                ride=id,
                stars=frame.whole(post.get("stars"), "/stars"),
                words=post.get("words", ""),
            ),
            _("Thank you."),
        ),
        "tip": (lambda: after.tip(actor, ride=id, amount=frame.whole(post.get("amount"), "/amount")), _("Thank you.")),
        "lost": (
            lambda: after.report_lost(actor, id=_id(post), ride=id, what=post.get("what", "")),
            _("The operator looks for it."),
        ),
        "alarm": (
            lambda: safety.alarm(actor, id=_id(post), ride=id),
            _("Help is called. The operator sees where you are."),
        ),
        "share": (lambda: shared.keep(request, id, safety.share(actor, ride=id)), _("Here is the link.")),
        "stop-sharing": (lambda: _stop_sharing(request, actor, id), _("Nobody follows the ride any more.")),
    }
    if what not in acts:
        raise Missing("no-such-step", violations=[Violation(pointer="/step", rule="known")])
    if hailing.ride(actor, id).side != hailing.RIDER:
        raise Conflict("wrong-state", violations=[Violation(pointer="/ride", rule="rider")])
    run, done = acts[what]
    frame.act(request, run, done)
    return redirect("mobility:ride", id=id)


def _stop_sharing(request: HttpRequest, actor: Actor, id: UUID) -> None:
    safety.stop_sharing(actor, ride=id)
    shared.forget(request)


def _id(post: Any) -> UUID:
    return frame.uuid_of(post.get("id"), "/id")
