"""The driver's page, for a phone: going on line, offers with their time, the code, the trip."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lilong.fields.mobility.pages import frame
from lilong.fields.mobility.pages.words import RIDE_STATES, said, word
from lilong.fields.mobility.queries import hailing, rides
from lilong.fields.mobility.rules.rides import states
from lilong.fields.mobility.services.rides import after, driving, duties, ending, offers, safety
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Missing, Problem, Violation, invalid
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.http import actor_of_request, signed_in
from lilong.ui import maps as ui_maps

SHIFT_HOURS = (2, 4, 6, 8)


@require_safe
@signed_in
def drive(request: HttpRequest) -> HttpResponseBase:
    """A driver's shift; who has none chooses a car."""
    actor = actor_of_request(request)
    duty = hailing.duty(actor.party)
    return frame.page(
        request,
        "drive",
        duty=duty,
        cars=hailing.cars_for(actor) if duty is None else [],
        papers=_papers(actor) if duty is None else [],
        hours=SHIFT_HOURS,
        new_id=ids.uuid7(),
        now=frame.marked(request, "drive_now", **_now(actor)) if duty else "",
        features=ui_maps.collection(_features(actor)),
        today=hailing.earned_today(actor.party),
    )


def _papers(actor: Actor) -> list[tuple[str, Any]]:
    """What is missing or runs out, over all operators that the person drives for."""
    words = {"licence": _("Driving licence"), "permit": _("Permit"), "insurance": _("Insurance")}
    found: dict[str, Any] = {}
    for operator, held in actor.roles.items():
        if held & {"driver", "owner", "manager"}:
            found |= duties.papers(actor.party, operator)
    return [(words.get(kind, kind), until) for kind, until in found.items()]


@require_safe
@signed_in
def drive_now(request: HttpRequest) -> HttpResponse:
    return frame.piece(request, "drive_now", **_now(actor_of_request(request)))


@require_safe
@signed_in
def drive_map(request: HttpRequest) -> JsonResponse:
    return JsonResponse(ui_maps.collection(_features(actor_of_request(request))), content_type="application/geo+json")


def _now(actor: Actor) -> dict[str, Any]:
    duty = hailing.duty(actor.party)
    ride = hailing.ride_of(duty) if duty else None
    offer = hailing.offer(duty) if duty and not ride else None
    seen = hailing.seen(ride, hailing.CAR) if ride else None
    waited = clock.now() - ride.arrived_at if ride and ride.arrived_at else timedelta()
    terms = ride.quote.tariff.terms if ride else {}
    return {
        "duty": duty,
        "ride": ride,
        "word": word(RIDE_STATES, ride.state) if ride else None,
        "offer": offer,
        "offer_minutes": max(1, round(offer.seconds / 60)) if offer else 0,
        "minutes": max(1, round(seen.eta_seconds / 60)) if seen and seen.eta_seconds is not None else None,
        "may_no_show": bool(
            ride and ride.state == states.ARRIVED and waited.total_seconds() >= terms.get("no_show_seconds", 300)
        ),
        "destination": _named(ride) if ride else "",
        "id": ids.named("mobility", "drive-form", ride.id, ride.version) if ride else "",
    }


def _named(ride: Any) -> str:
    end = rides.end_of(ride.quote)
    return f"{end.latitude:.5f}, {end.longitude:.5f}"


def _features(actor: Actor) -> list[dict[str, Any]]:
    duty = hailing.duty(actor.party)
    if duty is None:
        return []
    features, ride = [], hailing.ride_of(duty)
    offer = hailing.offer(duty) if ride is None else None
    about = ride or (offer.ride if offer else None)
    if ride is not None:
        seen = hailing.seen(ride, hailing.CAR)
        if seen.way:
            features.append(ui_maps.line("ahead", seen.way))
    if about is not None:
        features.append(
            ui_maps.place("from", rides.start_of(about.quote), label=_("Pick-up"), kind="person", colour="ink")
        )
        features.append(ui_maps.place("to", rides.end_of(about.quote), label=_("Destination"), kind="flag"))
    car = rides.place_of(duty.vehicle)
    if car is not None:
        features.append(
            ui_maps.place("car", car, label=duty.vehicle.plate, kind="car", colour="info", heading=duty.vehicle.heading)
        )
    return features


@require_POST
@signed_in
def online(request: HttpRequest) -> HttpResponse:
    actor, post = actor_of_request(request), request.POST

    def run() -> Any:
        hours = frame.whole(post.get("hours"), "/hours", SHIFT_HOURS[1])
        if hours not in SHIFT_HOURS:
            raise invalid("/hours", "one-of")
        until = clock.now().replace(microsecond=0) + timedelta(hours=hours)
        made = duties.go_online(
            actor, id=_id(post), vehicle=frame.uuid_of(post.get("vehicle"), "/vehicle"), until=until
        )
        at = frame.point_of(post)
        return duties.here(actor, duty=made.id, place=at) if at else made

    frame.act(request, run, _("You are on line."))
    return redirect("mobility:drive")


@require_POST
@signed_in
def here(request: HttpRequest) -> HttpResponse:
    """Where the phone is; said by the page's script. 204, or the problem's words."""
    actor = actor_of_request(request)
    duty = hailing.duty(actor.party)
    try:
        at = frame.point_of(request.POST)
        if duty is None or at is None:
            return HttpResponse(status=204)
        heading = request.POST.get("heading")
        duties.here(actor, duty=duty.id, place=at, heading=frame.whole(heading, "/heading") if heading else None)
    except Problem as problem:
        return HttpResponse(said(problem), status=problem.status, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)


@require_POST
@signed_in
def do(request: HttpRequest, what: str) -> HttpResponse:
    """One of the driver's acts on the shift's offer or ride."""
    actor, post = actor_of_request(request), request.POST
    duty = hailing.duty(actor.party)
    if duty is None:
        return redirect("mobility:drive")

    def ride() -> UUID:
        return frame.uuid_of(post.get("ride"), "/ride")

    acts: dict[str, tuple[Callable[[], Any], Any]] = {
        "offline": (lambda: duties.go_offline(actor, duty=duty.id), _("You take no more rides.")),
        "accept": (
            lambda: offers.accept(actor, offer=frame.uuid_of(post.get("offer"), "/offer")),
            _("The ride is yours."),
        ),
        "decline": (lambda: offers.decline(actor, offer=frame.uuid_of(post.get("offer"), "/offer")), ""),
        "depart": (lambda: driving.depart(actor, ride=ride()), ""),
        "arrive": (lambda: driving.arrive(actor, ride=ride(), place=frame.point_of(post)), _("The rider is told.")),
        "start": (lambda: driving.start(actor, ride=ride(), code=post.get("code", "")), _("Have a good ride.")),
        "end": (lambda: ending.end(actor, ride=ride(), place=frame.point_of(post)), _("The ride is over.")),
        "broken": (lambda: ending.end(actor, ride=ride(), broken=True), _("The ride is over; it costs nothing.")),
        "drop": (
            lambda: ending.drop(actor, ride=ride(), reason=post.get("reason", "")),
            _("Another car is looked for."),
        ),
        "no-show": (lambda: ending.no_show(actor, ride=ride()), _("The rider did not come; you are paid for waiting.")),
        "alarm": (
            lambda: safety.alarm(actor, id=_id(post), ride=ride()),
            _("Help is called. The operator sees where you are."),
        ),
        "rate": (
            lambda: after.rate(actor, id=_id(post), ride=ride(), stars=frame.whole(post.get("stars"), "/stars")),
            _("Thank you."),
        ),
    }
    if what not in acts:
        raise Missing("no-such-step", violations=[Violation(pointer="/step", rule="known")])
    run, done = acts[what]
    frame.act(request, run, done)
    return redirect("mobility:drive")


def _id(post: Any) -> UUID:
    return frame.uuid_of(post.get("id"), "/id")
