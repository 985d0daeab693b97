"""Points taken in: once each, none believed that cannot be, the map never back in time; trips by engine, and late points."""

from datetime import timedelta

import pytest

from lilong.fields.mobility.models import TrackPoint, TrackQuarantine, Trip, Vehicle
from lilong.fields.mobility.services import telemetry, trips
from lilong.kernel.base import clock, ids
from tests.fields.mobility.road import LATITUDE, LONGITUDE, METRE_E6, MOMENT, Road


def drive(road: Road, first: int, *, seconds: int, metres: int, steps: int, **more) -> list:
    """Steps north, `seconds` and `metres` each, the first of them now."""
    return [road.reading(first + n, metres * n, seconds * n, **more) for n in range(steps)]


def test_points_are_stored_and_move_the_car(road: Road):
    way = [
        road.reading(1, 0, -20, energy_pm=640, locked=False, odometer_m=12_000),
        road.reading(2, 90, -10, heading=359),
    ]
    assert telemetry.take(way) == ["taken", "taken"]
    car = road.row()
    assert (car.latitude_e6, car.at, car.heading) == (LATITUDE + 90 * METRE_E6, way[1].at, 359)
    assert (car.energy_pm, car.locked, car.odometer_m, car.district) == (640, False, 12_000, "huangpu")
    assert road.stored() == [(1, False), (2, False)]


def test_the_same_batch_again_changes_nothing(road: Road):
    batch = [*drive(road, 1, seconds=1, metres=10, steps=5), road.reading(9, 0, 600), road.reading(10, 90_000, 1)]
    assert telemetry.take(batch) == ["taken"] * 5 + ["future", "teleport"]
    before = (list(TrackPoint.objects.values()), list(TrackQuarantine.objects.values()), list(Vehicle.objects.values()))
    for again in (batch, list(reversed(batch)), batch[2:]):
        assert set(telemetry.take(again)) == {"duplicate"}
    assert before == (
        list(TrackPoint.objects.values()), list(TrackQuarantine.objects.values()), list(Vehicle.objects.values()),
    )  # fmt: skip


def test_what_cannot_be_moves_nothing(road: Road):
    telemetry.take([road.reading(1, 0, -60)])
    shown = road.row()
    bad = [
        road.reading(2, 90_000),
        road.reading(3, 0, 300),
        road.reading(4, latitude_e6=0, longitude_e6=0),
        road.reading(5, latitude_e6=95_000_000),
        road.reading(6, accuracy_m=900),
        road.reading(7, fixed=False),
        road.reading(8, 0, -40 * 86400),
        road.reading(1, 10, 0),
    ]
    reasons = ["teleport", "future", "zero-zero", "out-of-range", "accuracy", "no-fix", "too-old", "number-reused"]
    assert telemetry.take(bad) == reasons
    assert sorted(reason for _, reason in road.aside()) == sorted(reasons)
    car = road.row()
    assert (car.at, car.latitude_e6) == (shown.at, shown.latitude_e6)
    assert road.stored() == [(1, False)]


def test_a_late_point_is_stored_and_the_map_stays(road: Road):
    telemetry.take([road.reading(2, 0, 0)])
    assert telemetry.take([road.reading(1, 50, -1200)]) == ["taken"]
    assert road.stored() == [(1, True), (2, False)]
    assert road.row().latitude_e6 == LATITUDE


def test_an_unknown_vehicle_leaves_no_trace(road: Road):
    assert telemetry.take([road.reading(1, vehicle=ids.uuid7())]) == ["no-such-vehicle"]
    assert (TrackPoint.objects.count(), TrackQuarantine.objects.count()) == (0, 0)
    assert telemetry.take([]) == []


def test_the_engine_begins_and_ends_a_trip_and_late_points_restate_it(road: Road):
    with clock.at(MOMENT):
        telemetry.take([road.reading(1, 0, -600, engine=False), road.reading(2, 0, -590, engine=True)])
        assert (road.trip().kind, road.trip().ended_at) == ("engine", None)
        telemetry.take([road.reading(3, 1000, -300, engine=True), road.reading(5, 1000, -10, engine=False)])
        trip = road.trip()
        assert (trip.metres, trip.points, trip.ended_at) == (1001, 3, MOMENT - timedelta(seconds=10))
        (fact,) = road.facts(trip.id, "mobility.trip.measured")
        assert (fact["metres"], fact["seconds"], fact["kind"]) == (1001, 580, "engine")
        detour = road.reading(4, 2000, -150)
        telemetry.take([detour])
        telemetry.take([detour])
        trip = road.trip()
        assert (trip.metres, trip.restated) == (3002, 1)
        (fact,) = road.facts(trip.id, "mobility.trip.restated")
        assert (fact["before"], fact["metres"], fact["number"]) == (1001, 3002, 1)


def test_a_point_after_the_end_restates_nothing(road: Road):
    telemetry.take([road.reading(1, 0, -60, engine=True), road.reading(2, 500, -20, engine=False)])
    telemetry.take([road.reading(3, 500, -5, engine=False)])
    assert (road.trip().points, road.trip().restated) == (2, 0)


def test_what_is_watched_is_told_in_the_same_transaction(road: Road):
    told = []
    telemetry.watch("test", lambda moved: told.extend((each.vehicle.latitude_e6, len(each.readings)) for each in moved))
    try:
        telemetry.take([road.reading(1, 0, -9), road.reading(2, 20, -8), road.reading(3, 90_000, -7)])
        telemetry.take([road.reading(4, 0, -60)])
    finally:
        telemetry._watching.pop("test")
    assert told == [(LATITUDE + 20 * METRE_E6, 2)]


def test_points_are_forgotten_and_the_ends_of_trips_made_coarse(road: Road):
    with clock.at(MOMENT - timedelta(days=31)):
        telemetry.take([road.reading(1, 0, -600, engine=True), road.reading(2, 900, -300, engine=False)])
        telemetry.take([road.reading(3, 0, 500)])
    with clock.at(MOMENT):
        telemetry.take([road.reading(4)])
        assert trips.forget() == 2
        trip = Trip.objects.get()
        assert (trip.start_latitude_e6, trip.start_longitude_e6, trip.erased_at) == (LATITUDE, LONGITUDE, MOMENT)
        assert trip.end_latitude_e6 == 31_240_000
        assert (trips.forget(), road.stored(), road.aside()) == (0, [(4, False)], [])


def test_any_number_of_vehicles_by_the_same_number_of_statements(road: Road, django_assert_max_num_queries):
    cars = [road.vehicle().id for _ in range(20)]
    with django_assert_max_num_queries(12):
        telemetry.take([road.reading(1, vehicle=car) for car in cars])
    with django_assert_max_num_queries(12):
        telemetry.take([road.reading(2, 5, 1, vehicle=car) for car in cars])
    assert TrackPoint.objects.count() == 40


def test_a_flood_of_nonsense_does_not_fill_the_disk(road: Road, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(telemetry, "ASIDE_MAX", 3)
    for n in range(6):
        assert telemetry.take([road.reading(n + 1, latitude_e6=0, longitude_e6=0)]) == ["zero-zero"]
        telemetry.put_aside(2, "checksum", b"noise")
        telemetry.put_aside(1, "unreadable", b"noise", vehicle=road.car.id)
    assert len(road.aside()) == 3
    assert TrackQuarantine.objects.filter(vehicle=None).count() == 3
    with clock.at(clock.now() + timedelta(days=1, seconds=5)):
        assert telemetry.take([road.reading(7, latitude_e6=0, longitude_e6=0), road.reading(8)]) == [
            "zero-zero",
            "taken",
        ]
    assert len(road.aside()) == 4
