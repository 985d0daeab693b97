"""Trips: begun and ended by rentals and rides, or seen by the engine; measured by points. All state is in the tables."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from lilong.fields.mobility.events.telemetry import TripMeasured, TripRestated
from lilong.fields.mobility.models import Trip, Vehicle, VehicleEvent
from lilong.fields.mobility.queries.trips import measured
from lilong.fields.mobility.rules.points import KEPT, Reading
from lilong.kernel.base import arrays, clock, ids
from lilong.kernel.events.services import emit

OVER = frozenset({"available", "non_operational", "removed"})
COARSE = -4  # 10,000 millionths of a degree, about a kilometre: what is left of a trip's ends without its route
_AT_ONCE = 10_000
# Ended trips that a vehicle was on at one of these moments.
_TOUCHED = """
SELECT DISTINCT trip.id FROM unnest(%s::uuid[], %s::timestamptz[]) AS heard(vehicle, at)
JOIN mobility_trip AS trip ON trip.vehicle_id = heard.vehicle AND heard.at BETWEEN trip.started_at AND trip.ended_at
WHERE trip.erased_at IS NULL
"""


class Moved(NamedTuple):
    """A vehicle's newly believed points that are newer than what the map showed, in time; the last is where it is now."""

    vehicle: Vehicle
    readings: list[Reading]


def follow(vehicle: Vehicle, event: VehicleEvent, trip: UUID | None) -> None:
    """A vehicle, locked, went from state to state: a rental's or ride's trip begins with it, or ends."""
    if trip is not None and event.state == "on_trip":
        begin(vehicle, id=trip, kind="ride" if vehicle.mode == "passenger-services" else "rental", at=event.at)
    elif event.state in OVER:
        for row in Trip.objects.filter(vehicle=vehicle, ended_at=None).exclude(kind="engine"):
            end(row, vehicle, event.at)


def begin(vehicle: Vehicle, *, id: UUID, kind: str, at: datetime) -> None:
    """Begins the trip unless it has begun. A vehicle makes one at a time: what was under way ends here."""
    under_way = Trip.objects.filter(vehicle=vehicle, ended_at=None).first()
    if under_way is not None:
        if under_way.id == id:
            return
        end(under_way, vehicle, max(at, under_way.started_at))
    if Trip.objects.filter(id=id).exists():
        return  # its vehicle drives on after an end, as in the last metres to the kerb
    Trip.objects.create(
        id=id,
        operator_id=vehicle.operator_id,
        vehicle=vehicle,
        kind=kind,
        started_at=at,
        start_latitude_e6=vehicle.latitude_e6,
        start_longitude_e6=vehicle.longitude_e6,
    )


def end(row: Trip, vehicle: Vehicle, at: datetime) -> None:
    """Ends a trip and measures it; what comes late restates it."""
    row.ended_at = max(at, row.started_at)
    row.end_latitude_e6, row.end_longitude_e6 = vehicle.latitude_e6, vehicle.longitude_e6
    found = measured(row.vehicle_id, row.started_at, row.ended_at)
    row.metres, row.points = found.metres, found.points
    row.save()
    fact = TripMeasured(
        trip=row.id,
        vehicle=row.vehicle_id,
        operator=row.operator_id,
        kind=row.kind,
        district=vehicle.district,
        metres=row.metres,
        seconds=int((row.ended_at - row.started_at).total_seconds()),
        points=row.points,
    )
    emit(fact, subject=row.id, at=row.ended_at)


def heard(moved: Sequence[Moved], taken: Sequence[Reading]) -> None:
    """New points were believed; their vehicles are locked."""
    _by_engine(moved)
    _restate(taken)


def _by_engine(moved: Sequence[Moved]) -> None:
    """The engine goes on with nobody's rental or ride under way: a trip of the operator's own, until it goes off."""
    idle = [each for each in moved if each.vehicle.trip is None and any(r.engine is not None for r in each.readings)]
    if not idle:
        return
    under_way = {row.vehicle_id: row for row in Trip.objects.filter(vehicle__in=[v for v, _ in idle], ended_at=None)}
    for vehicle, readings in idle:
        row = under_way.get(vehicle.id)
        for reading in readings:
            if reading.engine and row is None:
                row = Trip.objects.create(
                    id=ids.uuid7(),
                    operator_id=vehicle.operator_id,
                    vehicle=vehicle,
                    kind="engine",
                    started_at=reading.at,
                    start_latitude_e6=reading.latitude_e6,
                    start_longitude_e6=reading.longitude_e6,
                )
            elif reading.engine is False and row is not None and row.kind == "engine":
                end(row, vehicle, reading.at)
                row = None


def _restate(taken: Sequence[Reading]) -> None:
    if not taken:
        return
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, [arrays.uuids(reading.vehicle for reading in taken), [r.at for r in taken]])
        touched = [id for (id,) in cursor.fetchall()]
    for row in Trip.objects.select_for_update().filter(id__in=touched).order_by("id"):
        assert row.ended_at is not None
        found = measured(row.vehicle_id, row.started_at, row.ended_at)
        if (found.metres, found.points) == (row.metres, row.points):
            continue
        before, row.metres, row.points, row.restated = row.metres, found.metres, found.points, row.restated + 1
        row.save(update_fields=["metres", "points", "restated"])
        fact = TripRestated(
            trip=row.id,
            vehicle=row.vehicle_id,
            operator=row.operator_id,
            kind=row.kind,
            number=row.restated,
            before=before,
            metres=row.metres,
            points=row.points,
        )
        emit(fact, subject=row.id)


def forget() -> int:
    """Each night: removes points past their time and makes the ends of their trips coarse; answers how many points went."""
    until = clock.now() - KEPT
    gone = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "DELETE FROM mobility_trackpoint WHERE ctid = ANY(ARRAY("
                "SELECT ctid FROM mobility_trackpoint WHERE at < %s LIMIT %s))",
                [until, _AT_ONCE],
            )
            gone += cursor.rowcount
            if cursor.rowcount < _AT_ONCE:
                break
        cursor.execute(
            "UPDATE mobility_trip SET erased_at = %s, start_latitude_e6 = round(start_latitude_e6, %s),"
            " start_longitude_e6 = round(start_longitude_e6, %s), end_latitude_e6 = round(end_latitude_e6, %s),"
            " end_longitude_e6 = round(end_longitude_e6, %s) WHERE ended_at < %s AND erased_at IS NULL",
            [clock.now(), COARSE, COARSE, COARSE, COARSE, until],
        )
        cursor.execute("DELETE FROM mobility_trackquarantine WHERE received_at < %s", [until])
    return gone
