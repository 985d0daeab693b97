"""What buyers want done about lines that are missing."""

from uuid import UUID

from lilong.fields.market.models import LineWish


def of_order(order: UUID) -> dict[int, str]:
    """Line number -> 'match' (the best match), 'ask' or 'refund'. The caller has checked who may see the order."""
    return dict(LineWish.objects.filter(order=order).values_list("n", "wish"))


def of_orders(orders: list[UUID]) -> dict[tuple[UUID, int], str]:
    """The same for many: (order, line number) -> wish."""
    rows = LineWish.objects.filter(order__in=orders).values_list("order", "n", "wish")
    return {(order, n): wish for order, n, wish in rows}
