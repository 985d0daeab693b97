"""Geofences on the way: a vehicle is slowed where it must be slow, and its rider is told where there is no way through."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from lilong.fields.mobility.events.rentals import ZoneEntered
from lilong.fields.mobility.models import Rental, TripRule, Vehicle
from lilong.fields.mobility.queries.zones import Ask, Fence
from lilong.fields.mobility.rules.zones import Verdict
from lilong.fields.mobility.services import vehicle_commands
from lilong.fields.mobility.services.rentals import frame
from lilong.kernel.base import clock
from lilong.kernel.geo.points import Point

if TYPE_CHECKING:
    from lilong.fields.mobility.services.telemetry import Moved

LIMIT_SECONDS = 600


def heard(moved: "Sequence[Moved]") -> None:
    """New points of vehicles, which are locked. The rentals are only read: who ends one locks it before its vehicle."""
    under_way = {
        each.vehicle.trip: each for each in moved if each.vehicle.trip and each.vehicle.mode != "passenger-services"
    }
    if not under_way:
        return
    rentals = Rental.objects.select_related("type").filter(id__in=under_way, state="started")
    known = {rule.trip: rule for rule in TripRule.objects.filter(trip__in=under_way)}
    fences: dict[UUID, Fence] = {}
    for rental in rentals:
        vehicle, readings = under_way[rental.id]
        if rental.type_id not in fences:
            fences[rental.type_id] = Fence(Ask.of(rental.type))
        fence = fences[rental.type_id]
        points = [Point.of_e6(reading.latitude_e6, reading.longitude_e6) for reading in readings]
        _judge(rental, vehicle, [fence.verdict(point) for point in points], known.get(rental.id))


def _judge(rental: Rental, vehicle: Vehicle, verdicts: list[Verdict], before: TripRule | None) -> None:
    """What holds at the last point counts; a way through that was not allowed is told even when it is behind."""
    now_holds = verdicts[-1]
    was = (before.speed_kph, before.through) if before else (None, True)
    told = [each for each in verdicts[:-1] if not each.through and was[1]][:1]
    if (now_holds.speed_kph, now_holds.through) != was:
        told.append(now_holds)
    if not told:
        return
    TripRule.objects.update_or_create(
        trip=rental.id,
        defaults={
            "zone": now_holds.zone,
            "speed_kph": now_holds.speed_kph,
            "through": now_holds.through,
            "at": clock.now(),
        },
    )
    if now_holds.speed_kph != was[0] and vehicle.device is not None:
        vehicle_commands.tell(vehicle, "limit", {"kmh": now_holds.speed_kph}, seconds=LIMIT_SECONDS, trip=rental.id)
    for each in told:
        frame.tell(ZoneEntered, rental, vehicle, zone=each.zone, speed_kph=each.speed_kph, through=each.through)
