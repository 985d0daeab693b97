"""Prices as people compare them, and markdowns of goods that expire soon. Minor units, integers, half up."""

from collections.abc import Sequence
from datetime import date
from typing import Literal, NamedTuple

from lilong.fields.market.rules.expiry import days_left
from lilong.kernel.base.money import price_of

GRAMS_PER_JIN = 500
GRAMS_PER_KG = 1000


class Step(NamedTuple):
    """With at most `days` days left (the best-before day counts as 1), `percent_off` the price."""

    days: int
    percent_off: int


LADDER = (Step(1, 50), Step(2, 30), Step(3, 15))


def per_kilogram(price: int, per: int) -> int:
    """The price of a kilogram of goods sold at `price` per `per` grams."""
    return price_of(GRAMS_PER_KG, price, per)


def marked_down(price: int, best_before: date, on: date, ladder: Sequence[Step] = LADDER) -> int:
    """The price on `on` of goods good through `best_before`: the steepest step that applies; never under 1."""
    left = days_left(best_before, on)
    off = max((step.percent_off for step in ladder if left <= step.days), default=0)
    return max(1, price_of(100 - off, price, 100)) if price else 0


def value_at(quantity: int, price: int, per: int) -> int:
    """What stock is worth at its list price: receipts and waste are both counted by it."""
    return price_of(quantity, price, per)


def change(shown: int, current: int) -> Literal["same", "higher", "lower"]:
    """How the price moved since the buyer saw it."""
    return "same" if shown == current else "higher" if current > shown else "lower"
