"""The kernel's carriage: what is sold anywhere is promised before buying, and booked in the order's own transaction."""

from datetime import datetime
from uuid import UUID

from lilong.fields.delivery.drafts import ParcelDraft, ShipmentDraft, Spot
from lilong.fields.delivery.models import Shipment
from lilong.fields.delivery.queries import promises as queries
from lilong.fields.delivery.services import booking
from lilong.kernel.base import ids
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.geo.points import Point
from lilong.kernel.orders import queries as orders
from lilong.kernel.orders.carriage import Promise
from lilong.kernel.parties.actor import Actor


class Carriage:
    """See `kernel.orders.carriage`: this field's carriers, asked from outside."""

    def promises(self, *, place: UUID, to: Point, weight_g: int, temperature: str, at: datetime) -> list[Promise]:
        return [
            Promise(
                carrier=each.carrier, service=each.code, name=each.name, earliest=each.earliest, latest=each.latest,
                fee=each.fee, currency=each.currency, contactless=each.contactless, token=each.token,
            )
            for each in queries.at_depot(place, to, weight_g, temperature, at)
        ]  # fmt: skip

    def book(self, actor: Actor, *, order: UUID, token: str, address: UUID) -> UUID:
        """One shipment an order, of one parcel: `ids.named("delivery", "order", order)`. The buyer pays and receives."""
        found = orders.orders_by([order]).get(order)
        if found is None or found.place is None:
            raise Missing("no-such-order", violations=[Violation(pointer="/order", rule="at-a-place")])
        id = shipment_of(order)
        if Shipment.objects.filter(id=id).exists():
            return id
        terms = queries.read_token(token)
        draft = ShipmentDraft(
            id=id, shipper=found.seller, recipient=found.buyer, payer=found.buyer, order=order, depot=found.place,
            parcels=[ParcelDraft(weight_g=max(1, terms.weight_g))], token=token, address=address, value=found.total,
            to=Spot(latitude_e6=terms.to[0], longitude_e6=terms.to[1]), temperature=terms.temperature,  # type: ignore[arg-type]
        )  # fmt: skip
        return booking.make(actor, draft).id


def shipment_of(order: UUID) -> UUID:
    """The id of the shipment that was booked with an order."""
    return ids.named("delivery", "order", order)
