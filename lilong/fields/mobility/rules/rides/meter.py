"""The trip meter: metres from points on the way. It only ever grows.

Points come late, twice, or from nowhere, and are missing in tunnels. Late and repeated ones are passed over, jumps no car can
make too; a gap is bridged by the shortest way on the map, which is never more than was driven. Standing still adds nothing:
a point counts once it is further from the last that counted than position errors are.
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from lilong.kernel.geo.points import Point, metres

JITTER_METRES = 12
GAP_SECONDS = 45
FASTEST_MPS = 45  # 162 km/h
HORIZON_SECONDS = 10  # a device's clock may be ahead by this

WayMetres = Callable[[Point, Point], int]


class Meter(NamedTuple):
    """Metres so far, the last point that counted, and when the vehicle was last heard to be there."""

    metres: int
    last: Point
    at: datetime
    bridged: int = 0  # of the metres, those that were bridged over gaps


def advanced(meter: Meter, point: Point, at: datetime, now: datetime, way: WayMetres) -> Meter:
    """The meter after a point. `way` answers the metres of the map's way between two points."""
    seconds = (at - meter.at).total_seconds()
    if seconds <= 0 or (at - now).total_seconds() > HORIZON_SECONDS:
        return meter
    straight = metres(meter.last, point)
    if straight > FASTEST_MPS * seconds:
        return meter
    if straight < JITTER_METRES:
        return meter._replace(at=at)  # it stands there: what comes next is no gap
    if seconds <= GAP_SECONDS:
        return meter._replace(metres=meter.metres + round(straight), last=point, at=at)
    bridge = min(max(way(meter.last, point), round(straight)), round(FASTEST_MPS * seconds))
    return Meter(meter.metres + bridge, point, at, meter.bridged + bridge)
