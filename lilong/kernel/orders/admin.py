"""Orders in the operators' admin: to look at; changes go through the services."""

from django.contrib import admin

from lilong.kernel.orders.models import Order


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin[Order]):
    list_display = ("id", "field", "channel", "state", "total", "captured", "refunded", "placed_at")
    list_filter = ("field", "channel", "state")
    search_fields = ("=id", "=buyer", "=seller")
    date_hierarchy = "placed_at"
    show_full_result_count = False

    def has_add_permission(self, request: object) -> bool:
        return False

    def has_change_permission(self, request: object, obj: object | None = None) -> bool:
        return False

    def has_delete_permission(self, request: object, obj: object | None = None) -> bool:
        return False
