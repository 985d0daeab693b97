"""The reading of OpenStreetMap ways into a street graph: which ways cars use, how fast, in which direction, and which part of it
can be reached from everywhere. Used once by `build`; the file it makes is read by `streets`."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from lilong.kernel.geo.points import Point, metres

SPEEDS_KMH = {
    "motorway": 80, "motorway_link": 40, "trunk": 60, "trunk_link": 30, "primary": 40, "primary_link": 30, "secondary": 35,
    "secondary_link": 25, "tertiary": 30, "tertiary_link": 25, "unclassified": 25, "residential": 20, "living_street": 10,
}  # fmt: skip
"""What one drives on such a street in the inner city when nothing is in the way; a posted limit below it counts."""
FORWARD, BACKWARD = ("yes", "true", "1"), ("-1", "reverse")
CLOSED = ("no", "private")


class Way(NamedTuple):
    """An OSM way: node ids in drawing order and its tags."""

    nodes: list[int]
    tags: dict[str, str]


class StreetFile(msgspec.Struct, kw_only=True):
    """What `data/streets.json` holds. Arcs run one way; a two-way street is two arcs."""

    source: str
    licence: str
    box: tuple[float, float, float, float]  # west, south, east, north of the extract
    nodes: list[tuple[int, int]]  # longitude and latitude in millionths of a degree
    names: list[str]
    classes: list[str]
    arcs: list[
        tuple[int, int, int, int, int, int]
    ]  # from, to, decimetres, km/h, name, class (places in the lists above)


def arcs_of(ways: Iterable[Way], at: dict[int, Point]) -> list[tuple[int, int, float, int, str, str]]:
    """(from, to, metres, km/h, name, class) for each step that may be driven, one-way streets in their direction only."""
    arcs = []
    for way in ways:
        kind = way.tags.get("highway", "")
        if kind not in SPEEDS_KMH or way.tags.get("access") in CLOSED:
            continue
        speed, name, oneway = _speed(way.tags), way.tags.get("name", ""), way.tags.get("oneway", "no")
        for a, b in zip(way.nodes, way.nodes[1:], strict=False):
            step = metres(at[a], at[b])
            if oneway not in BACKWARD:
                arcs.append((a, b, step, speed, name, kind))
            if oneway not in FORWARD:
                arcs.append((b, a, step, speed, name, kind))
    return arcs


def _speed(tags: dict[str, str]) -> int:
    usual, limit = SPEEDS_KMH[tags["highway"]], tags.get("maxspeed", "")
    return min(usual, int(limit)) if limit.isdecimal() and int(limit) > 0 else usual


def largest_strong(arcs: list[tuple[int, int, float, int, str, str]]) -> list[tuple[int, int, float, int, str, str]]:
    """Only the arcs between nodes of which each can be reached from each: no trip begins or ends in a blind alley."""
    ids = sorted({node for arc in arcs for node in arc[:2]})
    place = {node: n for n, node in enumerate(ids)}
    ends = np.array([(place[arc[0]], place[arc[1]]) for arc in arcs])
    links = csr_array((np.ones(len(arcs)), (ends[:, 0], ends[:, 1])), shape=(len(ids), len(ids)))
    _, label = connected_components(links, directed=True, connection="strong")
    most = np.bincount(label).argmax()
    keep = label == most
    return [arc for arc, (a, b) in zip(arcs, ends, strict=True) if keep[a] and keep[b]]


def filed(
    arcs: list[tuple[int, int, float, int, str, str]],
    at: dict[int, Point],
    box: tuple[float, float, float, float],
    **about: Any,
) -> StreetFile:
    """Numbers for ids and places for texts; of parallel arcs the fastest stays."""
    ids = sorted({node for arc in arcs for node in arc[:2]})
    place = {node: n for n, node in enumerate(ids)}
    names = sorted({arc[4] for arc in arcs})
    classes = sorted({arc[5] for arc in arcs})
    best: dict[tuple[int, int], tuple[int, int, int, int, int, int]] = {}
    for a, b, step, speed, name, kind in arcs:
        if a == b:
            continue
        row = (place[a], place[b], max(1, round(step * 10)), speed, names.index(name), classes.index(kind))
        standing = best.get(row[:2])
        if standing is None or row[2] / row[3] < standing[2] / standing[3]:
            best[row[:2]] = row
    return StreetFile(
        box=box,
        nodes=[(at[node].longitude_e6, at[node].latitude_e6) for node in ids],
        names=names,
        classes=classes,
        arcs=[best[ends] for ends in sorted(best)],
        **about,
    )
