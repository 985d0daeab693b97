"""What a robotaxi is told of its rides, in the transaction of the step it belongs to.

Each command says which version of the ride it was made under. A car obeys none that is older than what it has heard of that
ride, and none that has expired; and whatever it answers is looked at under the ride's lock. So nobody is sent anywhere by what
was said before a ride was called off.
"""

from typing import Any, Literal
from uuid import UUID

from django.conf import settings

from lilong.fields.mobility.models import Ride, RideOffer, Vehicle, VehicleCommand
from lilong.fields.mobility.rules.rides import codes, states
from lilong.fields.mobility.services import vehicle_commands

KIND: Literal["ride"] = "ride"
_HOLDS_SECONDS = 1800

Leg = Literal["offer", "pick-up", "wait", "drop-off", "stop", "cancelled"]
_LEGS: dict[str, Leg] = {
    states.ACCEPTED: "pick-up",
    states.ARRIVING: "pick-up",
    states.ARRIVED: "wait",
    states.UNDER_WAY: "drop-off",
    states.COMPLETED: "stop",
}


def offer(made: RideOffer, ride: Ride, vehicle: Vehicle) -> None:
    """Asks a car without a driver whether it takes the ride: the command's id is the offer's."""
    seconds = round((made.expires_at - made.made_at).total_seconds())
    _tell(ride, vehicle, _body(ride, "offer") | {"metres": ride.quote.metres}, seconds, made.id)


def lead(ride: Ride, vehicle: Vehicle, **more: Any) -> None:
    """Says what the ride's state means for its car: where to go, wait, stop. What was said before no longer holds."""
    if ride.driver is None:
        _tell(ride, vehicle, _body(ride, _LEGS.get(ride.state, "cancelled")) | more)


def call_off(ride: Ride, vehicle: Vehicle) -> None:
    """Says that the ride is no longer this car's, whatever it has heard."""
    if ride.driver is None:
        leave(ride, vehicle)


def leave(ride: Ride, vehicle: Vehicle) -> None:
    """The same to a car that has not the ride, or no longer."""
    _tell(ride, vehicle, _body(ride, "cancelled"))


def _body(ride: Ride, leg: Leg) -> dict[str, Any]:
    body: dict[str, Any] = {"ride": str(ride.id), "version": ride.version, "leg": leg}
    quote = ride.quote
    if leg in ("offer", "pick-up", "wait"):
        body |= {"latitude_e6": quote.from_latitude_e6, "longitude_e6": quote.from_longitude_e6}
    if leg == "drop-off":
        body |= {"latitude_e6": quote.to_latitude_e6, "longitude_e6": quote.to_longitude_e6, "stops": quote.stops}
    if leg == "wait":
        body["door"] = codes.code_of(settings.TOKEN_KEY, ride.id, ride.turn, "door")
    return body


def _tell(
    ride: Ride, vehicle: Vehicle, body: dict[str, Any], seconds: int = _HOLDS_SECONDS, id: UUID | None = None
) -> None:
    if vehicle.device is None:
        return
    VehicleCommand.objects.filter(trip=ride.id, vehicle=vehicle, kind=KIND, state="sent").update(state="expired")
    vehicle_commands.tell(vehicle, KIND, body, seconds=seconds, id=id, trip=ride.id)
