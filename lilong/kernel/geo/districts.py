"""The sixteen districts as outlines: which one a point is in. Slugs and names are those of `kernel.base.districts`.

The outlines are drawn on a grid of 1/1024 of a degree (about 100 m), so a border may be off by a block, and neighbours may
leave a sliver between them: a point in no district but within `SLIVER_METRES` of one counts as there.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from lilong.kernel.base.districts import BY_SLUG
from lilong.kernel.geo.points import Point, metres
from lilong.kernel.geo.zones import Zone

FILE = Path(__file__).parent / "data" / "districts.json"
SLIVER_METRES = 300.0


def district_of(p: Point) -> str:
    """The slug of the district, '' outside the city."""
    for slug, zone in zones().items():
        west, south, east, north = zone.box
        if west <= p.longitude <= east and south <= p.latitude <= north and zone.contains(p):
            return slug
    near, slug = min((_metres_to(zone, p), slug) for slug, zone in zones().items())
    return slug if near <= SLIVER_METRES else ""


def centre(slug: str) -> Point:
    """A point well inside the district (its label's place); KeyError for no district."""
    return zones()[slug].centre


def outlines() -> dict[str, Any]:
    """A GeoJSON FeatureCollection; properties: `district` (the slug), `name` (en, zh, ko)."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"district": slug, "name": BY_SLUG[slug].name.stored()},
                "geometry": geometry,
            }
            for slug, geometry in _geometries().items()
        ],
    }


@cache
def zones() -> dict[str, Zone]:
    return {slug: Zone.of_geojson(geometry) for slug, geometry in _geometries().items()}


@cache
def _geometries() -> dict[str, dict[str, Any]]:
    geometries: dict[str, dict[str, Any]] = json.loads(FILE.read_text())["districts"]
    return geometries


def _metres_to(zone: Zone, p: Point) -> float:
    """To the nearest point of the outline, as the degrees lie (good enough for a sliver)."""
    return metres(p, zone.nearest(p))
