"""Which points are believed, and how far a trip goes by them."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lilong.fields.mobility.rules import points as rules
from lilong.fields.mobility.rules.points import Reading, Spot, Track
from lilong.kernel.base import ids
from tests.fields.mobility.road import LATITUDE, LONGITUDE, METRE_E6, MOMENT

CAR = ids.named("car")


def spot(seconds: float = 0, metres: int = 0) -> Spot:
    return Spot(MOMENT + timedelta(seconds=seconds), LATITUDE + metres * METRE_E6, LONGITUDE)


def reading(seq: int, seconds: float = 0, metres: int = 0, **more) -> Reading:
    at = spot(seconds, metres)
    return Reading(CAR, more.pop("source", 1), seq, at.at, at.latitude_e6, at.longitude_e6, **more)


def judged(*readings: Reading, known: tuple[Spot, ...] = (), numbers=None) -> list[str]:
    return rules.judged(readings, now=MOMENT, track=Track(known), numbers=numbers or {})


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (spot(121), rules.FUTURE),
        (spot(119), ""),
        (spot(-31 * 86400), rules.TOO_OLD),
        (Spot(MOMENT, 0, 0), rules.NOWHERE),
        (Spot(MOMENT, 50, -50), rules.NOWHERE),
        (Spot(MOMENT, 0, 121_000_000), ""),
        (Spot(MOMENT, 90_000_001, 0), rules.RANGE),
        (Spot(MOMENT, -91_000_000, 121_000_000), rules.RANGE),
        (Spot(MOMENT, 31_000_000, 180_000_001), rules.RANGE),
    ],
)
def test_points_that_cannot_be(given: Spot, reason: str):
    assert rules.sound(given, now=MOMENT) == reason


def test_bad_accuracy_and_no_fix():
    assert judged(reading(1, accuracy_m=151), reading(2, accuracy_m=150), reading(3, fixed=False)) == [
        "accuracy", "taken", "no-fix",
    ]  # fmt: skip


def test_nobody_drives_faster_than_a_train():
    assert judged(reading(1), reading(2, 10, 600), reading(3, 20, 2000), reading(4, 30, 900)) == [
        "taken", "taken", "teleport", "taken",
    ]  # fmt: skip


def test_a_late_point_is_held_against_both_neighbours():
    known = (spot(-100), spot(0, 1000))
    assert judged(reading(1, -50, 500), known=known) == ["taken"]
    assert judged(reading(1, -1, -5000), known=known) == ["teleport"]


def test_a_wrong_first_fix_ends_by_itself():
    far = spot(-1000, 80_000)
    assert judged(reading(1), known=(far,)) == ["teleport"]
    assert judged(reading(1, 100), known=(spot(-1100, 80_000),)) == ["taken"]


def test_each_number_counts_once_and_only_for_its_moment():
    numbers = {(1, 7): {MOMENT}}
    assert judged(reading(7), reading(7, 5), reading(8, 5), reading(8, 5), numbers=numbers) == [
        "duplicate", "number-reused", "taken", "duplicate",
    ]  # fmt: skip


def test_serial_numbers_wrap_and_the_moment_tells():
    numbers = {(2, 7): {MOMENT - timedelta(hours=1)}}
    again = reading(9, 0, source=2, numbered=False)
    assert judged(reading(7, 0, source=2, numbered=False), again, numbers=numbers) == ["taken", "duplicate"]


@settings(deadline=None)
@given(st.permutations(range(12)))
def test_whatever_order_a_batch_comes_in(order: list[int]):
    way = [reading(n + 1, -10 * (11 - n), 100 * n) for n in range(12)]
    way[5] = reading(6, -60, 50_000)
    found = dict(zip(order, judged(*(way[n] for n in order)), strict=True))
    assert [found[n] for n in range(12)] == ["taken"] * 5 + ["teleport"] + ["taken"] * 6


def test_standing_still_is_no_way():
    wandering = [spot(n, (n % 3) * 4) for n in range(100)]
    assert rules.length_m(wandering) == 0
    assert rules.length_m([]) == 0
    straight = [spot(n, 20 * n) for n in range(11)]
    assert rules.length_m(straight) == pytest.approx(200, abs=1)
