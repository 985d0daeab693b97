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


@fact("mobility.vehicle.told")
class VehicleTold(Fact):
    """A vehicle was given a command. Subject: the vehicle."""

    vehicle: UUID
    operator: UUID
    mode: str
    command: str
    trip: UUID | None
