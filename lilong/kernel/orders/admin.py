"""Orders in the operators' admin."""

from django.contrib import admin

from lilong.kernel.base.look_only import LookOnly
from lilong.kernel.orders.models import Order


@admin.register(Order)
class OrderAdmin(LookOnly):
    list_display = ("id", "field", "channel", "state", "total", "captured", "refunded", "placed_at")
    list_filter = ("field", "channel", "state")
    search_fields = ("=id", "=buyer", "=seller")
    date_hierarchy = "placed_at"
