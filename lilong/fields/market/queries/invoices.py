"""Reads of invoices, for buyer and seller."""

from uuid import UUID

from lilong.fields.market.models import Invoice
from lilong.kernel.orders import queries as orders
from lilong.kernel.parties.actor import Actor


def of_order(actor: Actor, order: UUID) -> list[Invoice]:
    """An order's invoice and credit notes, by number, without their documents. Missing for who may not see the order."""
    orders.order(actor, order)
    return list(Invoice.objects.defer("document").filter(order=order).order_by("number"))
