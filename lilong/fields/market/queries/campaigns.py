"""Reads of campaigns (public), of what one ordered there, and of what leaders and sellers must know to hand over."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from lilong.fields.market.models import Campaign, CampaignLeader, CampaignOffer, Collection, Leader, PickLine
from lilong.fields.market.models.campaigns import OPEN
from lilong.fields.market.queries import places
from lilong.fields.market.rules import roles
from lilong.kernel.base import clock
from lilong.kernel.base.paging import SIZE_DEFAULT, Slice, page
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.base.words import Words
from lilong.kernel.catalog import queries as catalog
from lilong.kernel.orders import queries as orders
from lilong.kernel.orders.drafts import OrderView
from lilong.kernel.parties.actor import Actor


class PointView(msgspec.Struct, frozen=True, kw_only=True):
    """A leader's pick-up point (the leader himself is not named)."""

    leader: UUID
    place: UUID
    name: Words
    district: str
    address: str


class CampaignLineView(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign sells; prices in fen per `per` units."""

    offer: UUID
    product: UUID
    title: Words
    image: str
    emoji: str
    unit: str
    price: int
    usual_price: int
    per: int
    currency: str
    limit_per_buyer: int | None


class CampaignView(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign. `state`: 'coming', 'open', 'cut-off' or 'over'; the commission in hundredths of a percent."""

    id: UUID
    seller: UUID
    title: Words
    source: UUID
    opens_at: datetime
    cut_off: datetime
    delivery_day: date
    collect_until: datetime
    commission_bp: int
    state: str
    now: datetime
    lines: list[CampaignLineView] = []
    points: list[PointView] = []


class Pick(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a pick list: what goes to a point, from how many orders."""

    point: PointView
    offer: UUID
    title: Words
    unit: str
    quantity: int
    orders: int


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """An order to be collected. `state`: 'waiting', 'handed' or 'cancelled'; the commission (fen) is what the leader has."""

    order: UUID
    campaign: UUID
    leader: UUID
    state: str
    commission: int
    content: OrderView
    ordered_at: datetime
    handed_at: datetime | None


def campaign(id: UUID) -> CampaignView:
    """One campaign with what it sells and where it is collected. Raises Missing."""
    return _view(_row(id), whole=True)


def campaigns(*, cursor: str = "", size: int = SIZE_DEFAULT) -> Slice:
    """Campaigns, the latest cut-off first, without their lines."""
    found = page(Campaign.objects.all(), by=("-cut_off", "-id"), cursor=cursor, size=size)
    return Slice(items=[_view(row) for row in found.items], next=found.next)


def picks(actor: Actor, id: UUID) -> list[Pick]:
    """The pick list as of the cut-off, by point: all of it for the seller's people, a leader's own; Missing for others."""
    row = _row(id)
    rows = PickLine.objects.filter(campaign=row).select_related("leader").order_by("leader", "offer")
    if not actor.acts_for(row.seller, *roles.STOCK):
        rows = rows.filter(leader__in=_own(actor, row))
    points = {point.leader: point for point in _points(row)}
    titles = {view.id: view for view in catalog.views([line.offer for line in rows])}
    return [
        Pick(
            point=points[line.leader_id],
            offer=line.offer,
            title=titles[line.offer].title,
            unit=titles[line.offer].unit,
            quantity=line.quantity,
            orders=line.orders,
        )
        for line in rows
    ]


def parcels(actor: Actor, id: UUID, *, leader: UUID | None = None, cursor: str = "", size: int = SIZE_DEFAULT) -> Slice:
    """The orders of a campaign: all for the seller's people, those at their point for leaders; Missing for others."""
    row = _row(id)
    rows = Collection.objects.filter(campaign=row)
    if not actor.acts_for(row.seller, *roles.STOCK):
        rows = rows.filter(leader__in=_own(actor, row))
    if leader is not None:
        rows = rows.filter(leader=leader)
    return _parcels(page(rows, by=("ordered_at", "order"), cursor=cursor, size=size))


def parcels_of(actor: Actor, *, campaign: UUID | None = None, cursor: str = "", size: int = SIZE_DEFAULT) -> Slice:
    """What the reader ordered in campaigns, newest first."""
    rows = Collection.objects.filter(buyer=actor.party)
    if campaign is not None:
        rows = rows.filter(campaign=campaign)
    return _parcels(page(rows, by=("-ordered_at", "-order"), cursor=cursor, size=size))


def led_by(actor: Actor, id: UUID) -> list[PointView]:
    """The reader's own points in a campaign; [] for whoever leads none."""
    row = _row(id)
    own = {leader.id for leader in Leader.objects.filter(person=actor.party, campaigns__campaign=row)}
    return [point for point in _points(row) if point.leader in own]


def leaders_of(actor: Actor, seller: UUID) -> list[Leader]:
    """A seller's leaders, for its people."""
    actor.require(seller, *roles.RANGE)
    return list(Leader.objects.filter(seller=seller, ended_at=None).order_by("since"))


def campaigns_led(actor: Actor) -> list[CampaignView]:
    """Campaigns the reader hands over for, the latest first."""
    rows = Campaign.objects.filter(leaders__leader__person=actor.party).distinct().order_by("-cut_off")
    return [_view(row) for row in rows[:SIZE_DEFAULT]]


def _row(id: UUID) -> Campaign:
    found = Campaign.objects.filter(id=id).first()
    if found is None:
        raise Missing("no-such-campaign", violations=[Violation(pointer="/campaign", rule="known")])
    return found


def _own(actor: Actor, row: Campaign) -> list[UUID]:
    own = list(Leader.objects.filter(person=actor.party, campaigns__campaign=row).values_list("id", flat=True))
    if not own:
        raise Missing("no-such-campaign", violations=[Violation(pointer="/campaign", rule="known")])
    return own


def _state(row: Campaign, now: datetime) -> str:
    if now >= row.collect_until:
        return "over"
    if row.state != OPEN or now >= row.cut_off:
        return "cut-off"
    return "coming" if now < row.opens_at else "open"


def _view(row: Campaign, *, whole: bool = False) -> CampaignView:
    now = clock.now()
    same = ("id", "seller", "opens_at", "cut_off", "delivery_day", "collect_until", "commission_bp")
    return CampaignView(
        title=Words.read(row.title),
        source=row.source_id,
        state=_state(row, now),
        now=now,
        lines=_lines(row) if whole else [],
        points=_points(row) if whole else [],
        **{name: getattr(row, name) for name in same},
    )


def _lines(row: Campaign) -> list[CampaignLineView]:
    sold = list(CampaignOffer.objects.filter(campaign=row).select_related("product").order_by("id"))
    offers = {view.id: view for view in catalog.views([id for each in sold for id in (each.id, each.product.offer)])}
    return [
        CampaignLineView(
            offer=each.id,
            product=each.product_id,
            usual_price=offers[each.product.offer].price,
            emoji=each.product.emoji,
            **{
                name: getattr(offers[each.id], name)
                for name in ("title", "image", "unit", "price", "per", "currency", "limit_per_buyer")
            },
        )
        for each in sold
    ]


def _points(row: Campaign) -> list[PointView]:
    taking_part = CampaignLeader.objects.filter(campaign=row).select_related("leader")
    leaders = [each.leader for each in taking_part]
    at = places.places({leader.point_id for leader in leaders})
    return [
        PointView(
            leader=leader.id,
            place=leader.point_id,
            name=at[leader.point_id].name,
            district=at[leader.point_id].district,
            address=at[leader.point_id].address,
        )
        for leader in sorted(leaders, key=lambda leader: leader.id)
    ]


def _parcels(found: Slice) -> Slice:
    content = orders.orders_by([row.order for row in found.items])
    items = [
        Parcel(
            order=row.order,
            campaign=row.campaign_id,
            leader=row.leader_id,
            state="handed" if row.handed_at else "cancelled" if row.cancelled_at else "waiting",
            commission=row.commission,
            content=content[row.order],
            ordered_at=row.ordered_at,
            handed_at=row.handed_at,
        )
        for row in found.items
    ]
    return Slice(items=items, next=found.next)
