"""Facts of products, trade items and places."""

from uuid import UUID

from lilong.kernel.events.facts import Fact, fact


@fact("market.product.registered")
class ProductRegistered(Fact):
    """A seller listed a product for the first time. Subject: the product."""

    product: UUID
    seller: UUID
    gtin: str
    category: str
    unit: str


@fact("market.product.changed")
class ProductChanged(Fact):
    """A product's description, price or terms changed. Subject: the product."""

    product: UUID
    seller: UUID
    fields: list[str]


@fact("market.product.withdrawn")
class ProductWithdrawn(Fact):
    """A seller no longer sells a product. Subject: the product."""

    product: UUID
    seller: UUID


@fact("market.item.retired")
class ItemRetired(Fact):
    """A GTIN was retired for good; nobody can register it again. Subject: the registrant."""

    gtin: str
    products: int


@fact("market.place.opened")
class PlaceOpened(Fact):
    """A front warehouse, machine, shop or pick-up point opened. Subject: the place."""

    place: UUID
    owner: UUID
    kind: str
    district: str


@fact("market.place.closed")
class PlaceClosed(Fact):
    """A place closed for good. Subject: the place."""

    place: UUID
    owner: UUID
    kind: str
    district: str
