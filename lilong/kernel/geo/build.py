"""Makes this package's data files: `python -m lilong.kernel.geo.build EXTRACT.osm ENCODED_DISTRICTS.json`.

The first is an OSM XML extract, the second a GeoJSON file in the UTF8Encoding of ECharts 4, in GCJ-02.
"""

import json
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import shapely
from shapely.geometry import mapping, shape

from lilong.kernel.base.districts import DISTRICTS
from lilong.kernel.geo.districts import FILE as DISTRICT_FILE
from lilong.kernel.geo.gcj02 import to_wgs84
from lilong.kernel.geo.graph import StreetFile, Way, arcs_of, filed, largest_strong
from lilong.kernel.geo.points import Point
from lilong.kernel.geo.streets import FILE as STREET_FILE

GRID = 1024  # steps a degree of the encoded outlines


Box = tuple[float, float, float, float]


def read_osm(path: Path) -> tuple[list[Way], dict[int, Point], Box]:
    """The ways of an OSM XML file, where its nodes are, and its bounds (west, south, east, north)."""
    root = ElementTree.parse(path).getroot()  # noqa: S314 (a file that whoever builds has chosen)
    at = {int(n.attrib["id"]): Point(float(n.attrib["lon"]), float(n.attrib["lat"])) for n in root.iter("node")}
    ways = [
        Way(
            [int(step.attrib["ref"]) for step in way.iter("nd")],
            {tag.attrib["k"]: tag.attrib["v"] for tag in way.iter("tag")},
        )
        for way in root.iter("way")
    ]
    bounds = root.find("bounds")
    if bounds is None:
        raise SystemExit(f"{path}: no bounds")
    west, south, east, north = (float(bounds.attrib[name]) for name in ("minlon", "minlat", "maxlon", "maxlat"))
    return ways, at, (west, south, east, north)


def streets_of(path: Path) -> StreetFile:
    ways, at, box = read_osm(path)
    arcs = largest_strong(arcs_of(ways, at))
    return filed(arcs, at, box, source="OpenStreetMap contributors", licence="ODbL-1.0")


def decoded_ring(text: str, offset: list[int]) -> list[list[float]]:
    """ECharts 4's UTF8Encoding: two characters a vertex, each a zigzag difference on the grid plus 64. Answers WGS 84."""
    at, ring = list(offset), []
    for x, y in zip(text[::2], text[1::2], strict=True):
        for axis, character in enumerate((x, y)):
            step = ord(character) - 64
            at[axis] += (step >> 1) ^ -(step & 1)
        there = to_wgs84(Point(at[0] / GRID, at[1] / GRID))
        ring.append([round(there.longitude, 5), round(there.latitude, 5)])
    return ring


def districts_of(path: Path) -> dict[str, Any]:
    slugs = {district.name.zh: district.slug for district in DISTRICTS}
    geometries = {}
    for feature in json.loads(path.read_text())["features"]:
        geometry = feature["geometry"]
        parts = [(geometry["coordinates"], geometry["encodeOffsets"])]
        if geometry["type"] == "MultiPolygon":
            parts = list(zip(geometry["coordinates"], geometry["encodeOffsets"], strict=True))
        polygons = [[decoded_ring(ring, offset) for ring, offset in zip(*part, strict=True)] for part in parts]
        drawn = shapely.make_valid(shape({"type": "MultiPolygon", "coordinates": polygons}))
        areas = [part for part in shapely.get_parts(drawn) if part.geom_type.endswith("Polygon")]
        geometries[slugs[feature["properties"]["name"]]] = mapping(shapely.unary_union(areas))
    return {"districts": {district.slug: geometries[district.slug] for district in DISTRICTS}}


def main() -> None:
    extract, outlines = (Path(argument) for argument in sys.argv[1:3])
    STREET_FILE.write_bytes(msgspec.json.encode(streets_of(extract)))
    DISTRICT_FILE.write_text(json.dumps(districts_of(outlines), separators=(",", ":")))


if __name__ == "__main__":
    main()
