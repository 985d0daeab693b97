"""Where a fleet may go, when it works, and how long its ways are: streets for most, straight lines for what flies."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from lilong.fields.delivery.models import Vehicle, Zone
from lilong.fields.delivery.rules import fleets
from lilong.fields.delivery.rules.routing.problem import Travel
from lilong.kernel.calendar import queries as calendar
from lilong.kernel.geo.points import Point, metres
from lilong.kernel.geo.streets import city
from lilong.kernel.geo.zones import Zone as Area

KMH = 3.6
Kind = tuple[bool, int]  # flies, km/h
Points = Any  # points, or an array of their degrees [n, 2]
_SHIFTS_KEPT = timedelta(minutes=1)
_CHUNK = 200  # resources the calendar answers for at once


class Places:
    """Positions by number, each once."""

    def __init__(self) -> None:
        self.points: list[Point] = []
        self._known: dict[tuple[int, int], int] = {}

    def at(self, latitude_e6: int, longitude_e6: int) -> int:
        found = self._known.setdefault((latitude_e6, longitude_e6), len(self.points))
        if found == len(self.points):
            self.points.append(Point.of_e6(latitude_e6, longitude_e6))
        return found


Hours = dict[UUID, tuple[datetime, datetime]]
_known: dict[
    UUID, tuple[datetime, frozenset[UUID], Hours]
] = {}  # of this process: a carrier's shifts, when they were read


def shifts(carrier: UUID, cars: Sequence[Vehicle], begins: datetime, ends: datetime, *, fresh: bool) -> Hours:
    """The first working stretch of each vehicle in that time; none for who does not work then, all of it without a shift.

    Unless they are to be `fresh`, those read less than a minute ago (of a stretch that began then) will do.
    """
    ids = frozenset(car.id for car in cars)
    kept = _known.get(carrier)
    if not fresh and kept is not None and timedelta() <= begins - kept[0] < _SHIFTS_KEPT and ids <= kept[1]:
        return kept[2]
    found = {car.id: (begins, ends) for car in cars if car.shift is None}
    of = {car.shift: car.id for car in cars if car.shift is not None}
    asked = list(of)
    for start in range(0, len(asked), _CHUNK):
        for slot in calendar.find(asked[start : start + _CHUNK], begins, ends):
            found.setdefault(of[slot.resource], (slot.start, slot.end))
    if not fresh:
        _known[carrier] = (begins, ids, found)
    return found


def allowed(
    carrier: UUID, cars: Iterable[Vehicle], places: Places, homes: Mapping[UUID, int]
) -> dict[UUID, frozenset[int] | None]:
    """For each vehicle the places it may go to; None: everywhere. Unattended ones keep out of the carrier's keep-out zones."""
    rows = list(Zone.objects.filter(carrier=carrier, closed_at=None))
    inside = {row.id: _inside(row, places) for row in rows}
    banned = frozenset[int]().union(*(inside[row.id] for row in rows if row.kind == "keep-out"))
    everywhere = frozenset(range(len(places.points)))
    found: dict[UUID, frozenset[int] | None] = {}
    for car in cars:
        home = frozenset({homes[car.home_id]})
        own = home.union(*(inside.get(id, frozenset()) for id in car.zones)) if car.zones else everywhere
        found[car.id] = own - banned if fleets.unattended(car.kind) else own
        if found[car.id] == everywhere:
            found[car.id] = None
    return found


def _inside(zone: Zone, places: Places) -> frozenset[int]:
    area = Area.of_geojson(zone.geometry)
    return frozenset(n for n, point in enumerate(places.points) if area.contains(point))


def kinds(cars: Iterable[Vehicle]) -> dict[UUID, Kind]:
    return {car.id: (fleets.flies(car.kind), car.speed_kmh) for car in cars}


def numbered(found: Mapping[UUID, Kind]) -> list[Kind]:
    """The kinds of ways there are, in the order of their matrices."""
    return sorted(set(found.values())) or [(False, 20)]


def full(places: Places, found: Sequence[Kind]) -> Travel:
    """Every way between any two places."""
    ways = [_ways(kind, places.points, places.points) for kind in found]
    return Travel(np.stack([seconds for seconds, _ in ways]), np.stack([length for _, length in ways]))


def sparse(
    places: Places,
    found: Sequence[Kind],
    to_and_from: Iterable[int],
    legs: Iterable[tuple[Kind, int, int, int, int]],
) -> Travel:
    """Only the ways to and from some places, and these legs: (kind, from, to, seconds, metres). The rest is not to be used."""
    size = len(places.points)
    seconds = np.zeros((len(found), size, size), np.int32)
    length = np.zeros_like(seconds)
    number = {kind: n for n, kind in enumerate(found)}
    for kind, a, b, time, far in legs:
        seconds[number[kind], a, b], length[number[kind], a, b] = time, far
    chosen = sorted(set(to_and_from))
    every = np.array(places.points, dtype=float).reshape(-1, 2)
    for n, kind in enumerate(found):
        (there, there_far), (back, back_far) = _ways(kind, every, every[chosen]), _ways(kind, every[chosen], every)
        seconds[n][:, chosen], length[n][:, chosen] = there, there_far
        seconds[n][chosen, :], length[n][chosen, :] = back, back_far
    return Travel(seconds, length)


def way(kind: Kind, a: Point, b: Point) -> tuple[int, int]:
    """Seconds and metres from a to b."""
    seconds, length = _ways(kind, [a], [b])
    return int(seconds[0, 0]), int(length[0, 0])


def _ways(
    kind: Kind, sources: Sequence[Point], targets: Sequence[Point]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    flies, speed = kind
    if not flies:
        found = city().matrix(sources, targets, speed_kmh=speed)
        return found.seconds, found.metres
    straight = np.array([[metres(Point(*a), Point(*b)) for b in targets] for a in sources])
    straight = straight.reshape(len(sources), len(targets))
    return np.rint(straight * KMH / speed).astype(np.int64), np.rint(straight).astype(np.int64)
