"""What goes into a basket and out of it. Nothing is reserved: that is the order's part."""

from datetime import timedelta
from uuid import UUID

import msgspec
from django.db import transaction

from lilong.fields.market.models import Basket, BasketLine
from lilong.fields.market.queries import products
from lilong.fields.market.queries.products import ProductView
from lilong.fields.market.rules import baskets as rules
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Missing, Violation, invalid
from lilong.kernel.base.words import Words
from lilong.kernel.orders import queries as orders
from lilong.kernel.parties.actor import Actor

LEFT_DAYS = 30


def open_basket(actor: Actor | None, *, id: UUID) -> UUID:
    """The actor's basket, made under `id` where there is none; for nobody (None) the basket `id` of a browser."""
    if actor is None:
        Basket.objects.get_or_create(id=id, defaults={"changed_at": clock.now()})
        return id
    found, _ = Basket.objects.get_or_create(person=actor.party, defaults={"id": id, "changed_at": clock.now()})
    return found.id


@transaction.atomic
def set_line(actor: Actor | None, *, basket: UUID, offer: UUID, quantity: int, wish: str = "") -> int:
    """Makes the basket hold `quantity` of a product's offer (0: none); answers how much it holds then.

    Raises Missing (somebody else's basket), Invalid (quantity, wish, unknown offer), Conflict (`offer-closed`,
    `basket-full`).
    """
    kept = _locked(actor, basket)
    if not quantity:
        kept.lines.filter(offer=offer).delete()
        return 0
    product = _sold(offer)
    rules.checked(quantity, product.unit)
    _keep(kept, product, quantity, rules.checked_wish(wish) if wish else "")
    return quantity


@transaction.atomic
def add(actor: Actor | None, *, basket: UUID, offer: UUID, quantity: int) -> int:
    """Puts `quantity` more of an offer in, up to the most that a basket takes; answers how much it holds then."""
    kept = _locked(actor, basket)
    product = _sold(offer)
    if rules.checked(quantity, product.unit) == 0:
        raise invalid("/quantity", "minimum", "1")
    held = kept.lines.filter(offer=offer).values_list("quantity", flat=True).first() or 0
    whole = min(held + quantity, rules.most(product.unit))
    _keep(kept, product, whole, "")
    return whole


@transaction.atomic
def merge(actor: Actor, *, basket: UUID) -> UUID:
    """Empties a browser's basket into that of whoever signed in there; of one thing the larger quantity stays.

    Answers the person's basket. A basket that is gone, or somebody's, changes nothing.
    """
    mine = open_basket(actor, id=ids.uuid7())
    theirs = Basket.objects.select_for_update().filter(id=basket, person=None).first()
    if theirs is None:
        return mine
    kept = _locked(actor, mine)
    held = {line.offer: line for line in kept.lines.all()}
    for line in theirs.lines.order_by("added_at", "offer"):
        twin = held.get(line.offer)
        if twin is None and len(held) < rules.LINES_MAX:
            held[line.offer] = BasketLine.objects.create(
                basket=kept, offer=line.offer, quantity=line.quantity, price=line.price, wish=line.wish,
                added_at=line.added_at,
            )  # fmt: skip
        elif twin is not None and twin.quantity < line.quantity:
            kept.lines.filter(offer=line.offer).update(quantity=line.quantity)
    theirs.delete()
    return mine


class Reordered(msgspec.Struct, frozen=True, kw_only=True):
    """What of an old order went into the basket again (product names), and what could not: it is sold no more."""

    added: list[str]
    gone: list[str]


@transaction.atomic
def reorder(actor: Actor, *, order: UUID, basket: UUID) -> Reordered:
    """Puts the goods of one of the actor's own orders into the basket again, as they were first ordered."""
    view = orders.order(actor, order)
    if not actor.acts_for(view.buyer):
        raise Missing("no-such-order", violations=[Violation(pointer="/id", rule="known")])
    found = products.products_by_offer({line.offer for line in view.lines})
    added, gone = [], []
    for line in view.lines:
        product = found.get(line.offer)
        if line.replaces is not None:
            continue
        if product is None or product.state != "listed":
            gone.append(str(Words.read(line.title)))
            continue
        add(actor, basket=basket, offer=product.offer, quantity=min(line.quantity, rules.most(product.unit)))
        added.append(str(product.name))
    return Reordered(added=added, gone=gone)


def take_out(person: UUID, offers: list[UUID]) -> None:
    """Removes what was just ordered from a person's basket. The caller has a transaction open and checked who acts."""
    BasketLine.objects.filter(basket__person=person, offer__in=offers).delete()


def forget_left() -> int:
    """Removes baskets of browsers that nobody touched for 30 days."""
    before = clock.now() - timedelta(days=LEFT_DAYS)
    return Basket.objects.filter(person=None, changed_at__lt=before).delete()[0]


def _locked(actor: Actor | None, id: UUID) -> Basket:
    found = Basket.objects.select_for_update().filter(id=id).first()
    if found is None or (found.person is not None and (actor is None or actor.party != found.person)):
        raise Missing("no-such-basket", violations=[Violation(pointer="/basket", rule="known")])
    return found


def _sold(offer: UUID) -> ProductView:
    """The product whose own offer this is; further offers (broadcast, group) are bought on their own pages."""
    product = products.products_by_offer([offer]).get(offer)
    if product is None or product.offer != offer:
        raise invalid("/offer", "unknown-offer", offer)
    if product.state != "listed":
        raise Conflict("offer-closed", violations=[Violation(pointer="/offer", rule="listed")])
    return product


def _keep(basket: Basket, product: ProductView, quantity: int, wish: str) -> None:
    new = not basket.lines.filter(offer=product.offer).exists()
    if new and basket.lines.count() >= rules.LINES_MAX:
        raise Conflict(
            "basket-full", violations=[Violation(pointer="/offer", rule="lines", detail=str(rules.LINES_MAX))]
        )
    if new:
        BasketLine.objects.create(
            basket=basket, offer=product.offer, quantity=quantity, price=product.price, wish=wish or "match",
            added_at=clock.now(),
        )  # fmt: skip
    else:
        changes = {"quantity": quantity, "price": product.price} | ({"wish": wish} if wish else {})
        basket.lines.filter(offer=product.offer).update(**changes)
    basket.changed_at = clock.now()
    basket.save(update_fields=["changed_at"])
