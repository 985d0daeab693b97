"""From the accepted offer to the start: setting out, being there, the right rider in the right car."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from lilong.fields.mobility.events.rides import RideArrived, RideStarted
from lilong.fields.mobility.models import Ride
from lilong.fields.mobility.queries import rides
from lilong.fields.mobility.rules.rides import codes, states
from lilong.fields.mobility.services.rides import commands, frame, meters
from lilong.fields.mobility.services.rides.telling import tell
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Invalid, TooMany, Violation
from lilong.kernel.events.services import emit
from lilong.kernel.geo.points import Point, metres
from lilong.kernel.parties.actor import Actor


@transaction.atomic
def depart(actor: Actor, *, ride: UUID) -> Ride:
    """The car is on its way to the pick-up. Again: the same answer. Raises Missing, Conflict `wrong-state`."""
    found = frame.locked(ride)
    frame.require_car(actor, found)
    if found.state == states.ARRIVING:
        return found
    frame.take(found, "depart", "car")
    found.save(update_fields=["state", "version"])
    tell(found, found.duty_id)
    return found


@transaction.atomic
def arrive(actor: Actor, *, ride: UUID, place: Point | None = None) -> Ride:
    """The car stands at the pick-up: free waiting begins. Again: the same answer.

    Raises Missing, Conflict (`wrong-state`, `not-there`: further away than a street's width allows).
    """
    found = frame.locked(ride)
    frame.require_car(actor, found)
    if found.state == states.ARRIVED:
        return found
    step = frame.take(found, "arrive", "car")
    car = frame.bound(found)
    here = place or rides.place_of(car.vehicle)
    away = metres(here, frame.start_of(found)) if here is not None else 0.0
    if away > states.PICKUP_RADIUS_METRES:
        raise Conflict(
            "not-there",
            violations=[Violation(pointer="/place", rule="near-the-pick-up")],
            extra={"metres": round(away)},
        )
    found.arrived_at = clock.now()
    found.save(update_fields=["state", "version", "arrived_at"])
    frame.move(car.vehicle, step, found, found.id)
    commands.lead(found, car.vehicle)
    fact = RideArrived(
        operator=found.operator_id, vehicle=car.vehicle.id, driverless=found.driver is None,
        district=found.quote.district, wait_seconds=_seconds(found.requested_at, found.arrived_at),
        deadhead_m=found.pickup_metres or 0,
    )  # fmt: skip
    emit(fact, subject=found.id, actor=actor.party)
    tell(found, car.duty.id)
    return found


def start(actor: Actor, *, ride: UUID, code: str) -> Ride:
    """The trip begins, by a code: the rider's, told to the driver or typed at a robotaxi's door; or the one that the
    robotaxi's door shows, typed on the rider's phone. Again, with any code: the same answer.

    Raises Missing, Invalid `/code` (with the tries left), TooMany `code-locked` (the rider asks for a new code), Conflict
    `wrong-state`.
    """
    refused: Invalid | TooMany | None
    with transaction.atomic():  # a wrong try is counted although it is refused: so the refusal is raised outside
        found = frame.locked(ride)
        purpose = _purpose(actor, found)
        if found.state == states.UNDER_WAY:
            return found
        step = frame.take(found, "start", "rider" if purpose == "door" else "car")
        refused = _try(found, code, purpose)
        if refused is None:
            _begin(actor, found, step)
    if refused is not None:
        raise refused
    return found


def _purpose(actor: Actor, ride: Ride) -> codes.Purpose:
    """Which code this actor types. Raises Missing for others, and for the rider of a car with a driver."""
    if actor.kind == "person" and actor.party == ride.rider:
        actor.require_scope(frame.RIDE)
        if ride.vehicle_id is not None and ride.driver is not None:
            raise Conflict("ask-the-driver")
        return "door"
    frame.require_car(actor, ride)
    return "rider"


def _try(ride: Ride, code: str, purpose: codes.Purpose) -> Invalid | TooMany | None:
    """None when the code is right. A wrong one is counted; once there are too many even the right one is refused."""
    if ride.tries >= codes.TRIES_MAX:
        return TooMany("code-locked", extra={"retry_after": 0})
    if codes.matches(code, settings.TOKEN_KEY, ride.id, ride.turn, purpose):
        return None
    Ride.objects.filter(id=ride.id).update(tries=ride.tries + 1)
    left = codes.TRIES_MAX - ride.tries - 1
    return Invalid("invalid", violations=[Violation(pointer="/code", rule="right")], extra={"tries_left": left})


def _begin(actor: Actor, ride: Ride, step: states.Step) -> None:
    car = frame.bound(ride)
    ride.started_at = clock.now()
    meters.begin(ride, rides.place_of(car.vehicle) or frame.start_of(ride), ride.started_at)
    ride.save()
    frame.move(car.vehicle, step, ride, ride.id)
    commands.lead(ride, car.vehicle)
    fact = RideStarted(
        operator=ride.operator_id, vehicle=car.vehicle.id, driverless=ride.driver is None,
        district=ride.quote.district, stood_seconds=_seconds(ride.arrived_at, ride.started_at),
    )  # fmt: skip
    emit(fact, subject=ride.id, actor=actor.party)
    tell(ride, car.duty.id)


def _seconds(since: datetime | None, until: datetime) -> int:
    return round((until - since).total_seconds()) if since else 0
