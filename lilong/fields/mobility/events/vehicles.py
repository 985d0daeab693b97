"""Facts of vehicles: ids, districts and numbers, never who drove."""

from uuid import UUID

from lilong.kernel.events.facts import Fact, fact


@fact("mobility.vehicle.registered")
class VehicleRegistered(Fact):
    """An operator brought a vehicle. Subject: the vehicle."""

    vehicle: UUID
    operator: UUID
    mode: str
    kind: str  # GBFS form factor
    driverless: bool
    district: str


@fact("mobility.vehicle.retired")
class VehicleRetired(Fact):
    """An operator took a vehicle out of its fleet for good. Subject: the vehicle."""

    vehicle: UUID
    operator: UUID
    mode: str
    kind: str


@fact("mobility.vehicle.moved")
class VehicleMoved(Fact):
    """A vehicle changed its MDS state by `events`; it had been `previous` for `seconds`. Subject: the vehicle."""

    vehicle: UUID
    operator: UUID
    mode: str
    kind: str
    number: int
    previous: str
    state: str
    events: list[str]
    seconds: int
    district: str
    trip: UUID | None


@fact("mobility.operator.registered")
class OperatorRegistered(Fact):
    """An organisation runs vehicles. Subject: the operator."""

    operator: UUID
    modes: list[str]


@fact("mobility.station.opened")
class StationOpened(Fact):
    """A station opened. Subject: the station."""

    station: UUID
    operator: UUID
    kind: str
    district: str


@fact("mobility.zone.published")
class ZonePublished(Fact):
    """A version of a geofence counts from `valid_from`. Subject: the zone."""

    zone: UUID
    version: int
    operator: UUID | None
    rules: int


@fact("mobility.zone.withdrawn")
class ZoneWithdrawn(Fact):
    """A geofence counts no longer. Subject: the zone."""

    zone: UUID
    version: int
    operator: UUID | None


@fact("mobility.tariff.published")
class TariffPublished(Fact):
    """A version of a price plan. Subject: the plan."""

    plan: UUID
    version: int
    operator: UUID
    mode: str
