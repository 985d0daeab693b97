"""Taking in what vehicles report of themselves: any number of points by a handful of statements, each point once.

Whoever writes points locks their vehicles first, in the order of their ids: two relays that get the same batch take it in one
after the other, and the second finds it there.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.db import connection, transaction
from django.db.models import Count, Q

from lilong.fields.mobility.models import TrackQuarantine, Vehicle
from lilong.fields.mobility.rules import points as rules
from lilong.fields.mobility.rules.points import DUPLICATE, TAKEN, Key, Reading, Spot, Track
from lilong.fields.mobility.services import trips
from lilong.fields.mobility.services.trips import Moved
from lilong.kernel.base import arrays, clock, ids
from lilong.kernel.geo.districts import district_of
from lilong.kernel.geo.points import Point as Place

RAW_MAX = 2_048  # of what could not be read, so much is kept
ASIDE_MAX = 5_000  # points and messages put aside a day, of a vehicle, and of all strangers together

_COLUMNS = (
    ("vehicle_id", "uuid"), ("source", "int2"), ("seq", "int8"), ("at", "timestamptz"), ("received_at", "timestamptz"),
    ("latitude_e6", "int4"), ("longitude_e6", "int4"), ("heading", "int2"), ("speed_mms", "int4"), ("odometer_m", "int8"),
    ("accuracy_m", "int4"), ("energy_pm", "int2"), ("fuel_ml", "int8"), ("locked", "bool"), ("doors", "bool"),
    ("engine", "bool"), ("late", "bool"),
)  # fmt: skip
_COPY = f"COPY mobility_trackpoint ({', '.join(name for name, _ in _COLUMNS)}) FROM STDIN (FORMAT BINARY)"
# The believed points from the one before a vehicle's first new one to the one after its last.
_AROUND = """
SELECT wanted.vehicle, point.at, point.latitude_e6, point.longitude_e6
FROM unnest(%s::uuid[], %s::timestamptz[], %s::timestamptz[]) AS wanted(vehicle, low, high)
CROSS JOIN LATERAL (
  (SELECT at, latitude_e6, longitude_e6 FROM mobility_trackpoint
    WHERE vehicle_id = wanted.vehicle AND at < wanted.low ORDER BY at DESC LIMIT 1)
  UNION ALL
  (SELECT at, latitude_e6, longitude_e6 FROM mobility_trackpoint
    WHERE vehicle_id = wanted.vehicle AND at BETWEEN wanted.low AND wanted.high)
  UNION ALL
  (SELECT at, latitude_e6, longitude_e6 FROM mobility_trackpoint
    WHERE vehicle_id = wanted.vehicle AND at > wanted.high ORDER BY at LIMIT 1)
) AS point
"""
_NUMBERS = """
WITH asked(vehicle_id, source, seq) AS (SELECT DISTINCT * FROM unnest(%s::uuid[], %s::smallint[], %s::bigint[]))
SELECT vehicle_id, source, seq, at FROM asked JOIN mobility_trackpoint USING (vehicle_id, source, seq)
UNION ALL
SELECT vehicle_id, source, seq, at FROM asked JOIN mobility_trackquarantine USING (vehicle_id, source, seq)
WHERE at IS NOT NULL
"""
_SHOWN = {
    "at": "timestamptz", "latitude_e6": "int", "longitude_e6": "int", "district": "text", "heading": "int",
    "speed_mms": "int", "energy_pm": "int", "odometer_m": "bigint", "locked": "bool", "engine_on": "bool",
}  # fmt: skip
_UPDATE = f"""
UPDATE mobility_vehicle AS vehicle SET {", ".join(f"{name} = told.{name}" for name in _SHOWN)}
FROM jsonb_to_recordset(%s) AS told(id uuid, {", ".join(f"{name} {kind}" for name, kind in _SHOWN.items())})
WHERE vehicle.id = told.id
"""  # noqa: S608 (names of ours)


_watching: dict[str, Callable[[Sequence[Moved]], None]] = {}


def watch(name: str, heard: Callable[[Sequence[Moved]], None]) -> None:
    """`heard(moved)` is called within the transaction of each batch that moves vehicles (a meter, a fence, a map): in an
    app's `ready()`. Their rows are locked and as they now are."""
    _watching[name] = heard


@transaction.atomic
def take(readings: Sequence[Reading]) -> list[str]:
    """Takes points in: `taken`, `duplicate`, or the reason it was quarantined for, one for each, in order.

    Never raises for what a point says. The same points again change nothing and are answered `duplicate`. Points of vehicles
    that there are not are answered `no-such-vehicle`.
    """
    now = clock.now()
    by_vehicle: dict[UUID, list[int]] = {}
    for place, reading in enumerate(readings):
        by_vehicle.setdefault(reading.vehicle, []).append(place)
    # NO KEY: events and trips point at vehicles; writing those shall not wait for telemetry.
    rows = Vehicle.objects.select_for_update(no_key=True).filter(id__in=by_vehicle).order_by("id")
    vehicles = {row.id: row for row in rows}
    tracks, numbers = _around(readings, now), _numbers(readings)
    verdicts = ["no-such-vehicle"] * len(readings)
    for vehicle, places in by_vehicle.items():
        if vehicle in vehicles:
            track = Track(tracks.get(vehicle, ()))
            answers = rules.judged(
                [readings[n] for n in places], now=now, track=track, numbers=numbers.get(vehicle, {})
            )
            for place, verdict in zip(places, answers, strict=True):
                verdicts[place] = verdict
    taken = [reading for reading, verdict in zip(readings, verdicts, strict=True) if verdict == TAKEN]
    _store(taken, now)
    _quarantine(readings, verdicts, now)
    moved = _move(vehicles, taken, now)
    trips.heard(moved, taken)
    for heard in _watching.values():
        heard(moved)
    return verdicts


def put_aside(source: int, reason: str, raw: bytes, *, vehicle: UUID | None = None) -> None:
    """Keeps what could not be read at all, by whomever it was said; of each only so much a day."""
    if vehicle in _full([vehicle], clock.now()):
        return
    TrackQuarantine.objects.create(
        id=ids.uuid7(), vehicle_id=vehicle, source=source, reason=reason, raw=raw[:RAW_MAX], received_at=clock.now()
    )


def _around(readings: Sequence[Reading], now: datetime) -> dict[UUID, list[Spot]]:
    spans: dict[UUID, tuple[datetime, datetime]] = {}
    for reading in readings:
        if rules.sound(reading.spot, now=now):
            continue
        low, high = spans.get(reading.vehicle, (reading.at, reading.at))
        spans[reading.vehicle] = (min(low, reading.at), max(high, reading.at))
    found: dict[UUID, list[Spot]] = {}
    if not spans:
        return found
    lows, highs = [low for low, _ in spans.values()], [high for _, high in spans.values()]
    with connection.cursor() as cursor:
        cursor.execute(_AROUND, [arrays.uuids(spans), lows, highs])
        for vehicle, *spot in cursor.fetchall():
            found.setdefault(vehicle, []).append(Spot(*spot))
    return found


def _numbers(readings: Sequence[Reading]) -> dict[UUID, dict[Key, set[datetime]]]:
    """At which moments the readings' numbers were heard before."""
    found: dict[UUID, dict[Key, set[datetime]]] = {reading.vehicle: {} for reading in readings}
    vehicles = arrays.uuids(reading.vehicle for reading in readings)
    sources = arrays.numbers(reading.source for reading in readings)
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERS, [vehicles, sources, arrays.numbers(reading.seq for reading in readings)])
        for vehicle, source, seq, at in cursor.fetchall():
            found[vehicle].setdefault((source, seq), set()).add(at)
    return found


def _store(taken: Iterable[Reading], now: datetime) -> None:
    late = now - rules.LATE
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.set_types([kind for _, kind in _COLUMNS])
        for reading in taken:
            vehicle, source, seq, at, *more = reading[:15]
            copy.write_row((vehicle, source, seq, at, now, *more, at < late))


def _quarantine(readings: Sequence[Reading], verdicts: Sequence[str], now: datetime) -> None:
    bad = [(reading, verdict) for reading, verdict in zip(readings, verdicts, strict=True) if verdict in rules.REASONS]
    full = _full({reading.vehicle for reading, _ in bad}, now) if bad else frozenset()
    TrackQuarantine.objects.bulk_create(
        TrackQuarantine(
            id=ids.uuid7(),
            vehicle_id=reading.vehicle,
            source=reading.source,
            reason=verdict,
            seq=reading.seq,
            at=reading.at,
            latitude_e6=reading.latitude_e6,
            longitude_e6=reading.longitude_e6,
            received_at=now,
        )
        for reading, verdict in bad
        if reading.vehicle not in full
    )


def _full(vehicles: Iterable[UUID | None], now: datetime) -> frozenset[UUID | None]:
    """Those of which enough was put aside within a day: who floods the house with nonsense shall not fill its disk."""
    asked = list(vehicles)
    recent = TrackQuarantine.objects.filter(received_at__gt=now - timedelta(days=1))
    which = Q(vehicle__in=[id for id in asked if id]) | (Q(vehicle=None) if None in asked else Q(pk__in=[]))
    counts = recent.filter(which).values_list("vehicle").annotate(many=Count("id"))
    return frozenset(vehicle for vehicle, many in counts if many >= ASIDE_MAX)


def _move(vehicles: dict[UUID, Vehicle], taken: Sequence[Reading], now: datetime) -> list[Moved]:
    """Shows each vehicle where its newest point says, never back in time."""
    ways: dict[UUID, list[Reading]] = {}
    for reading in sorted(taken, key=lambda reading: reading.at):
        shown = vehicles[reading.vehicle].at
        if shown is None or reading.at > shown:
            ways.setdefault(reading.vehicle, []).append(reading)
    moved = [Moved(vehicles[id], way) for id, way in ways.items()]
    for row, way in moved:
        _show(row, way)
    if moved:  # by hand: Django's own bulk_update takes four fifths of the time of a whole batch
        told = [{name: getattr(row, name) for name in ("id", *_SHOWN)} for row, _ in moved]
        with connection.cursor() as cursor:
            cursor.execute(_UPDATE, [msgspec.json.encode(told).decode()])
    return moved


def _show(row: Vehicle, way: Sequence[Reading]) -> None:
    """What the last point does not tell stands as the one before told it; speed and heading are the last one's alone."""
    last = way[-1]
    row.at, row.latitude_e6, row.longitude_e6 = last.at, last.latitude_e6, last.longitude_e6
    row.district = district_of(Place.of_e6(last.latitude_e6, last.longitude_e6))
    row.heading, row.speed_mms = last.heading, last.speed_mms
    for reading in way:
        for name in ("energy_pm", "locked"):
            if (told := getattr(reading, name)) is not None:
                setattr(row, name, told)
        if reading.engine is not None:
            row.engine_on = reading.engine
        if reading.odometer_m is not None:
            row.odometer_m = max(row.odometer_m, reading.odometer_m)


assert DUPLICATE not in rules.REASONS
