"""A carrier's fleet: who and what is in it, whether it is at work, where it is."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from lilong.fields.delivery.drafts import Spot, VehicleDraft
from lilong.fields.delivery.events.carriers import VehicleAdded, VehicleRemoved
from lilong.fields.delivery.models import Depot, Parcel, Vehicle, Zone
from lilong.fields.delivery.rules import checks, kinds, roles, steps
from lilong.fields.delivery.services import carriers, etas, watched
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Missing, Violation, invalid
from lilong.kernel.calendar import services as calendar
from lilong.kernel.calendar.drafts import Opening
from lilong.kernel.events.services import emit
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties import services as parties_services
from lilong.kernel.parties.actor import SYSTEM, Actor

_PLAIN = ("kind", "capacity_g", "capacity_ml", "capacity_parcels", "range_m", "speed_kmh")
_PERSONS = ("courier", "van")


@transaction.atomic
def add_vehicle(actor: Actor, draft: VehicleDraft) -> Vehicle:
    """Takes a courier (a member of the carrier's) or a vehicle into the fleet; a device that is not known yet is registered.

    Its shift becomes a calendar resource. Raises Forbidden, Missing, Gone, Invalid, Conflict `id-taken`.
    """
    carrier = carriers.carrier_of(actor, draft.carrier)
    checks.vehicle(draft)
    home = Depot.objects.filter(id=draft.home, carrier=carrier, closed_at=None).first()
    if home is None:
        raise invalid("/home", "own-depot")
    if Zone.objects.filter(id__in=draft.zones, carrier=carrier).count() != len(set(draft.zones)):
        raise invalid("/zones", "known")
    _require_party(draft, home.district)
    asked, now = checks.fingerprint(draft), clock.now()
    values: dict[str, Any] = {name: getattr(draft, name) for name in _PLAIN} | {
        "carrier": carrier, "name": draft.name.stored(), "temperatures": list(draft.temperatures), "home": home,
        "skills": list(draft.skills), "zones": list(draft.zones), "shift": ids.named("delivery", "shift", draft.id),
        "fingerprint": asked, "added_at": now, "state_at": now, "latitude_e6": home.latitude_e6,
        "longitude_e6": home.longitude_e6, "position_at": now,
    }  # fmt: skip
    made, created = Vehicle.objects.get_or_create(id=draft.id, defaults=values)
    if made.fingerprint != asked:
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    if created:
        _open_shift(actor, made, draft)
        emit(VehicleAdded(**_told(made, home.district)), subject=made.id, actor=actor.party)
    return made


def _require_party(draft: VehicleDraft, district: str) -> None:
    """Couriers are people who belong to the carrier; vehicles are its devices."""
    if draft.kind in _PERSONS:
        if draft.id not in {each.person for each in parties.members(draft.carrier)}:
            raise invalid("/id", "member")
        return
    if draft.id not in parties.parties([draft.id]):
        parties_services.create_device(
            SYSTEM, id=draft.id, name=draft.name, owner=draft.carrier, kind=draft.kind, district=district
        )
    carriers.own_device(draft.carrier, draft.id, "/id")


def _open_shift(actor: Actor, vehicle: Vehicle, draft: VehicleDraft) -> None:
    assert vehicle.shift is not None
    calendar.create_resource(
        actor, id=vehicle.shift, owner=draft.carrier, kind="delivery-shift", name=draft.name, capacity=1
    )
    if (draft.shift_starts, draft.shift_ends) != ("00:00", "24:00"):
        calendar.set_opening(
            actor, resource=vehicle.shift, rules=[Opening(start=draft.shift_starts, end=draft.shift_ends)]
        )


@transaction.atomic
def remove_vehicle(actor: Actor, *, id: UUID) -> Vehicle:
    """Out of the fleet, once it has nothing aboard (Conflict `not-empty`). Again: the same answer."""
    vehicle = _locked(id)
    carriers.carrier_of(actor, vehicle.carrier_id)
    if vehicle.removed_at is not None:
        return vehicle
    if Parcel.objects.filter(holder=id, holder_kind="vehicle").exists():
        raise Conflict("not-empty", violations=[Violation(pointer="/id", rule="empty")])
    vehicle.removed_at, vehicle.state, vehicle.state_at = clock.now(), "off", clock.now()
    vehicle.save(update_fields=["removed_at", "state", "state_at"])
    district = Depot.objects.values_list("district", flat=True).get(id=vehicle.home_id)
    emit(VehicleRemoved(**_told(vehicle, district)), subject=id, actor=actor.party)
    return vehicle


@transaction.atomic
def set_state(actor: Actor, *, vehicle: UUID, state: str) -> Vehicle:
    """At work or not, charging, out of order. Itself, or its carrier's dispatchers. Raises Missing, Forbidden, Invalid."""
    found = _locked(vehicle)
    may_drive(actor, found)
    if state not in kinds.VEHICLE_STATES:
        raise invalid("/state", "one-of", ", ".join(kinds.VEHICLE_STATES))
    if found.state != state:
        found.state, found.state_at = state, clock.now()
        found.save(update_fields=["state", "state_at"])
    return found


def set_position(
    actor: Actor,
    *,
    vehicle: UUID,
    spot: Spot,
    at: datetime | None = None,
    heading: int | None = None,
    battery_percent: int | None = None,
) -> bool:
    """Where it is; False when a later position is known already. Raises Missing, Forbidden, Invalid (range, time)."""
    found = Vehicle.objects.filter(id=vehicle).first()
    if found is None:
        raise Missing("no-such-vehicle", violations=[Violation(pointer="/vehicle", rule="known")])
    may_drive(actor, found)
    checks.spot("position", spot)
    for name, value, most in (("heading", heading, 359), ("battery_percent", battery_percent, 100)):
        if value is not None and not 0 <= value <= most:
            raise invalid(f"/{name}", "range", f"0..{most}")
    now = clock.now()
    moment = steps.happened(at, now) if at else now
    changes: dict[str, Any] = {
        "latitude_e6": spot.latitude_e6,
        "longitude_e6": spot.longitude_e6,
        "position_at": moment,
    }
    changes |= {"heading": heading} if heading is not None else {}
    changes |= {"battery_percent": battery_percent} if battery_percent is not None else {}
    later = Q(position_at=None) | Q(position_at__lt=moment)
    moved = bool(Vehicle.objects.filter(later, id=vehicle).update(**changes))
    if moved:
        etas.keep(vehicle)
        watched.moved(vehicle)
    return moved


def may_drive(actor: Actor, vehicle: Vehicle) -> None:
    """The courier or device itself, or a dispatcher of its carrier; others are told that there is no such vehicle."""
    if not (actor.party == vehicle.id or actor.acts_for(vehicle.carrier_id, *roles.DISPATCH)):
        raise Missing("no-such-vehicle", violations=[Violation(pointer="/vehicle", rule="known")])
    actor.require_scope(roles.CARRY)


def _locked(id: UUID) -> Vehicle:
    found = Vehicle.objects.select_for_update(of=("self",)).filter(id=id).first()
    if found is None:
        raise Missing("no-such-vehicle", violations=[Violation(pointer="/vehicle", rule="known")])
    return found


def _told(vehicle: Vehicle, district: str) -> dict[str, Any]:
    return {
        "vehicle": vehicle.id, "carrier": vehicle.carrier_id, "kind": vehicle.kind,
        "unattended": vehicle.kind in kinds.UNATTENDED, "district": district,
    }  # fmt: skip
