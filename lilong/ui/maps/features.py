"""Features for the map component (`{% map %}`): points with a mark, lines and areas."""

from collections.abc import Iterable, Sequence
from typing import Any

from lilong.kernel.geo.points import Point

KINDS = (
    "pin", "home", "car", "bike", "truck", "robot", "drone", "person", "locker", "shop", "charger", "station", "flag",
)  # fmt: skip
COLOURS = ("door", "good", "warn", "bad", "info", "lamp", "ink", "c1", "c2", "c3", "c4", "c5", "c6")
DECIMALS = 6


def place(
    id: Any,
    at: Point,
    *,
    label: Any,
    kind: str = "pin",
    note: Any = "",
    href: str = "",
    state: Any = "",
    colour: str = "door",
    heading: int | None = None,
    text: str = "",
    open: bool = False,
) -> dict[str, Any]:
    """A mark: an icon of `KINDS` in a colour of the tokens (`COLOURS`).

    `label` is its name, `note` a second line, `state` a badge's words, `heading` degrees from north, `text` stands in the mark
    instead of the icon (a number, a price; at most six characters), `open` shows its card at once.
    """
    if kind not in KINDS or colour not in COLOURS:
        raise ValueError(f"{kind}, {colour}")
    known = {"label": str(label), "kind": kind, "colour": colour}
    more = {"note": str(note), "href": href, "state": str(state), "heading": heading, "text": text[:6], "open": open}
    told = known | {name: value for name, value in more.items() if value or (value == 0 and value is not False)}
    return _feature(id, {"type": "Point", "coordinates": _position(at)}, told)


def line(
    id: Any, points: Sequence[Point], *, label: Any = "", colour: str = "info", dashed: bool = False
) -> dict[str, Any]:
    """A way. `dashed` is one that is only estimated, or not driven yet."""
    geometry = {"type": "LineString", "coordinates": [_position(p) for p in points]}
    return _feature(id, geometry, {"label": str(label), "colour": colour, "dashed": dashed})


def area(id: Any, geometry: dict[str, Any], *, label: Any = "", colour: str = "info", note: Any = "") -> dict[str, Any]:
    """A zone: a GeoJSON Polygon or MultiPolygon."""
    return _feature(id, geometry, {"label": str(label), "colour": colour, "note": str(note)})


def collection(features: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def _feature(id: Any, geometry: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "id": str(id), "geometry": geometry, "properties": properties | {"id": str(id)}}


def _position(at: Point) -> list[float]:
    return [round(at.longitude, DECIMALS), round(at.latitude, DECIMALS)]
