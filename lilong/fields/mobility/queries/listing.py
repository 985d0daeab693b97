"""Operators, kinds, stations, vehicles, zones and prices as they stand. Vehicles as wholes are their operators' to see."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from lilong.fields.mobility.models import Operator, Station, Tariff, Vehicle, VehicleEvent, VehicleType, Zone
from lilong.fields.mobility.rules import roles
from lilong.kernel.base import paging
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.base.words import Words
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.actor import Actor


class OperatorView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: Words
    modes: list[str]
    phone: str
    email: str
    currency: str
    apology: int
    global_rules: list[dict[str, Any]]


class KindView(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of vehicle, in the words of GBFS `vehicle_types`."""

    id: UUID
    operator: UUID
    mode: str
    name: Words
    make: str
    model: str
    form_factor: str
    propulsion_type: str
    max_range_m: int | None
    seats: int
    level: int
    wheelchair: bool
    driverless: bool
    licence_class: str
    reserve_seconds: int
    return_constraint: str
    plan: UUID | None


class StationView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    operator: UUID
    kind: str
    name: Words
    address: str
    district: str
    latitude_e6: int
    longitude_e6: int
    capacity: int
    charging: bool
    area: dict[str, Any] | None


class FleetVehicleView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    operator: UUID
    type: UUID
    mode: str
    device: UUID | None
    plate: str
    state: str
    event: str
    sequence: int
    state_at: datetime
    trip: UUID | None
    district: str
    latitude_e6: int | None
    longitude_e6: int | None
    at: datetime | None
    energy_pm: int | None
    odometer_m: int
    locked: bool | None
    engine_on: bool | None
    station: UUID | None
    home: UUID | None
    form_factor: str
    name: Words


class VehicleEventView(msgspec.Struct, frozen=True, kw_only=True):
    """A change of a vehicle's state (MDS 2.0 `events`)."""

    id: UUID
    vehicle: UUID
    sequence: int
    previous: str
    state: str
    trip_state: str
    events: list[str]
    trips: list[UUID]
    at: datetime
    recorded_at: datetime


class FenceZoneView(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a geofence; `rules` and precedence as in GBFS 3.0 `geofencing_zones`."""

    id: UUID
    zone: UUID
    version: int
    operator: UUID | None
    modes: list[str]
    name: Words
    geometry: dict[str, Any]
    rules: list[dict[str, Any]]
    precedence: int
    valid_from: datetime
    valid_until: datetime | None
    published_at: datetime
    withdrawn_at: datetime | None


class TariffView(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a price plan. `terms` in fen and seconds."""

    id: UUID
    plan: UUID
    version: int
    operator: UUID
    mode: str
    name: Words
    description: Words
    currency: str
    terms: dict[str, Any]
    valid_from: datetime


def operator(id: UUID) -> OperatorView:
    """Missing `no-such-operator` when there is none."""
    row = Operator.objects.filter(id=id, closed_at=None).first()
    if row is None:
        raise Missing("no-such-operator", violations=[Violation(pointer="/operator", rule="known")])
    return _plain(OperatorView, row, name=parties.party(row.id).name)


def operators() -> list[OperatorView]:
    rows = list(Operator.objects.filter(closed_at=None).order_by("id"))
    names = parties.parties([row.id for row in rows])
    return [_plain(OperatorView, row, name=names[row.id].name) for row in rows]


def kind(id: UUID) -> KindView:
    row = VehicleType.objects.filter(id=id).first()
    if row is None:
        raise Missing("no-such-type", violations=[Violation(pointer="/type", rule="known")])
    return _kind(row)


def kinds(operator: UUID) -> list[KindView]:
    return [_kind(row) for row in VehicleType.objects.filter(operator=operator).order_by("mode", "level", "id")]


def station(id: UUID) -> StationView:
    row = Station.objects.filter(id=id, closed_at=None).first()
    if row is None:
        raise Missing("no-such-station", violations=[Violation(pointer="/station", rule="known")])
    return _station(row)


def stations(operator: UUID | None = None) -> list[StationView]:
    rows = Station.objects.filter(closed_at=None)
    return [_station(row) for row in (rows.filter(operator=operator) if operator else rows).order_by("id")[:2000]]


def one(actor: Actor, id: UUID) -> FleetVehicleView:
    """One vehicle, for who works for its operator; Missing for others."""
    row = Vehicle.objects.select_related("type").filter(id=id).first()
    if row is None or not (actor.staff or actor.acts_for(row.operator_id, *roles.RUN)):
        raise Missing("no-such-vehicle", violations=[Violation(pointer="/vehicle", rule="known")])
    return _vehicle(row)


def vehicles(actor: Actor, operator: UUID, *, mode: str = "", state: str = "") -> list[FleetVehicleView]:
    """An operator's whole fleet, at most 2000. Raises Forbidden."""
    actor.require(operator, *roles.RUN, scope=roles.FLEET)
    rows = Vehicle.objects.select_related("type").filter(operator=operator, retired_at=None)
    rows = rows.filter(mode=mode) if mode else rows
    rows = rows.filter(state=state) if state else rows
    return [_vehicle(row) for row in rows.order_by("plate")[:2000]]


def events(actor: Actor, vehicle: UUID, *, cursor: str = "", size: int = 20) -> paging.Slice:
    """A vehicle's events, the newest first, for who works for its operator; Missing for others."""
    row = one(actor, vehicle)
    found = paging.page(VehicleEvent.objects.filter(vehicle=row.id), by=("-sequence",), cursor=cursor, size=size)
    return paging.Slice(items=[event_view(each) for each in found.items], next=found.next)


def zones(operator: UUID | None = None) -> list[FenceZoneView]:
    """Those that count now or will: the city's, and an operator's where one is named."""
    rows = Zone.objects.filter(withdrawn_at=None)
    rows = rows.filter(operator=None) | rows.filter(operator=operator) if operator else rows
    return [zone_view(row) for row in rows.order_by("precedence", "id")[:1000]]


def tariffs(operator: UUID) -> list[TariffView]:
    """The newest version of each of an operator's price plans."""
    rows = Tariff.objects.filter(operator=operator).order_by("plan", "-version").distinct("plan")
    return [tariff_view(row) for row in rows]


def event_view(row: VehicleEvent) -> VehicleEventView:
    return _plain(VehicleEventView, row, vehicle=row.vehicle_id)


def zone_view(row: Zone) -> FenceZoneView:
    return _plain(FenceZoneView, row, operator=row.operator_id, name=Words.read(row.name))


def tariff_view(row: Tariff) -> TariffView:
    words = {"name": Words.read(row.name), "description": Words.read(row.description)}
    return _plain(TariffView, row, operator=row.operator_id, **words)


def _kind(row: VehicleType) -> KindView:
    return _plain(KindView, row, operator=row.operator_id, name=Words.read(row.name))


def _station(row: Station) -> StationView:
    return _plain(StationView, row, operator=row.operator_id, name=Words.read(row.name))


def _vehicle(row: Vehicle) -> FleetVehicleView:
    return _plain(
        FleetVehicleView,
        row,
        operator=row.operator_id,
        type=row.type_id,
        station=row.station_id,
        home=row.home_id,
        form_factor=row.type.form_factor,
        name=Words.read(row.type.name),
    )


def _plain(shape: Any, row: Any, **given: Any) -> Any:
    """A row as that struct: what is not given has the same name there."""
    return shape(**{name: given.get(name, getattr(row, name, None)) for name in shape.__struct_fields__})
