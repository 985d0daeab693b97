"""The catalog in the operators' admin: to look at."""

from django.contrib import admin

from lilong.kernel.base.look_only import LookOnly
from lilong.kernel.catalog.models import Offer, Supply


@admin.register(Offer)
class OfferAdmin(LookOnly):
    list_display = ("id", "title", "field", "seller", "price", "per", "unit", "state", "version", "changed_at")
    list_filter = ("state", "field", "settle")
    search_fields = ("=id", "=seller")
    exclude = ("search", "body")


@admin.register(Supply)
class SupplyAdmin(LookOnly):
    list_display = ("id", "offer_id", "place", "account_id", "use_by", "rank", "open")
    list_filter = ("open",)
    search_fields = ("=offer__id", "=place")
