"""Makes the base layers of the map: `python -m lilong.ui.maps.layers EXTRACT.osm` writes districts and streets, as GeoJSON, to
`static/ui/map/`, named by what is in them so that browsers may keep them for ever."""

import hashlib
import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

from lilong.kernel.geo.build import read_osm
from lilong.kernel.geo.districts import centre, outlines
from lilong.kernel.geo.graph import SPEEDS_KMH
from lilong.kernel.geo.points import Point

FOLDER = Path(__file__).resolve().parent.parent / "static" / "ui" / "map"
NAMES = ("districts", "streets")


@cache
def file_of(name: str) -> str:
    """The static path of a layer ('ui/map/streets.1a2b3c4d.json')."""
    return f"ui/map/{next(FOLDER.glob(f'{name}.*.json')).name}"


def districts() -> dict[str, Any]:
    """The outlines, and a point for each name."""
    found = outlines()
    for feature in found["features"]:
        properties = feature["properties"]
        feature["properties"] = {"district": properties["district"], **properties["name"]}
    names = [
        {
            "type": "Feature",
            "properties": feature["properties"],
            "geometry": centre(feature["properties"]["district"]).geojson(),
        }
        for feature in found["features"]
    ]
    return {"type": "FeatureCollection", "features": [*found["features"], *names]}


def streets(extract: Path) -> dict[str, Any]:
    """All ways of the extract that cars use, also those that lead out of it; `kind` without '_link', `oneway` as drawn."""
    ways, at, _ = read_osm(extract)
    features = []
    for way in ways:
        kind = way.tags.get("highway", "")
        if kind in SPEEDS_KMH:
            told = {"name": way.tags.get("name", ""), "kind": kind.removesuffix("_link"), "level": _level(way.tags)}
            line = {"type": "LineString", "coordinates": [_short(at[node]) for node in way.nodes]}
            features.append({"type": "Feature", "properties": told, "geometry": line})
    return {"type": "FeatureCollection", "features": features}


def _level(tags: dict[str, str]) -> int:
    """Bridges are drawn over what they cross."""
    return 1 if tags.get("bridge", "no") != "no" else 0


def _short(p: Point) -> list[float]:
    return [round(p.longitude, 5), round(p.latitude, 5)]


def main() -> None:
    for name, layer in zip(NAMES, (districts(), streets(Path(sys.argv[1]))), strict=True):
        text = json.dumps(layer, ensure_ascii=False, separators=(",", ":"))
        for old in FOLDER.glob(f"{name}.*.json"):
            old.unlink()
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        (FOLDER / f"{name}.{digest}.json").write_text(text)


if __name__ == "__main__":
    main()
