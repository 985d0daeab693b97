"""The calendar in the operators' admin: to look at."""

from django.contrib import admin

from lilong.kernel.base.look_only import LookOnly
from lilong.kernel.calendar.models import Resource


@admin.register(Resource)
class ResourceAdmin(LookOnly):
    list_display = ("id", "kind", "name", "owner", "zone", "capacity", "active")
    list_filter = ("kind", "active")
    search_fields = ("=id", "=owner")
