"""What journeys may call of the market."""

from lilong.fields.market.queries.availability import Available, availability, availability_near, windows
from lilong.fields.market.queries.places import PlaceView, place, places_serving
from lilong.fields.market.queries.products import ProductView, product, products_by_offer
from lilong.fields.market.queries.stock import lots_of_accounts, pick_plan
from lilong.fields.market.services.fulfilment import deliver, dispatch, fail, lose

__all__ = [
    "Available",
    "PlaceView",
    "ProductView",
    "availability",
    "availability_near",
    "deliver",
    "dispatch",
    "fail",
    "lose",
    "lots_of_accounts",
    "pick_plan",
    "place",
    "places_serving",
    "product",
    "products_by_offer",
    "windows",
]
