"""What sells, from the counted log."""

from datetime import date, timedelta
from uuid import UUID

from django.db.models import Sum

from lilong.fields.market.models import DaySales, Selling
from lilong.kernel.base import clock

DAYS = 14


def bestsellers(place: UUID | None, *, days: int = DAYS, size: int = 12) -> list[tuple[UUID, int]]:
    """(product, orders) of what was ordered most at a place (None: anywhere) in the last `days` days, most first.

    Further offers of a product count with it.
    """
    rows = DaySales.objects.filter(day__gt=clock.today() - timedelta(days=days))
    if place is not None:
        rows = rows.filter(place=place)
    by_offer = dict(
        rows.values_list("offer").annotate(sold=Sum("orders")).filter(sold__gt=0).values_list("offer", "sold")
    )
    found: dict[UUID, int] = {}
    for offer, product in Selling.objects.filter(offer__in=by_offer).values_list("offer", "product_id"):
        found[product] = found.get(product, 0) + by_offer[offer]
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:size]


def by_day(offers: list[UUID], since: date) -> list[tuple[date, UUID, int, int, int]]:
    """(day, offer, orders, units, amount in minor units) of these offers, by day. The caller has checked who asks."""
    rows = DaySales.objects.filter(offer__in=offers, day__gte=since).values_list("day", "offer")
    found = rows.annotate(sum_orders=Sum("orders"), sum_units=Sum("units"), sum_amount=Sum("amount"))
    return list(found.values_list("day", "offer", "sum_orders", "sum_units", "sum_amount").order_by("day", "offer"))
