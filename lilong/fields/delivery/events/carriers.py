"""Facts of carriers, their fleets and lockers."""

from uuid import UUID

from lilong.kernel.events.facts import Fact, fact


@fact("delivery.carrier.opened")
class CarrierOpened(Fact):
    """An organisation carries from now on. Subject: the carrier."""

    carrier: UUID
    district: str


@fact("delivery.depot.opened")
class DepotOpened(Fact):
    """Shipments start from a place. Subject: the depot."""

    depot: UUID
    owner: UUID
    carrier: UUID | None
    district: str


@fact("delivery.service.opened")
class ServiceOpened(Fact):
    """A carrier promises something. Money in fen; `seconds` is 0 for services with windows. Subject: the service."""

    service: UUID
    carrier: UUID
    code: str
    seconds: int
    per_hour: int
    base_fee: int


@fact("delivery.service.closed")
class ServiceClosed(Fact):
    """And does so no longer. Subject: the service."""

    service: UUID
    carrier: UUID
    code: str


@fact("delivery.vehicle.added")
class VehicleAdded(Fact):
    """A courier or vehicle is in a carrier's fleet. Subject: the vehicle."""

    vehicle: UUID
    carrier: UUID
    kind: str
    unattended: bool
    district: str


@fact("delivery.vehicle.removed")
class VehicleRemoved(Fact):
    """And is no longer. Subject: the vehicle."""

    vehicle: UUID
    carrier: UUID
    kind: str
    unattended: bool
    district: str


@fact("delivery.bank.opened")
class BankOpened(Fact):
    """A bank of lockers stands. Subject: the bank."""

    bank: UUID
    carrier: UUID
    cells: int
    district: str


@fact("delivery.cell.out")
class CellOut(Fact):
    """A cell is out of order. Subject: the cell."""

    cell: UUID
    bank: UUID
    carrier: UUID
    reason: str
    district: str


@fact("delivery.cell.back")
class CellBack(Fact):
    """A cell is in order again. Subject: the cell."""

    cell: UUID
    bank: UUID
    carrier: UUID
    district: str
