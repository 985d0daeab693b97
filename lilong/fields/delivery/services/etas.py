"""When a vehicle will be where, kept up as its position comes in. Only times change here, never what it does."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from lilong.fields.delivery.models import Run, Stop, Vehicle
from lilong.fields.delivery.models.runs import STOP_OPEN
from lilong.fields.delivery.queries import fleet_ways
from lilong.fields.delivery.queries.fleet_rows import RUN_OPEN
from lilong.fields.delivery.rules import fleets
from lilong.fields.delivery.services import watched
from lilong.kernel.base import clock
from lilong.kernel.geo.points import Point

EVERY_SECONDS = 10  # a vehicle's times are computed anew; positions may come in more often
WORTH_SECONDS = 30  # of change, to be written and told

_kept: dict[UUID, datetime] = {}  # of this process: when which vehicle's times were last computed


def keep(vehicle: UUID) -> int:
    """Works out the times of a vehicle's open stops from where it is now; answers how many changed. Costs one look at the
    streets; too soon after the last time it does nothing."""
    now = clock.now()
    last = _kept.get(vehicle)
    if last is not None and timedelta() <= now - last < timedelta(seconds=EVERY_SECONDS):
        return 0
    _kept[vehicle] = now
    car = Vehicle.objects.filter(id=vehicle, removed_at=None).first()
    run = Run.objects.filter(vehicle=vehicle, state__in=RUN_OPEN).order_by("-state", "starts_at").first()
    if car is None or run is None or car.latitude_e6 is None or car.longitude_e6 is None:
        return 0
    if run.state == "planned" and run.starts_at > now:
        return 0  # it has not set out, and need not have
    stops = list(run.stops.filter(state__in=STOP_OPEN).order_by("sequence"))
    changed = _timed(car, stops, now)
    for stop in changed:
        Stop.objects.filter(id=stop.id, state__in=STOP_OPEN).update(
            eta=stop.eta, leg_seconds=stop.leg_seconds, leg_metres=stop.leg_metres
        )
        if stop.kind == "delivery" and stop.eta is not None:
            watched.expected(stop.shipment_id, stop.eta)
    return len(changed)


def _timed(car: Vehicle, stops: Sequence[Stop], now: datetime) -> list[Stop]:
    """Those whose time changed by enough, with their new times."""
    changed, free = list[Stop](), now
    for n, stop in enumerate(stops):
        before = (stop.eta, stop.leg_metres)
        if n == 0:
            assert car.latitude_e6 is not None and car.longitude_e6 is not None
            here = Point.of_e6(car.latitude_e6, car.longitude_e6)
            there = Point.of_e6(stop.latitude_e6, stop.longitude_e6)
            kind = (fleets.flies(car.kind), car.speed_kmh)
            stop.leg_seconds, stop.leg_metres = fleet_ways.way(kind, here, there)
        begins = max(free + timedelta(seconds=stop.leg_seconds), stop.earliest if stop.kind == "delivery" else now)
        if stop.state == "arrived" and stop.arrived_at is not None:
            begins = stop.arrived_at
        stop.eta = begins
        free = max(begins + timedelta(seconds=stop.service_seconds), now)
        moved = before[0] is None or abs((begins - before[0]).total_seconds()) >= WORTH_SECONDS
        if moved or (n == 0 and stop.leg_metres != before[1]):
            changed.append(stop)
    return changed
