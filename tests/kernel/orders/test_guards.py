"""Offers with a guard: sold through it alone, watched over afterwards, and with moves of their own."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from lilong.kernel.base import ids
from lilong.kernel.base.problems import Conflict
from lilong.kernel.catalog import queries as catalog
from lilong.kernel.ledger import queries as ledger_reads
from lilong.kernel.ledger import services as ledger
from lilong.kernel.orders import guards, services
from lilong.kernel.orders.drafts import LineDraft, Refused
from tests.kernel.orders.stall import a_buyer, a_stall, buying, purse

pytestmark = pytest.mark.django_db


class Tithe:
    """Lets nobody cancel, and gives a tenth of every payment to `helper`."""

    def __init__(self) -> None:
        self.helper = ids.uuid7()
        self.wallet = 0
        self.heard: list[UUID] = []

    def refusal(self, actor, order, act):
        return Conflict("watched") if act in ("cancel", "amend") else None

    def completing(self, order, total, moves):
        return [ledger.Move(ids.child(order.id, 0xD000), moves[0].target, self.wallet, total // 10, ref=order.id)]

    def refunding(self, order, refund, amount, moves):
        return [ledger.Move(ids.child(refund, 0xD000), self.wallet, moves[0].source, amount // 10, ref=order.id)]

    def cancelled(self, order):
        self.heard.append(order.id)


@pytest.fixture
def tithe(db: None) -> Iterator[Tithe]:
    guard = Tithe()
    guard.wallet = ledger.wallet(guard.helper)
    guards.register("test.tithe", guard)
    yield guard
    guards._guards.pop("test.tithe")


def test_a_guarded_offer_is_sold_through_its_guard_alone(tithe: Tithe):
    stall, buyer = a_stall(guard="test.tithe"), a_buyer()
    (answer,) = services.place([stall.draft(buyer)])
    assert isinstance(answer, Refused)
    assert (answer.problem.code, answer.problem.extra["through"]) == ("not-sold-singly", "test.tithe")
    assert services.place_one(buying(buyer), stall.draft(buyer), through="test.tithe").state == "placed"
    plain = a_stall(seller=stall.seller, place=stall.place)
    lines = [LineDraft(offer=each.offer, quantity=1, price=500) for each in (stall, plain)]
    (answer,) = services.place([stall.draft(buyer, lines=lines)], through="test.tithe")
    assert isinstance(answer, Refused)
    assert [v.pointer for v in answer.problem.violations] == ["/lines/1/offer"]
    assert [found.id for found in catalog.search("Apple", seller=stall.seller).items] == [plain.offer]


def test_a_guarded_offer_is_nobodys_substitute(tithe: Tithe):
    plain, buyer = a_stall(settle="later"), a_buyer()
    guarded = a_stall(guard="test.tithe", seller=plain.seller, place=plain.place)
    order = services.place_one(buying(buyer), plain.draft(buyer))
    with pytest.raises(Conflict) as error:
        services.amend(plain.clerk(), id=order.id, line=0, offer=guarded.offer, quantity=1)
    assert error.value.code == "not-sold-singly"


def test_the_guard_is_asked_and_heard(tithe: Tithe):
    stall, buyer = a_stall(settle="later", guard="test.tithe"), a_buyer(1000)
    order = services.place_one(buying(buyer), stall.draft(buyer), through="test.tithe")
    with pytest.raises(Conflict) as error:
        services.cancel(buying(buyer), id=order.id)
    assert (error.value.code, tithe.heard, purse(buyer)) == ("watched", [], (1000, 500))
    services.cancel(buying(buyer), id=order.id, through="test.tithe")
    assert (tithe.heard, purse(buyer)) == ([order.id], (1000, 0))


def test_the_guards_moves_stand_and_fall_with_the_change(tithe: Tithe):
    stall, buyer = a_stall(settle="later", guard="test.tithe"), a_buyer(1000)
    order = services.place_one(buying(buyer), stall.draft(buyer), through="test.tithe")
    services.complete(stall.clerk(), id=order.id)
    services.complete(stall.clerk(), id=order.id)
    assert (stall.sales(), ledger_reads.balance(tithe.wallet).posted) == (450, 50)
    services.refund(stall.clerk(), id=order.id, refund_id=ids.uuid7(), lines={0: 1}, reason="late")
    assert (stall.sales(), ledger_reads.balance(tithe.wallet).posted, purse(buyer)) == (0, 0, (1000, 0))
