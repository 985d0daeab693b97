"""My trips: what is booked, under way and over; opening, locking, extending, ending; receipts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lilong.fields.mobility.drafts import PhotoDraft, ReportDraft
from lilong.fields.mobility.pages import frame, maps
from lilong.fields.mobility.pages.words import LICENCE_STATES, RENTAL_STATES, RIDE_STATES, line, word
from lilong.fields.mobility.queries import rentals, riding
from lilong.fields.mobility.services.rentals import booking, driving, ending, reports
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.geo.points import Point
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.http import actor_of_request, signed_in
from lilong.ui import maps as ui_maps

PHOTOS_MAX = 6


@require_safe
@signed_in
def mine(request: HttpRequest) -> HttpResponseBase:
    """What runs, what is owed, what was; and where the reader's licence stands."""
    actor = actor_of_request(request)
    rides = request.GET.get("of") == "rides"
    cursor = request.GET.get("cursor", "")
    past = riding.past_rides(actor.party, cursor) if rides else riding.past_rentals(actor.party, cursor)
    licence = next(iter(riding.licences(actor.party)), None)
    ride = riding.open_ride(actor.party)
    return frame.page(
        request,
        "trips",
        running=[(row, word(RENTAL_STATES, row.state)) for row in riding.running(actor.party)],
        owing=riding.owing(actor.party),
        ride=ride,
        ride_word=word(RIDE_STATES, ride.state) if ride else None,
        past=[(row, word(RIDE_STATES if rides else RENTAL_STATES, row.state)) for row in past.items],
        next=past.next,
        rides=rides,
        licence=licence,
        licence_word=word(LICENCE_STATES, licence.state) if licence else None,
    )


@require_safe
@signed_in
def rental(request: HttpRequest, id: UUID) -> HttpResponseBase:
    """A rental: its steps, its map, and what can be done now."""
    actor = actor_of_request(request)
    row = rentals.row(actor, id)
    return frame.page(
        request,
        "rental",
        rental=row,
        at=_place(row.vehicle) if rentals.shows_vehicle(row) else None,
        now=frame.marked(request, "rental_now", **_now(row, actor.party)),
        features=ui_maps.collection(_features(row)),
        firm=parties.party(row.operator_id),
        operator=riding.operator(row.operator_id),
        mine=actor.party == row.rider,
    )


@require_safe
@signed_in
def rental_now(request: HttpRequest, id: UUID) -> HttpResponse:
    """The part of the page that changes; nothing while it has not."""
    actor = actor_of_request(request)
    return frame.piece(request, "rental_now", **_now(rentals.row(actor, id), actor.party))


def _now(row: Any, reader: UUID) -> dict[str, Any]:
    bill = ending.bill_of(row) if row.state == "started" else None
    latest = row.end + timedelta(hours=1) if row.end else None
    told = riding.told(row.id)
    return {
        "rental": row,
        "word": word(RENTAL_STATES, row.state),
        "mine": reader == row.rider,
        "soon": row.start - timedelta(minutes=15) <= clock.now(),
        "told": told,
        "bill": bill,
        "lines": [(line(each.code), each.amount) for each in bill.lines] if bill else [],
        "extend_text": frame.local(latest) if latest else "",
        # another after each thing the vehicle was told or that changed: sending a form twice is once
        "command": ids.named("mobility", "rental-form", row.id, row.state, row.end, told.id if told else ""),
        "has_receipt": row.state == "ended" and riding.has_receipt(row.id),
        "home": row.vehicle.home if row.type.return_constraint == "roundtrip_station" else None,
        "replacement": getattr(row, "replacement", None) if row.state == "moved" else None,
    }


@require_safe
@signed_in
def rental_map(request: HttpRequest, id: UUID) -> JsonResponse:
    row = rentals.row(actor_of_request(request), id)
    return JsonResponse(ui_maps.collection(_features(row)), content_type="application/geo+json")


def _place(car: Any) -> Point | None:
    return None if car.latitude_e6 is None else Point.of_e6(car.latitude_e6, car.longitude_e6)


def _features(row: Any) -> list[dict[str, Any]]:
    """Zones and stations, and the vehicle while the rental has it."""
    features = maps.zones(riding.zones_for(row.operator_id, row.mode)) + maps.stations(
        riding.stations_of(row.operator_id)
    )
    car = row.vehicle
    at = _place(car)
    if rentals.shows_vehicle(row) and at is not None:
        kind = maps.mark_of(row.type.form_factor)
        features.append(ui_maps.place(car.id, at, label=car.plate, kind=kind, note=maps.energy(car.energy_pm)))
    return features


@require_POST
@signed_in
def rental_do(request: HttpRequest, id: UUID, what: str) -> HttpResponse:
    """One of the acts: unlock, lock, end, extend, cancel, report, pay. Told as a message; the page says how it stands."""
    actor, post = actor_of_request(request), request.POST
    acts: dict[str, tuple[Callable[[], Any], Any]] = {
        "unlock": (lambda: _unlock(actor, id, post), _("The vehicle is asked to open.")),
        "lock": (lambda: driving.lock(actor, id=_id(post), rental=id), _("The vehicle is asked to lock.")),
        "end": (lambda: ending.end(actor, rental=id), _("The trip is over. Thank you.")),
        "extend": (
            lambda: booking.extend(actor, id=_id(post), rental=id, end=frame.moment_of(post.get("end"), "/end")),
            _("Extended."),
        ),
        "cancel": (lambda: booking.cancel(actor, rental=id), _("The booking is called off.")),
        "report": (lambda: reports.report(actor, _report(request, id)), _("Thank you. The operator sees your report.")),
        "pay": (lambda: reports.pay_owed(actor, rental=id), _("Paid.")),
    }
    if what not in acts:
        raise Missing("no-such-step", violations=[Violation(pointer="/step", rule="known")])
    run, done = acts[what]
    rentals.row(actor, id)  # others are told nothing of it
    frame.act(request, run, done)
    return redirect("mobility:rental", id=id)


def _id(post: Any) -> UUID:
    return frame.uuid_of(post.get("id"), "/id")


def _unlock(actor: Any, id: UUID, post: Any) -> Any:
    at = frame.point_of(post)
    if at is None:
        raise Missing("position-needed", _("Please let the page know where you are, or choose the place on the map."))
    return driving.unlock(actor, id=_id(post), rental=id, position=at)


def _report(request: HttpRequest, id: UUID) -> ReportDraft:
    post, files = request.POST, request.FILES.getlist("photos")[: PHOTOS_MAX + 1]
    made = _id(post)
    return ReportDraft(
        id=made,
        rental=id,
        phase="end" if post.get("phase") == "end" else "start",
        note=post.get("note", ""),
        damaged=bool(post.get("damaged")),
        photos=tuple(PhotoDraft(id=ids.child(made, n + 1), content=file.read()) for n, file in enumerate(files)),
    )


@require_safe
@signed_in
def receipt(request: HttpRequest, trip: UUID) -> HttpResponse:
    """What a trip cost, to be printed: its lines sum to its total."""
    found = rentals.receipt_row(actor_of_request(request), trip)
    return frame.page(
        request,
        "receipt",
        receipt=found,
        firm=parties.party(found.operator_id),
        operator=riding.operator(found.operator_id),
        rider=parties.parties([found.rider]).get(found.rider),
        lines=[(line(each["code"]), each) for each in found.lines],
        sums=sum(each["amount"] for each in found.lines),
    )
