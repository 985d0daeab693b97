"""The end of a ride: arrived, ended early, broken down, called off. The money and the state change in one stroke."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec
from django.db import transaction

from lilong.fields.mobility.events.rides import RideCancelled, RideCompleted, RideReassigned
from lilong.fields.mobility.models import Duty, Receipt, Ride, RideOffer, RideShare
from lilong.fields.mobility.queries import rides
from lilong.fields.mobility.rules.rides import fares, states
from lilong.fields.mobility.services import vehicle_states
from lilong.fields.mobility.services.rides import commands, duties, frame, meters, money, offers, tariffs
from lilong.fields.mobility.services.rides.telling import tell
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict
from lilong.kernel.events.services import emit
from lilong.kernel.geo.points import Point, metres
from lilong.kernel.parties.actor import SYSTEM, Actor

By = Literal["rider", "car", "house", "no-show"]


@transaction.atomic
def end(actor: Actor, *, ride: UUID, place: Point | None = None, broken: bool = False) -> Ride:
    """The trip is over, here: by the driver, the robotaxi, or the rider who gets out early. Where it ended decides what it
    costs, not who says so. `broken` (the car's side or the operator's desk): it cannot go on, and costs nothing.

    Again: the same answer. Raises Missing, Conflict `wrong-state`.
    """
    found = frame.locked(ride)
    who = _side(actor, found)
    if found.state == states.COMPLETED:
        return found
    meters.read_track(found)
    step = frame.take(found, "end", who)
    car = frame.bound(found)
    now = clock.now()
    here = place if place is not None and who == "car" else rides.place_of(car.vehicle)
    if here is not None:
        meters.read(found, here, now)
    end_here = here or frame.end_of(found)
    near = metres(end_here, frame.end_of(found)) <= fares.NEAR_END_METRES
    found.how = fares.BROKEN if broken and who != "rider" else fares.ARRIVED if near else fares.EARLY
    started = found.started_at or now
    happened = fares.Happened(
        found.how, found.metres, _seconds(started, now), _seconds(found.arrived_at, started), started
    )
    quoted = msgspec.convert(found.quote.lines, tuple[fares.FareLine, ...])
    fare = fares.final(tariffs.terms_of(found.quote.tariff), quoted, happened)
    found.ended_at, found.by = now, who
    frame.move(car.vehicle, step, found, None)
    commands.lead(found, car.vehicle)
    duties.free(car.duty)
    _settle(found, fare, happened.seconds)
    emit(_completed(found, happened), subject=found.id, actor=actor.party)
    tell(found, car.duty.id)
    return found


def _side(actor: Actor, ride: Ride) -> str:
    if actor.kind == "person" and actor.party == ride.rider:
        actor.require_scope(frame.RIDE)
        return "rider"
    if actor.kind == "system" or (not frame.is_car(actor, ride) and actor.acts_for(ride.operator_id, *frame.DESK)):
        return "house"
    frame.require_car(actor, ride)
    return "car"


def _completed(ride: Ride, happened: fares.Happened) -> RideCompleted:
    assert ride.vehicle_id is not None and ride.total is not None
    return RideCompleted(
        operator=ride.operator_id, vehicle=ride.vehicle_id, driverless=ride.driver is None,
        district=ride.quote.district, how=ride.how, wait_seconds=_seconds(ride.requested_at, ride.arrived_at),
        deadhead_m=ride.pickup_metres or 0, metres=ride.metres,
        seconds=happened.seconds, bridged_m=ride.bridged_m,
        detour=fares.is_detour(ride.quote.metres, ride.metres), total=ride.total,
    )  # fmt: skip


@transaction.atomic
def cancel(actor: Actor, *, ride: UUID, reason: str = "") -> Ride:
    """The rider calls it off; late, it may cost what the tariff says. Again: the same answer.

    Raises Missing, Conflict `wrong-state` (a trip under way is ended, not called off).
    """
    found = frame.locked(ride)
    frame.require_rider(actor, found)
    if found.state == states.CANCELLED:
        return found
    return call_off(actor, found, "cancel", "rider", reason)


@transaction.atomic
def no_show(actor: Actor, *, ride: UUID) -> Ride:
    """The rider did not come: after the tariff's time at the pick-up the car may leave, and is paid for it.

    Again: the same answer. Raises Missing, Conflict (`wrong-state`, `not-yet`).
    """
    found = frame.locked(ride)
    frame.require_car(actor, found)
    if found.state == states.CANCELLED and found.by == "no-show":
        return found
    wait = timedelta(seconds=tariffs.terms_of(found.quote.tariff).no_show_seconds)
    if found.state == states.ARRIVED and found.arrived_at and found.arrived_at + wait > clock.now():
        raise Conflict("not-yet", extra={"at": (found.arrived_at + wait).isoformat()})
    return call_off(actor, found, "no-show", "no-show", "no-show", side="car")


@transaction.atomic
def drop(actor: Actor, *, ride: UUID, reason: str = "") -> Ride:
    """The car's side gives a ride up before its start: another car is looked for, the rider keeps the place in the queue.

    Raises Missing, Conflict `wrong-state`.
    """
    found = frame.locked(ride)
    frame.require_car(actor, found)
    return replace(actor, found, "drop", "car", reason or "dropped")


def replace(actor: Actor, ride: Ride, act: str, who: Literal["car", "house"], reason: str) -> Ride:
    """Takes the locked ride's car from it; after too many the house calls the ride off instead."""
    if ride.reassigned >= states.REASSIGNED_MAX:
        return call_off(SYSTEM, ride, "give-up", "house", "no-car")
    step = frame.take(ride, act, who)
    car = frame.bound(ride)
    vehicle = car.vehicle
    commands.call_off(ride, vehicle)
    frame.move(vehicle, step, ride, None)
    RideOffer.objects.filter(ride=ride, duty=car.duty, state="accepted").update(state="withdrawn")
    fact = RideReassigned(
        operator=ride.operator_id, vehicle=vehicle.id, driverless=ride.driver is None, district=ride.quote.district,
        by=who, reason=plain(reason),
    )  # fmt: skip
    ride.duty = ride.vehicle = ride.driver = ride.accepted_at = ride.arrived_at = None
    ride.pickup_seconds = ride.pickup_metres = None
    ride.reassigned += 1
    ride.save()
    duties.free(car.duty)
    emit(fact, subject=ride.id, actor=actor.party)
    tell(ride, car.duty.id)
    return ride


def call_off(actor: Actor, ride: Ride, act: str, by: By, reason: str, *, side: str = "") -> Ride:
    """Ends the locked ride without a trip: whatever was offered or on its way is told, the fee is taken, the rest freed."""
    before = ride.state
    step = frame.take(ride, act, side or by)
    now = clock.now()
    since = _seconds(ride.accepted_at, now) if ride.accepted_at else None
    fare = fares.cancelled(tariffs.terms_of(ride.quote.tariff), by=by, state=before, seconds_since_accepted=since)
    ride.ended_at, ride.by, ride.reason = now, by, plain(reason)
    duty = None
    if before in states.WITH_CAR:
        car = frame.bound(ride)
        duty = car.duty
        commands.call_off(ride, car.vehicle)
        frame.move(car.vehicle, step, ride, None)
        duties.free(duty)
    elif before == states.OFFERED:
        duty = _withdraw(ride)
    _settle(ride, fare, 0)
    fact = RideCancelled(
        operator=ride.operator_id, district=ride.quote.district, by=by, state=before, reason=ride.reason,
        after_seconds=_seconds(ride.requested_at, now), fee=fare.total,
    )  # fmt: skip
    emit(fact, subject=ride.id, actor=actor.party)
    tell(ride, duty.id if duty else None)
    return ride


def _withdraw(ride: Ride) -> Duty | None:
    offer = RideOffer.objects.select_for_update().filter(ride=ride, state="open").first()
    if offer is None:
        return None
    duty = Duty.objects.select_for_update().get(id=offer.duty_id)
    offers.withdraw(offer, duty, "withdrawn")
    if duty.driver is None:
        commands.call_off(ride, vehicle_states.locked(duty.vehicle_id))
    return duty


REASONS = frozenset(
    {
        "broken",
        "dropped",
        "silent",
        "no-show",
        "no-car",
        "changed-plans",
        "waited-too-long",
        "wrong-place",
        "driver-asked",
        "other",
    }
)


def plain(reason: str) -> str:
    """A fact holds no words of people: only reasons that are known."""
    return reason if reason in REASONS else "other" if reason else ""


def _settle(ride: Ride, fare: fares.Fare, seconds: int) -> None:
    """Money, total and receipt, whichever way the locked ride ended."""
    money.settle(ride, tariffs.terms_of(ride.quote.tariff), fare.total)
    ride.total = fare.total
    ride.save()
    RideShare.objects.filter(ride=ride, ended_at=None).update(ended_at=ride.ended_at)
    if fare.lines or ride.how:
        Receipt.objects.create(
            id=ids.uuid7(), trip=ride.id, kind="ride", operator_id=ride.operator_id, rider=ride.rider,
            tariff=ride.quote.tariff, currency="CNY", total=fare.total, lines=_lines(fare.lines), seconds=seconds,
            metres=ride.metres, issued_at=ride.ended_at or clock.now(),
        )  # fmt: skip


def _lines(lines: Sequence[fares.FareLine]) -> list[dict[str, object]]:
    return [dict(msgspec.to_builtins(line)) for line in lines]


def _seconds(since: datetime | None, until: datetime | None) -> int:
    return round((until - since).total_seconds()) if since and until else 0
