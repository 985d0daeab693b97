"""Tables of the market, one file a topic. What is how much where stands in the ledger, never here."""

from lilong.fields.market.models.imports import Import
from lilong.fields.market.models.invoices import Invoice, InvoiceBook, Trader
from lilong.fields.market.models.lots import Lot, Recall, RecallReach, Stock, StockPaper
from lilong.fields.market.models.places import Place, PlaceDistrict
from lilong.fields.market.models.products import Product, Selling, TradeItem

__all__ = [
    "Import",
    "Invoice",
    "InvoiceBook",
    "Lot",
    "Place",
    "PlaceDistrict",
    "Product",
    "Recall",
    "RecallReach",
    "Selling",
    "Stock",
    "StockPaper",
    "TradeItem",
    "Trader",
]
