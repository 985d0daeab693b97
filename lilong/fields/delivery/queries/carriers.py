"""Reads of carriers, their services, depots, zones and fleets. Who carries and what it promises is public; fleets are not."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from lilong.fields.delivery.models import Carrier, Depot, ServiceLevel, Vehicle, Zone
from lilong.fields.delivery.rules import clocks, kinds, roles
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.base.words import Words
from lilong.kernel.parties.actor import Actor


class CarrierView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: Words
    district: str
    attempts: int
    open: bool


class ServiceLevelView(msgspec.Struct, frozen=True, kw_only=True):
    """A service level; times of day as "08:00", money in fen."""

    id: UUID
    carrier: UUID
    code: str
    name: Words
    temperatures: list[str]
    zone: UUID | None
    starts: str
    ends: str
    seconds: int | None
    window_seconds: int | None
    lead_seconds: int
    cut_off: str
    per_hour: int
    radius_m: int
    weight_g: int
    base_fee: int
    km_fee: int
    kg_fee: int
    cover: int
    late_percent: int
    speed_kmh: int
    contactless: bool
    proofs: list[str]
    open: bool


class DepotView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    owner: UUID
    carrier: UUID | None
    name: Words
    district: str
    address: str
    latitude_e6: int
    longitude_e6: int
    open: bool


class CarrierZoneView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    carrier: UUID
    kind: str
    name: Words
    geometry: dict[str, Any]
    open: bool


class FleetVehicleView(msgspec.Struct, frozen=True, kw_only=True):
    """A courier or vehicle as its carrier's office sees it."""

    id: UUID
    carrier: UUID
    kind: str
    unattended: bool
    name: Words
    capacity_g: int
    capacity_ml: int
    capacity_parcels: int
    range_m: int
    speed_kmh: int
    temperatures: list[str]
    skills: list[str]
    zones: list[UUID]
    home: UUID
    shift: UUID | None
    state: str
    state_at: datetime
    latitude_e6: int | None
    longitude_e6: int | None
    heading: int | None
    position_at: datetime | None
    battery_percent: int | None
    removed: bool


def carriers() -> list[CarrierView]:
    """All open carriers."""
    return [_carrier(row) for row in Carrier.objects.filter(closed_at=None).order_by("opened_at", "id")]


def carrier(id: UUID) -> CarrierView:
    """Raises Missing."""
    row = Carrier.objects.filter(id=id).first()
    if row is None:
        raise Missing("no-such-carrier", violations=[Violation(pointer="/carrier", rule="known")])
    return _carrier(row)


def services(carrier: UUID) -> list[ServiceLevelView]:
    """A carrier's open services, the cheapest first."""
    rows = ServiceLevel.objects.filter(carrier=carrier, closed_at=None)
    return [service_view(row) for row in rows.order_by("base_fee", "id")]


def depots(carrier: UUID) -> list[DepotView]:
    """The depots that a carrier serves."""
    rows = Depot.objects.filter(carrier=carrier, closed_at=None).order_by("opened_at", "id")
    return [depot_view(row) for row in rows]


def depots_of(owner: UUID) -> list[DepotView]:
    """The depots an organisation has."""
    rows = Depot.objects.filter(owner=owner, closed_at=None).order_by("opened_at", "id")
    return [depot_view(row) for row in rows]


def zones(carrier: UUID) -> list[CarrierZoneView]:
    """A carrier's open zones."""
    rows = Zone.objects.filter(carrier=carrier, closed_at=None).order_by("opened_at", "id")
    return [zone_view(row) for row in rows]


def vehicles(actor: Actor, carrier: UUID, *, kind: str = "", state: str = "") -> list[FleetVehicleView]:
    """A carrier's fleet, for its office. Raises Forbidden."""
    actor.require(carrier, *roles.LOOK)
    rows = Vehicle.objects.filter(carrier=carrier, removed_at=None)
    rows = rows.filter(kind=kind) if kind else rows
    rows = rows.filter(state=state) if state else rows
    return [vehicle_view(row) for row in rows.order_by("kind", "id")]


def vehicle(actor: Actor, id: UUID) -> FleetVehicleView:
    """One of the fleet: for itself and its carrier's office. Raises Missing."""
    row = Vehicle.objects.filter(id=id).first()
    if row is None or not (actor.party == id or actor.acts_for(row.carrier_id, *roles.LOOK)):
        raise Missing("no-such-vehicle", violations=[Violation(pointer="/vehicle", rule="known")])
    return vehicle_view(row)


def _carrier(row: Carrier) -> CarrierView:
    return CarrierView(
        id=row.id, name=Words.read(row.name), district=row.district, attempts=row.attempts, open=row.closed_at is None
    )  # fmt: skip


def service_view(row: ServiceLevel) -> ServiceLevelView:
    same = (
        "id", "code", "temperatures", "seconds", "window_seconds", "lead_seconds", "per_hour", "radius_m", "weight_g",
        "base_fee", "km_fee", "kg_fee", "cover", "late_percent", "speed_kmh", "contactless", "proofs",
    )  # fmt: skip
    return ServiceLevelView(
        **{name: getattr(row, name) for name in same}, carrier=row.carrier_id, zone=row.zone_id, name=Words.read(row.name),
        starts=clocks.text(row.starts), ends=clocks.text(row.ends),
        cut_off="" if row.cut_off is None else clocks.text(row.cut_off), open=row.closed_at is None,
    )  # fmt: skip


def depot_view(row: Depot) -> DepotView:
    same = ("id", "owner", "district", "address", "latitude_e6", "longitude_e6")
    return DepotView(
        **{name: getattr(row, name) for name in same}, carrier=row.carrier_id, name=Words.read(row.name),
        open=row.closed_at is None,
    )  # fmt: skip


def zone_view(row: Zone) -> CarrierZoneView:
    return CarrierZoneView(
        id=row.id, carrier=row.carrier_id, kind=row.kind, name=Words.read(row.name), geometry=row.geometry,
        open=row.closed_at is None,
    )  # fmt: skip


def vehicle_view(row: Vehicle) -> FleetVehicleView:
    same = (
        "id", "kind", "capacity_g", "capacity_ml", "capacity_parcels", "range_m", "speed_kmh", "temperatures", "skills",
        "zones", "shift", "state", "state_at", "latitude_e6", "longitude_e6", "heading", "position_at", "battery_percent",
    )  # fmt: skip
    return FleetVehicleView(
        **{name: getattr(row, name) for name in same}, carrier=row.carrier_id, home=row.home_id, name=Words.read(row.name),
        unattended=row.kind in kinds.UNATTENDED, removed=row.removed_at is not None,
    )  # fmt: skip
