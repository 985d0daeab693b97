"""What all steps of a ride share: the locks, who is who, the step itself."""

from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from lilong.fields.mobility.models import Duty, Ride, Vehicle
from lilong.fields.mobility.queries import rides
from lilong.fields.mobility.rules.rides import states
from lilong.fields.mobility.services import vehicle_states
from lilong.kernel.base.problems import Conflict, Violation
from lilong.kernel.geo.points import Point
from lilong.kernel.parties.actor import SYSTEM, Actor

RIDE, DRIVE = "mobility:ride", "mobility:drive"  # scopes: a rider's own rides, a driver's work
DESK = ("manager", "clerk", "dispatcher")


class Bound(NamedTuple):
    """A ride's car, its rows locked."""

    duty: Duty
    vehicle: Vehicle


def locked(ride: UUID) -> Ride:
    """The ride, locked: whatever happens to it happens one after another. Raises Missing."""
    found = (
        Ride.objects.select_for_update(of=("self",)).select_related("quote", "quote__tariff").filter(id=ride).first()
    )
    if found is None:
        raise rides.missing()
    return found


def bound(ride: Ride) -> Bound:
    """Locks the ride's car, after the ride."""
    duty = Duty.objects.select_for_update().get(id=ride.duty_id)
    return Bound(duty, vehicle_states.locked(duty.vehicle_id))


def require_rider(actor: Actor, ride: Ride) -> None:
    """Raises Missing for others' rides: nobody is told of one another's."""
    actor.require_scope(RIDE)
    if actor.kind != "system" and actor.party != ride.rider:
        raise rides.missing()


def require_car(actor: Actor, ride: Ride) -> None:
    """The ride's driver, or the vehicle's own device. Raises Missing."""
    if not is_car(actor, ride):
        raise rides.missing()
    if actor.kind == "person":
        actor.require_scope(DRIVE)


def is_car(actor: Actor, ride: Ride) -> bool:
    if actor.kind == "system":
        return True
    if actor.kind == "device":
        return ride.vehicle is not None and ride.driver is None and ride.vehicle.device == actor.party
    return ride.driver is not None and ride.driver == actor.party


def take(ride: Ride, act: str, who: str) -> states.Step:
    """Makes the step on the locked ride (the caller saves it). Raises Conflict `wrong-state`, which names the state."""
    step = states.step(ride.state, act, who)
    if step is None:
        raise Conflict(
            "wrong-state",
            violations=[Violation(pointer="/state", rule="step", detail=f"{ride.state}: {act}")],
            extra={"state": ride.state},
        )
    ride.state = step.target
    ride.version += 1
    return step


def move(vehicle: Vehicle, step: states.Step, ride: Ride, trip: UUID | None) -> None:
    """What the step is to the vehicle, by MDS. `trip` is what it is on afterwards. A vehicle that nobody hears, or that
    its operator moved by hand, does not keep a ride from ending: then only the trip is taken from it."""
    if step.events:
        events = list(step.events)
        if vehicle.state == "non_contactable":
            vehicle_states.move(vehicle, ["comms_restored"], actor=SYSTEM, trip=ride.id)
        try:
            with transaction.atomic():
                vehicle_states.move(vehicle, events, actor=SYSTEM, trip=ride.id)
        except Conflict:
            vehicle.refresh_from_db(fields=["state", "event", "state_at", "sequence"])
            if trip is not None:
                raise
    vehicle.trip = trip
    vehicle.save(update_fields=["trip"])


def start_of(ride: Ride) -> Point:
    return rides.start_of(ride.quote)


def end_of(ride: Ride) -> Point:
    return rides.end_of(ride.quote)
