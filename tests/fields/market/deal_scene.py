"""What tests of broadcasts, groups and campaigns start from, and how they let processes race."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from lilong.fields.market.drafts import BroadcastDraft, CampaignDraft, CampaignLine, GroupOfferDraft, JoinDraft
from lilong.fields.market.services import broadcast, campaigns, groups
from lilong.kernel.base import clock, ids
from lilong.kernel.base.words import Words
from lilong.kernel.ledger import queries as ledger_reads
from lilong.kernel.ledger import services as ledger
from lilong.kernel.parties.actor import SYSTEM, Actor
from tests.fields.market.scene import Market

PRICE = 990


def people(count: int, fen: int = 100_000) -> list[Actor]:
    """Buyers with money and without names: what a race needs many of."""
    found = [Actor(party=ids.uuid7(), kind="person") for _ in range(count)]
    for buyer in found:
        ledger.top_up(SYSTEM, id=ids.uuid7(), owner=buyer.party, amount=fen)
    return found


def purse(buyer: Actor) -> tuple[int, int]:
    """Posted and held money."""
    found = ledger_reads.balance(ledger.wallet(buyer.party))
    return found.posted, found.held


def group_offer(market: Market, **more: Any) -> UUID:
    given = {"id": ids.uuid7(), "product": market.eggs, "price": PRICE, "size": 3, "seconds": 3600} | more
    return groups.offer_group(market.owner, GroupOfferDraft(**given)).id


def seat(market: Market, group: UUID, **more: Any) -> JoinDraft:
    given = {"order": ids.uuid7(), "group": group, "quantity": 1, "price": PRICE, "place": market.warehouse}
    return JoinDraft(**(given | more))


def a_group(market: Market, opener: Actor, **more: Any) -> UUID:
    """A group with its opener in it."""
    group = ids.uuid7()
    groups.open_group(opener, offer=group_offer(market, **more), draft=seat(market, group))
    return group


def broadcast_draft(market: Market, **more: Any) -> BroadcastDraft:
    released_at = more.pop("released_at", clock.now() + timedelta(seconds=1))
    given = {
        "id": ids.uuid7(),
        "product": market.eggs,
        "place": market.warehouse,
        "price": PRICE,
        "released_at": released_at,
        "closes_at": released_at + timedelta(hours=1),
        "title": Words(en="Noon eggs", zh="正午鸡蛋", ko="정오 달걀"),
    }
    return BroadcastDraft(**(given | more))


def a_broadcast(market: Market, **more: Any) -> UUID:
    return broadcast.open_broadcast(market.owner, broadcast_draft(market, **more)).id


class Community:
    """A campaign of the market's seller with one leader and one offer; 10 % commission."""

    def __init__(self, market: Market, **more: Any) -> None:
        self.market, now = market, clock.now()
        self.person = market.person("Leader Liu")
        self.point = market.place("Gate 3", kind="pick-up-point")
        self.leader = campaigns.appoint_leader(
            market.owner, id=ids.uuid7(), seller=market.seller, person=self.person.party, point=self.point
        ).id
        self.offer = ids.uuid7()
        given = {
            "id": ids.uuid7(),
            "seller": market.seller,
            "title": Words(en="Spring eggs", zh="春季鸡蛋团购", ko="봄 달걀 공동구매"),
            "source": market.warehouse,
            "lines": [CampaignLine(offer=self.offer, product=market.eggs, price=PRICE)],
            "leaders": [self.leader],
            "opens_at": now,
            "cut_off": now + timedelta(hours=2),
            "delivery_day": clock.today() + timedelta(days=1),
            "collect_until": now + timedelta(days=2),
            "commission_bp": 1000,
        }
        self.draft = CampaignDraft(**(given | more))
        self.id = campaigns.open_campaign(market.owner, self.draft).id

    def order(self, buyer: Actor, quantity: int = 1, **more: Any) -> campaigns.Ordered:
        line = campaigns.LineDraft(offer=self.offer, quantity=quantity, price=PRICE)
        given = {"id": ids.uuid7(), "campaign": self.id, "leader": self.leader, "lines": [line]} | more
        return campaigns.order(buyer, **given)

    def hand_over(self, code: str, actor: Actor | None = None) -> Any:
        return campaigns.hand_over(actor or self.person, campaign=self.id, leader=self.leader, code=code)

    def earned(self) -> int:
        return ledger_reads.balance(ledger.wallet(self.person.party)).posted


def sales(market: Market) -> int:
    asset = ledger.open_asset("CNY", kind="money", unit="CNY", scale=2)
    account = ledger_reads.account_of(market.seller, asset, "sales")
    return ledger_reads.balance(account).posted if account else 0


def race(tasks: list[tuple[str, dict[str, Any]]], at_go: Callable[[], Any] = lambda: None) -> list[Any]:
    """A process for each task, all let go at once, after `at_go`; what they said (None from one that was killed)."""
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.fields.market.deal_racers", task, json.dumps(given, default=str)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for task, given in tasks
    ]
    for process in running:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    at_go()
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=90)[0].splitlines() for process in running]
    return [json.loads(lines[-1]) if lines else None for lines in said]
