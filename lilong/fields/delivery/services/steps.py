"""A shipment locked for a change: who may change it, its next state, the fact that is told of it, those who watch it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from lilong.fields.delivery.events import shipments as facts
from lilong.fields.delivery.models import HandOver, Parcel, Shipment, Vehicle
from lilong.fields.delivery.rules import kinds, roles, states, steps
from lilong.fields.delivery.services import watched
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Forbidden, Missing, Violation
from lilong.kernel.events.facts import Fact
from lilong.kernel.events.services import emit
from lilong.kernel.parties.actor import Actor

Watch = Callable[[Shipment, tuple[str, ...], datetime], None]
_watching: list[Watch] = []


def watch(watching: Watch) -> None:
    """Is told of every step of a locked shipment, with the states passed, in its transaction; what it raises undoes the step."""
    if watching not in _watching:
        _watching.append(watching)


def locked(id: UUID) -> Shipment:
    """The shipment with its row locked; everything else of it is locked after this row. Raises Missing."""
    found = (
        Shipment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("service", "carrier", "vehicle")
        .filter(id=id)
        .first()
    )
    if found is None:
        raise missing()
    return found


def missing() -> Missing:
    return Missing("no-such-shipment", violations=[Violation(pointer="/shipment", rule="known")])


def carried_by(actor: Actor, shipment: Shipment, vehicle: UUID) -> Vehicle:
    """The vehicle of the shipment's carrier that the actor is or dispatches. Raises Missing, Forbidden."""
    found = Vehicle.objects.select_related("home").filter(id=vehicle, removed_at=None).first()
    if found is None or found.carrier_id != shipment.carrier_id:
        raise Missing("no-such-vehicle", violations=[Violation(pointer="/vehicle", rule="known")])
    if not (actor.party == vehicle or actor.acts_for(found.carrier_id, *roles.DISPATCH)):
        raise missing()
    actor.require_scope(roles.CARRY)
    return found


def require_dispatcher(actor: Actor, shipment: Shipment) -> None:
    """Raises Missing for those who have nothing to do with it, Forbidden for those whose role does not allow it."""
    if actor.acts_for(shipment.carrier_id, *roles.DISPATCH):
        actor.require_scope(roles.CARRY)
        return
    if actor.party == shipment.vehicle_id:
        raise Forbidden("not-yours", extra={"needs": ["owner", *roles.DISPATCH]})
    raise missing()


def require_not_stopped(shipment: Shipment) -> None:
    """What the cold chain or a recall has stopped goes to nobody but the carrier. Raises Conflict `shipment-stopped`."""
    if shipment.stopped:
        raise Conflict(
            "shipment-stopped",
            violations=[Violation(pointer="/shipment", rule="released")],
            extra={"reason": shipment.stopped},
        )


def advance(shipment: Shipment, wanted: str, at: datetime, **changed: Any) -> tuple[str, ...]:
    """Goes to the wanted state, through what it implies; answers the states passed. Raises Conflict `wrong-step`."""
    passed = steps.way(shipment.state, wanted)
    shipment.state, shipment.state_at = wanted, at
    for name, value in changed.items():
        setattr(shipment, name, value)
    shipment.save(update_fields=["state", "state_at", *changed])
    for watch in _watching:
        watch(shipment, passed, at)
    return passed


def parcels(shipment: Shipment) -> list[Parcel]:
    """Those of it that are not lost, by number; the shipment is locked."""
    rows = Parcel.objects.filter(shipment=shipment).exclude(holder_kind=kinds.LOST_HOLDER)
    return list(rows.order_by("number"))


def move(
    moved: list[Parcel],
    kind: str,
    holder: UUID,
    *,
    at: datetime,
    by: UUID,
    place: UUID | None = None,
    evidence: UUID | None = None,
) -> None:
    """Hands parcels over, from whoever has each: one row each in the chain of custody, which moves the parcel itself."""
    now = clock.now()
    HandOver.objects.bulk_create(
        [
            HandOver(
                parcel=parcel, n=parcel.n + 1, before=parcel.n, from_kind=parcel.holder_kind,
                from_holder=parcel.holder, to_kind=kind, to_holder=holder, at=at, recorded_at=now, place=place,
                evidence=evidence, by=by,
            )
            for parcel in moved
        ]
    )  # fmt: skip
    for parcel in moved:
        parcel.n, parcel.holder_kind, parcel.holder = parcel.n + 1, kind, holder


def require_held_by(held: list[Parcel], kind: str, holder: UUID) -> None:
    """Raises Conflict `other-holder` with the kind of holder there is: who has a parcel is who hands it over."""
    for parcel in held:
        if (parcel.holder_kind, parcel.holder) != (kind, holder):
            raise Conflict(
                "other-holder",
                violations=[Violation(pointer="/vehicle", rule="holds-it")],
                extra={"holder": parcel.holder_kind},
            )


class Whole(NamedTuple):
    """How whole a shipment is: parcels that are there and lost, the order's lines that were in them."""

    parcels: int
    lost: int
    lines: list[int]
    missing: list[int]


def whole(shipment: Shipment) -> Whole:
    rows = list(Parcel.objects.filter(shipment=shipment).values_list("holder_kind", "line"))
    lost = [line for kind, line in rows if kind == kinds.LOST_HOLDER]
    there = [line for kind, line in rows if kind != kinds.LOST_HOLDER]
    return Whole(
        len(there), len(lost), sorted({n for n in there if n is not None}), sorted({n for n in lost if n is not None})
    )


def minutes(shipment: Shipment, at: datetime) -> int:
    """Since it was asked for."""
    return max(0, int((at - shipment.requested_at).total_seconds()) // 60)


def told(shipment: Shipment) -> dict[str, Any]:
    """What every fact of a shipment says."""
    return {
        "shipment": shipment.id, "carrier": shipment.carrier_id, "shipper": shipment.shipper, "order": shipment.order,
        "place": shipment.depot_id, "service": shipment.service.code, "temperature": shipment.temperature,
        "district": shipment.district,
    }  # fmt: skip


def tell(actor: Actor, shipment: Shipment, fact: Fact, at: datetime | None = None) -> None:
    """Records the fact, of when it happened, and lets those look again who watch the shipment."""
    emit(fact, subject=shipment.id, actor=actor.party, at=at)
    watched.changed(shipment)


def tell_passed(actor: Actor, shipment: Shipment, passed: tuple[str, ...], vehicle: Vehicle, at: datetime) -> None:
    """The facts of the plain steps that were passed: accepted, collected, out."""
    by: dict[str, Any] = {"vehicle": vehicle.id, "kind": vehicle.kind, "unattended": vehicle.kind in kinds.UNATTENDED}
    for state in passed:
        if state == states.ACCEPTED:
            tell(actor, shipment, facts.ShipmentAccepted(**told(shipment)), at)
        elif state == states.COLLECTED:
            tell(actor, shipment, facts.ShipmentCollected(**told(shipment), **by), at)
        elif state == states.OUT:
            tell(actor, shipment, facts.ShipmentOut(**told(shipment), **by), at)
