"""The local map that vehicles drive on: whole millimetres east and north of one point of the city.

An equirectangular frame: exact enough for a delivery area (at 15 km from the origin the scale is wrong by less than 0.1%),
and it goes there and back without loss to the millionth of a degree.
"""

import math
from typing import NamedTuple

MAP = "shanghai-1"
ORIGIN_LATITUDE_E6, ORIGIN_LONGITUDE_E6 = 31_230_400, 121_473_700  # People's Square
_EARTH_MM = 6_371_008_800
_MM_PER_E6 = math.radians(1e-6) * _EARTH_MM
_SHRINK = math.cos(math.radians(ORIGIN_LATITUDE_E6 / 1e6))


class Position(NamedTuple):
    """Millimetres east (`x_mm`) and north (`y_mm`) of the map's origin."""

    x_mm: int
    y_mm: int


def placed(latitude_e6: int, longitude_e6: int) -> Position:
    return Position(
        round((longitude_e6 - ORIGIN_LONGITUDE_E6) * _MM_PER_E6 * _SHRINK),
        round((latitude_e6 - ORIGIN_LATITUDE_E6) * _MM_PER_E6),
    )


def located(x_mm: int, y_mm: int) -> tuple[int, int]:
    """Latitude and longitude, in millionths of a degree."""
    return (
        ORIGIN_LATITUDE_E6 + round(y_mm / _MM_PER_E6),
        ORIGIN_LONGITUDE_E6 + round(x_mm / (_MM_PER_E6 * _SHRINK)),
    )
