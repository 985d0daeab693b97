"""Reads of the catalog."""

from lilong.kernel.catalog.queries.offers import ROLES, offer, offers_of, price_history, view, views
from lilong.kernel.catalog.queries.search import SORTS, TEXT_MAX, Facets, Found, search
from lilong.kernel.catalog.queries.terms import StockRow, SupplyRow, Terms, stocked, supplies, terms

__all__ = [
    "ROLES",
    "SORTS",
    "TEXT_MAX",
    "Facets",
    "Found",
    "StockRow",
    "SupplyRow",
    "Terms",
    "offer",
    "offers_of",
    "price_history",
    "search",
    "stocked",
    "supplies",
    "terms",
    "view",
    "views",
]
