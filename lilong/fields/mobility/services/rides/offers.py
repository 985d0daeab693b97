"""Answering an offer. Of all who act on a ride at the same moment one is first: each holds the ride's row while it looks."""

from uuid import UUID

from django.db import transaction

from lilong.fields.mobility.events.rides import RideAccepted
from lilong.fields.mobility.models import Duty, Ride, RideOffer
from lilong.fields.mobility.rules.rides import states
from lilong.fields.mobility.services import vehicle_states
from lilong.fields.mobility.services.rides import commands, frame
from lilong.fields.mobility.services.rides.telling import tell
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Missing, Violation
from lilong.kernel.events.services import emit
from lilong.kernel.parties.actor import SYSTEM, Actor

MISSED_MAX = 3  # so many offers left unanswered in a row end a shift


@transaction.atomic
def accept(actor: Actor, *, offer: UUID) -> Ride:
    """The offer's driver, or the robotaxi itself, takes the ride. Again: the same answer.

    Raises Missing, Conflict (`offer-gone`: answered, too late, or the ride is no longer to be had; `vehicle-state`).
    """
    ride, found, duty = _locked(actor, offer)
    if found.state == "accepted" and ride.duty_id == duty.id and ride.state in (*states.WITH_CAR, states.COMPLETED):
        return ride
    now = clock.now()
    if found.state != "open" or now >= found.expires_at or found.version != ride.version or duty.state != "offered":
        raise Conflict("offer-gone", extra={"offer": found.state, "state": ride.state})
    step = frame.take(ride, "accept", "car")
    vehicle = vehicle_states.locked(duty.vehicle_id)
    ride.duty, ride.vehicle, ride.driver = duty, vehicle, duty.driver
    ride.accepted_at, ride.pickup_seconds, ride.pickup_metres = now, found.seconds, found.metres
    ride.save()
    found.state, found.answered_at = "accepted", now
    found.save(update_fields=["state", "answered_at"])
    duty.state, duty.missed = "busy", 0
    duty.save(update_fields=["state", "missed"])
    frame.move(vehicle, step, ride, ride.id)
    commands.lead(ride, vehicle)
    fact = RideAccepted(
        operator=ride.operator_id, vehicle=vehicle.id, driverless=ride.driver is None, district=ride.quote.district,
        found_seconds=round((now - ride.requested_at).total_seconds()), pickup_m=found.metres,
    )  # fmt: skip
    emit(fact, subject=ride.id, actor=actor.party)
    tell(ride, duty.id)
    return ride


@transaction.atomic
def decline(actor: Actor, *, offer: UUID) -> Ride:
    """Leaves the ride to others; it is not offered to this car again. Again: the same answer.

    Raises Missing, Conflict `offer-gone`.
    """
    ride, found, duty = _locked(actor, offer)
    if found.state == "declined":
        return ride
    if found.state != "open":
        raise Conflict("offer-gone", extra={"offer": found.state, "state": ride.state})
    close(ride, found, duty, "declined", "decline", "car")
    return ride


@transaction.atomic
def lapse(offer: UUID) -> bool:
    """Ends an offer whose time is over, if nobody was quicker; answers whether. A driver who misses several goes off line."""
    ride, found, duty = _locked(SYSTEM, offer)
    if found.state != "open" or clock.now() < found.expires_at:
        return False
    duty.missed += 1
    close(ride, found, duty, "lapsed", "lapse", "house")
    return True


def close(ride: Ride, offer: RideOffer, duty: Duty, state: str, act: str, who: str) -> None:
    """The offer ends without a ride, which waits on at its old place in the queue. All three are locked."""
    frame.take(ride, act, who)
    ride.save(update_fields=["state", "version"])
    withdraw(offer, duty, state)
    if duty.driver is None and state != "declined":
        commands.call_off(ride, vehicle_states.locked(duty.vehicle_id))
    tell(ride, duty.id)


def withdraw(offer: RideOffer, duty: Duty, state: str) -> None:
    """Marks the offer and frees the car: that it leaves, or misses too much, is seen to here."""
    from lilong.fields.mobility.services.rides import duties

    offer.state, offer.answered_at = state, clock.now()
    offer.save(update_fields=["state", "answered_at"])
    if duty.missed >= MISSED_MAX:
        duty.leaving, duty.reason = True, "unresponsive"
    duties.free(duty)


def _locked(actor: Actor, offer: UUID) -> tuple[Ride, RideOffer, Duty]:
    """The ride, the offer and its duty, locked in the house's order. Raises Missing for others' offers."""
    known = RideOffer.objects.select_related("duty", "duty__vehicle").filter(id=offer).first()
    if known is None or not _answers(actor, known.duty):
        raise Missing("no-such-offer", violations=[Violation(pointer="/offer", rule="known")])
    if actor.kind == "person":
        actor.require_scope(frame.DRIVE)
    ride = frame.locked(known.ride_id)
    found = RideOffer.objects.select_for_update().get(id=offer)
    return ride, found, Duty.objects.select_for_update().get(id=known.duty_id)


def _answers(actor: Actor, duty: Duty) -> bool:
    if actor.kind == "system":
        return True
    if duty.driver is None:
        return actor.kind == "device" and actor.party == duty.vehicle.device
    return actor.party == duty.driver
