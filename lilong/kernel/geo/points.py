"""A point on the earth, and the small arithmetic on points: distance, bearing, moving, walking along a line."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from lilong.kernel.base.problems import Invalid, Violation

EARTH_METRES = 6_371_008.8  # the mean radius of the WGS 84 ellipsoid
E6 = 1_000_000
LONGITUDE_MAX, LATITUDE_MAX = 180, 90
POSITION = (2, 3)  # how many numbers a GeoJSON position has


class Point(NamedTuple):
    """WGS 84 degrees, in the order of GeoJSON. Tables and facts hold the `_e6` integers (millionths of a degree, 0.1 m)."""

    longitude: float
    latitude: float

    @classmethod
    def of_e6(cls, latitude_e6: int, longitude_e6: int) -> "Point":
        return cls(longitude_e6 / E6, latitude_e6 / E6)

    @property
    def latitude_e6(self) -> int:
        return round(self.latitude * E6)

    @property
    def longitude_e6(self) -> int:
        return round(self.longitude * E6)

    def geojson(self) -> dict[str, Any]:
        """A GeoJSON Point, seven decimals (RFC 7946 section 11.2 asks for no more than the data has)."""
        return {"type": "Point", "coordinates": [round(self.longitude, 7), round(self.latitude, 7)]}


def metres(a: Point, b: Point) -> float:
    """The great-circle distance (haversine): within 0.5% of the ellipsoid's."""
    phi, psi = math.radians(a.latitude), math.radians(b.latitude)
    half_lat = (psi - phi) / 2
    half_lon = math.radians(b.longitude - a.longitude) / 2
    h = math.sin(half_lat) ** 2 + math.cos(phi) * math.cos(psi) * math.sin(half_lon) ** 2
    return 2 * EARTH_METRES * math.asin(math.sqrt(min(1.0, h)))


def bearing(a: Point, b: Point) -> float:
    """The direction to set out in from a to b: degrees clockwise from north, 0 <= d < 360; 0 where the two are one."""
    phi, psi = math.radians(a.latitude), math.radians(b.latitude)
    turn = math.radians(b.longitude - a.longitude)
    east = math.sin(turn) * math.cos(psi)
    north = math.cos(phi) * math.sin(psi) - math.sin(phi) * math.cos(psi) * math.cos(turn)
    return math.degrees(math.atan2(east, north)) % 360


def moved(p: Point, distance: float, towards: float) -> Point:
    """The point `distance` metres from p in the direction `towards` (degrees clockwise from north)."""
    phi, angle, arc = math.radians(p.latitude), math.radians(towards), distance / EARTH_METRES
    psi = math.asin(math.sin(phi) * math.cos(arc) + math.cos(phi) * math.sin(arc) * math.cos(angle))
    turn = math.atan2(math.sin(angle) * math.sin(arc) * math.cos(phi), math.cos(arc) - math.sin(phi) * math.sin(psi))
    longitude = (p.longitude + math.degrees(turn) + 540) % 360 - 180
    return Point(longitude, math.degrees(psi))


def length(points: Sequence[Point]) -> float:
    """The metres of a line; 0 for less than two points."""
    return sum(metres(a, b) for a, b in pairwise(points))


def along(points: Sequence[Point], distance: float) -> Point:
    """The point `distance` metres down a line of at least one point; its ends beyond the ends."""
    if distance <= 0:
        return points[0]
    for a, b in pairwise(points):
        step = metres(a, b)
        if distance <= step and step > 0:
            part = distance / step
            return Point(
                a.longitude + (b.longitude - a.longitude) * part, a.latitude + (b.latitude - a.latitude) * part
            )
        distance -= step
    return points[-1]


def parse(value: Any, pointer: str) -> Point:
    """Reads `{"longitude": .., "latitude": ..}` or a GeoJSON Point; raises Invalid naming the field and the rule."""
    if not isinstance(value, dict):
        raise Invalid("invalid", violations=[Violation(pointer=pointer, rule="type")])
    if value.get("type") == "Point" or "coordinates" in value:
        position = value.get("coordinates")
        if value.get("type") != "Point":
            raise Invalid("invalid", violations=[Violation(pointer=f"{pointer}/type", rule="one-of")])
        if not isinstance(position, list | tuple) or len(position) not in POSITION:
            raise Invalid("invalid", violations=[Violation(pointer=f"{pointer}/coordinates", rule="position")])
        named = [(f"{pointer}/coordinates/0", position[0]), (f"{pointer}/coordinates/1", position[1])]
    else:
        named = [(f"{pointer}/{name}", value.get(name)) for name in ("longitude", "latitude")]
    bad = [
        Violation(pointer=where, rule=rule)
        for (where, number), limit in zip(named, (LONGITUDE_MAX, LATITUDE_MAX), strict=True)
        if (rule := broken_rule(number, limit))
    ]
    if bad:
        raise Invalid("invalid", violations=bad)
    return Point(float(named[0][1]), float(named[1][1]))


def broken_rule(number: Any, limit: float) -> str:
    """Which rule a coordinate breaks: '' (none), 'required', 'number' (also NaN) or 'range'."""
    if number is None:
        return "required"
    if isinstance(number, bool) or not isinstance(number, int | float):
        return "number"
    if isinstance(number, float) and math.isnan(number):
        return "number"
    return "" if -limit <= number <= limit else "range"
