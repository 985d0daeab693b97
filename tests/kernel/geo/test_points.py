"""Points: what they are read from, and arithmetic on them against known distances."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lilong.kernel.base.problems import Invalid
from lilong.kernel.geo import gcj02
from lilong.kernel.geo.points import Point, along, bearing, length, metres, moved, parse

SQUARE = Point(121.4737, 31.2304)
TOWER = Point(121.4998, 31.2397)
anywhere_in_china = st.builds(Point, st.floats(80, 130), st.floats(18, 50))
anywhere = st.builds(Point, st.floats(-179, 179), st.floats(-80, 80))


def test_millionths_there_and_back():
    assert Point.of_e6(31_230_400, 121_473_700) == SQUARE
    assert (SQUARE.latitude_e6, SQUARE.longitude_e6) == (31_230_400, 121_473_700)
    assert (Point(-0.0000006, 0.0000004).longitude_e6, Point(0, 0.0000004).latitude_e6) == (-1, 0)


def test_distance_and_direction_of_known_places():
    assert metres(SQUARE, SQUARE) == 0
    assert metres(SQUARE, TOWER) == pytest.approx(2689, abs=5)
    assert metres(Point(0, 0), Point(180, 0)) == pytest.approx(math.pi * 6_371_008.8)
    assert bearing(SQUARE, Point(121.4737, 32)) == 0
    assert bearing(Point(0, 0), Point(1, 0)) == pytest.approx(90)
    assert bearing(Point(0, 0), Point(-1, 0)) == pytest.approx(270)


@given(anywhere, st.floats(1, 100_000), st.floats(0, 359.9))
def test_moving_is_measured_again(start: Point, distance: float, towards: float):
    there = moved(start, distance, towards)
    assert metres(start, there) == pytest.approx(distance, rel=1e-6, abs=1e-3)
    assert abs((bearing(start, there) - towards + 180) % 360 - 180) < 0.1


def test_walking_along_a_line_stops_at_its_ends():
    line = [SQUARE, TOWER, SQUARE]
    assert length(line) == pytest.approx(2 * metres(SQUARE, TOWER))
    assert along(line, -5) == SQUARE
    assert along(line, 1e9) == SQUARE
    assert metres(along(line, metres(SQUARE, TOWER)), TOWER) < 0.01
    assert metres(along(line, 1000), SQUARE) == pytest.approx(1000, abs=1)
    assert along([TOWER], 50) == TOWER
    assert along([TOWER, TOWER], 50) == TOWER


@pytest.mark.parametrize(
    "value",
    [
        {"longitude": 121.4737, "latitude": 31.2304},
        {"type": "Point", "coordinates": [121.4737, 31.2304]},
        {"type": "Point", "coordinates": [121.4737, 31.2304, 4.0]},
    ],
)
def test_two_ways_to_write_a_point(value: object):
    assert parse(value, "/to") == SQUARE


def test_the_gulf_of_guinea_is_a_place():
    assert parse({"longitude": 0, "latitude": 0}, "/to") == Point(0, 0)


@pytest.mark.parametrize(
    ("value", "pointer", "rule"),
    [
        (None, "/to", "type"),
        ([121, 31], "/to", "type"),
        ({}, "/to/longitude", "required"),
        ({"longitude": 121}, "/to/latitude", "required"),
        ({"longitude": "121", "latitude": 31}, "/to/longitude", "number"),
        ({"longitude": True, "latitude": 31}, "/to/longitude", "number"),
        ({"longitude": 121, "latitude": math.nan}, "/to/latitude", "number"),
        ({"longitude": math.inf, "latitude": 31}, "/to/longitude", "range"),
        ({"longitude": 10**400, "latitude": 31}, "/to/longitude", "range"),
        ({"longitude": 31, "latitude": 121}, "/to/latitude", "range"),
        ({"longitude": -180.1, "latitude": 31}, "/to/longitude", "range"),
        ({"type": "LineString", "coordinates": [1, 2]}, "/to/type", "one-of"),
        ({"type": "Point", "coordinates": [1]}, "/to/coordinates", "position"),
        ({"type": "Point", "coordinates": "12"}, "/to/coordinates", "position"),
        ({"type": "Point", "coordinates": [1, 91]}, "/to/coordinates/1", "range"),
    ],
)
def test_a_bad_point_names_field_and_rule(value: object, pointer: str, rule: str):
    with pytest.raises(Invalid) as refused:
        parse(value, "/to")
    assert (refused.value.violations[0].pointer, refused.value.violations[0].rule) == (pointer, rule)


@pytest.mark.parametrize(
    ("wgs84", "shifted"),
    [
        (Point(121.5272106, 31.1774276), Point(121.531541859215, 31.17530398364597)),
        (Point(113.912316, 22.543847), Point(113.9171764808363, 22.540796131694766)),
        (Point(116.377817, 39.911954), Point(116.38404722455657, 39.91334545536069)),
    ],
    ids=["Shanghai", "Shenzhen", "Beijing"],
)
def test_gcj02_of_published_examples(wgs84: Point, shifted: Point):
    assert metres(gcj02.to_gcj02(wgs84), shifted) < 0.001
    assert metres(gcj02.to_wgs84(shifted), wgs84) < 0.001


@given(anywhere_in_china)
def test_gcj02_there_and_back(p: Point):
    assert metres(gcj02.to_wgs84(gcj02.to_gcj02(p)), p) < 0.01


def test_nothing_is_shifted_abroad():
    seoul_is_inside_the_rectangle, london = Point(126.98, 37.57), Point(-0.12, 51.5)
    assert gcj02.to_gcj02(london) == london
    assert gcj02.to_wgs84(london) == london
    assert gcj02.to_gcj02(seoul_is_inside_the_rectangle) != seoul_is_inside_the_rectangle
