"""Every write of orders."""

from lilong.kernel.orders.services.amend import amend
from lilong.kernel.orders.services.cancel import cancel
from lilong.kernel.orders.services.complete import complete
from lilong.kernel.orders.services.place import place, place_one
from lilong.kernel.orders.services.refund import refund

__all__ = ["amend", "cancel", "complete", "place", "place_one", "refund"]
