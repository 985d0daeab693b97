"""Which free car goes to which waiting rider: one batch, the best in sum.

A pair costs the seconds to the pick-up less what the rider's waiting is worth; pairs that may not be are never made; as many
riders as can be are served, and of all ways to serve so many the cheapest is taken (Hungarian method, exact).

Nobody starves. Let A's waiting be worth more than B's by more than the longest pick-up allowed. Were a car given to B that may serve A,
and A none, then giving it to A instead would serve as many and cost less: so no such match is the cheapest. As the worth of
waiting grows without bound, those who came some time after A (`overtaken_seconds`) never take a car from A again.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
_FORBIDDEN = 1e9  # above any sum of costs: one more rider served is always worth it
ENDLESS = 2**31 - 1  # a shift or a range without an end
TURNAROUND_SECONDS = 120  # getting in and out
RESERVE_METRES = 10_000  # what a robotaxi keeps for the way to its charger


class Ageing(NamedTuple):
    """What waiting is worth, in seconds of pick-up a second waited: little within the first `patience`, much beyond."""

    patience: int = 420
    at_first: float = 0.15
    later: float = 1.0


class Terms(NamedTuple):
    """`max_pickup` in seconds: nobody is sent further."""

    max_pickup: int = 1200
    ageing: Ageing = Ageing()


class Riders(NamedTuple):
    """Columns of the same length: seconds waited, plan asked for (a number), people, wheelchair, the trip's metres and
    seconds."""

    waited: Ints
    plan: Ints
    people: Ints
    wheelchair: Bools
    metres: Ints
    seconds: Ints


class Cars(NamedTuple):
    """Columns of the same length: plan, seats, takes a wheelchair, seconds left of the shift, metres left of the range
    (ENDLESS for neither)."""

    plan: Ints
    seats: Ints
    wheelchair: Bools
    seconds_left: Ints
    range_left: Ints


class Pair(NamedTuple):
    """A rider's and a car's place in their columns, and the way to the pick-up."""

    rider: int
    car: int
    seconds: int
    metres: int


def match(
    riders: Riders,
    cars: Cars,
    seconds: Ints,
    metres: Ints,
    *,
    forbidden: Sequence[tuple[int, int]] = (),
    allowed: Bools | None = None,
    terms: Terms | None = None,
) -> list[Pair]:
    """Pairs, by rider. `seconds` and `metres` are the ways to the pick-ups, riders down, cars across; `forbidden` are pairs
    that shall not be (declined), `allowed` says for each pair whether the car's area covers the trip."""
    terms = terms or Terms()
    if not (len(riders.waited) and len(cars.plan)):
        return []
    may = feasible(riders, cars, seconds, metres, terms.max_pickup)
    if allowed is not None:
        may &= allowed
    for rider, car in forbidden:
        may[rider, car] = False
    rows, columns = np.flatnonzero(may.any(axis=1)), np.flatnonzero(may.any(axis=0))
    if not len(rows):
        return []
    inner = np.ix_(rows, columns)
    cost = np.where(may[inner], seconds[inner] - worth(riders.waited[rows], terms.ageing)[:, None], _FORBIDDEN)
    found = linear_sum_assignment(cost)
    return [
        Pair(int(rider), int(car), int(seconds[rider, car]), int(metres[rider, car]))
        for rider, car in zip(rows[found[0]], columns[found[1]], strict=True)
        if may[rider, car]
    ]


def feasible(riders: Riders, cars: Cars, seconds: Ints, metres: Ints, max_pickup: int) -> Bools:
    """For each rider and car whether the car may serve the rider at all."""
    busy = seconds + riders.seconds[:, None] + TURNAROUND_SECONDS
    needed = metres + riders.metres[:, None] + RESERVE_METRES
    may: Bools = (
        (seconds <= max_pickup)
        & (riders.plan[:, None] == cars.plan[None, :])
        & (riders.people[:, None] <= cars.seats[None, :])
        & (cars.wheelchair[None, :] | ~riders.wheelchair[:, None])
        & (busy <= cars.seconds_left[None, :])
        & (needed <= cars.range_left[None, :])
    )
    return may


def worth(waited: Ints, ageing: Ageing) -> NDArray[np.float64]:
    """What having waited so long is worth."""
    early = np.minimum(waited, ageing.patience) * ageing.at_first
    found: NDArray[np.float64] = early + np.maximum(waited - ageing.patience, 0) * ageing.later
    return found


def overtaken_seconds(terms: Terms) -> float:
    """Who comes so many seconds after a rider never gets a car that the rider could have had: from there on waiting alone
    is worth more than the longest pick-up (worth is convex, so a lead grows)."""
    patience, at_first, later = terms.ageing
    if at_first * patience > terms.max_pickup:
        return terms.max_pickup / at_first
    return patience + (terms.max_pickup - at_first * patience) / later if later else float("inf")
