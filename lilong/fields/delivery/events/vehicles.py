"""Facts of vehicles that master control drives. No positions: they are nobody's business once the goods are there."""

from uuid import UUID

from lilong.kernel.events.facts import Fact, fact


@fact("delivery.vehicle.controlled")
class VehicleControlled(Fact):
    """A vehicle speaks VDA 5050 with the house from now on. Subject: the vehicle."""

    vehicle: UUID
    carrier: UUID
    kind: str
    version: str


@fact("delivery.vehicle.ordered")
class VehicleOrdered(Fact):
    """An order was sent to a vehicle. Subject: the order."""

    order: UUID
    vehicle: UUID
    carrier: UUID
    stops: int


@fact("delivery.vehicle.order.ended")
class VehicleOrderEnded(Fact):
    """An order ended: 'finished', 'failed', 'cancelled', or 'lost' with a silent vehicle. Subject: the order."""

    order: UUID
    vehicle: UUID
    carrier: UUID
    outcome: str
    why: str
    done: int
    undone: int


@fact("delivery.vehicle.silent")
class VehicleSilent(Fact):
    """A vehicle was not heard for too long: what it had not picked up goes to others, what is aboard is to be recovered.
    Subject: the vehicle."""

    vehicle: UUID
    carrier: UUID
    seconds: int
    given_back: int
    aboard: int


@fact("delivery.vehicle.recovered")
class VehicleRecovered(Fact):
    """It spoke again, and its lost order is cancelled. Subject: the vehicle."""

    vehicle: UUID
    carrier: UUID
    seconds: int
