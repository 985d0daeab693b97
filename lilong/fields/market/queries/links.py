"""What the resolver knows of an item and a lot."""

from datetime import datetime
from uuid import UUID

import msgspec

from lilong.fields.market.models import Lot
from lilong.fields.market.queries import products
from lilong.fields.market.queries.products import ProductView


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A GTIN: when it was retired, the products listed under it, and the ids of the recalled lots among those asked
    for. `lot_known` tells whether any seller has a lot of that code."""

    gtin: str
    retired_at: datetime | None
    products: list[ProductView]
    recalled: list[UUID]
    lot_known: bool


def known(gtin14: str, lot_code: str = "") -> Known | None:
    """What is known of a GTIN (14 digits) and, where given, of its lots of that code; None where it never was registered."""
    item = products.item(gtin14)
    if item is None:
        return None
    lots = list(Lot.objects.filter(product__item=gtin14, code=lot_code).order_by("received_at")) if lot_code else []
    return Known(
        gtin=item.gtin,
        retired_at=item.retired_at,
        products=item.products,
        recalled=[lot.id for lot in lots if lot.state == "recalled"],
        lot_known=bool(lots),
    )
