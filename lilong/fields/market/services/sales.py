"""The day's sales, counted from the log: what bestsellers and sales charts are drawn from."""

from collections import Counter
from datetime import date
from uuid import UUID

from django.db import connection

from lilong.fields.market.models import DaySales
from lilong.kernel.base.clock import CITY_ZONE
from lilong.kernel.events import queries as events
from lilong.kernel.events.follow import Projection, Recorded

_ADD = """
INSERT INTO market_daysales AS kept (day, offer, place, orders, units, amount)
SELECT * FROM unnest(%s::date[], %s::uuid[], %s::uuid[], %s::int[], %s::bigint[], %s::bigint[])
ON CONFLICT (day, offer, place) DO UPDATE
SET orders = kept.orders + excluded.orders, units = kept.units + excluded.units, amount = kept.amount + excluded.amount
"""
_NOWHERE = UUID(int=0)

_Key = tuple[date, UUID, UUID]


def apply(found: list[Recorded]) -> None:
    """Adds placed market orders to their days, and takes cancelled ones out of the day on which they were placed."""
    orders: Counter[_Key] = Counter()
    units: Counter[_Key] = Counter()
    amounts: Counter[_Key] = Counter()
    for event in found:
        if event.data.get("field") != "market":
            continue
        sign = 1 if event.type == "orders.placed" else -1
        placed = event if sign > 0 else _placed(event.subject)
        day = placed.at.astimezone(CITY_ZONE).date()
        place = UUID(placed.data["place"]) if placed.data.get("place") else _NOWHERE
        for line in placed.data["lines"]:
            key = (day, UUID(line["offer"]), place)
            orders[key] += sign
            units[key] += sign * line["quantity"]
            amounts[key] += sign * line["amount"]
    if orders:
        keys = sorted(orders)
        with connection.cursor() as cursor:
            cursor.execute(
                _ADD,
                [*map(list, zip(*keys, strict=True)), *([of[key] for key in keys] for of in (orders, units, amounts))],
            )


def reset() -> None:
    DaySales.objects.all().delete()


def _placed(order: UUID) -> Recorded:
    return next(event for event in events.history(order).items if event.type == "orders.placed")


PROJECTION = Projection("market.sales", ("orders.placed", "orders.cancelled"), apply, reset)
