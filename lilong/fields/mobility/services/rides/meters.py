"""The trip meter of a ride, fed by whatever says where its car is: the driver's phone, or the car's own unit."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from lilong.fields.mobility.models import Ride, TrackPoint, Vehicle
from lilong.fields.mobility.queries import trips
from lilong.fields.mobility.rules.rides import meter as rules
from lilong.fields.mobility.rules.rides import states
from lilong.fields.mobility.services.rides import frame
from lilong.fields.mobility.services.rides.telling import tell
from lilong.kernel.base import clock
from lilong.kernel.geo import streets
from lilong.kernel.geo.points import Point

AHEAD_SECONDS = rules.HORIZON_SECONDS
UNIT_SECONDS = 120


def point(vehicle: UUID, place: Point, at: datetime) -> Ride | None:
    """One point of a vehicle: the meter of its ride goes on; answers the ride that the vehicle has, if any."""
    return points(vehicle, [(at, place)])


@transaction.atomic
def points(vehicle: UUID, seen: Iterable[tuple[datetime, Point]]) -> Ride | None:
    """Points of a vehicle, in any order; those from before the start or out of turn count for nothing."""
    known = Ride.objects.filter(vehicle=vehicle, state__in=states.WITH_CAR).values_list("id", flat=True).first()
    if known is None:
        return None
    ride = frame.locked(known)
    if ride.state == states.UNDER_WAY and ride.vehicle_id == vehicle:
        for at, place in sorted(seen):
            read(ride, place, at)
        ride.save(update_fields=["metres", "bridged_m", "last_latitude_e6", "last_longitude_e6", "last_at"])
    return ride


@transaction.atomic
def catch_up(vehicle: UUID) -> Ride | None:
    """The same from what the vehicle's own unit has told by now; answers the ride that the vehicle has, if any."""
    known = Ride.objects.filter(vehicle=vehicle, state__in=states.WITH_CAR).values_list("id", flat=True).first()
    if known is None:
        return None
    ride = frame.locked(known)
    if ride.vehicle_id == vehicle and read_track(ride):
        ride.save(update_fields=["metres", "bridged_m", "last_latitude_e6", "last_longitude_e6", "last_at"])
    return ride


def read_track(ride: Ride) -> bool:
    """The locked ride's meter after the points of its vehicle's unit since the last that counted. The caller saves."""
    if ride.state != states.UNDER_WAY or ride.vehicle_id is None or ride.last_at is None:
        return False
    found = trips.spots(ride.vehicle_id, ride.last_at, None)
    for spot in found:
        read(ride, spot.place, spot.at)
    return bool(found)


def reports(vehicle: UUID) -> bool:
    """Whether the vehicle has a unit of its own that reports: then a phone's points count for nothing."""
    since = clock.now() - timedelta(seconds=UNIT_SECONDS)
    return TrackPoint.objects.filter(vehicle=vehicle, at__gte=since).exists()


def begin(ride: Ride, place: Point, at: datetime) -> None:
    """Sets the locked ride's meter to nothing, here. The caller saves."""
    ride.metres, ride.bridged_m = 0, 0
    ride.last_latitude_e6, ride.last_longitude_e6, ride.last_at = place.latitude_e6, place.longitude_e6, at


def read(ride: Ride, place: Point, at: datetime) -> None:
    """The locked ride's meter after a point. The caller saves."""
    if ride.last_latitude_e6 is None or ride.last_longitude_e6 is None or ride.last_at is None:
        begin(ride, place, at)
        return
    last = Point.of_e6(ride.last_latitude_e6, ride.last_longitude_e6)
    before = rules.Meter(ride.metres, last, ride.last_at, ride.bridged_m)
    after = rules.advanced(before, place, at, clock.now(), _way_metres)
    ride.metres, ride.bridged_m, ride.last_at = after.metres, after.bridged, after.at
    ride.last_latitude_e6, ride.last_longitude_e6 = after.last.latitude_e6, after.last.longitude_e6


def show(ride: Ride, vehicle: Vehicle) -> None:
    """Tells the ride's watchers where its car is."""
    tell(
        ride, car={"latitude_e6": vehicle.latitude_e6, "longitude_e6": vehicle.longitude_e6, "heading": vehicle.heading}
    )


def _way_metres(a: Point, b: Point) -> int:
    return round(streets.city().route(a, b, "metres").metres)
