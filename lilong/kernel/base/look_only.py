"""The operators' admin looks; changes go through the services."""

from django.contrib import admin
from django.http import HttpRequest


class LookOnly(admin.ModelAdmin):
    """An admin page on which nothing can be added, changed or deleted."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False
