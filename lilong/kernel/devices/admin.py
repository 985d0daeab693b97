"""Letters and quarantined messages in the operators' admin: to look at."""

from django.contrib import admin

from lilong.kernel.base.look_only import LookOnly
from lilong.kernel.devices.models import DeviceLetter, QuarantinedMessage


@admin.register(DeviceLetter)
class DeviceLetterAdmin(LookOnly):
    list_display = ("id", "subject", "retain", "created_at", "expires_at", "sent_at", "dropped_at")
    search_fields = ("=id",)
    ordering = ("-created_at",)


@admin.register(QuarantinedMessage)
class QuarantinedMessageAdmin(LookOnly):
    list_display = ("inbox", "subject", "device", "at", "tries", "quarantined_at")
    list_filter = ("inbox",)
    search_fields = ("=device", "=id")
    ordering = ("-quarantined_at",)
