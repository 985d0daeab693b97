"""The life of a ride, as data: every step there is, who may take it, and what it is to the vehicle in MDS.

`events` are those of MDS 2.0, mode passenger-services, and belong to the vehicle, not to the ride.
"""

from typing import NamedTuple

REQUESTED, OFFERED, ACCEPTED, ARRIVING, ARRIVED = "requested", "offered", "accepted", "arriving", "arrived"
UNDER_WAY, COMPLETED, CANCELLED = "under-way", "completed", "cancelled"
STATES = (REQUESTED, OFFERED, ACCEPTED, ARRIVING, ARRIVED, UNDER_WAY, COMPLETED, CANCELLED)
CLOSED = frozenset({COMPLETED, CANCELLED})
OPEN = tuple(state for state in STATES if state not in CLOSED)
WITH_CAR = (ACCEPTED, ARRIVING, ARRIVED, UNDER_WAY)
BEFORE_START = (REQUESTED, OFFERED, ACCEPTED, ARRIVING, ARRIVED)

OFFER_SECONDS = 15  # a driver's time to answer
DEVICE_SECONDS = 20  # a robotaxi's
GIVE_UP_SECONDS = 1200  # without a car in this time the house calls the ride off
LOST_SECONDS = 90  # a car on its way that says nothing for so long is replaced
OVERDUE_SECONDS = 900  # and one that is so late beyond twice the way it had
REASSIGNED_MAX = 4  # so often a ride may lose its car before the house calls it off
PICKUP_RADIUS_METRES = 150


class Step(NamedTuple):
    """From a state to another by an act; `who`: rider, car (its driver or itself), house; `events`: the vehicle's."""

    source: str
    act: str
    target: str
    who: frozenset[str]
    events: tuple[str, ...] = ()


_RIDER, _CAR, _HOUSE = frozenset({"rider"}), frozenset({"car"}), frozenset({"house"})
_BOTH = _RIDER | _CAR

STEPS = (
    Step(REQUESTED, "offer", OFFERED, _HOUSE),
    Step(OFFERED, "accept", ACCEPTED, _CAR, ("reservation_start",)),
    Step(OFFERED, "decline", REQUESTED, _CAR),
    Step(OFFERED, "lapse", REQUESTED, _HOUSE),
    Step(ACCEPTED, "depart", ARRIVING, _CAR),
    Step(ACCEPTED, "arrive", ARRIVED, _CAR, ("reservation_stop",)),
    Step(ARRIVING, "arrive", ARRIVED, _CAR, ("reservation_stop",)),
    Step(ARRIVED, "start", UNDER_WAY, _BOTH, ("trip_start",)),
    Step(UNDER_WAY, "end", COMPLETED, _BOTH | _HOUSE, ("trip_stop", "trip_end")),
    *(Step(state, "drop", REQUESTED, _CAR, ("driver_cancellation",)) for state in (ACCEPTED, ARRIVING, ARRIVED)),
    *(Step(state, "replace", REQUESTED, _HOUSE, ("provider_cancellation",)) for state in (ACCEPTED, ARRIVING, ARRIVED)),
    *(Step(state, "cancel", CANCELLED, _RIDER) for state in (REQUESTED, OFFERED)),
    *(Step(state, "cancel", CANCELLED, _RIDER, ("passenger_cancellation",)) for state in (ACCEPTED, ARRIVING, ARRIVED)),
    Step(ARRIVED, "no-show", CANCELLED, _CAR | _HOUSE, ("driver_cancellation",)),
    *(Step(state, "give-up", CANCELLED, _HOUSE) for state in (REQUESTED, OFFERED)),
    *(Step(state, "give-up", CANCELLED, _HOUSE, ("provider_cancellation",)) for state in (ACCEPTED, ARRIVING, ARRIVED)),
)
_BY_ACT = {(step.source, step.act): step for step in STEPS}


def step(state: str, act: str, who: str) -> Step | None:
    """The step, or None where the table has none for this state, act and side."""
    found = _BY_ACT.get((state, act))
    return found if found is not None and who in found.who else None
