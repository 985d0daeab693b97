"""Community group buying: leaders, campaigns, orders until the cut-off, pick lists, hand-over by code.

Buyers who order share the campaign's row lock; the cut-off takes it alone, so the pick list has every order that was in
time and none that came after. An order's `Collection` changes only under the order's own lock (see `guards`).
"""

import hmac
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from lilong.fields.market.drafts import CampaignDraft
from lilong.fields.market.events.deals import (
    CampaignCutOff,
    CampaignOpened,
    LeaderAppointed,
    LeaderEnded,
    OrderUncollected,
)
from lilong.fields.market.models import (
    Campaign,
    CampaignLeader,
    CampaignOffer,
    Collection,
    Leader,
    PickLine,
    Product,
)
from lilong.fields.market.models.campaigns import CUT_OFF, OPEN
from lilong.fields.market.rules import deals as rules
from lilong.fields.market.rules import roles
from lilong.fields.market.services import deals
from lilong.fields.market.services.guards import CAMPAIGN
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Missing, Problem, Violation, invalid
from lilong.kernel.base.words import Words
from lilong.kernel.events.services import emit
from lilong.kernel.orders import services as orders
from lilong.kernel.orders.drafts import LineDraft, OrderDraft, Placed
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.actor import SYSTEM, Actor
from lilong.kernel.parties.throttle import throttle

CHANNEL = "community"
JOB_LIMIT = 500
TURNS = 100  # codes tried until one is free at the pick-up point
TRIES, TRIES_SECONDS = 60, 600  # codes a leader may enter, right or wrong: with eight digits guessing does not pay

_PICKS = """
INSERT INTO market_pickline (campaign_id, leader_id, offer, quantity, orders)
SELECT collection.campaign_id, collection.leader_id, line.offer, sum(line.quantity), count(DISTINCT line.order_id)
FROM market_collection collection
JOIN orders_line line ON line.order_id = collection."order"
WHERE collection.campaign_id = %s AND collection.cancelled_at IS NULL
GROUP BY 1, 2, 3
"""


class Ordered(msgspec.Struct, frozen=True, kw_only=True):
    """A buyer's order in a campaign, and the `code` he collects it with."""

    placed: Placed
    code: str


@transaction.atomic
def appoint_leader(actor: Actor, *, id: UUID, seller: UUID, person: UUID, point: UUID) -> Leader:
    """Trusts a resident with a pick-up point of the seller's. The same again: the same answer.

    Raises Forbidden, Missing, Invalid (not a pick-up point), Conflict `point-has-leader`, `id-taken`.
    """
    actor.require(seller, *roles.RANGE, scope=roles.WRITE)
    place = deals.require_place(seller, point, "/point")
    if place.kind != "pick-up-point":
        raise invalid("/point", "pick-up-point")
    resident = parties.parties([person]).get(person)
    if resident is None or resident.kind != "person":
        raise Missing("no-such-party", violations=[Violation(pointer="/person", rule="known")])
    values = {"seller": seller, "person": person, "point": place}
    try:
        with transaction.atomic():
            leader, created = Leader.objects.get_or_create(id=id, defaults=values | {"since": clock.now()})
    except IntegrityError:
        raise Conflict("point-has-leader", violations=[Violation(pointer="/point", rule="one-leader")]) from None
    if (leader.seller, leader.person, leader.point_id) != (seller, person, point):
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    if created:
        emit(LeaderAppointed(leader=id, seller=seller, point=point), subject=id, actor=actor.party)
    return leader


@transaction.atomic
def end_leader(actor: Actor, *, id: UUID) -> Leader:
    """Ends a leader's part in further campaigns; what was ordered is still handed over. The seller or the leader may."""
    leader = Leader.objects.select_for_update(of=("self",)).filter(id=id).first()
    if leader is None or not (actor.acts_for(leader.seller, *roles.RANGE) or actor.acts_for(leader.person)):
        raise Missing("no-such-leader")
    actor.require_scope(roles.WRITE)
    if leader.ended_at is None:
        leader.ended_at = clock.now()
        leader.save(update_fields=["ended_at"])
        ended = LeaderEnded(leader=id, seller=leader.seller, point=leader.point_id)
        emit(ended, subject=id, actor=actor.party)
    return leader


@transaction.atomic
def open_campaign(actor: Actor, draft: CampaignDraft) -> Campaign:
    """Announces a campaign with its offers. The same id with the same draft answers the same; else Conflict `id-taken`.

    Raises Forbidden, Missing, Invalid. Goods must stand at `source` when buyers order.
    """
    actor.require(draft.seller, *roles.RANGE, scope=roles.WRITE)
    asked, now = rules.fingerprint(draft), clock.now()
    standing = Campaign.objects.filter(id=draft.id).first()
    if standing is None:
        rules.check_campaign(draft, now, draft.cut_off.astimezone(clock.CITY_ZONE).date())
        products = _products(actor, draft)
        leaders = _leaders(draft)
        same = ("seller", "opens_at", "cut_off", "delivery_day", "collect_until", "commission_bp")
        values = {name: getattr(draft, name) for name in same} | {
            "title": draft.title.stored(),
            "source": deals.require_place(draft.seller, draft.source, "/source"),
            "fingerprint": asked,
            "opened_at": now,
        }
        standing, created = Campaign.objects.get_or_create(id=draft.id, defaults=values)
        if created:
            _fill(actor, standing, draft, products, leaders)
    deals.require_same(standing.fingerprint, asked)
    return standing


def _products(actor: Actor, draft: CampaignDraft) -> list[Product]:
    found = []
    for n, line in enumerate(draft.lines):
        product = deals.product_of(actor, line.product)
        if product.seller != draft.seller:
            raise invalid(f"/lines/{n}/product", "same-seller")
        found.append(product)
    return found


def _leaders(draft: CampaignDraft) -> list[Leader]:
    known = {each.id: each for each in Leader.objects.filter(id__in=draft.leaders, seller=draft.seller, ended_at=None)}
    for n, id in enumerate(draft.leaders):
        if id not in known:
            raise invalid(f"/leaders/{n}", "known")
    return list(known.values())


def _fill(
    actor: Actor, campaign: Campaign, draft: CampaignDraft, products: list[Product], leaders: list[Leader]
) -> None:
    for line, product in zip(draft.lines, products, strict=True):
        deals.sell(
            actor,
            product,
            offer=line.offer,
            kind="community",
            price=line.price,
            title=Words(),
            limit=line.limit_per_buyer,
            settle="later",
            guard=CAMPAIGN,
            released_at=draft.opens_at,
            closes_at=draft.cut_off,
        )
    CampaignOffer.objects.bulk_create(
        [
            CampaignOffer(id=line.offer, campaign=campaign, product=product)
            for line, product in zip(draft.lines, products, strict=True)
        ]
    )
    CampaignLeader.objects.bulk_create([CampaignLeader(campaign=campaign, leader=leader) for leader in leaders])
    emit(
        CampaignOpened(
            campaign=campaign.id,
            seller=campaign.seller,
            offers=len(products),
            points=len(leaders),
            cut_off=campaign.cut_off,
            delivery_day=campaign.delivery_day,
            commission_bp=campaign.commission_bp,
        ),
        subject=campaign.id,
        actor=actor.party,
    )


@transaction.atomic
def order(actor: Actor, *, id: UUID, campaign: UUID, leader: UUID, lines: list[LineDraft], note: str = "") -> Ordered:
    """Orders in a campaign, to be collected from a leader; answers the pick-up code. The same again: the same answer.

    Raises Missing, Invalid, Conflict `not-yet-open`, `after-cut-off`, and what orders refuse.
    """
    found = _shared(campaign)
    standing = Collection.objects.filter(order=id).first()
    if standing is None:
        _refuse_closed(found)
    elif (standing.campaign_id, standing.leader_id, standing.buyer) != (campaign, leader, actor.party):
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    if not CampaignLeader.objects.filter(campaign=found, leader=leader).exists():
        raise Missing("no-such-leader", violations=[Violation(pointer="/leader", rule="known")])
    offers = set(CampaignOffer.objects.filter(campaign=found).values_list("id", flat=True))
    for n, line in enumerate(lines):
        if line.offer not in offers:
            raise invalid(f"/lines/{n}/offer", "unknown-offer")
    draft = OrderDraft(
        id=id,
        buyer=actor.party,
        lines=lines,
        place=found.source_id,
        channel=CHANNEL,
        note=note,
        use_on=found.delivery_day,
    )
    placed = orders.place_one(actor, draft, through=CAMPAIGN)
    standing = standing or Collection.objects.filter(order=id).first() or _collection(id, found, leader, actor)
    return Ordered(placed=placed, code=rules.pick_up_code(_key(), id, standing.turn))


def _shared(id: UUID) -> Campaign:
    """The campaign, its row locked against the cut-off but not against other buyers."""
    rows = list(Campaign.objects.raw("SELECT * FROM market_campaign WHERE id = %s FOR SHARE", [id]))
    if not rows:
        raise Missing("no-such-campaign", violations=[Violation(pointer="/campaign", rule="known")])
    return rows[0]


def _refuse_closed(campaign: Campaign) -> None:
    now = clock.now()
    if campaign.opens_at > now:
        opens = {"opens_at": campaign.opens_at.isoformat()}
        raise Conflict("not-yet-open", violations=[Violation(pointer="/campaign", rule="open")], extra=opens)
    if campaign.state != OPEN or campaign.cut_off <= now:
        closed = {"cut_off": campaign.cut_off.isoformat()}
        raise Conflict(
            "after-cut-off", violations=[Violation(pointer="/campaign", rule="before-cut-off")], extra=closed
        )


def _collection(order: UUID, campaign: Campaign, leader: UUID, actor: Actor) -> Collection:
    for turn in range(TURNS):
        code = rules.pick_up_code(_key(), order, turn)
        try:
            with transaction.atomic():
                return Collection.objects.create(
                    order=order,
                    campaign=campaign,
                    leader_id=leader,
                    buyer=actor.party,
                    turn=turn,
                    code_hash=rules.code_hash(_key(), campaign.id, leader, code),
                    ordered_at=clock.now(),
                )
        except IntegrityError:  # another order at this point has that code
            continue
    raise Conflict("too-many-orders", violations=[Violation(pointer="/leader", rule="codes-left")])


def hand_over(actor: Actor, *, campaign: UUID, leader: UUID, code: str) -> Collection:
    """A leader hands over the order that has this code: it is completed, paid, and the commission paid, all at once.

    The same code again answers the same. Raises Missing (not this leader's), Invalid `code` (no such order here), TooMany after
    too many tries, Conflict `not-cut-off`, `order-cancelled`, `collection-over`.
    """
    point = Leader.objects.filter(id=leader, campaigns__campaign=campaign).first()
    if point is None or not actor.acts_for(point.person):
        raise Missing("no-such-leader")
    actor.require_scope(roles.MOVE)
    throttle("market-pick-up-code", str(leader), TRIES, TRIES_SECONDS)
    hashed = rules.code_hash(_key(), campaign, leader, code.replace(" ", ""))
    found = Collection.objects.filter(campaign=campaign, leader=leader, code_hash=hashed).first()
    if found is None:
        raise invalid("/code", "known-here")
    return _hand_over(actor, point, found)


@transaction.atomic
def _hand_over(actor: Actor, leader: Leader, found: Collection) -> Collection:
    campaign = _shared(found.campaign_id)
    if found.handed_at is None:
        if found.cancelled_at is not None:
            raise Conflict("order-cancelled", violations=[Violation(pointer="/code", rule="standing")])
        if campaign.state != CUT_OFF:
            raise Conflict("not-cut-off", violations=[Violation(pointer="/campaign", rule="cut-off")])
        if campaign.collect_until <= clock.now():
            raise Conflict("collection-over", violations=[Violation(pointer="/code", rule="in-time")])
    trusted = msgspec.structs.replace(actor, roles=actor.roles | {leader.seller: frozenset({"picker"})})
    orders.complete(trusted, id=found.order, through=CAMPAIGN)
    return Collection.objects.select_related("leader", "campaign").get(order=found.order)


def cut_off_due() -> int:
    """The job: ends campaigns whose cut-off has come and makes their pick lists; answers how many. May be killed anywhere."""
    due = Campaign.objects.filter(state=OPEN, cut_off__lte=clock.now()).order_by("cut_off")
    return sum(_cut_off(id) for id in list(due.values_list("id", flat=True)[:JOB_LIMIT]))


@transaction.atomic
def _cut_off(id: UUID) -> bool:
    campaign = Campaign.objects.select_for_update(of=("self",)).get(id=id)
    if campaign.state != OPEN or campaign.cut_off > clock.now():
        return False
    campaign.state, campaign.cut_off_at = CUT_OFF, clock.now()
    campaign.save(update_fields=["state", "cut_off_at"])
    with connection.cursor() as cursor:
        cursor.execute(_PICKS, [id])
    picks = list(PickLine.objects.filter(campaign=campaign))
    emit(
        CampaignCutOff(
            campaign=id,
            seller=campaign.seller,
            orders=campaign.collections.filter(cancelled_at=None).count(),
            points=len({pick.leader_id for pick in picks}),
            units=sum(pick.quantity for pick in picks),
        ),
        subject=id,
    )
    return True


def cancel_uncollected(limit: int = JOB_LIMIT) -> int:
    """The job: cancels what nobody came for in time, each order in a transaction of its own; answers how many.

    Against a leader who hands over at that moment the order's lock decides: collected or cancelled, never both.
    """
    waiting = Collection.objects.filter(handed_at=None, cancelled_at=None, campaign__collect_until__lte=clock.now())
    return sum(_cancel_uncollected(each) for each in list(waiting.order_by("order")[:limit]))


def _cancel_uncollected(found: Collection) -> bool:
    try:
        with transaction.atomic():
            orders.cancel(SYSTEM, id=found.order, reason="not-collected", through=CAMPAIGN)
            fact = OrderUncollected(order=found.order, campaign=found.campaign_id, leader=found.leader_id)
            emit(fact, subject=found.order)
    except Problem:
        return False
    return True


def code_of(actor: Actor, *, order: UUID) -> str:
    """The pick-up code of a buyer's own order. Missing for others."""
    found = Collection.objects.filter(order=order).first()
    if found is None or actor.party != found.buyer:
        raise Missing("no-such-order")
    return rules.pick_up_code(_key(), order, found.turn)


def _key() -> bytes:
    """The house's own key for codes."""
    return hmac.digest(settings.SECRET_KEY.encode(), b"lilong market pick-up codes", "sha256")
