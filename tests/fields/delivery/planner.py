"""A carrier at work, for the tests of planning: couriers on duty around the depot, shipments to doors nearby."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from lilong.fields.delivery.drafts import Spot
from lilong.fields.delivery.models import Shipment, Stop
from lilong.fields.delivery.models.runs import STOP_OPEN
from lilong.fields.delivery.services import fleet
from lilong.kernel.parties.actor import SYSTEM
from tests.fields.delivery.scene import DEPOT, Lane

STEP = 1_500  # millionths of a degree: some 150 m


def door(east: int, north: int = 0) -> Spot:
    return Spot(latitude_e6=DEPOT.latitude_e6 + north * STEP, longitude_e6=DEPOT.longitude_e6 + east * STEP)


def at_work(lane: Lane, *vehicles: UUID) -> None:
    for vehicle in vehicles:
        fleet.set_state(SYSTEM, vehicle=vehicle, state="idle")


def stops_of(vehicle: UUID) -> list[tuple[UUID, str]]:
    """The open stops of a vehicle in their order: (shipment, kind)."""
    rows = Stop.objects.filter(run__vehicle=vehicle, state__in=STOP_OPEN).order_by("run__starts_at", "sequence")
    return list(rows.values_list("shipment", "kind"))


def holders(*shipments: Shipment) -> list[UUID | None]:
    """Whose delivery stop each shipment is."""
    rows = dict(Stop.objects.filter(kind="delivery", state__in=STOP_OPEN).values_list("shipment", "run__vehicle"))
    return [rows.get(each.id) for each in shipments]


def many(lane: Lane, count: int, **more: Any) -> list[Shipment]:
    lane.per_hour = 100
    service = lane.service("day", window_seconds=7200, base_fee=100, per_hour=200)
    return [lane.ship(to=door(n % 5 - 2, n // 5 - 1), **({"service": service} | more)) for n in range(count)]


MINUTE = timedelta(minutes=1)
