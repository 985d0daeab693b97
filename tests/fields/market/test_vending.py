"""A vending machine by the reports it sends: bought, jammed, silent, late, twice, out of order, forged."""

from typing import Any

import pytest

from lilong.fields.market.models import Dispute, MachineMessage, MachineSlot, Purchase
from lilong.fields.market.services import disputes, machines, vending
from lilong.fields.market.standard import machine_protocol as protocol
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Invalid, Missing, Problem
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.orders import queries as orders
from lilong.kernel.orders import services as ordering
from lilong.kernel.orders.drafts import LineDraft, OrderDraft
from lilong.kernel.parties.actor import SYSTEM
from tests.fields.market.machine_park import Park, later, purse
from tests.fields.market.scene import Market


@pytest.fixture
def park(market: Market) -> Park:
    return Park(market)


def code(call: Any) -> str:
    with pytest.raises(Problem) as caught:
        call()
    return caught.value.code


def test_bought_and_taken(park: Park) -> None:
    buyer = park.market.buyer()
    sale = park.reserve(buyer, ("A1", 2, 600), ("B1", 1, 500))
    assert (purse(buyer), park.left("MILK-1")) == ((100_000, 1700), (5, 2))
    lines = [{"slot": "A1", "quantity": 2}, {"slot": "B1", "quantity": 1}]
    assert park.commands() == [("vend", {"order": str(sale.id), "lines": lines})]
    parts = [park.vended(sale.id, "A1"), park.vended(sale.id, "A1"), park.vended(sale.id, "B1")]
    assert [park.say(part).outcome for part in parts] == ["taken"] * 3
    assert purse(buyer) == (100_000, 1700)
    assert park.say(park.closed(sale.id, *parts)) == (4, "taken")
    assert (purse(buyer), park.left("MILK-1"), park.left("TEA-1")) == ((98_300, 0), (3, 0), (3, 0))
    view = orders.order(buyer, sale.id)
    assert (view.state, view.channel, view.captured) == ("completed", "vending", 1700)
    assert park.market.facts(sale.id, "market.vend.settled")[0]["taken"] == 3
    assert (Dispute.objects.count(), ledger.differences()) == (0, [])


def test_nothing_taken_costs_nothing(park: Park) -> None:
    buyer = park.market.buyer()
    sale = park.reserve(buyer, ("A1", 1, 600))
    park.say(park.closed(sale.id, jammed=["A1"]))
    assert (purse(buyer), park.left("MILK-1")) == ((100_000, 0), (5, 0))
    assert orders.order(buyer, sale.id).state == "cancelled"


def test_a_jam_pays_for_what_came_and_closes_the_slot(park: Park) -> None:
    buyer = park.market.buyer()
    sale = park.reserve(buyer, ("A1", 2, 600))
    part = park.vended(sale.id, "A1")
    park.say(part)
    park.say(park.closed(sale.id, part, jammed=["A1"]))
    assert (purse(buyer), park.left("MILK-1")) == ((99_400, 0), (4, 0))
    assert park.market.facts(park.device, "market.machine.faulted")[0]["code"] == "jam"
    assert code(lambda: park.reserve(buyer, ("A1", 1, 600))) == "slot-faulty"
    other = park.reserve(buyer, ("A2", 1, 600))  # the other spiral still sells
    park.say(park.closed(other.id))
    machines.clear_fault(park.market.picker, machine=park.device, slot="A1")
    assert park.reserve(buyer, ("A1", 1, 600)).state == "reserved"


def test_the_lot_that_left_the_slot_is_the_lot_that_is_booked(park: Park) -> None:
    buyer = park.market.buyer()
    sale = park.reserve(buyer, ("A2", 2, 600))
    assert (park.left("MILK-1"), park.left("MILK-2")) == ((5, 2), (5, 0))  # held: what expires first
    part = park.vended(sale.id, "A2", 2)
    park.say(part)
    park.say(park.closed(sale.id, part))
    assert (park.left("MILK-1"), park.left("MILK-2")) == ((5, 0), (3, 0))
    first, second = (park.lots[name][1] for name in ("MILK-1", "MILK-2"))
    assert orders.took_from([first]) == []
    assert orders.took_from([second]) == [(sale.id, buyer.party, 2)]
    assert ledger.differences() == []


def test_more_than_reserved_is_charged_to_the_hold_and_disputed(park: Park) -> None:
    buyer = park.market.buyer()
    sale = park.reserve(buyer, ("A1", 1, 600))
    parts = [park.vended(sale.id, "A1", 2), park.vended(sale.id, "B1")]
    for part in parts:
        park.say(part)
    park.say(park.closed(sale.id, *parts))
    assert purse(buyer) == (99_400, 0)
    found = {each.slot.code: (each.kind, each.quantity, each.amount) for each in Dispute.objects.all()}
    assert found == {"A1": ("excess", 1, 600), "B1": ("excess", 1, 0)}
    dispute = Dispute.objects.get(slot__code="A1")
    assert code(lambda: disputes.resolve(park.market.clerk, id=dispute.id, decision="refunded")) == "invalid"
    disputes.resolve(park.market.clerk, id=dispute.id, decision="written-off")
    disputes.resolve(park.market.clerk, id=dispute.id, decision="written-off")
    assert park.left("MILK-1") == (3, 0)
    assert code(lambda: disputes.resolve(park.market.clerk, id=dispute.id, decision="refused")) == "already-resolved"


def test_the_same_report_twice_counts_once(park: Park) -> None:
    buyer = park.market.buyer()
    sale = park.reserve(buyer, ("A1", 1, 600))
    part = park.vended(sale.id, "A1")
    end = park.closed(sale.id, part)
    heard = [park.say(each).outcome for each in (part, part, end, end, part)]
    assert heard == ["taken", "duplicate", "taken", "duplicate", "duplicate"]
    assert (purse(buyer), MachineMessage.objects.count()) == ((99_400, 0), 2)


def test_reports_out_of_order_settle_when_the_last_is_there(park: Park) -> None:
    buyer = park.market.buyer()
    sale = park.reserve(buyer, ("A1", 2, 600))
    parts = [park.vended(sale.id, "A1"), park.vended(sale.id, "A1")]
    park.say(park.closed(sale.id, *parts))
    park.say(parts[1])
    assert purse(buyer) == (100_000, 1200)
    park.say(parts[0])
    assert purse(buyer) == (98_800, 0)


def test_a_number_used_twice_is_refused_and_marks_the_machine(park: Park) -> None:
    buyer = park.market.buyer()
    sale = park.reserve(buyer, ("A1", 1, 600))
    part = park.vended(sale.id, "A1")
    park.say(part)
    forged = protocol.Vended(at=clock.now(), seq=part.seq, order=sale.id, slot="A1", quantity=9)
    assert park.say(forged).outcome == "sequence-reused"
    assert park.row().attention == "sequence-reused"
    park.say(park.closed(sale.id, part))
    assert purse(buyer) == (99_400, 0)


def test_another_machine_cannot_speak_for_this_one(park: Park) -> None:
    other = Park(park.market)
    buyer = park.market.buyer()
    sale = park.reserve(buyer, ("A1", 1, 600))
    assert other.say(other.vended(sale.id, "A1")).outcome == "no-such-purchase"
    assert other.say(other.closed(sale.id)).outcome == "no-such-purchase"
    assert (purse(buyer), Purchase.objects.get().state) == ((100_000, 600), "reserved")
    assert park.say(other.closed(sale.id), device=ids.uuid7()) == (None, "no-such-machine")


@pytest.mark.parametrize(
    "payload",
    [
        b"", b"{", b"[]", b'{"type":"vended"}', b'{"type":"open","at":"2030-01-01T00:00:00Z"}',
        b'{"type":"heartbeat","at":"2030-01-01T00:00:00"}',
        b'{"type":"fault","at":"2030-01-01T00:00:00Z","seq":0,"code":"jam"}',
        b'{"type":"fault","at":"2030-01-01T00:00:00Z","seq":1.5,"code":"jam"}',
        b'{"type":"fault","at":"2030-01-01T00:00:00Z","seq":1,"code":"jam","extra":1}',
        b'{"type":"weighed","at":"2030-01-01T00:00:00Z","seq":1,"session":"x","material":"pet","grams":5}',
        b"\xff" * 70_000,
    ],
)  # fmt: skip
def test_what_cannot_be_read_changes_nothing(park: Park, payload: bytes) -> None:
    from lilong.fields.market.services import machine_inbox

    assert machine_inbox.take(park.device, payload) == (None, "unreadable")
    assert (park.row().attention, MachineMessage.objects.count()) == ("unreadable", 0)


def test_a_silent_machine_gives_the_money_back_and_its_journal_still_counts_once(park: Park) -> None:
    buyer = park.market.buyer()
    sale = park.reserve(buyer, ("A1", 2, 600))
    parts = [park.vended(sale.id, "A1", 2)]
    end = park.closed(sale.id, *parts)
    with clock.at(later(100)):
        assert vending.release_silent() == 0
    with clock.at(later(181)):
        assert (vending.release_silent(), vending.release_silent()) == (1, 0)
        assert (purse(buyer), park.left("MILK-1"), park.row().attention) == ((100_000, 0), (5, 0), "silent")
        for report in (*parts, end, *parts, end):
            park.say(report)
        assert (purse(buyer), park.left("MILK-1")) == ((98_800, 0), (3, 0))
        assert vending.release_silent() == 0
    found = Purchase.objects.get()
    assert (found.state, orders.order(buyer, sale.id).state) == ("late", "cancelled")
    assert orders.order(buyer, found.late_order).captured == 1200  # type: ignore[arg-type]
    assert park.market.facts(sale.id, "market.vend.settled")[0]["late"]
    assert ledger.differences() == []


def test_a_late_journal_against_an_empty_purse_becomes_a_dispute(park: Park) -> None:
    buyer = park.market.buyer(fen=600)
    sale = park.reserve(buyer, ("A1", 1, 600))
    part = park.vended(sale.id, "A1")
    end = park.closed(sale.id, part)
    with clock.at(later(181)):
        vending.release_silent()
        other = Park(park.market)
        bought = other.reserve(buyer, ("B1", 1, 500))
        gone = other.vended(bought.id, "B1")
        other.say(gone)
        other.say(other.closed(bought.id, gone))
        park.say(part)
        park.say(end)
    dispute = Dispute.objects.get()
    assert (dispute.kind, dispute.amount, dispute.reason) == ("unpaid", 600, "insufficient-funds")
    assert purse(buyer) == (100, 0)


def test_what_cannot_be_reserved(park: Park) -> None:
    buyer, poor = park.market.buyer(), park.market.buyer(fen=100)
    assert code(lambda: park.reserve(buyer, ("A1", 1, 599))) == "price-changed"
    assert code(lambda: park.reserve(buyer, ("A1", 6, 600))) == "sold-out"
    assert code(lambda: park.reserve(buyer, ("Z9", 1, 600))) == "no-such-slot"
    assert code(lambda: park.reserve(poor, ("A1", 1, 600))) == "insufficient-funds"
    for lines in ([], [("A1", 0, 600)], [("A1", -1, 600)], [("A1", 1, 600), ("A1", 1, 600)], [("A1", 21, 600)]):
        with pytest.raises(Invalid):
            park.reserve(buyer, *lines)
    assert (purse(buyer), Purchase.objects.count(), park.commands()) == ((100_000, 0), 0, [])
    id = ids.uuid7()
    first = park.reserve(buyer, ("A1", 1, 600), id=id)
    assert park.reserve(buyer, ("A1", 1, 600), id=id) == first
    assert code(lambda: park.reserve(buyer, ("A1", 2, 600), id=id)) == "id-taken"
    assert code(lambda: park.reserve(park.market.buyer(), ("A1", 1, 600), id=id)) == "id-taken"
    assert code(lambda: park.reserve(poor, ("B1", 1, 500))) == "machine-busy"
    assert len(park.commands()) == 1
    with clock.at(later(91)):
        other = park.market.buyer()
        park.say(park.closed(id))
    with clock.at(later(300)):
        assert code(lambda: park.reserve(other, ("A1", 1, 600))) == "machine-offline"


def test_the_buyer_waits_for_the_machine_and_the_counter_does_not_sell_its_offers(park: Park) -> None:
    buyer = park.market.buyer()
    sale = park.reserve(buyer, ("A1", 1, 600))
    assert code(lambda: ordering.cancel(buyer, id=sale.id)) == "machine-at-work"
    assert code(lambda: ordering.complete(park.market.clerk, id=sale.id)) == "machine-at-work"
    line = LineDraft(offer=sale.lines.get().offer, quantity=1, price=600)
    direct = OrderDraft(id=ids.uuid7(), buyer=buyer.party, lines=[line], place=park.place)
    assert code(lambda: ordering.place_one(buyer, direct)) == "not-sold-singly"


def test_a_buyer_contests_within_a_day_and_the_seller_decides(park: Park) -> None:
    buyer, stranger = park.market.buyer(), park.market.buyer()
    sale = park.reserve(buyer, ("A1", 2, 600))
    part = park.vended(sale.id, "A1", 2)
    park.say(part)
    park.say(park.closed(sale.id, part))
    asked = {"order": sale.id, "line": 0, "quantity": 1, "reason": "It was spoilt"}
    with pytest.raises(Missing):
        disputes.contest(stranger, id=ids.uuid7(), **asked)
    with pytest.raises(Invalid):
        disputes.contest(buyer, id=ids.uuid7(), **(asked | {"quantity": 3}))
    with clock.at(later(90_000)):
        assert code(lambda: disputes.contest(buyer, id=ids.uuid7(), **asked)) == "too-late"
    id = ids.uuid7()
    found = disputes.contest(buyer, id=id, **asked)
    assert disputes.contest(buyer, id=id, **asked) == found
    assert code(lambda: disputes.contest(buyer, id=ids.uuid7(), **asked)) == "already-contested"
    for actor in (stranger, buyer, park.market.rival_owner, park.market.picker):
        with pytest.raises(Missing):
            disputes.resolve(actor, id=id, decision="refunded")
    disputes.resolve(park.market.clerk, id=id, decision="refunded")
    disputes.resolve(park.market.clerk, id=id, decision="refunded")
    assert (purse(buyer), orders.order(buyer, sale.id).state) == ((99_400, 0), "part-refunded")
    assert park.left("MILK-1") == (3, 0)


def test_others_cannot_run_a_machine(park: Park) -> None:
    rival = park.market.rival_owner
    lot = park.lots["MILK-1"][0]
    for act in (
        lambda: machines.issue_credentials(rival, machine=park.device),
        lambda: machines.set_slot(rival, machine=park.device, code="C1", product=None, capacity=5),
        lambda: machines.clear_fault(rival, machine=park.device, slot="A1"),
        lambda: machines.load(
            rival, id=ids.uuid7(), machine=park.device, slot="A1", lot=lot, quantity=1, source=park.market.warehouse
        ),
    ):
        with pytest.raises(Missing):
            act()
    assert MachineSlot.objects.filter(code="C1").count() == 0


def test_loading_keeps_to_the_layout(park: Park) -> None:
    lot = park.market.receive(park.milk, 20, "MILK-3").lot
    assert code(lambda: park.load("A1", lot, 6)) == "slot-full"
    assert code(lambda: park.load("B1", lot, 1)) == "invalid"
    id = ids.uuid7()
    park.load("A1", lot, 5, id=id)
    park.load("A1", lot, 5, id=id)
    assert code(lambda: park.load("A2", lot, 1)) == "lot-in-another-slot"
    change = {"machine": park.device, "code": "A1", "product": park.tea, "capacity": 10}
    assert code(lambda: machines.set_slot(park.market.clerk, **change)) == "slot-not-empty"
    for bad in ({"capacity": 0}, {"capacity": 5, "par": 6}, {"code": "A-1"}, {"code": ""}):
        with pytest.raises(Invalid):
            machines.set_slot(park.market.clerk, **(change | {"code": "C1"} | bad))


def test_a_price_changed_since_shown_is_told_and_holds_nothing(park: Park) -> None:
    from lilong.fields.market.rules.machines import offer_of
    from lilong.kernel.catalog import queries as catalog

    buyer = park.market.buyer()
    from lilong.fields.market.models import Product
    from lilong.fields.market.services import products

    row = Product.objects.get(id=park.milk)
    draft = park.market.draft(row.code, "Milk", price=650)
    products.change_product(park.market.owner, __import__("msgspec").structs.replace(draft, id=row.id))
    with pytest.raises(Conflict) as caught:
        park.reserve(buyer, ("A1", 1, 600))
    assert (caught.value.code, caught.value.extra["price"], purse(buyer)) == ("price-changed", 650, (100_000, 0))
    park.reserve(buyer, ("A1", 1, 650))
    assert catalog.terms([offer_of(park.milk)])[offer_of(park.milk)].price == 650
    assert SYSTEM.kind == "system"
