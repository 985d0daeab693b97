"""Facts of broadcast and group selling."""

from datetime import date, datetime
from uuid import UUID

from lilong.kernel.events.facts import Fact, fact


@fact("market.broadcast.opened")
class BroadcastOpened(Fact):
    """A broadcast sale was announced. Subject: the broadcast. `price` in fen."""

    broadcast: UUID
    seller: UUID
    product: UUID
    place: UUID
    price: int
    released_at: datetime
    closes_at: datetime
    limit_per_buyer: int | None


@fact("market.broadcast.cancelled")
class BroadcastCancelled(Fact):
    """A broadcast sale was called off before its release. Subject: the broadcast."""

    broadcast: UUID
    seller: UUID


@fact("market.group.offered")
class GroupOffered(Fact):
    """A seller offers a price to groups. Subject: the offer."""

    offer: UUID
    seller: UUID
    product: UUID
    price: int
    size: int
    seconds: int


@fact("market.group.opened")
class GroupOpened(Fact):
    """A buyer opened a group. Subject: the group."""

    group: UUID
    offer: UUID
    seller: UUID
    size: int
    deadline: datetime


@fact("market.group.joined")
class GroupJoined(Fact):
    """A buyer took a seat; his money is held. Subject: the group. `members` counts him."""

    group: UUID
    offer: UUID
    order: UUID
    members: int
    size: int


@fact("market.group.left")
class GroupLeft(Fact):
    """A buyer left an open group and has his money back. Subject: the group."""

    group: UUID
    offer: UUID
    order: UUID
    members: int


@fact("market.group.completed")
class GroupCompleted(Fact):
    """The last seat was taken: the group's orders are firm. Subject: the group."""

    group: UUID
    offer: UUID
    seller: UUID
    size: int


@fact("market.group.failed")
class GroupFailed(Fact):
    """The time ran out: everybody in the group gets his money back. Subject: the group."""

    group: UUID
    offer: UUID
    seller: UUID
    members: int
    size: int


@fact("market.leader.appointed")
class LeaderAppointed(Fact):
    """A seller trusts a resident with a pick-up point. Subject: the leader's role."""

    leader: UUID
    seller: UUID
    point: UUID


@fact("market.leader.ended")
class LeaderEnded(Fact):
    """A leader takes part in no further campaign. Subject: the leader's role."""

    leader: UUID
    seller: UUID
    point: UUID


@fact("market.campaign.opened")
class CampaignOpened(Fact):
    """A community campaign was announced. Subject: the campaign."""

    campaign: UUID
    seller: UUID
    offers: int
    points: int
    cut_off: datetime
    delivery_day: date
    commission_bp: int


@fact("market.campaign.cut_off")
class CampaignCutOff(Fact):
    """A campaign takes no more orders; its pick list stands. Subject: the campaign. `units` in pieces and grams."""

    campaign: UUID
    seller: UUID
    orders: int
    points: int
    units: int


@fact("market.order.collected")
class OrderCollected(Fact):
    """A leader handed an order over at a pick-up point. Subject: the order. `commission` in fen, to the leader."""

    order: UUID
    campaign: UUID
    leader: UUID
    point: UUID
    total: int
    commission: int


@fact("market.commission.returned")
class CommissionReturned(Fact):
    """Part of a commission went back with a refund. Subject: the order. In fen."""

    order: UUID
    leader: UUID
    refund: UUID
    amount: int


@fact("market.order.uncollected")
class OrderUncollected(Fact):
    """Nobody came for an order in time: it is cancelled. Subject: the order."""

    order: UUID
    campaign: UUID
    leader: UUID
