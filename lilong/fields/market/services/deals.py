"""What broadcasts, groups and campaigns share: a further offer of a product, and the place it is sold from."""

from datetime import datetime
from uuid import UUID

from lilong.fields.market.models import Place, Product
from lilong.fields.market.rules import roles
from lilong.fields.market.services import supplies
from lilong.kernel.base.problems import Conflict, Gone, Missing, Violation
from lilong.kernel.base.words import Words
from lilong.kernel.catalog import queries as catalog_queries
from lilong.kernel.catalog import services as catalog
from lilong.kernel.catalog.drafts import OfferDraft
from lilong.kernel.parties.actor import Actor


def product_of(actor: Actor, id: UUID) -> Product:
    """A product that the actor may sell. Raises Missing, Forbidden, Gone."""
    found = Product.objects.filter(id=id).first()
    if found is None:
        raise Missing("no-such-product", violations=[Violation(pointer="/product", rule="known")])
    actor.require(found.seller, *roles.RANGE, scope=roles.WRITE)
    if found.withdrawn_at:
        raise Gone("product-withdrawn")
    return found


def require_place(seller: UUID, id: UUID, pointer: str) -> Place:
    """An open place of the seller's own. Raises Missing."""
    found = Place.objects.filter(id=id, owner=seller, closed_at=None).first()
    if found is None:
        raise Missing("no-such-place", violations=[Violation(pointer=pointer, rule="known")])
    return found


def sell(
    actor: Actor,
    product: Product,
    *,
    offer: UUID,
    kind: str,
    price: int,
    title: Words,
    limit: int | None,
    settle: str = "",
    guard: str = "",
    released_at: datetime | None = None,
    closes_at: datetime | None = None,
) -> None:
    """Puts a further offer of the product into the catalog, sold from the product's own stock.

    Unit, tolerance and (unless `settle` says) settlement are the product's own.
    """
    own = catalog_queries.terms([product.offer])[product.offer]
    settle = settle or own.settle
    if catalog_queries.terms([offer]):
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="unique")])
    catalog.put_offer(
        actor,
        OfferDraft(
            id=offer,
            field="market",
            seller=product.seller,
            kind=kind,
            title=title if title.within(None) else Words.read(product.name),
            summary=Words.read(product.summary or {}),
            unit=product.unit,
            price=price,
            per=own.per,
            currency=own.currency,
            settle=settle,  # type: ignore[arg-type]
            released_at=released_at,
            closes_at=closes_at,
            limit_per_buyer=limit,
            tolerance_percent=own.tolerance_percent if settle == "later" else 0,
            place_bound=True,
            tags=(product.category,),
            image=product.image,
            attributes={"brand": product.brand, "emoji": product.emoji, "product": str(product.id)},
            guard=guard,
        ),
    )
    supplies.sell_also(actor, offer=offer, product=product.id)


def require_same(standing: str, asked: str) -> None:
    """Raises Conflict `id-taken` unless the same was asked for before."""
    if standing != asked:
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
