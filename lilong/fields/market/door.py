"""What journeys may call of the market."""

from lilong.fields.market.queries.availability import Available, availability, availability_near, windows
from lilong.fields.market.queries.places import PlaceView, place, places_serving
from lilong.fields.market.queries.products import ProductView, product, products_by_offer
from lilong.fields.market.queries.stock import lots_of_accounts, pick_plan

__all__ = [
    "Available",
    "PlaceView",
    "ProductView",
    "availability",
    "availability_near",
    "lots_of_accounts",
    "pick_plan",
    "place",
    "places_serving",
    "product",
    "products_by_offer",
    "windows",
]
