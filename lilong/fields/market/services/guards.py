"""Who watches over the orders of groups and campaigns (kernel `orders.guards`). The order is locked when they are asked."""

from collections.abc import Sequence
from uuid import UUID

from lilong.fields.market.events.deals import CommissionReturned, OrderCollected
from lilong.fields.market.models import Campaign, Collection, Membership
from lilong.fields.market.models.campaigns import OPEN
from lilong.fields.market.models.groups import COMPLETE
from lilong.fields.market.rules import deals as rules
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Problem, Violation
from lilong.kernel.events.services import emit
from lilong.kernel.ledger import services as ledger
from lilong.kernel.ledger.services import Move
from lilong.kernel.orders import guards
from lilong.kernel.orders.models import Order
from lilong.kernel.parties.actor import Actor

GROUP, CAMPAIGN = "market.group", "market.campaign"
_WALLET, _DEBT = 0xD000, 0xD001  # children of the order, or of the refund: a commission's moves


class GroupGuard:
    """Until its group is complete an order changes only with the group; then it is firm, and the seller's to hand over."""

    def refusal(self, actor: Actor, order: Order, act: str) -> Problem | None:
        if act == "refund":
            return None
        state = Membership.objects.filter(order=order.id).values_list("group__state", flat=True).first()
        if act == "amend" or state != COMPLETE:
            return Conflict("group-decides", violations=[Violation(pointer="/id", rule="group-complete")])
        if act == "cancel" and not actor.acts_for(order.seller, "manager", "clerk", "picker"):
            return Conflict("group-firm", violations=[Violation(pointer="/id", rule="firm")])
        return None

    def completing(self, order: Order, total: int, moves: Sequence[Move]) -> list[Move]:
        return []

    def refunding(self, order: Order, refund: UUID, amount: int, moves: Sequence[Move]) -> list[Move]:
        return []

    def cancelled(self, order: Order) -> None:
        Membership.objects.filter(order=order.id, left_at=None).update(left_at=clock.now())


class CampaignGuard:
    """A buyer may cancel until the cut-off, the seller always; only a pick-up code completes, and pays the commission."""

    def refusal(self, actor: Actor, order: Order, act: str) -> Problem | None:
        if act == "refund":
            return None
        if act in ("complete", "amend"):
            return Conflict("code-needed", violations=[Violation(pointer="/id", rule="pick-up-code")])
        if actor.acts_for(order.seller, "manager", "clerk"):
            return None
        # Shared, so that the cut-off, which takes the row for itself, sees every order that was cancelled in time.
        campaign = Campaign.objects.raw(
            'SELECT * FROM market_campaign WHERE id = (SELECT campaign_id FROM market_collection WHERE "order" = %s) FOR SHARE',
            [order.id],
        )[0]
        if campaign.state != OPEN or campaign.cut_off <= clock.now():
            return Conflict("after-cut-off", violations=[Violation(pointer="/id", rule="before-cut-off")])
        return None

    def completing(self, order: Order, total: int, moves: Sequence[Move]) -> list[Move]:
        found = _collection(order)
        share = rules.commission(total, found.campaign.commission_bp)
        found.commission, found.handed_at = share, clock.now()
        found.save(update_fields=["commission", "handed_at"])
        emit(
            OrderCollected(
                order=order.id,
                campaign=found.campaign_id,
                leader=found.leader_id,
                point=found.leader.point_id,
                total=total,
                commission=share,
            ),
            subject=order.id,
            actor=found.leader.person,
        )
        return _paid(order, found, share, moves)

    def refunding(self, order: Order, refund: UUID, amount: int, moves: Sequence[Move]) -> list[Move]:
        found = _collection(order)
        left = rules.commission(order.captured - order.refunded - amount, found.campaign.commission_bp)
        back = found.commission - left
        if back <= 0:
            return []
        found.commission = left
        found.save(update_fields=["commission"])
        returned = CommissionReturned(order=order.id, leader=found.leader_id, refund=refund, amount=back)
        emit(returned, subject=order.id)
        return _returned(order, found, refund, back, moves)

    def cancelled(self, order: Order) -> None:
        Collection.objects.filter(order=order.id, cancelled_at=None).update(cancelled_at=clock.now())


def _collection(order: Order) -> Collection:
    rows = Collection.objects.select_for_update(of=("self",)).select_related("campaign", "leader")
    return rows.get(order=order.id)


class _Purses:
    """Where commissions go: the seller's sales, the leader's wallet, and what the leader owes (never above zero)."""

    def __init__(self, order: Order, found: Collection, moves: Sequence[Move]) -> None:
        asset = ledger.open_asset(order.currency, kind="money", unit=order.currency)
        leader = found.leader.person
        self.sales, self.wallet, self.debt = ledger.open_accounts(
            [(order.seller, asset, "sales", 0), (leader, asset, "wallet", 0), (leader, asset, "commission", None)]
        )
        # All that the change touches is locked here at once, in the ledger's order, before anybody looks at it.
        touched = {account for move in moves for account in (move.source, move.target)}
        with ledger.batch(accounts=touched | {self.sales, self.wallet, self.debt}) as batch:
            self.in_wallet = batch.available(self.wallet)
            self.owed = max(0, -batch.available(self.debt))


def _paid(order: Order, found: Collection, share: int, moves: Sequence[Move]) -> list[Move]:
    """A commission: first what the leader owes, the rest to his wallet."""
    if not share:
        return []
    purses = _Purses(order, found, moves)
    owed = min(share, purses.owed)
    parts = ((_DEBT, purses.debt, owed), (_WALLET, purses.wallet, share - owed))
    return [
        Move(ids.child(order.id, n), purses.sales, target, amount, ref=order.id, code="market.commission")
        for n, target, amount in parts
        if amount
    ]


def _returned(order: Order, found: Collection, refund: UUID, back: int, moves: Sequence[Move]) -> list[Move]:
    """A commission's return: out of the wallet as far as it reaches; the rest the leader owes. The buyer never waits for it."""
    purses = _Purses(order, found, moves)
    at_hand = min(back, max(0, purses.in_wallet))
    parts = ((_WALLET, purses.wallet, at_hand), (_DEBT, purses.debt, back - at_hand))
    # Before the refund itself: it may need this money in the seller's sales.
    return [
        Move(ids.child(refund, n), source, purses.sales, amount, ref=order.id, code="market.commission.back")
        for n, source, amount in parts
        if amount
    ]


def register() -> None:
    guards.register(GROUP, GroupGuard())
    guards.register(CAMPAIGN, CampaignGuard())
