"""Operators, their kinds of vehicles, stations and vehicles."""

from typing import Any
from uuid import UUID

from django.db import transaction

from lilong.fields.mobility.drafts import OperatorDraft, StationDraft, VehicleDraft, VehicleTypeDraft
from lilong.fields.mobility.events.vehicles import OperatorRegistered, StationOpened, VehicleRegistered, VehicleRetired
from lilong.fields.mobility.models import Operator, Rental, Station, Tariff, Vehicle, VehicleType
from lilong.fields.mobility.rules import fleet as rules
from lilong.fields.mobility.rules import roles, zones
from lilong.fields.mobility.rules.vehicle_states import FIRST
from lilong.fields.mobility.services import offers, turns
from lilong.fields.mobility.services.vehicle_states import locked, move
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Missing, Violation, invalid
from lilong.kernel.base.words import Words
from lilong.kernel.calendar import services as calendar
from lilong.kernel.events.services import emit
from lilong.kernel.geo.districts import district_of
from lilong.kernel.geo.points import Point
from lilong.kernel.geo.zones import validated
from lilong.kernel.parties import queries as parties_reads
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.actor import SYSTEM, Actor

CAR = "shared-car"  # the calendar's kind of resource
_INTO_SERVICE = {
    "car-share": ("recommissioned", "service_start"),
    "passenger-services": ("recommissioned",),
    "micromobility": ("provider_drop_off",),
}
_OUT_OF_SERVICE = {
    (mode, "available"): ("service_end", "decommissioned") for mode in ("car-share", "passenger-services")
}


@transaction.atomic
def register_operator(actor: Actor, draft: OperatorDraft) -> Operator:
    """Makes an organisation an operator, or changes what it says of itself. Raises Invalid, Forbidden, Missing."""
    actor.require(draft.id, *roles.MANAGE, scope=roles.FLEET)
    rules.check_operator(draft)
    zones.check_rules(draft.global_rules, "/global_rules", least=0)
    if parties_reads.party(draft.id).kind != "organisation":
        raise invalid("/id", "organisation")
    values = {
        "modes": list(draft.modes),
        "phone": draft.phone,
        "email": draft.email,
        "global_rules": zones.stored(draft.global_rules),
        "apology": draft.apology,
    }
    row, made = Operator.objects.get_or_create(id=draft.id, defaults=values | {"registered_at": clock.now()})
    if made:
        emit(OperatorRegistered(operator=row.id, modes=list(draft.modes)), subject=row.id, actor=actor.party)
    elif any(getattr(row, name) != value for name, value in values.items()):
        Operator.objects.filter(id=row.id).update(**values)
        row.refresh_from_db()
    return row


@transaction.atomic
def put_type(actor: Actor, draft: VehicleTypeDraft) -> VehicleType:
    """A kind of vehicle, new or changed; operator, mode, form and licence class stay. Raises Invalid, Conflict `id-taken`."""
    operator = own_operator(actor, draft.operator)
    rules.check_type(draft)
    if draft.mode not in operator.modes:
        raise invalid("/mode", "operated")
    plan = Tariff.objects.filter(plan=draft.plan).order_by("version").first() if draft.plan else None
    if draft.plan and (plan is None or plan.operator_id != operator.id or plan.mode != draft.mode):
        raise invalid("/plan", "known")
    values = {name: getattr(draft, name) for name in draft.__struct_fields__ if name not in ("id", "operator", "name")}
    values["name"] = draft.name.stored()
    fixed = {
        "operator": operator,
        "mode": draft.mode,
        "form_factor": draft.form_factor,
        "licence_class": draft.licence_class,
    }
    row, made = VehicleType.objects.get_or_create(id=draft.id, defaults=values | fixed | {"registered_at": clock.now()})
    if not made:
        if any(getattr(row, name) != value for name, value in fixed.items()):
            raise _taken()
        VehicleType.objects.filter(id=row.id).update(**values)
        row.refresh_from_db()
    now = clock.now()
    offers.show(
        row,
        Tariff.objects.filter(plan=row.plan, valid_from__lte=now).order_by("-version").first() if row.plan else None,
    )
    return row


@transaction.atomic
def open_station(actor: Actor, draft: StationDraft) -> Station:
    """A station, new or changed. Raises Invalid, Forbidden, Missing, Conflict `id-taken`."""
    operator = own_operator(actor, draft.operator)
    rules.check_station(draft)
    values: dict[str, Any] = {
        name: getattr(draft, name)
        for name in ("kind", "address", "latitude_e6", "longitude_e6", "capacity", "charging")
    }
    values |= {
        "name": draft.name.stored(),
        "area": validated(draft.area, "/area") if draft.area is not None else None,
        "district": district_of(Point.of_e6(draft.latitude_e6, draft.longitude_e6)),
    }
    row, made = Station.objects.get_or_create(
        id=draft.id, defaults=values | {"operator": operator, "opened_at": clock.now()}
    )
    if row.operator_id != operator.id:
        raise _taken()
    if made:
        fact = StationOpened(station=row.id, operator=operator.id, kind=row.kind, district=row.district)
        emit(fact, subject=row.id, actor=actor.party)
    else:
        Station.objects.filter(id=row.id).update(**values)
        row.refresh_from_db()
    return row


@transaction.atomic
def register_vehicle(actor: Actor, draft: VehicleDraft) -> Vehicle:
    """Brings a vehicle: its device party, its calendar (a shared car), and into service where it stands.

    The same draft again: the same answer. Raises Invalid, Forbidden, Missing, Conflict (`plate-taken`, `id-taken`).
    """
    rules.check_vehicle(draft)
    type_ = VehicleType.objects.select_related("operator").filter(id=draft.type).first()
    if type_ is None:
        raise Missing("no-such-type", violations=[Violation(pointer="/type", rule="known")])
    actor.require(type_.operator_id, *roles.MANAGE, scope=roles.FLEET)
    home = (
        Station.objects.filter(id=draft.home, operator=type_.operator, closed_at=None).first() if draft.home else None
    )
    if draft.home and home is None:
        raise invalid("/home", "known")
    turns.wait_for("vehicle", draft.id)
    there = Vehicle.objects.filter(id=draft.id).select_related("type").first()
    if there is not None:
        if (there.type_id, there.plate, there.vin, there.home_id) == (draft.type, draft.plate, draft.vin, draft.home):
            return there
        raise _taken()
    if Vehicle.objects.filter(operator=type_.operator, plate=draft.plate).exists():
        raise Conflict("plate-taken", violations=[Violation(pointer="/plate", rule="unique")])
    row = _vehicle(draft, type_, home)
    if row.device:
        parties.create_device(
            SYSTEM, id=row.device, name=draft.plate, owner=row.operator_id, kind="vehicle", district=row.district
        )
    if row.mode == "car-share":
        keep_calendar(row, draft.buffer_seconds)
    fact = VehicleRegistered(
        vehicle=row.id,
        operator=row.operator_id,
        mode=row.mode,
        kind=type_.form_factor,
        driverless=type_.driverless,
        district=row.district,
    )
    emit(fact, subject=row.id, actor=actor.party)
    for event in _INTO_SERVICE[row.mode]:
        move(row, [event], actor=actor)
    return row


@transaction.atomic
def retire_vehicle(actor: Actor, *, vehicle: UUID) -> Vehicle:
    """Takes a vehicle out of the fleet for good: nobody finds or books it any more, its device is revoked.

    Again: the same answer. Raises Missing, Forbidden, Conflict: `vehicle-on-trip`, `still-booked`, `vehicle-state`.
    """
    row = locked(vehicle)
    actor.require(row.operator_id, *roles.MANAGE, scope=roles.FLEET)
    if row.retired_at:
        return row
    if row.trip is not None:
        raise Conflict("vehicle-on-trip", violations=[Violation(pointer="/vehicle", rule="nobodys")])
    if Rental.objects.filter(vehicle=row, state__in=("booked", "unlocking", "started")).exists():
        raise Conflict("still-booked", violations=[Violation(pointer="/vehicle", rule="nobodys")])
    if row.state != FIRST:
        move(row, _OUT_OF_SERVICE.get((row.mode, row.state), ("decommissioned",)), actor=actor)
    row.retired_at = clock.now()
    row.save(update_fields=["retired_at"])
    if row.mode == "car-share":
        calendar.set_active(SYSTEM, resource=row.id, active=False)
    if row.device is not None:
        parties.revoke_device(SYSTEM, device=row.device)
    fact = VehicleRetired(vehicle=row.id, operator=row.operator_id, mode=row.mode, kind=row.type.form_factor)
    emit(fact, subject=row.id, actor=actor.party)
    return row


def keep_calendar(vehicle: Vehicle, buffer_seconds: int) -> None:
    """The calendar of a shared car: one lane, with a turnaround after each booking."""
    calendar.create_resource(
        SYSTEM,
        id=vehicle.id,
        owner=vehicle.operator_id,
        kind=CAR,
        name=Words(en=vehicle.plate),
        buffer_seconds=buffer_seconds,
    )


def device_of(vehicle: UUID) -> UUID:
    """The device party of a connected vehicle."""
    return ids.named("mobility", "device", vehicle)


def own_operator(actor: Actor, operator: UUID) -> Operator:
    """The operator, for who manages it. Raises Missing `no-such-operator`, Forbidden."""
    row = Operator.objects.filter(id=operator, closed_at=None).first()
    if row is None:
        raise Missing("no-such-operator", violations=[Violation(pointer="/operator", rule="known")])
    actor.require(row.id, *roles.MANAGE, scope=roles.FLEET)
    return row


def _vehicle(draft: VehicleDraft, type_: VehicleType, home: Station | None) -> Vehicle:
    now = clock.now()
    row = Vehicle(
        id=draft.id,
        operator=type_.operator,
        type=type_,
        mode=type_.mode,
        device=device_of(draft.id) if draft.connected else None,
        plate=draft.plate,
        vin=draft.vin,
        public=ids.uuid7(),
        district=district_of(Point.of_e6(draft.latitude_e6, draft.longitude_e6)),
        latitude_e6=draft.latitude_e6,
        longitude_e6=draft.longitude_e6,
        at=now,
        energy_pm=draft.energy_pm,
        odometer_m=draft.odometer_m,
        locked=True,
        engine_on=False,
        station=home,
        home=home,
        state=FIRST,
        state_at=now,
        registered_at=now,
    )
    row.save(force_insert=True)
    return row


def _taken() -> Conflict:
    return Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
