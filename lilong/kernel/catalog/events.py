"""The facts of the catalog. Subject: the offer."""

from uuid import UUID

from lilong.kernel.events.facts import Fact, fact


@fact("catalog.offer.listed")
class OfferListed(Fact, frozen=True, kw_only=True):
    """The offer can be found and, from its release on, bought. `price` in minor units of `currency` per `per` units."""

    field: str
    seller: UUID
    district: str
    kind: str
    unit: str
    price: int
    per: int
    currency: str
    version: int


@fact("catalog.offer.repriced")
class OfferRepriced(Fact, frozen=True, kw_only=True):
    """A listed offer has another price from now on."""

    field: str
    seller: UUID
    district: str
    price: int
    per: int
    currency: str
    before: int
    before_per: int
    version: int


@fact("catalog.offer.withdrawn")
class OfferWithdrawn(Fact, frozen=True, kw_only=True):
    """A listed offer can no longer be found or bought."""

    field: str
    seller: UUID
    district: str
    version: int
