"""Broadcast selling: an offer that opens for everybody at one moment. Its orders go over the kernel's counter."""

from uuid import UUID

from django.db import transaction

from lilong.fields.market.drafts import BroadcastDraft
from lilong.fields.market.events.deals import BroadcastCancelled, BroadcastOpened
from lilong.fields.market.models import Broadcast
from lilong.fields.market.rules import deals as rules
from lilong.fields.market.rules import roles
from lilong.fields.market.services import deals
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Missing, Violation
from lilong.kernel.catalog import services as catalog
from lilong.kernel.events.services import emit
from lilong.kernel.parties.actor import SYSTEM, Actor

CHANNEL = "broadcast"


@transaction.atomic
def open_broadcast(actor: Actor, draft: BroadcastDraft) -> Broadcast:
    """Announces a broadcast sale. The same id with the same draft answers the same; with another, Conflict `id-taken`.

    Raises Missing, Forbidden, Invalid. Orders name its id as the offer, its place, and the channel 'broadcast'.
    """
    product = deals.product_of(actor, draft.product)
    asked, now = rules.fingerprint(draft), clock.now()
    standing = Broadcast.objects.filter(id=draft.id).first()
    if standing is None:
        rules.check_broadcast(draft, now)
        place = deals.require_place(product.seller, draft.place, "/place")
        moments = {"released_at": draft.released_at, "closes_at": draft.closes_at}
        values = {"seller": product.seller, "product": product, "place": place, "opened_at": now, **moments}
        standing, created = Broadcast.objects.get_or_create(id=draft.id, defaults=values | {"fingerprint": asked})
        if created:
            deals.sell(
                actor,
                product,
                offer=draft.id,
                kind="broadcast",
                price=draft.price,
                title=draft.title,
                limit=draft.limit_per_buyer,
                **moments,
            )
            fact = BroadcastOpened(
                broadcast=draft.id,
                seller=product.seller,
                product=product.id,
                place=place.id,
                price=draft.price,
                limit_per_buyer=draft.limit_per_buyer,
                **moments,
            )
            emit(fact, subject=draft.id, actor=actor.party)
    deals.require_same(standing.fingerprint, asked)
    return standing


@transaction.atomic
def cancel_broadcast(actor: Actor, *, id: UUID) -> Broadcast:
    """Calls a broadcast off before its release; afterwards it is the Conflict `already-released`. Again: the same answer."""
    found = Broadcast.objects.select_for_update().filter(id=id).first()
    if found is None:
        raise Missing("no-such-broadcast")
    actor.require(found.seller, *roles.RANGE, scope=roles.WRITE)
    if found.cancelled_at:
        return found
    if found.released_at <= clock.now():
        raise Conflict("already-released", violations=[Violation(pointer="/id", rule="before-release")])
    catalog.withdraw(SYSTEM, id)  # whoever may call it off may withdraw its offer
    found.cancelled_at = clock.now()
    found.save(update_fields=["cancelled_at"])
    emit(BroadcastCancelled(broadcast=id, seller=found.seller), subject=id, actor=actor.party)
    return found
