"""Which offers sell from which stock: the catalog's supplies, kept in step with lots, places and offers."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from lilong.fields.market.models import Product, Selling, Stock
from lilong.fields.market.rules import expiry, roles
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Missing, Violation
from lilong.kernel.catalog import queries as catalog_queries
from lilong.kernel.catalog import services as catalog
from lilong.kernel.catalog.drafts import SupplyDraft
from lilong.kernel.parties.actor import Actor


def supply(stocks: Iterable[Stock]) -> None:
    """Opens the supplies of `stocks` (with lot and product read along) for every offer that sells their product.

    A lot that is recalled, or past its last day of sale today, is supplied closed.
    """
    stocks = list(stocks)
    offers: dict[UUID, list[UUID]] = {}
    for product, offer in Selling.objects.filter(product__in={s.lot.product_id for s in stocks}).values_list(
        "product_id", "offer"
    ):
        offers.setdefault(product, []).append(offer)
    catalog.set_supplies([_draft(stock, offer) for stock in stocks for offer in offers.get(stock.lot.product_id, [])])


def _draft(stock: Stock, offer: UUID) -> SupplyDraft:
    lot = stock.lot
    return SupplyDraft(
        offer=offer,
        place=stock.place_id,
        account=stock.account,
        sink=lot.sold,
        use_by=lot.last_day,
        open=lot.state == "active" and expiry.sellable(lot.last_day, clock.today()),
    )


@transaction.atomic
def sell_also(actor: Actor, *, offer: UUID, product: UUID) -> Selling:
    """Lets a further offer of the seller (broadcast, group, bundle) sell from all stock of a product.

    The same again: the same answer. Raises Missing, Forbidden, Conflict `offer-taken` (it sells another product) or
    `unit-differs`.
    """
    found = Product.objects.select_for_update().filter(id=product).first()
    if found is None:
        raise Missing("no-such-product")
    actor.require(found.seller, *roles.RANGE, scope=roles.WRITE)
    terms = catalog_queries.terms([offer]).get(offer)
    if terms is None or terms.seller != found.seller:
        raise Missing("no-such-offer")
    if terms.unit != found.unit:
        raise Conflict("unit-differs", violations=[Violation(pointer="/offer", rule="same-unit")])
    selling, _ = Selling.objects.get_or_create(offer=offer, defaults={"product": found})
    if selling.product_id != found.id:
        raise Conflict("offer-taken", violations=[Violation(pointer="/offer", rule="one-product")])
    supply(Stock.objects.filter(lot__product=found, lot__state="active").select_related("lot__product"))
    return selling
