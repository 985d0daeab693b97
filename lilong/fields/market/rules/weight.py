"""Goods sold by weight: hold a little more than was ordered, settle what the scale says."""

import msgspec

from lilong.kernel.base.money import price_of
from lilong.kernel.base.problems import invalid

TOLERANCE_PERCENT_MAX = 50


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """What a weighed line comes to: grams taken, money captured and money given back, in minor units."""

    grams: int
    captured: int
    released: int


def most(ordered: int, tolerance_percent: int) -> int:
    """The most grams that may be settled for `ordered` grams (rounded down, so never above the tolerance)."""
    return ordered * (100 + tolerance_percent) // 100


def held(ordered: int, tolerance_percent: int, price: int, per: int) -> int:
    """The money to hold: the price of `most` at `price` per `per` grams, half up."""
    return price_of(most(ordered, tolerance_percent), price, per)


def settle(
    ordered: int, weighed: int, *, tolerance_percent: int, price: int, per: int, pointer: str = "/grams"
) -> Settled:
    """Settles a line at the weighed grams; 0 grams (nothing fit to send) captures nothing.

    Raises Invalid at `pointer` with rule `minimum` or `above-tolerance`.
    """
    if weighed < 0:
        raise invalid(pointer, "minimum", "0")
    limit = most(ordered, tolerance_percent)
    if weighed > limit:
        raise invalid(pointer, "above-tolerance", limit)
    captured = price_of(weighed, price, per)
    return Settled(grams=weighed, captured=captured, released=held(ordered, tolerance_percent, price, per) - captured)
