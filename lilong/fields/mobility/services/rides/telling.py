"""Telling those who watch a ride: that there is something new, after the commit. A snapshot is whole, a message may be lost."""

from typing import Any
from uuid import UUID

import msgspec

from lilong.fields.mobility.models import Ride
from lilong.fields.mobility.queries import duties, rides
from lilong.kernel import live
from lilong.kernel.parties.actor import Actor

RIDE, DUTY = "mobility.ride", "mobility.duty"  # kinds of live topics


def tell(ride: Ride, *watched: UUID | None, **more: Any) -> None:
    """To the ride's watchers, and to those of the duties that it was given to or taken from."""
    told = {"state": ride.state, "version": ride.version, **more}
    live.publish(RIDE, str(ride.id), told)
    for duty in watched:
        if duty is not None:
            live.publish(DUTY, str(duty), {"ride": str(ride.id), **told})


def watch_ride(actor: Actor | None, id: str) -> dict[str, Any]:
    """The ride for its rider, its driver and its operator's desk. Raises Missing for everybody else."""
    uuid = _uuid(id)
    if actor is None or uuid is None:
        raise rides.missing()
    seen: dict[str, Any] = msgspec.to_builtins(rides.ride(actor, uuid))
    return seen


def watch_duty(actor: Actor | None, id: str) -> dict[str, Any]:
    """The shift, with what is offered, for its driver and its operator's desk. Raises Missing for everybody else."""
    uuid = _uuid(id)
    if actor is None or uuid is None:
        raise rides.missing()
    seen: dict[str, Any] = msgspec.to_builtins(duties.duty(actor, uuid))
    return seen


def register() -> None:
    live.register(RIDE, watch_ride)
    live.register(DUTY, watch_duty)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
