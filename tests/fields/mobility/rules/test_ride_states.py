"""The life of a ride, its codes and its meter."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lilong.fields.mobility.rules import vehicle_states
from lilong.fields.mobility.rules.rides import codes, states
from lilong.fields.mobility.rules.rides.meter import Meter, advanced
from lilong.kernel.geo.points import Point, moved

RIDE = UUID("019a0000-0000-7000-8000-000000000001")
NOW = datetime(2030, 4, 8, 4, tzinfo=UTC)
HERE = Point(121.47, 31.23)


def test_every_state_is_reached_and_only_the_closed_ones_are_left_by_nobody():
    assert {step.target for step in states.STEPS} == set(states.STATES)
    assert set(states.STATES) - {step.source for step in states.STEPS} == states.CLOSED


def test_a_step_is_made_by_whom_it_belongs_to():
    assert states.step("offered", "accept", "car") is not None
    assert states.step("offered", "accept", "rider") is None
    assert states.step("under-way", "cancel", "rider") is None
    assert states.step("cancelled", "accept", "car") is None


def test_what_a_ride_does_to_its_vehicle_is_in_the_specifications_table():
    """Followed from an available vehicle through every way a ride may go."""
    seen, ahead = set(), [("requested", "available")]
    while ahead:
        state, vehicle = ahead.pop()
        if (state, vehicle) in seen:
            continue
        seen.add((state, vehicle))
        for step in states.STEPS:
            if step.source == state:
                path = vehicle_states.path("passenger-services", vehicle, step.events)
                ahead.append((step.target, path[-1].state if path else vehicle))
    assert {vehicle for state, vehicle in seen if state in (*states.CLOSED, "requested", "offered")} == {"available"}
    assert {vehicle for state, vehicle in seen if state == "under-way"} == {"on_trip"}


def test_codes_are_for_one_ride_one_turn_one_side_and_one_house():
    code = codes.code_of("key", RIDE, 0, "rider")
    assert len(code) == codes.DIGITS and code.isdecimal()
    assert codes.matches(code, "key", RIDE, 0, "rider")
    others = [
        ("other", RIDE, 0, "rider"),
        ("key", UUID(int=5), 0, "rider"),
        ("key", RIDE, 1, "rider"),
        ("key", RIDE, 0, "door"),
    ]
    assert [codes.matches(code, *other) for other in others] == [False] * 4  # type: ignore[arg-type]
    assert not codes.matches("", "key", RIDE, 0, "rider")
    assert not codes.matches("１２３４", "key", RIDE, 0, "rider")


def way(_a: Point, _b: Point) -> int:
    return 700


def go(meter: Meter, metres: float, seconds: float) -> Meter:
    at = meter.at + timedelta(seconds=seconds)
    return advanced(meter, moved(meter.last, metres, 90), at, at, way)


def test_the_meter_adds_what_is_driven_and_not_what_trembles():
    meter = Meter(0, HERE, NOW)
    for _ in range(10):
        meter = go(meter, 100, 10)
    assert abs(meter.metres - 1000) <= 10
    assert go(meter, 8, 10).metres == meter.metres


def test_standing_at_a_light_is_no_gap():
    meter = Meter(0, HERE, NOW)
    for _ in range(20):
        meter = go(meter, 0, 10)
    assert go(meter, 50, 10)[::3] == (50, 0)


def test_a_gap_is_bridged_by_the_map_but_not_faster_than_a_car_is():
    meter = Meter(0, HERE, NOW)
    assert go(meter, 500, 120)[::3] == (700, 700)
    bridged = advanced(
        meter, moved(HERE, 900, 0), NOW + timedelta(seconds=60), NOW + timedelta(seconds=60), lambda a, b: 9_000
    )
    assert bridged.metres == 60 * 45


@pytest.mark.parametrize(
    ("metres", "seconds", "late"),
    [(100, -5, 0), (100, 0, 0), (5_000, 10, 0), (100, 60, 11)],
    ids=["out of order", "twice", "a jump", "from the future"],
)
def test_points_that_count_for_nothing(metres: int, seconds: int, late: int):
    at = NOW + timedelta(seconds=seconds)
    start = Meter(40, HERE, NOW)
    assert advanced(start, moved(HERE, metres, 0), at, at - timedelta(seconds=late), way) == start


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-0.1, 0.1), st.floats(-0.1, 0.1), st.integers(-100, 1000)), max_size=30))
def test_the_meter_only_grows(steps: list[tuple[float, float, int]]):
    meter = Meter(0, HERE, NOW)
    for east, north, seconds in steps:
        at = NOW + timedelta(seconds=seconds)
        after = advanced(meter, Point(HERE.longitude + east, HERE.latitude + north), at, NOW + timedelta(days=1), way)
        assert after.metres >= meter.metres and after.at >= meter.at
        meter = after
