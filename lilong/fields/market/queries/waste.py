"""Reads of waste that can still be undone."""

from uuid import UUID

from lilong.fields.market.models import StockPaper
from lilong.kernel.base import clock, ids


def undoing(paper: UUID) -> UUID:
    """The id of the paper that undoes a booking of waste."""
    return ids.named("market.waste.undone", paper)


def undoable(seller: UUID) -> list[StockPaper]:
    """Today's bookings of waste that still stand, newest first. The caller has checked who asks."""
    start = clock.now().astimezone(clock.CITY_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = StockPaper.objects.filter(lot__product__seller=seller, kind="waste", at__gte=start)
    booked = list(rows.filter(quantity__gt=0).select_related("lot__product", "place").order_by("-at", "-id"))
    undone = set(rows.filter(quantity__lt=0).values_list("id", flat=True))
    return [each for each in booked if undoing(each.id) not in undone]
