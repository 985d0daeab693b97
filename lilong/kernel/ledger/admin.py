"""The ledger in the operators' admin: to look at. Corrections are reversals, made by services."""

from django.contrib import admin

from lilong.kernel.base.look_only import LookOnly
from lilong.kernel.ledger.models import Account, Asset, Move


@admin.register(Asset)
class AssetAdmin(LookOnly):
    list_display = ("code", "kind", "unit", "scale")
    list_filter = ("kind",)
    search_fields = ("code",)


@admin.register(Account)
class AccountAdmin(LookOnly):
    list_display = ("id", "owner", "asset", "purpose", "floor", "posted", "held", "incoming", "closed")
    list_filter = ("closed", "asset__kind")
    list_select_related = ("asset",)
    search_fields = ("=id", "=owner", "=purpose")
    ordering = ("-id",)


@admin.register(Move)
class MoveAdmin(LookOnly):
    """Found by id only: the table has no index on anything else, and it is long."""

    list_display = ("id", "source", "target", "amount", "kind", "code", "ref", "at")
    search_fields = ("=id",)
    ordering = ("-id",)
    list_per_page = 50
