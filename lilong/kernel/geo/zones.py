"""An area on the map (GeoJSON Polygon or MultiPolygon): is a point in it, does a way cross its border.

The border belongs to the zone. Holes do not. Areas are as small as a kerb and as large as a province: lines between
vertices are straight in degrees, as RFC 7946 section 3.1.1 says.
"""

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import shapely
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from lilong.kernel.base.problems import Invalid, Violation
from lilong.kernel.geo.points import EARTH_METRES, LATITUDE_MAX, LONGITUDE_MAX, Point, broken_rule

VERTICES_MAX = 10_000
AREA_MAX_M2 = 20_000 * 1_000_000.0  # three times the city
RING_MIN = 4
DECIMALS = 7


class Zone:
    """Immutable. Build by `of_geojson` from what `validated` let pass."""

    def __init__(self, geometry: BaseGeometry) -> None:
        self.geometry = geometry
        shapely.prepare(geometry)

    @classmethod
    def of_geojson(cls, geometry: dict[str, Any]) -> "Zone":
        """From a Polygon or MultiPolygon geometry, or a Feature that has one."""
        return cls(shape(geometry["geometry"] if geometry.get("type") == "Feature" else geometry))

    def contains(self, p: Point) -> bool:
        return bool(shapely.intersects_xy(self.geometry, p.longitude, p.latitude))

    def crosses(self, a: Point, b: Point) -> bool:
        """Whether the straight way from a to b meets the border: it goes in, out or through."""
        return bool(shapely.intersects(self._border, shapely.LineString([a, b])))

    def touches_path(self, points: Sequence[Point]) -> bool:
        """Whether any part of the line lies in the zone or on its border; False for no points."""
        if not points:
            return False
        line = shapely.LineString(points) if len(points) > 1 else shapely.Point(points[0])
        return bool(shapely.intersects(self.geometry, line))

    def geojson(self) -> dict[str, Any]:
        return dict(mapping(self.geometry))

    @cached_property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        west, south, east, north = self.geometry.bounds
        return west, south, east, north

    @cached_property
    def centre(self) -> Point:
        """A point for a label: always inside the zone, also where it is bent."""
        inside = self.geometry.representative_point()
        return Point(inside.x, inside.y)

    @cached_property
    def area_m2(self) -> float:
        """On the sphere's plane at the zone's middle latitude: within 1% for anything the size of a city."""
        _, south, _, north = self.box
        metres_a_degree = math.radians(1) * EARTH_METRES
        return float(self.geometry.area) * metres_a_degree**2 * math.cos(math.radians((south + north) / 2))

    def nearest(self, p: Point) -> Point:
        """The point of the zone that is nearest to p, as the degrees lie; p itself within it."""
        there = shapely.shortest_line(shapely.Point(p), self.geometry).coords[-1]
        return Point(*there[:2])

    @cached_property
    def _border(self) -> BaseGeometry:
        border = self.geometry.boundary
        shapely.prepare(border)
        return border


def validated(geometry: Any, pointer: str) -> dict[str, Any]:
    """The geometry as the house stores it (seven decimals, rings wound as RFC 7946 says), or Invalid naming what is wrong.

    Rules: `type` (an object), `one-of` (its type), `ring` (an array of at least four positions), `closed`, `position`, `required`,
    `number`, `range`, `vertices` (10,000), `valid` (flat, rings cross, holes outside), `area` (20,000 km2).
    """
    if not isinstance(geometry, dict):
        raise _bad(pointer, "type")
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon"):
        raise _bad(f"{pointer}/type", "one-of")
    where = f"{pointer}/coordinates"
    if not isinstance(coordinates, list | tuple) or not coordinates:
        raise _bad(where, "ring")
    polygons = [(where, coordinates)] if kind == "Polygon" else [(f"{where}/{n}", p) for n, p in enumerate(coordinates)]
    vertices = sum(_checked_polygon(polygon, at) for at, polygon in polygons)
    if vertices > VERTICES_MAX:
        raise _bad(where, "vertices")
    drawn = shape({"type": kind, "coordinates": coordinates})
    if not drawn.is_valid:
        raise _bad(where, "valid", shapely.is_valid_reason(drawn))
    if Zone(drawn).area_m2 > AREA_MAX_M2:
        raise _bad(where, "area")
    wound = shapely.orient_polygons(shapely.force_2d(drawn), exterior_cw=False)
    return {"type": kind, "coordinates": _rounded(mapping(wound)["coordinates"])}


def _checked_polygon(polygon: Any, where: str) -> int:
    """How many vertices it has."""
    if not isinstance(polygon, list | tuple) or not polygon:
        raise _bad(where, "ring")
    for number, ring in enumerate(polygon):
        at = f"{where}/{number}"
        if not isinstance(ring, list | tuple) or len(ring) < RING_MIN:
            raise _bad(at, "ring")
        for index, position in enumerate(ring):
            if not isinstance(position, list | tuple) or len(position) not in (2, 3):
                raise _bad(f"{at}/{index}", "position")
            for axis, limit in enumerate((LONGITUDE_MAX, LATITUDE_MAX)):
                if rule := broken_rule(position[axis], limit):
                    raise _bad(f"{at}/{index}/{axis}", rule)
        if list(ring[0][:2]) != list(ring[-1][:2]):
            raise _bad(at, "closed")
    return sum(len(ring) for ring in polygon)


def _rounded(coordinates: Any) -> Any:
    if isinstance(coordinates, float | int):
        return round(coordinates, DECIMALS)
    return [_rounded(part) for part in coordinates]


def _bad(pointer: str, rule: str, detail: str = "") -> Invalid:
    return Invalid("invalid", violations=[Violation(pointer=pointer, rule=rule, detail=detail)])
