"""The one rule of the expiry day, used wherever goods are received, sold, picked, delivered or withdrawn.

A lot is good through the whole of its best-before day, in the city's zone: the day counts (inclusive). A product may
ask for a margin of days that the buyer still has at home; goods may then be handed over up to that many days earlier.
Only `last_day` computes with dates; everything else asks it.
"""

from datetime import date, timedelta

from lilong.kernel.base.problems import invalid

MARGIN_DAYS_MAX = 365
SHELF_LIFE_DAYS_MAX = 3650


def last_day(best_before: date, margin_days: int = 0) -> date:
    """The last day (inclusive) on which goods of this lot may reach a buyer."""
    return best_before - timedelta(days=margin_days)


def sellable(use_by: date | None, on: date, margin_days: int = 0) -> bool:
    """Whether goods good through `use_by` may be handed over on the day `on`. Goods without a date always may."""
    return use_by is None or on <= last_day(use_by, margin_days)


def days_left(best_before: date, on: date) -> int:
    """Days that goods are still good, `on` included: 1 on the best-before day itself, 0 or less when expired."""
    return (best_before - on).days + 1


def best_before_of(produced_on: date, shelf_life_days: int) -> date:
    """The best-before day of goods made on `produced_on`, where the maker printed only that day.

    The day of making is the first day: one day of shelf life ends on the day of making.
    """
    return produced_on + timedelta(days=shelf_life_days - 1)


def require_receivable(
    best_before: date, produced_on: date | None, on: date, margin_days: int, pointer: str = "/best_before"
) -> None:
    """Refuses a lot that could never be sold.

    Raises Invalid: `produced-after-expiry`, `produced-in-future` (at `/produced_on`), `expired`, `too-little-left`.
    """
    if produced_on is not None and produced_on > best_before:
        raise invalid("/produced_on", "produced-after-expiry")
    if produced_on is not None and produced_on > on:
        raise invalid("/produced_on", "produced-in-future")
    if not sellable(best_before, on):
        raise invalid(pointer, "expired", best_before.isoformat())
    if not sellable(best_before, on, margin_days):
        raise invalid(pointer, "too-little-left", last_day(best_before, margin_days).isoformat())
