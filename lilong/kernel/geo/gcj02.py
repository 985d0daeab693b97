"""GCJ-02, the shifted coordinates of Chinese maps: to and from WGS 84, for the edges of the house only.

The shift is a published-by-practice polynomial on the Krasovsky 1940 ellipsoid; it applies inside a rectangle around
China and is up to some 700 m (in Shanghai about 480 m to the south-east). The way back has no closed form: it iterates.
"""

import math

from lilong.kernel.geo.points import Point

SEMI_MAJOR, ECCENTRICITY_SQUARED = 6_378_245.0, 0.006_693_421_622_965_943_23
WEST, EAST, SOUTH, NORTH = 72.004, 137.8347, 0.8293, 55.8271
ENOUGH = 1e-9  # degrees: 0.1 mm
ROUNDS = 30  # it takes about six


def to_gcj02(point: Point) -> Point:
    """WGS 84 in, GCJ-02 out; unchanged outside China."""
    if not _within_china(point):
        return point
    east, north = _shift(point)
    return Point(point.longitude + east, point.latitude + north)


def to_wgs84(point: Point) -> Point:
    """GCJ-02 in, WGS 84 out, to less than a millimetre of what `to_gcj02` turns into the same point."""
    if not _within_china(point):
        return point
    guess = point
    for _ in range(ROUNDS):
        there = to_gcj02(guess)
        off = (there.longitude - point.longitude, there.latitude - point.latitude)
        guess = Point(guess.longitude - off[0], guess.latitude - off[1])
        if abs(off[0]) < ENOUGH and abs(off[1]) < ENOUGH:
            break
    return guess


def _within_china(point: Point) -> bool:
    return WEST <= point.longitude <= EAST and SOUTH <= point.latitude <= NORTH


def _shift(point: Point) -> tuple[float, float]:
    """Degrees to the east and to the north."""
    x, y = point.longitude - 105.0, point.latitude - 35.0
    waves = 20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    north += (waves + 20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    north += (160.0 * math.sin(y / 12.0 * math.pi) + 320.0 * math.sin(y * math.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    east += (waves + 20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    east += (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2.0 / 3.0
    phi = math.radians(point.latitude)
    curved = 1 - ECCENTRICITY_SQUARED * math.sin(phi) ** 2
    meridian = SEMI_MAJOR * (1 - ECCENTRICITY_SQUARED) / (curved * math.sqrt(curved))
    parallel = SEMI_MAJOR / math.sqrt(curved) * math.cos(phi)
    return math.degrees(east / parallel), math.degrees(north / meridian)
