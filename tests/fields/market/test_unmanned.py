"""An unmanned shop: in with a hold, out with what was taken paid; alone, once, and whatever the sensors say when."""

from typing import Any

import pytest

from lilong.fields.market.models import Dispute, MachineSession
from lilong.fields.market.services import disputes, passes, unmanned
from lilong.fields.market.standard import machine_protocol as protocol
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Missing, Problem
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.orders import queries as orders
from lilong.kernel.parties.actor import Actor
from tests.fields.market.machine_park import Park, later, purse
from tests.fields.market.scene import Market


@pytest.fixture
def shop(market: Market) -> Park:
    return Park(market, "unmanned-shop")


def code(call: Any) -> str:
    with pytest.raises(Problem) as caught:
        call()
    return caught.value.code


def enter(shop: Park, token: str, people: int = 1) -> str:
    return shop.say(protocol.Enter(token=token, people=people, **shop.next())).outcome


def test_in_taken_put_back_out_and_paid(shop: Park) -> None:
    buyer = shop.market.buyer()
    session = shop.entered(buyer)
    assert (purse(buyer), shop.commands()[0][0]) == ((100_000, 20_000), "open")
    parts = [shop.moved(session, "A1", 3), shop.moved(session, "A1", -1), shop.moved(session, "B1", 1, lot="TEA-1")]
    for part in parts:
        assert shop.say(part).outcome == "taken"
    assert shop.say(shop.exit(session, *parts)).outcome == "taken"
    assert (purse(buyer), shop.left("MILK-1"), shop.left("TEA-1")) == ((98_300, 0), (3, 0), (3, 0))
    row = MachineSession.objects.get()
    view = orders.order(buyer, row.order)  # type: ignore[arg-type]
    assert (row.state, view.channel, view.state, view.captured) == ("closed", "unmanned", "completed", 1700)
    assert (Dispute.objects.count(), ledger.differences()) == (0, [])


def test_nothing_taken_gives_the_hold_back(shop: Park) -> None:
    buyer = shop.market.buyer()
    session = shop.entered(buyer)
    part = shop.moved(session, "A1", 1), shop.moved(session, "A1", -1)
    for each in part:
        shop.say(each)
    shop.say(shop.exit(session, *part))
    assert (purse(buyer), MachineSession.objects.get().order) == ((100_000, 0), None)


def test_reports_out_of_order_and_twice(shop: Park) -> None:
    buyer = shop.market.buyer()
    session = shop.entered(buyer)
    took, back = shop.moved(session, "A1", 2), shop.moved(session, "A1", -1)
    end = shop.exit(session, took, back)
    assert [shop.say(each).outcome for each in (end, back, back)] == ["taken", "taken", "duplicate"]
    assert purse(buyer) == (100_000, 20_000)
    assert [shop.say(each).outcome for each in (took, took, end)] == ["taken", "duplicate", "duplicate"]
    assert (purse(buyer), shop.left("MILK-1")) == ((99_400, 0), (4, 0))


def test_the_gate_stays_shut(shop: Park) -> None:
    buyer, poor = shop.market.buyer(), shop.market.buyer(fen=19_999)
    other = Park(shop.market, "unmanned-shop")
    token = passes.issue(buyer, place=shop.place)
    assert code(lambda: passes.issue(poor, place=shop.place)) == "insufficient-funds"
    assert enter(other, token) == "invalid"
    assert enter(shop, token[:-2] + "xx") == "invalid"
    assert enter(shop, "") == "invalid"
    assert enter(shop, token, people=2) == "one-at-a-time"
    with clock.at(later(91)):
        assert enter(shop, token) == "pass-expired"
    assert MachineSession.objects.count() == 0
    assert enter(shop, token) == "taken"
    second = Park(shop.market, "unmanned-shop")
    assert enter(shop, token) == "pass-used"
    assert code(lambda: passes.issue(buyer, place=second.place)) == "already-inside"
    whys = [body["why"] for kind, body in shop.commands() if kind == "refuse"]
    assert sorted(whys) == ["invalid", "invalid", "one-at-a-time", "pass-expired", "pass-used"]
    assert purse(buyer) == (100_000, 20_000)


def test_two_passes_of_one_person_open_one_gate(shop: Park) -> None:
    buyer = shop.market.buyer()
    tokens = [passes.issue(buyer, place=shop.place) for _ in range(2)]
    assert [enter(shop, token) for token in tokens] == ["taken", "already-inside"]
    assert purse(buyer) == (100_000, 20_000)


def test_passes_are_for_people_and_gates(shop: Park) -> None:
    buyer = shop.market.buyer()
    assert code(lambda: passes.issue(buyer, place=shop.market.warehouse)) == "no-such-place"
    assert code(lambda: passes.issue(buyer, place=ids.uuid7())) == "no-such-place"
    device = Actor(party=shop.device, kind="device")
    assert code(lambda: passes.issue(device, place=shop.place)) == "persons-only"


def test_another_machine_cannot_fill_somebodys_bag(shop: Park) -> None:
    other = Park(shop.market, "unmanned-shop")
    buyer = shop.market.buyer()
    session = shop.entered(buyer)
    assert other.say(other.moved(session, "A1", 5)).outcome == "no-such-session"
    assert other.say(other.exit(session)).outcome == "no-such-session"
    assert shop.say(shop.moved(session, "A1", 0)).outcome == "invalid"
    assert shop.say(shop.moved(session, "A1", 1, lot="TEA-1")).outcome == "invalid"
    assert shop.say(shop.moved(session, "Z1", 1)).outcome == "no-such-slot"
    shop.say(shop.exit(session))
    assert purse(buyer) == (100_000, 0)


def test_left_without_a_word_from_the_gate(shop: Park) -> None:
    buyer = shop.market.buyer()
    session = shop.entered(buyer)
    took = shop.moved(session, "B1", 2)
    late = shop.moved(session, "A1", 1)
    shop.say(took)
    with clock.at(later(7000)):
        assert unmanned.close_overdue() == 0
    with clock.at(later(7300)):
        assert (unmanned.close_overdue(), unmanned.close_overdue()) == (1, 0)
        assert (purse(buyer), shop.row().attention) == ((99_000, 0), "left-inside")
        shop.say(late)  # the journal, once there is power again
        shop.say(late)
        shop.say(shop.exit(session, took, late))
    assert purse(buyer) == (99_000, 0)
    found = Dispute.objects.get()
    assert (found.kind, found.quantity, found.amount, found.slot.code) == ("late", 1, 600, "A1")


def test_more_than_the_purse_or_the_books_have(shop: Park) -> None:
    buyer = shop.market.buyer(fen=20_000)
    shop.fill("C1", shop.market.product("W1", "Wine", price=9_000), 3, "WINE", days=90)
    session = shop.entered(buyer)
    parts = [shop.moved(session, "B1", 6), shop.moved(session, "C1", 3)]
    for part in parts:
        shop.say(part)
    shop.say(shop.exit(session, *parts))
    # four teas stood in the books (2000), two wines could be paid (18000)
    assert purse(buyer) == (0, 0)
    assert {each.slot.code: (each.quantity, each.amount) for each in Dispute.objects.all()} == {
        "B1": (2, 1000),
        "C1": (1, 9000),
    }
    assert ledger.differences() == []


def test_a_visit_is_contested_by_its_buyer_only(shop: Park) -> None:
    buyer, stranger = shop.market.buyer(), shop.market.buyer()
    session = shop.entered(buyer)
    part = shop.moved(session, "A1", 2)
    shop.say(part)
    shop.say(shop.exit(session, part))
    order = MachineSession.objects.get().order
    asked: dict[str, Any] = {"order": order, "line": 0, "quantity": 1, "reason": "I put it back"}
    with pytest.raises(Missing):
        disputes.contest(stranger, id=ids.uuid7(), **asked)
    found = disputes.contest(buyer, id=ids.uuid7(), **asked)
    disputes.resolve(shop.market.manager, id=found.id, decision="refunded", restock=True)
    assert (purse(buyer), shop.left("MILK-1")) == ((99_400, 0), (4, 0))
