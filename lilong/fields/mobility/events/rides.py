"""Facts of rides: ids, districts and numbers; who rode and who drove is not in them. Money is fen.

`wait_seconds` is from the request to the car's arrival, `deadhead_m` the metres it drove empty to get there.
"""

from typing import Literal
from uuid import UUID

from lilong.kernel.events.facts import Fact, fact


@fact("mobility.ride.requested")
class RideRequested(Fact):
    """Somebody asked for a ride, and its money is held. Subject: the ride."""

    operator: UUID
    plan: UUID
    district: str
    people: int
    quoted: int
    metres: int


@fact("mobility.ride.accepted")
class RideAccepted(Fact):
    """A car took it, `found_seconds` after the request. Subject: the ride."""

    operator: UUID
    vehicle: UUID
    driverless: bool
    district: str
    found_seconds: int
    pickup_m: int


@fact("mobility.ride.reassigned")
class RideReassigned(Fact):
    """The car gave it up, or fell silent; another is looked for. Subject: the ride."""

    operator: UUID
    vehicle: UUID
    driverless: bool
    district: str
    by: Literal["car", "house"]
    reason: str


@fact("mobility.ride.arrived")
class RideArrived(Fact):
    """The car is at the pick-up. Subject: the ride."""

    operator: UUID
    vehicle: UUID
    driverless: bool
    district: str
    wait_seconds: int
    deadhead_m: int


@fact("mobility.ride.started")
class RideStarted(Fact):
    """The rider is in the right car. Subject: the ride."""

    operator: UUID
    vehicle: UUID
    driverless: bool
    district: str
    stood_seconds: int


@fact("mobility.ride.redirected")
class RideRedirected(Fact):
    """The rider took a new quote for another way. Subject: the ride."""

    operator: UUID
    district: str
    quoted: int
    metres: int


@fact("mobility.ride.completed")
class RideCompleted(Fact):
    """It is over and paid. `how`: arrived, early or breakdown. Subject: the ride."""

    operator: UUID
    vehicle: UUID
    driverless: bool
    district: str
    how: Literal["arrived", "early", "breakdown"]
    wait_seconds: int
    deadhead_m: int
    metres: int
    seconds: int
    bridged_m: int
    detour: bool
    total: int


@fact("mobility.ride.cancelled")
class RideCancelled(Fact):
    """It was called off, in `state`, by rider, car, house, or because nobody came. Subject: the ride."""

    operator: UUID
    district: str
    by: Literal["rider", "car", "house", "no-show"]
    state: str
    reason: str
    after_seconds: int
    fee: int


@fact("mobility.ride.refunded")
class RideRefunded(Fact):
    """What was paid went back. Subject: the ride."""

    operator: UUID
    district: str
    amount: int
    reason: str


@fact("mobility.ride.tipped")
class RideTipped(Fact):
    """The rider added something for the driver. Subject: the ride."""

    operator: UUID
    district: str
    amount: int


@fact("mobility.ride.rated")
class RideRated(Fact):
    """Subject: the ride."""

    operator: UUID
    district: str
    driverless: bool
    by: Literal["rider", "driver"]
    stars: int


@fact("mobility.ride.alarm")
class RideAlarmed(Fact):
    """Somebody in the car pressed the emergency button: urgent. Subject: the ride."""

    operator: UUID
    vehicle: UUID
    district: str
    by: Literal["rider", "driver"]


@fact("mobility.ride.alarm.closed")
class RideAlarmClosed(Fact):
    """Staff looked after it, `seconds` after it was raised. Subject: the ride."""

    operator: UUID
    district: str
    seconds: int


@fact("mobility.ride.lost")
class RideItemLost(Fact):
    """Something was left in the car. Subject: the ride."""

    operator: UUID
    district: str


@fact("mobility.duty.began")
class DutyBegan(Fact):
    """A car takes rides. Subject: the vehicle."""

    operator: UUID
    driverless: bool
    district: str


@fact("mobility.duty.ended")
class DutyEnded(Fact):
    """And no longer. Subject: the vehicle."""

    operator: UUID
    driverless: bool
    district: str
    seconds: int
    reason: str


@fact("mobility.permit.seen")
class PermitSeen(Fact):
    """An operator has seen a driver's paper. Subject: the paper."""

    operator: UUID
    kind: str
