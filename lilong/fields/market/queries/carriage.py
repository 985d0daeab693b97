"""What carriers promise for a parcel from a warehouse to a buyer's address."""

from collections.abc import Iterable
from uuid import UUID

from lilong.fields.market.queries import products
from lilong.fields.market.queries.places import PlaceView
from lilong.fields.market.queries.products import ProductView
from lilong.fields.market.rules import carriage as rules
from lilong.kernel.orders import carriage
from lilong.kernel.orders.carriage import Promise
from lilong.kernel.orders.drafts import LineDraft
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.views import AddressView


def addresses(actor: Actor | None) -> list[AddressView]:
    """The reader's own addresses, the default first; [] for nobody and where nobody carries."""
    return parties.addresses(actor, actor.party) if actor and carriage.carries() else []


def ways(place: PlaceView | None, to: AddressView | None, goods: Iterable[tuple[ProductView, int]]) -> list[Promise]:
    """Ways of delivery for (product, quantity) pairs, the earliest first; [] without a place that knows where it stands."""
    if place is None or place.latitude_e6 is None or place.longitude_e6 is None or to is None:
        return []
    weight, temperature = _parcel(goods)
    found = carriage.promises(place=place.id, to=to.point, weight_g=weight, temperature=temperature)
    return found[: rules.SHOWN]


def parcel_of(lines: Iterable[LineDraft]) -> tuple[int, str]:
    """Grams and temperature class of an order's lines. Lines on unknown offers count nothing: the order is refused anyway."""
    drafts = list(lines)
    known = products.products_by_offer({line.offer for line in drafts})
    return _parcel([(known[line.offer], line.quantity) for line in drafts if line.offer in known])


def _parcel(goods: Iterable[tuple[ProductView, int]]) -> tuple[int, str]:
    pairs = list(goods)
    weight = rules.weight_g((product.unit, quantity) for product, quantity in pairs)
    return weight, rules.strictest(product.temperature for product, _ in pairs)


def chosen(found: list[AddressView], asked: str) -> AddressView | None:
    """The address asked for by its id, else the default."""
    return next((each for each in found if str(each.id) == asked), found[0] if found else None)


def by_seller(
    place: PlaceView | None, to: AddressView | None, parcels: Iterable[tuple[UUID, Iterable[tuple[ProductView, int]]]]
) -> dict[UUID, list[Promise]]:
    """The ways of each seller's parcel; sellers without any are left out."""
    found = {seller: ways(place, to, goods) for seller, goods in parcels}
    return {seller: promises for seller, promises in found.items() if promises}
