"""Social group buying: N buyers within a time at a better price, or everybody has his money back.

Money and goods are held when a buyer joins. A complete group makes its orders firm: the buyer cannot go any more, the seller
hands over and only then captures the money (`orders.complete`), or cancels and gives it back. Whatever changes a group
locks the group's row first, then an order, then ledger accounts; so of a last joiner and the deadline one comes first.
"""

from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from lilong.fields.market.drafts import GroupOfferDraft, JoinDraft
from lilong.fields.market.events.deals import (
    GroupCompleted,
    GroupFailed,
    GroupJoined,
    GroupLeft,
    GroupOffered,
    GroupOpened,
)
from lilong.fields.market.models import Group, GroupOffer, Membership
from lilong.fields.market.models.groups import COMPLETE, FAILED, OPEN
from lilong.fields.market.rules import deals as rules
from lilong.fields.market.services import deals
from lilong.fields.market.services.guards import GROUP
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Missing, Problem, Violation
from lilong.kernel.catalog import queries as catalog
from lilong.kernel.events.services import emit
from lilong.kernel.orders import services as orders
from lilong.kernel.orders.drafts import LineDraft, OrderDraft, Placed
from lilong.kernel.parties.actor import SYSTEM, Actor

CHANNEL = "group"
SETTLE_LIMIT = 500


@transaction.atomic
def offer_group(actor: Actor, draft: GroupOfferDraft) -> GroupOffer:
    """Offers a price to groups. The same id with the same draft answers the same; with another, Conflict `id-taken`."""
    product = deals.product_of(actor, draft.product)
    asked, now = rules.fingerprint(draft), clock.now()
    standing = GroupOffer.objects.filter(id=draft.id).first()
    if standing is None:
        rules.check_group_offer(draft, now)
        given = {"seller": product.seller, "size": draft.size, "seconds": draft.seconds}
        values = given | {"product": product, "fingerprint": asked, "offered_at": now}
        standing, created = GroupOffer.objects.get_or_create(id=draft.id, defaults=values)
        if created:
            deals.sell(
                actor,
                product,
                offer=draft.id,
                kind="group",
                price=draft.price,
                title=draft.title,
                limit=draft.limit_per_buyer,
                settle="later",
                guard=GROUP,
                closes_at=draft.closes_at,
            )
            fact = GroupOffered(offer=draft.id, product=product.id, price=draft.price, **given)
            emit(fact, subject=draft.id, actor=actor.party)
    deals.require_same(standing.fingerprint, asked)
    return standing


@transaction.atomic
def open_group(actor: Actor, *, offer: UUID, draft: JoinDraft) -> tuple[Group, Placed]:
    """Opens the group `draft.group` for an offer and takes its first seat. The same again: the same answer.

    Raises Missing, Conflict `id-taken` (the id is another offer's group), and whatever `join` raises.
    """
    found = GroupOffer.objects.filter(id=offer).first()
    if found is None:
        raise Missing("no-such-group-offer")
    now = clock.now()
    closes_at = catalog.offer(offer).closes_at
    deadline = now + timedelta(seconds=found.seconds)
    group, created = Group.objects.get_or_create(
        id=draft.group,
        defaults={
            "offer": found,
            "opened_by": actor.party,
            "size": found.size,
            "opened_at": now,
            "deadline": min(deadline, closes_at) if closes_at else deadline,
        },
    )
    if group.offer_id != offer or (group.opened_by != actor.party):
        raise Conflict("id-taken", violations=[Violation(pointer="/group", rule="same-body")])
    if created:
        opened = GroupOpened(group=group.id, offer=offer, seller=found.seller, size=group.size, deadline=group.deadline)
        emit(opened, subject=group.id, actor=actor.party)
    return join(actor, draft)


@transaction.atomic
def join(actor: Actor, draft: JoinDraft) -> tuple[Group, Placed]:
    """Takes a seat: places the order (money and goods held) and joins, or neither. The last seat completes the group.

    Raises Missing, Conflict `group-full`, `group-over` (both say how to open another), `already-in`, and what orders refuse.
    """
    group = _locked(draft.group)
    standing = Membership.objects.filter(order=draft.order).first()
    if standing is None:
        _refuse_closed(group)
        if Membership.objects.filter(group=group, buyer=actor.party, left_at=None).exists():
            raise Conflict("already-in", violations=[Violation(pointer="/group", rule="one-seat")])
    elif (standing.group_id, standing.buyer) != (group.id, actor.party):
        raise Conflict("id-taken", violations=[Violation(pointer="/order", rule="same-body")])
    placed = orders.place_one(actor, _order(actor, group, draft), through=GROUP)
    if standing is None:
        _seat(actor, group, draft.order)
    return group, placed


def _order(actor: Actor, group: Group, draft: JoinDraft) -> OrderDraft:
    return OrderDraft(
        id=draft.order,
        buyer=actor.party,
        lines=[LineDraft(offer=group.offer_id, quantity=draft.quantity, price=draft.price)],
        place=draft.place,
        slot=draft.slot,
        channel=CHANNEL,
        note=draft.note,
    )


def _refuse_closed(group: Group) -> None:
    another = {"offer": str(group.offer_id), "open_another": f"/api/market/group-offers/{group.offer_id}/groups"}
    if group.state == COMPLETE:
        raise Conflict("group-full", violations=[Violation(pointer="/group", rule="seats-left")], extra=another)
    if group.state == FAILED or group.deadline <= clock.now():
        raise Conflict("group-over", violations=[Violation(pointer="/group", rule="before-deadline")], extra=another)


def _seat(actor: Actor, group: Group, order: UUID) -> None:
    """Gives the actor the next seat of the locked group; the last one completes it."""
    now = clock.now()
    try:
        with transaction.atomic():
            Membership.objects.create(order=order, group=group, buyer=actor.party, joined_at=now)
    except IntegrityError:  # the same order at the same moment in another group
        raise Conflict("id-taken", violations=[Violation(pointer="/order", rule="same-body")]) from None
    group.members += 1
    offer, seller = group.offer_id, group.offer.seller
    joined = GroupJoined(group=group.id, offer=offer, order=order, members=group.members, size=group.size)
    emit(joined, subject=group.id, actor=actor.party)
    if group.members == group.size:
        group.state, group.closed_at = COMPLETE, now
        emit(GroupCompleted(group=group.id, offer=offer, seller=seller, size=group.size), subject=group.id)
    group.save(update_fields=["members", "state", "closed_at"])


@transaction.atomic
def leave(actor: Actor, *, order: UUID) -> Group:
    """Gives up a seat in a group that is still open: the money is free again. Again: the same answer.

    Raises Missing (also for others' seats), Conflict `group-firm` once the group is complete.
    """
    seat = Membership.objects.filter(order=order).first()
    if seat is None or not actor.acts_for(seat.buyer):
        raise Missing("no-such-seat")
    actor.require_scope("orders:write")
    group = _locked(seat.group_id)
    seat.refresh_from_db()
    if seat.left_at:
        return group
    if group.state == COMPLETE:
        raise Conflict("group-firm", violations=[Violation(pointer="/group", rule="open")])
    orders.cancel(actor, id=order, reason="left-group", through=GROUP)
    if group.state == OPEN:
        group.members -= 1
        group.save(update_fields=["members"])
    left = GroupLeft(group=group.id, offer=group.offer_id, order=order, members=group.members)
    emit(left, subject=group.id, actor=actor.party)
    return group


def settle_due(limit: int = SETTLE_LIMIT) -> int:
    """The job: fails groups whose time is over and gives everybody in failed groups his money back; answers how many orders.

    Each step is a transaction of its own (the group fails; an order is cancelled with its seat), and what is left to do is
    read from the tables: killed anywhere, a further run goes on; run twice at once, each order is cancelled once.
    """
    due = Group.objects.filter(state=OPEN, deadline__lte=clock.now()).order_by("deadline")
    for id in list(due.values_list("id", flat=True)[:limit]):
        _fail(id)
    seats = Membership.objects.filter(group__state=FAILED, left_at=None).order_by("group_id", "order")
    return sum(_give_back(order) for order in list(seats.values_list("order", flat=True)[:limit]))


@transaction.atomic
def _fail(id: UUID) -> None:
    group = _locked(id)
    if group.state != OPEN or group.deadline > clock.now():
        return
    group.state, group.closed_at = FAILED, clock.now()
    group.save(update_fields=["state", "closed_at"])
    failed = GroupFailed(
        group=id, offer=group.offer_id, seller=group.offer.seller, members=group.members, size=group.size
    )
    emit(failed, subject=id)


def _give_back(order: UUID) -> bool:
    """Cancels one order of a failed group; its seat is freed in the same transaction (see `guards`)."""
    try:
        orders.cancel(SYSTEM, id=order, reason="group-failed", through=GROUP)
    except Problem:
        return False
    return True


def _locked(id: UUID) -> Group:
    group = Group.objects.select_for_update(of=("self",)).select_related("offer").filter(id=id).first()
    if group is None:
        raise Missing("no-such-group", violations=[Violation(pointer="/group", rule="known")])
    return group
