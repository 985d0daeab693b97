"""Writing the rows of a batch of orders: one COPY for the orders, one for their lines."""

from datetime import datetime
from uuid import UUID

from django.db import connection

from lilong.kernel.base import ids
from lilong.kernel.orders import rules
from lilong.kernel.orders.services.candidate import Candidate

_ORDER_TYPES = [
    "uuid",
    "uuid",
    "uuid",
    "int2",
    "text",
    "text",
    "text",
    "text",
    "int8",
    "int8",
    "int8",
    "uuid",
    "uuid",
    "date",
    "text",
    "text",
    "bytea",
    "timestamptz",
    "timestamptz",
]
_LINE_TYPES = ["uuid", "int2", "uuid", "int4", "int8", "int4", "int8"]
_COPY_ORDERS = (
    "COPY orders_order (id, buyer, seller, state, field, channel, district, currency, total, held, captured, place, booking, "
    "use_on, note, guard, body, placed_at, changed_at) FROM STDIN (FORMAT BINARY)"
)
_COPY_LINES = "COPY orders_line (order_id, n, offer, quantity, price, per, amount) FROM STDIN (FORMAT BINARY)"


def write(orders: list[Candidate], districts: dict[UUID, str], now: datetime) -> None:
    """Writes orders that have been decided; an id that exists meanwhile raises IntegrityError."""
    with connection.cursor() as cursor:
        with cursor.copy(_COPY_ORDERS) as copy:
            copy.set_types(_ORDER_TYPES)
            for order in orders:
                draft = order.draft
                copy.write_row(
                    (
                        draft.id,
                        order.buyer,
                        order.seller,
                        1,
                        order.field,
                        draft.channel,
                        districts.get(order.buyer, ""),
                        order.currency,
                        order.total,
                        order.held,
                        0 if order.later else order.held,
                        draft.place,
                        ids.child(draft.id, rules.BOOKING) if draft.slot else None,
                        order.use_on,
                        draft.note,
                        order.guard,
                        order.body,
                        now,
                        now,
                    )
                )
        with cursor.copy(_COPY_LINES) as copy:
            copy.set_types(_LINE_TYPES)
            for order in orders:
                for n, line in enumerate(order.lines):
                    copy.write_row((order.draft.id, n, *line))
