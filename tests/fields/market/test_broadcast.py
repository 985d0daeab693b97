"""Broadcast sales: announcing, calling off, and the counter when they open."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest

from lilong.fields.market.queries import broadcasts
from lilong.fields.market.services import broadcast
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.orders import services as orders
from lilong.kernel.orders.drafts import LineDraft, OrderDraft, Refused
from tests.fields.market.deal_scene import PRICE, a_broadcast, broadcast_draft, people, purse
from tests.fields.market.scene import NOON, Market, changed
from tests.kernel.orders.counter_server import posted, serving


def draft(market: Market, offer, buyer, quantity: int = 1) -> OrderDraft:
    line = LineDraft(offer=offer, quantity=quantity, price=PRICE)
    return OrderDraft(id=ids.uuid7(), buyer=buyer.party, lines=[line], place=market.warehouse, channel="broadcast")


def refused(market: Market, offer, buyer, quantity: int = 1) -> str:
    (answer,) = orders.place([draft(market, offer, buyer, quantity)])
    assert isinstance(answer, Refused)
    return answer.problem.code


def test_a_broadcast_sells_between_its_moments_up_to_the_limit(market: Market, noon):
    market.receive(market.eggs, 20)
    sale = a_broadcast(market, released_at=NOON + timedelta(minutes=5), limit_per_buyer=2)
    (buyer,) = people(1)
    assert (refused(market, sale, buyer), broadcasts.one(sale).state) == ("not-yet-released", "coming")
    with clock.at(NOON + timedelta(minutes=6)):
        assert orders.place_one(buyer, draft(market, sale, buyer, 2)).total == 2 * PRICE
        assert refused(market, sale, buyer) == "over-limit"
        assert (broadcasts.one(sale).state, broadcasts.remaining(sale).remaining) == ("now", 18)
    with clock.at(NOON + timedelta(hours=2)):
        assert (refused(market, sale, people(1)[0]), broadcasts.one(sale).state) == ("offer-closed", "ended")


def test_announcing_is_idempotent_and_the_sellers(market: Market, noon):
    wanted = broadcast_draft(market, released_at=NOON + timedelta(minutes=5))
    first = broadcast.open_broadcast(market.clerk, wanted)
    assert broadcast.open_broadcast(market.owner, wanted) == first
    with pytest.raises(Conflict) as error:
        broadcast.open_broadcast(market.owner, changed(wanted, price=1))
    assert error.value.code == "id-taken"
    for actor in (market.rival_owner, market.picker, people(1)[0]):
        with pytest.raises(Forbidden):
            broadcast.open_broadcast(actor, broadcast_draft(market, released_at=NOON + timedelta(minutes=5)))
    assert len(market.facts(wanted.id, "market.broadcast.opened")) == 1


def test_a_bad_broadcast_names_its_fields(market: Market, noon):
    with pytest.raises(Invalid) as error:
        late = NOON - timedelta(minutes=1)
        broadcast.open_broadcast(
            market.owner, broadcast_draft(market, released_at=late, closes_at=late, price=-1, limit_per_buyer=0)
        )
    found = [(v.pointer, v.rule) for v in error.value.violations]
    assert found == [
        ("/price", "range"),
        ("/limit_per_buyer", "minimum"),
        ("/released_at", "in-the-past"),
        ("/closes_at", "after-start"),
    ]
    with pytest.raises(Missing):
        broadcast.open_broadcast(
            market.owner, broadcast_draft(market, released_at=NOON + timedelta(minutes=5), place=ids.uuid7())
        )


def test_calling_off_before_the_release_only(market: Market, noon):
    market.receive(market.eggs, 5)
    sale = a_broadcast(market, released_at=NOON + timedelta(minutes=5))
    other = a_broadcast(market, released_at=NOON + timedelta(minutes=5))
    with pytest.raises(Forbidden):
        broadcast.cancel_broadcast(market.rival_owner, id=sale)
    broadcast.cancel_broadcast(market.manager, id=sale)
    assert broadcast.cancel_broadcast(market.manager, id=sale).cancelled_at == NOON
    assert broadcasts.one(sale).state == "cancelled"
    with clock.at(NOON + timedelta(minutes=6)):
        assert refused(market, sale, people(1)[0]) == "offer-closed"
        with pytest.raises(Conflict) as error:
            broadcast.cancel_broadcast(market.manager, id=other)
        assert error.value.code == "already-released"
        assert [view.id for view in broadcasts.listed("now").items] == [other]
        assert [view.id for view in broadcasts.listed("coming").items] == []


def test_over_the_counter_the_last_piece_sells_once_and_a_limit_is_a_limit(fresh_database: str):
    market = Market()
    received = market.receive(market.eggs, 100)
    sale = a_broadcast(market, released_at=clock.now() + timedelta(milliseconds=200), limit_per_buyer=2)
    eager, *buyers = people(141)
    with serving() as address, ThreadPoolExecutor(24) as crowd:
        httpx.get(f"{address}/api/orders")
        ten = list(crowd.map(lambda _: posted(address, eager.party, draft(market, sale, eager)), range(10)))
        assert Counter(_said(answer) for answer in ten) == {"placed": 2, "over-limit": 8}
        rest = list(crowd.map(lambda each: posted(address, each.party, draft(market, sale, each)), buyers))
    assert Counter(_said(answer) for answer in rest) == {"placed": 98, "sold-out": 42}
    assert (ledger.balance(received.account).posted, broadcasts.remaining(sale).remaining) == (0, 0)
    assert purse(eager) == (100_000 - 2 * PRICE, 0)
    assert ledger.differences() == []


def _said(answer: httpx.Response) -> str:
    body = answer.json()
    return body["state"] if answer.status_code == 201 else body["type"].rpartition(":")[2]
