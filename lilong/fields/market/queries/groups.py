"""Reads of group offers and groups. They are public, but who sits in a group is not: only one's own seat is shown."""

from datetime import datetime
from uuid import UUID

import msgspec

from lilong.fields.market.models import Group, GroupOffer, Membership
from lilong.fields.market.models.groups import OPEN
from lilong.kernel.base import clock
from lilong.kernel.base.paging import SIZE_DEFAULT, Slice, page
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.base.words import Words
from lilong.kernel.catalog import queries as catalog
from lilong.kernel.parties.actor import Actor

OPEN_SHOWN = 10


class GroupOfferView(msgspec.Struct, frozen=True, kw_only=True):
    """An offer to groups of `size` within `seconds`; prices in fen per `per` units. `open`: it can be bought now."""

    id: UUID
    seller: UUID
    product: UUID
    title: Words
    summary: Words
    image: str
    emoji: str
    unit: str
    price: int
    usual_price: int
    per: int
    currency: str
    size: int
    seconds: int
    limit_per_buyer: int | None
    open: bool


class GroupView(msgspec.Struct, frozen=True, kw_only=True):
    """A group. `state`: 'open', 'complete', 'failed' (also once its time is over). `order`: the reader's own seat in it."""

    id: UUID
    offer: GroupOfferView
    state: str
    size: int
    members: int
    opened_at: datetime
    deadline: datetime
    order: UUID | None
    now: datetime

    @property
    def missing(self) -> int:
        return self.size - self.members


def group_offer(id: UUID) -> GroupOfferView:
    """One offer to groups. Raises Missing."""
    found = _offers(GroupOffer.objects.filter(id=id).select_related("product"))
    if not found:
        raise Missing("no-such-group-offer", violations=[Violation(pointer="/offer", rule="known")])
    return found[0]


def group_offers(*, cursor: str = "", size: int = SIZE_DEFAULT) -> Slice:
    """Offers to groups, newest first, withdrawn ones too (`open` tells)."""
    found = page(GroupOffer.objects.select_related("product"), by=("-offered_at", "-id"), cursor=cursor, size=size)
    return Slice(items=_offers(found.items), next=found.next)


def group(id: UUID, *, actor: Actor | None = None) -> GroupView:
    """One group, for whoever has its link. Raises Missing."""
    found = Group.objects.filter(id=id).first()
    if found is None:
        raise Missing("no-such-group", violations=[Violation(pointer="/group", rule="known")])
    return _views([found], actor)[0]


def open_groups(offer: UUID, *, actor: Actor | None = None) -> list[GroupView]:
    """Groups of an offer that can be joined now, those that end first in front."""
    rows = Group.objects.filter(offer=offer, state=OPEN, deadline__gt=clock.now()).order_by("deadline", "id")
    return _views(list(rows[:OPEN_SHOWN]), actor)


def groups_of(actor: Actor, *, cursor: str = "", size: int = SIZE_DEFAULT) -> Slice:
    """The groups the reader has or had a seat in, newest first."""
    rows = Group.objects.filter(memberships__buyer=actor.party).distinct()
    found = page(rows, by=("-opened_at", "-id"), cursor=cursor, size=size)
    return Slice(items=_views(found.items, actor), next=found.next)


def _views(rows: list[Group], actor: Actor | None) -> list[GroupView]:
    now = clock.now()
    offers = {
        view.id: view
        for view in _offers(GroupOffer.objects.filter(id__in={row.offer_id for row in rows}).select_related("product"))
    }
    seats: dict[UUID, UUID] = {}
    if actor is not None:
        mine = Membership.objects.filter(group__in=rows, buyer=actor.party).order_by("joined_at")
        seats = {seat.group_id: seat.order for seat in mine if seat.left_at is None}
    return [
        GroupView(
            id=row.id,
            offer=offers[row.offer_id],
            state="failed" if row.state == OPEN and row.deadline <= now else row.state,
            size=row.size,
            members=row.members,
            opened_at=row.opened_at,
            deadline=row.deadline,
            order=seats.get(row.id),
            now=now,
        )
        for row in rows
    ]


def _offers(rows: "list[GroupOffer] | object") -> list[GroupOfferView]:
    rows = list(rows)  # type: ignore[call-overload]
    now = clock.now()
    offers = {view.id: view for view in catalog.views([id for row in rows for id in (row.id, row.product.offer)])}
    found = []
    for row in rows:
        offer, usual = offers[row.id], offers[row.product.offer]
        found.append(
            GroupOfferView(
                id=row.id,
                seller=row.seller,
                product=row.product_id,
                title=offer.title,
                summary=offer.summary,
                image=offer.image,
                emoji=row.product.emoji,
                unit=offer.unit,
                price=offer.price,
                usual_price=usual.price,
                per=offer.per,
                currency=offer.currency,
                size=row.size,
                seconds=row.seconds,
                limit_per_buyer=offer.limit_per_buyer,
                open=offer.state == "listed" and (offer.closes_at is None or offer.closes_at > now),
            )
        )
    return found
