"""Moving a vehicle from state to state. Each move is one event of the vehicle, in order, and a fact."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from lilong.fields.mobility.events.vehicles import VehicleMoved
from lilong.fields.mobility.models import Vehicle, VehicleEvent
from lilong.fields.mobility.rules import roles
from lilong.fields.mobility.rules import vehicle_states as rules
from lilong.fields.mobility.services import trips
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Missing, Violation, invalid
from lilong.kernel.events.services import emit
from lilong.kernel.parties.actor import SYSTEM, Actor

_AHEAD = timedelta(seconds=60)  # how far a vehicle's clock may be before ours
_AT_ONCE = 5  # events that may be reported as one
_BACK_AGAIN = 20  # how many events back the state before a silence is looked for


@transaction.atomic
def change(
    actor: Actor,
    *,
    id: UUID,
    vehicle: UUID,
    events: Sequence[str],
    state: str = "",
    at: datetime | None = None,
    trip: UUID | None = None,
) -> VehicleEvent:
    """What happened to a vehicle: MDS event types, one after another, recorded as one event with the caller's id.

    `state` names where it leads when the table leaves a choice; after a silence it is by itself the state before it.
    The operator's people and the vehicle's own device may. A rental or ride moves its vehicle by itself: what the
    tables allow but a trip under way forbids is refused. Again with the same id: the same answer.

    Raises Missing, Forbidden, Invalid (`/events`, `/at`), Conflict `vehicle-state` (naming state and event),
    `vehicle-on-trip`, `event-out-of-order`, `id-taken`.
    """
    row = locked(vehicle)
    if not (actor.kind == "device" and actor.party == row.device):
        actor.require(row.operator_id, *roles.WORK, scope=roles.FLEET)
    known = VehicleEvent.objects.filter(id=id).first()
    if known is not None:
        if known.vehicle_id == row.id and known.events == list(events) and state in ("", known.state):
            return known
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    if not 1 <= len(events) <= _AT_ONCE:
        raise invalid("/events", "length", f"1..{_AT_ONCE}")
    for n, event in enumerate(events):
        if event not in rules.EVENTS[row.mode]:
            raise invalid(f"/events/{n}", "known", event)
    if at is not None and (at.tzinfo is None or at > clock.now() + _AHEAD):
        raise invalid("/at", "not-in-the-future")
    if row.trip is not None and trip != row.trip:
        _mind_the_trip(row, events)
    return move(row, events, actor=actor, id=id, state=state, at=at, trip=trip)


def _mind_the_trip(row: Vehicle, events: Sequence[str]) -> None:
    """While somebody has the vehicle, only what its rental or ride does may free it or send it off."""
    if any(
        event.startswith(("trip_end", "trip_cancel", "reservation", "service")) or "cancel" in event for event in events
    ):
        raise Conflict("vehicle-on-trip", violations=[Violation(pointer="/events", rule="trip-under-way")])


def move(
    vehicle: Vehicle,
    events: Sequence[str],
    *,
    actor: Actor = SYSTEM,
    id: UUID | None = None,
    state: str = "",
    at: datetime | None = None,
    trip: UUID | None = None,
) -> VehicleEvent:
    """Moves a vehicle whose row the caller has locked, and saves it. For this field's services: asks for no permission.

    `trip` is the rental or ride the events belong to. Raises Conflict `vehicle-state`, `event-out-of-order`.
    """
    now = clock.now()
    when = min(at or now, now)
    if vehicle.sequence and when < vehicle.state_at:
        raise Conflict("event-out-of-order", violations=[Violation(pointer="/at", rule="not-before-the-last")])
    *way, last = events
    steps = rules.path(vehicle.mode, vehicle.state, way)
    here = steps[-1].state if steps else vehicle.state
    target = state or (_before_silence(vehicle, here, last) if last in rules.BACK_AGAIN else "")
    step = rules.step(vehicle.mode, here, last, target)
    made = VehicleEvent(
        id=id or ids.uuid7(),
        vehicle=vehicle,
        sequence=vehicle.sequence + 1,
        previous=vehicle.state,
        state=step.state,
        trip_state=step.trip_state,
        events=list(events),
        trips=[trip] if trip else [],
        at=when,
        recorded_at=now,
        latitude_e6=vehicle.latitude_e6,
        longitude_e6=vehicle.longitude_e6,
        energy_pm=vehicle.energy_pm,
        odometer_m=vehicle.odometer_m,
    )
    made.save(force_insert=True)
    fact = _fact(vehicle, made, trip)
    vehicle.state, vehicle.event, vehicle.state_at, vehicle.sequence = step.state, last, when, made.sequence
    vehicle.save()
    emit(fact, subject=vehicle.id, actor=actor.party, at=when)
    trips.follow(vehicle, made, trip)
    return made


def locked(vehicle: UUID) -> Vehicle:
    """The vehicle, with its kind, locked for this transaction. Raises Missing `no-such-vehicle`."""
    rows = Vehicle.objects.select_for_update(of=("self",), no_key=True).select_related("type")
    row = rows.filter(id=vehicle).first()
    if row is None:
        raise Missing("no-such-vehicle", violations=[Violation(pointer="/vehicle", rule="known")])
    return row


def _before_silence(vehicle: Vehicle, state: str, event: str) -> str:
    """The last state a vehicle had before it was lost sight of, if `event` may lead there."""
    possible = {step.state for step in rules.steps(vehicle.mode, state, event)}
    past = VehicleEvent.objects.filter(vehicle=vehicle).order_by("-sequence").values_list("previous", flat=True)
    return next((each for each in past[:_BACK_AGAIN] if each in possible), "")


def _fact(vehicle: Vehicle, made: VehicleEvent, trip: UUID | None) -> VehicleMoved:
    return VehicleMoved(
        vehicle=vehicle.id,
        operator=vehicle.operator_id,
        mode=vehicle.mode,
        kind=vehicle.type.form_factor,
        number=made.sequence,
        previous=made.previous,
        state=made.state,
        events=made.events,
        seconds=int((made.at - vehicle.state_at).total_seconds()) if vehicle.sequence else 0,
        district=vehicle.district,
        trip=trip,
    )
