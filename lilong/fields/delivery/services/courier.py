"""What couriers' phones (and vehicles) say happened: each by its own id and clock, in any order, some of it late.

Every event is a transaction of its own. What the shipment's state does not allow is kept, not lost: when what was missing
before it comes, it is tried again; what never fits is there for the carrier's office to look at.
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction

from lilong.fields.delivery.drafts import ClientEventDraft
from lilong.fields.delivery.models import ClientEvent, Vehicle
from lilong.fields.delivery.rules import roles
from lilong.fields.delivery.rules.checks import fingerprint
from lilong.fields.delivery.services import delivering, fleet, journey, lockers, stops
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing, Problem, Violation, invalid
from lilong.kernel.parties.actor import Actor

AT_ONCE = 200
APPLIED, KEPT = "applied", "kept"


class EventAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one event: 'applied', or 'kept' with the problem's code because the state does not allow it (yet)."""

    id: UUID
    state: str
    problem: str = ""


def take(actor: Actor, *, vehicle: UUID, events: Sequence[ClientEventDraft]) -> list[EventAnswer]:
    """Takes the events in, oldest first by their own clock; one answer for each, in the order asked.

    EventAnswer again (same id, same body) an event changes nothing; another body under its id is kept as a Conflict. Raises
    Missing, Forbidden, Invalid for too many at once.
    """
    found = Vehicle.objects.filter(id=vehicle, removed_at=None).first()
    if found is None:
        raise Missing("no-such-vehicle", violations=[Violation(pointer="/vehicle", rule="known")])
    fleet.may_drive(actor, found)
    if len(events) > AT_ONCE:
        raise invalid("/events", "max-length", str(AT_ONCE))
    told: dict[UUID, EventAnswer] = {}
    for event in sorted(events, key=lambda each: each.at):
        told[event.id] = _take_one(actor, found, event)
        if told[event.id].state == APPLIED:
            told |= _again(actor, found, event.shipment, told)
    return [told[event.id] for event in events]


def try_kept(actor: Actor, *, vehicle: UUID, shipment: UUID) -> None:
    """What was kept of a shipment may fit now: a photo came in after the delivery it belongs to."""
    _again(actor, Vehicle.objects.get(id=vehicle), shipment, {})


def _take_one(actor: Actor, vehicle: Vehicle, event: ClientEventDraft) -> EventAnswer:
    known = ClientEvent.objects.filter(id=event.id).first()
    if known is not None:
        if known.vehicle_id != vehicle.id or known.body["asked"] != fingerprint(event):
            return EventAnswer(id=event.id, state=KEPT, problem="id-taken")
        return EventAnswer(id=event.id, state=known.state, problem=known.problem)
    row = ClientEvent(
        id=event.id, vehicle=vehicle, shipment=event.shipment, kind=event.kind, body=_kept(event), client_at=event.at,
        received_at=clock.now(), state=APPLIED,
    )  # fmt: skip
    try:
        _apply(actor, row, event)
    except IntegrityError:  # the same event came in twice at the same moment
        if not ClientEvent.objects.filter(id=event.id).exists():
            raise
        return _take_one(actor, vehicle, event)
    except (Conflict, Invalid, Missing, Forbidden) as problem:
        row.state, row.problem, row.body = KEPT, problem.code[:40], _kept(event)
        ClientEvent.objects.bulk_create([row], ignore_conflicts=True)
    return EventAnswer(id=event.id, state=row.state, problem=row.problem)


def _kept(event: ClientEventDraft) -> dict[str, Any]:
    """What is kept of an event. A code stays only as long as it may be needed again, `asked` tells one body from another."""
    body: dict[str, Any] = msgspec.to_builtins(event)
    return body | {"asked": fingerprint(event)}


def _apply(actor: Actor, row: ClientEvent, event: ClientEventDraft) -> None:
    """The event's row and what it does, both or neither. A door's code is looked at before, as wrong ones are counted."""
    if event.kind == "delivered" and event.code:
        delivering.check_code(actor, shipment=event.shipment, vehicle=row.vehicle_id, code=event.code)
    row.body = _kept(event) | {"code": ""}
    with transaction.atomic():
        row.save(force_insert=row._state.adding)
        _do(actor, row.vehicle_id, event)


def _do(actor: Actor, vehicle: UUID, event: ClientEventDraft) -> None:
    _STEPS[event.kind](actor, {"shipment": event.shipment, "vehicle": vehicle, "at": event.at}, event)


def _at_depot(actor: Actor, given: dict[str, Any], event: ClientEventDraft) -> None:
    if event.place is None:
        raise invalid("/place", "required")
    journey.bring_to_depot(actor, **given, depot=event.place)


def _delivered(actor: Actor, given: dict[str, Any], event: ClientEventDraft) -> None:
    delivering.hand_over(
        actor, **given, code=event.code, tags=[event.tag] if event.tag else [], position=event.position
    )


def _failed(actor: Actor, given: dict[str, Any], event: ClientEventDraft) -> None:
    journey.fail(actor, **given, outcome=event.outcome, reason=event.reason, id=event.id)


def _arrived(actor: Actor, given: dict[str, Any], event: ClientEventDraft) -> None:
    if not stops.arrived(event.shipment, given["vehicle"], min(event.at, clock.now())):
        raise Conflict("no-such-stop", violations=[Violation(pointer="/shipment", rule="on-your-run")])


_STEPS: dict[str, Callable[[Actor, dict[str, Any], ClientEventDraft], object]] = {
    "collected": lambda actor, given, event: journey.collect(actor, **given),
    "departed": lambda actor, given, event: journey.depart(actor, **given),
    "arrived": _arrived,
    "at-depot": _at_depot,
    "delivered": _delivered,
    "deposited": lambda actor, given, event: lockers.put_in(actor, **given),
    "failed": _failed,
    "returning": lambda actor, given, event: lockers.take_back(
        actor, shipment=event.shipment, vehicle=given["vehicle"]
    ),
    "returned": lambda actor, given, event: journey.hand_back(actor, **given),
}


def _again(actor: Actor, vehicle: Vehicle, shipment: UUID, told: dict[UUID, EventAnswer]) -> dict[UUID, EventAnswer]:
    """Tries once more what was kept of this shipment by this vehicle, oldest first."""
    found: dict[UUID, EventAnswer] = {}
    kept = ClientEvent.objects.filter(vehicle=vehicle, shipment=shipment, state=KEPT, seen_by=None).order_by(
        "client_at"
    )
    for row in kept:
        told_before = {name: value for name, value in row.body.items() if name != "asked"}
        event = msgspec.convert(told_before, ClientEventDraft)
        row.state, row.problem = APPLIED, ""
        try:
            _apply(actor, row, event)
        except Problem:
            continue
        if row.id in told:
            found[row.id] = EventAnswer(id=row.id, state=APPLIED)
    return found


@transaction.atomic
def look_at_kept(actor: Actor, *, id: UUID) -> ClientEvent:
    """The carrier's office has seen an event that never fitted. Raises Missing."""
    row = ClientEvent.objects.select_for_update(of=("self",)).select_related("vehicle").filter(id=id).first()
    if row is None or not actor.acts_for(row.vehicle.carrier_id, *roles.DISPATCH):
        raise Missing("no-such-event", violations=[Violation(pointer="/id", rule="known")])
    actor.require_scope(roles.CARRY)
    if row.seen_by is None:
        row.seen_by = actor.party
        row.save(update_fields=["seen_by"])
    return row
