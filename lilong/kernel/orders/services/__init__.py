"""Every write of orders."""

from lilong.kernel.orders.services.amending import amend
from lilong.kernel.orders.services.cancelling import cancel
from lilong.kernel.orders.services.completing import complete
from lilong.kernel.orders.services.placing import place, place_one
from lilong.kernel.orders.services.refunding import refund

__all__ = ["amend", "cancel", "complete", "place", "place_one", "refund"]
