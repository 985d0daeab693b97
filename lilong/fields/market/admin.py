"""The market in the operators' admin: to look at. What changes goes through services."""

from django.contrib import admin

from lilong.fields.market.models import Import, Invoice, Lot, Place, Product, Recall, StockPaper, TradeItem, Trader
from lilong.kernel.base.look_only import LookOnly


@admin.register(Product)
class ProductAdmin(LookOnly):
    list_display = ("code", "name", "item_id", "category", "unit", "seller", "withdrawn_at")
    list_filter = ("category", "unit", "temperature")
    search_fields = ("=id", "=code", "=item__gtin", "=seller")


@admin.register(TradeItem)
class TradeItemAdmin(LookOnly):
    list_display = ("gtin", "registrant", "registered_at", "retired_at")
    search_fields = ("=gtin",)


@admin.register(Place)
class PlaceAdmin(LookOnly):
    list_display = ("name", "kind", "district", "owner", "closed_at")
    list_filter = ("kind", "district")
    search_fields = ("=id", "=owner")


@admin.register(Lot)
class LotAdmin(LookOnly):
    list_display = ("code", "product_id", "best_before", "last_day", "state")
    list_filter = ("state",)
    search_fields = ("=id", "=code", "=product__id")


@admin.register(StockPaper)
class StockPaperAdmin(LookOnly):
    list_display = ("id", "kind", "lot_id", "place_id", "quantity", "value", "reason", "at")
    list_filter = ("kind",)
    search_fields = ("=id", "=lot__id")
    date_hierarchy = "at"


@admin.register(Recall)
class RecallAdmin(LookOnly):
    list_display = ("lot_id", "reason", "at")
    search_fields = ("=lot__id",)


@admin.register(Trader)
class TraderAdmin(LookOnly):
    list_display = ("legal_name", "tax_number", "organisation")
    search_fields = ("=tax_number", "=organisation")


@admin.register(Invoice)
class InvoiceAdmin(LookOnly):
    # The document names the buyer: it is read where reading is written to the buyer's access log.
    exclude = ("document",)
    list_display = ("seller", "number", "type_code", "total", "issued_at")
    list_filter = ("type_code",)
    search_fields = ("=id", "=seller", "=order")


@admin.register(Import)
class ImportAdmin(LookOnly):
    exclude = ("content",)
    list_display = ("id", "seller", "kind", "state", "rows", "taken", "created_at")
    list_filter = ("kind", "state")
