"""The match of riders and cars: against every possible match, against starving, and what may never be."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lilong.fields.mobility.rules.rides import matching
from lilong.fields.mobility.rules.rides.matching import ENDLESS, Ageing, Cars, Pair, Riders, Terms, match

NO_AGEING = Terms(ageing=Ageing(0, 0.0, 0.0))


def riders(waited: list[int], **more: list[object]) -> Riders:
    n = len(waited)
    columns = {"plan": [0] * n, "people": [1] * n, "metres": [5000] * n, "seconds": [900] * n} | more
    wheelchair = np.array(columns.pop("wheelchair", [False] * n), dtype=bool)
    return Riders(waited=np.array(waited), wheelchair=wheelchair, **{k: np.array(v) for k, v in columns.items()})


def cars(n: int, **more: list[object]) -> Cars:
    columns = {"plan": [0] * n, "seats": [4] * n, "seconds_left": [ENDLESS] * n, "range_left": [ENDLESS] * n} | more
    wheelchair = np.array(columns.pop("wheelchair", [False] * n), dtype=bool)
    return Cars(wheelchair=wheelchair, **{k: np.array(v) for k, v in columns.items()})


def grid(*rows: list[int]) -> np.ndarray:
    return np.array(rows, dtype=np.int64)


def made(pairs: list[Pair]) -> list[tuple[int, int]]:
    return [(pair.rider, pair.car) for pair in pairs]


def test_the_sum_counts_not_who_came_first():
    seconds = grid([100, 200], [110, 900])
    assert made(match(riders([0, 0]), cars(2), seconds, seconds * 7)) == [(0, 1), (1, 0)]


def test_nobody_to_match():
    empty = np.zeros((0, 2), dtype=np.int64)
    assert match(riders([]), cars(2), empty, empty) == []
    assert match(riders([5]), cars(0), empty.reshape(1, 0), empty.reshape(1, 0)) == []


@pytest.mark.parametrize(
    ("rider", "car"),
    [
        ({"plan": [1]}, {}),
        ({"people": [5]}, {}),
        ({"wheelchair": [True]}, {}),
        ({}, {"seconds_left": [1100]}),  # 100 to get there, 900 to drive, 120 to get in and out
        ({}, {"range_left": [15_699]}),  # 700 m to get there, 5 km to drive, 10 km in reserve
    ],
)
def test_pairs_that_may_not_be(rider: dict[str, list[object]], car: dict[str, list[object]]):
    seconds = grid([100])
    assert match(riders([0], **rider), cars(1, **car), seconds, seconds * 7) == []
    assert made(match(riders([0]), cars(1), seconds, seconds * 7)) == [(0, 0)]


def test_pairs_that_just_may_be():
    seconds = grid([100])
    exact = cars(1, seats=[1], seconds_left=[1120], range_left=[15_700])
    assert made(match(riders([0]), exact, seconds, seconds * 7)) == [(0, 0)]
    accessible = cars(1, wheelchair=[True])
    assert made(match(riders([0], wheelchair=[True]), accessible, seconds, seconds * 7)) == [(0, 0)]


def test_declined_too_far_and_outside_the_area():
    seconds = grid([1200, 1201])
    assert made(match(riders([0]), cars(2), seconds, seconds)) == [(0, 0)]
    assert match(riders([0]), cars(2), seconds, seconds, forbidden=[(0, 0)]) == []
    assert match(riders([0]), cars(2), seconds, seconds, allowed=np.array([[False, True]])) == []


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_as_many_as_can_be_and_of_those_the_cheapest(data: st.DataObject):
    """Against all matches there are, on small cases."""
    n, m = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    seconds = grid(*[[data.draw(st.integers(0, 1500)) for _ in range(m)] for _ in range(n)])
    waited = [data.draw(st.integers(0, 3000)) for _ in range(n)]
    pairs = match(riders(waited), cars(m), seconds, seconds)
    worth = matching.worth(np.array(waited), Ageing())

    def value(chosen: list[tuple[int, int]]) -> tuple[int, float]:
        return -len(chosen), sum(float(seconds[r, c]) - worth[r] for r, c in chosen)

    places = [*range(m), *[None] * n]
    best = min(
        value([(r, c) for r, c in enumerate(way) if c is not None and seconds[r, c] <= 1200])
        for way in set(permutations(places, n))
    )
    assert value(made(pairs)) == pytest.approx(best)


def stream(terms: Terms, rounds: int) -> int | None:
    """A far rider, one car, and next to it a new rider whenever it is free (each 5 minutes): how long the far one waits."""
    for turn in range(rounds):
        now = turn * 300
        seconds = grid([1100], [60])  # the far one, and one who has just come
        if made(match(riders([now, 0]), cars(1), seconds, seconds, terms=terms)) == [(0, 0)]:
            return now
    return None


def test_a_far_rider_amid_an_endless_stream_of_near_ones_is_served():
    bound = matching.overtaken_seconds(Terms())
    assert bound == 420 + (1200 - 63)
    waited = stream(Terms(), rounds=1000)
    assert waited is not None and waited <= bound
    assert stream(NO_AGEING, rounds=1000) is None  # what the ageing is for


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_car_is_taken_from_who_came_so_long_before(data: st.DataObject):
    """The bound itself: a car given to who came that much later could not have served who waits on."""
    n, m = data.draw(st.integers(2, 12)), data.draw(st.integers(1, 8))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    waited = rng.integers(0, 8000, n)
    seconds = rng.integers(0, 1600, (n, m))
    pairs = match(riders(list(waited)), cars(m), seconds, seconds)
    served, bound = {pair.rider for pair in pairs}, matching.overtaken_seconds(Terms())
    for pair in pairs:
        for rider in set(range(n)) - served:
            if waited[rider] - waited[pair.rider] > bound:
                assert seconds[rider, pair.car] > Terms().max_pickup


@pytest.mark.parametrize(
    ("ageing", "bound"),
    [(Ageing(10_000, 1.0, 1.0), 1200), (Ageing(100, 0.0, 2.0), 700), (Ageing(0, 0, 0), float("inf"))],
)
def test_the_bound(ageing: Ageing, bound: float):
    assert matching.overtaken_seconds(Terms(ageing=ageing)) == bound
