"""Zones: borders, holes, parts, what is refused as a zone; and the sixteen that the city has."""

import math

import pytest
import shapely

from lilong.kernel.base.districts import SLUGS
from lilong.kernel.base.problems import Invalid
from lilong.kernel.geo import districts
from lilong.kernel.geo.points import Point
from lilong.kernel.geo.zones import Zone, validated

SQUARE = [[121.0, 31.0], [121.01, 31.0], [121.01, 31.01], [121.0, 31.01], [121.0, 31.0]]
HOLE = [[121.004, 31.004], [121.006, 31.004], [121.006, 31.006], [121.004, 31.006], [121.004, 31.004]]
FAR = [[[122.0, 31.0], [122.01, 31.0], [122.01, 31.01], [122.0, 31.0]]]
RING = Zone.of_geojson(validated({"type": "Polygon", "coordinates": [SQUARE, HOLE]}, ""))


def test_a_hole_is_outside_and_a_border_inside():
    assert RING.contains(Point(121.002, 31.002))
    assert not RING.contains(Point(121.005, 31.005))
    assert RING.contains(Point(121.0, 31.005))
    assert RING.contains(Point(121.004, 31.005))
    assert not RING.contains(Point(121.0, 31.0101))


def test_crossing_is_meeting_the_border():
    inside, outside, hole = Point(121.002, 31.002), Point(120.99, 31.002), Point(121.005, 31.005)
    assert RING.crosses(inside, outside)
    assert RING.crosses(inside, hole)
    assert RING.crosses(outside, Point(121.02, 31.002))
    assert not RING.crosses(inside, Point(121.003, 31.002))
    assert not RING.crosses(outside, Point(120.98, 31.0))


def test_a_path_touches_a_zone_also_where_no_vertex_is_in_it():
    assert RING.touches_path([Point(120.99, 31.002), Point(121.02, 31.002)])
    assert RING.touches_path([Point(121.002, 31.002)])
    assert not RING.touches_path([Point(121.0045, 31.005), Point(121.0055, 31.005)])
    assert not RING.touches_path([])


def test_area_and_parts():
    both = Zone.of_geojson(validated({"type": "MultiPolygon", "coordinates": [[SQUARE], FAR]}, ""))
    assert both.contains(Point(122.009, 31.001))
    side = math.radians(0.01) * 6_371_008.8
    hole = (math.radians(0.002) * 6_371_008.8) ** 2
    assert RING.area_m2 == pytest.approx((side**2 - hole) * math.cos(math.radians(31.005)), rel=0.001)
    assert RING.contains(RING.centre)


def test_rings_are_wound_as_the_standard_says_and_heights_dropped():
    clockwise = [[*position, 4] for position in reversed(SQUARE)]
    stored = validated({"type": "Polygon", "coordinates": [clockwise]}, "/area")
    assert shapely.LinearRing(stored["coordinates"][0]).is_ccw
    assert {len(position) for position in stored["coordinates"][0]} == {2}


@pytest.mark.parametrize(
    ("geometry", "pointer", "rule"),
    [
        ("Polygon", "/area", "type"),
        ({"type": "Point", "coordinates": [1, 2]}, "/area/type", "one-of"),
        ({"type": "Polygon"}, "/area/coordinates", "ring"),
        ({"type": "Polygon", "coordinates": []}, "/area/coordinates", "ring"),
        ({"type": "Polygon", "coordinates": [SQUARE[:3]]}, "/area/coordinates/0", "ring"),
        ({"type": "Polygon", "coordinates": [SQUARE[:4]]}, "/area/coordinates/0", "closed"),
        ({"type": "Polygon", "coordinates": [[*SQUARE[:4], [121.0]]]}, "/area/coordinates/0/4", "position"),
        ({"type": "Polygon", "coordinates": [[[121, math.nan], *SQUARE[1:]]]}, "/area/coordinates/0/0/1", "number"),
        ({"type": "Polygon", "coordinates": [[["121", 31], *SQUARE[1:]]]}, "/area/coordinates/0/0/0", "number"),
        ({"type": "Polygon", "coordinates": [[[31, 121], *SQUARE[1:]]]}, "/area/coordinates/0/0/1", "range"),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE], []]}, "/area/coordinates/1", "ring"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}, "/area/coordinates", "valid"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [2, 0], [0, 0]]]}, "/area/coordinates", "valid"),
        ({"type": "Polygon", "coordinates": [SQUARE, FAR[0]]}, "/area/coordinates", "valid"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]]]}, "/area/coordinates", "area"),
        ({"type": "Polygon", "coordinates": [SQUARE * 3_000]}, "/area/coordinates", "vertices"),
    ],
)
def test_what_is_no_zone_says_why(geometry: object, pointer: str, rule: str):
    with pytest.raises(Invalid) as refused:
        validated(geometry, "/area")
    assert (refused.value.violations[0].pointer, refused.value.violations[0].rule) == (pointer, rule)


@pytest.mark.parametrize(
    ("name", "latitude", "longitude", "district"),
    [
        ("People's Square", 31.2304, 121.4737, "huangpu"),
        ("Oriental Pearl Tower", 31.2397, 121.4998, "pudong"),
        ("Jing'an Temple", 31.2235, 121.4454, "jingan"),
        ("Hongqiao station", 31.1943, 121.3204, "minhang"),
        ("Xujiahui", 31.1955, 121.4368, "xuhui"),
        ("Fudan University", 31.2990, 121.5030, "yangpu"),
        ("Lu Xun Park", 31.2730, 121.4790, "hongkou"),
        ("Pudong airport", 31.1434, 121.8052, "pudong"),
        ("Waibaidu Bridge, south end", 31.2440, 121.4855, "huangpu"),
        ("Chongming", 31.63, 121.40, "chongming"),
        ("Suzhou", 31.30, 120.62, ""),
        ("nowhere", 0.0, 0.0, ""),
    ],
)
def test_landmarks_lie_in_their_districts(name: str, latitude: float, longitude: float, district: str):
    assert districts.district_of(Point(longitude, latitude)) == district, name


def test_outlines_are_wgs84_not_gcj02():
    """The border of Huangpu and Jing'an follows the North-South Elevated Road: 121.4623 at this latitude in OpenStreetMap,
    and 0.0045 degrees (430 m) further east in GCJ-02. Between the two lies Huangpu."""
    assert districts.district_of(Point(121.4645, 31.2330)) == "huangpu"
    assert districts.district_of(Point(121.4605, 31.2330)) == "jingan"


def test_every_district_has_an_outline_its_centre_and_a_plausible_size():
    assert tuple(districts.zones()) == SLUGS
    assert {districts.district_of(districts.centre(slug)) for slug in SLUGS} == set(SLUGS)
    assert districts.zones()["huangpu"].area_m2 == pytest.approx(20.5e6, rel=0.05)  # the yearbook says 20.5 km2
    assert districts.zones()["xuhui"].area_m2 == pytest.approx(54.8e6, rel=0.05)
    found = districts.outlines()
    assert [feature["properties"]["district"] for feature in found["features"]] == list(SLUGS)
    assert found["features"][0]["properties"]["name"]["zh"] == "黄浦区"
