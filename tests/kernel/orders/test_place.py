from datetime import timedelta

import pytest

from lilong.kernel.base import clock, ids
from lilong.kernel.events import queries as events
from lilong.kernel.ledger.queries import differences, trial_balance
from lilong.kernel.orders import queries
from lilong.kernel.orders.drafts import LineDraft, OrderDraft, Placed, Refused, SlotDraft
from lilong.kernel.orders.services import place, place_one
from tests.kernel.orders.stall import a_buyer, a_stall, buying, in_days, purse

pytestmark = pytest.mark.django_db


def refusal(answer: Placed | Refused) -> tuple[str, list[tuple[str, str]]]:
    assert isinstance(answer, Refused), answer
    return answer.problem.code, [(v.pointer, v.rule) for v in answer.problem.violations]


def test_an_order_moves_money_and_stock_and_tells_it():
    stall, buyer = a_stall(), a_buyer()
    draft = stall.draft(buyer, 3)
    placed = place_one(buying(buyer), draft)
    assert (placed.state, placed.total, placed.created) == ("placed", 1500, True)
    assert (stall.stock(), stall.sold(), stall.sales(), purse(buyer)) == ([97], [3], 1500, (98_500, 0))
    (told,) = [e for e in events.history(draft.id).items if e.type == "orders.placed"]
    assert told.data["total"] == 1500
    assert told.data["lines"] == [{"offer": str(stall.offer), "quantity": 3, "amount": 1500}]


def test_the_same_order_again_is_the_same_order():
    stall, buyer = a_stall(), a_buyer()
    draft = stall.draft(buyer, 3)
    first, second, third = (*place([draft, draft]), place_one(buying(buyer), draft))
    assert [first.created, second.created, third.created] == [True, False, False]
    assert first.total == second.total == third.total == 1500
    assert stall.stock() == [97]


def test_the_same_id_with_another_body_is_a_conflict():
    stall, buyer = a_stall(), a_buyer()
    draft = stall.draft(buyer, 3)
    other = stall.draft(buyer, 4, id=draft.id)
    assert refusal(place([draft, other])[1]) == ("id-taken", [("/id", "same-body")])
    assert refusal(place([other])[0]) == ("id-taken", [("/id", "same-body")])
    assert stall.stock() == [97]


def test_a_retry_answers_the_same_even_if_the_price_has_changed_since():
    from lilong.kernel.base.words import Words
    from lilong.kernel.catalog.drafts import OfferDraft
    from lilong.kernel.catalog.services import put_offer
    from lilong.kernel.parties.actor import SYSTEM

    stall, buyer = a_stall(), a_buyer()
    draft = stall.draft(buyer)
    place_one(buying(buyer), draft)
    put_offer(
        SYSTEM, OfferDraft(id=stall.offer, field="market", seller=stall.seller, title=Words(en="Apple"), price=600)
    )
    assert place_one(buying(buyer), draft).created is False
    answer = place([stall.draft(buyer)])[0]
    assert refusal(answer) == ("price-changed", [("/lines/0/price", "price-shown")])
    assert (answer.problem.status, answer.problem.extra["price"]) == (409, 600)


def test_one_bad_order_touches_only_itself():
    stall, rich, poor = a_stall([(5, None)]), a_buyer(10_000), a_buyer(100)
    answers = place([stall.draft(rich, 2), stall.draft(poor, 1), stall.draft(rich, 4), stall.draft(rich, 3)])
    assert [type(a) for a in answers] == [Placed, Refused, Refused, Placed]
    assert refusal(answers[1])[0] == "insufficient-funds"
    assert refusal(answers[2]) == ("sold-out", [("/lines/0/quantity", "sold-out")])
    assert answers[2].problem.extra["available"] == 3
    assert (stall.stock(), stall.sales(), purse(poor)) == ([0], 2500, (100, 0))
    assert differences() == [] and all(each.debits == each.credits for each in trial_balance())


def test_what_expires_first_goes_first_and_nothing_expires_on_its_way():
    lots = [(4, in_days(9)), (2, in_days(1)), (3, in_days(0)), (5, in_days(-1))]
    stall, buyer = a_stall(lots), a_buyer()
    assert isinstance(place([stall.draft(buyer, 4)])[0], Placed)
    assert stall.stock() == [4, 1, 0, 5]
    later = stall.draft(buyer, 5, use_on=in_days(2))
    assert refusal(place([later])[0])[0] == "sold-out"
    assert isinstance(place([stall.draft(buyer, 4, use_on=in_days(2))])[0], Placed)
    assert stall.stock() == [0, 1, 0, 5]


def test_money_held_for_what_is_weighed():
    stall, buyer = (
        a_stall([(5000, None)], price=1580, per=500, unit="g", settle="later", tolerance_percent=10),
        a_buyer(),
    )
    placed = place_one(buying(buyer), stall.draft(buyer, 1000))
    assert placed.total == 3160
    assert (purse(buyer), stall.stock(), stall.sold()) == ((100_000, 3476), [3900], [0])


def test_a_limit_for_each_buyer_holds_over_orders_and_batches():
    stall, buyer, other = a_stall(limit_per_buyer=3), a_buyer(), a_buyer()
    assert isinstance(place([stall.draft(buyer, 2)])[0], Placed)
    answers = place([stall.draft(buyer, 2), stall.draft(buyer, 1), stall.draft(buyer, 1), stall.draft(other, 3)])
    assert [type(a) for a in answers] == [Refused, Placed, Refused, Placed]
    assert refusal(answers[0]) == ("over-limit", [("/lines/0/quantity", "limit-per-buyer")])
    assert (answers[0].problem.extra["left"], answers[2].problem.extra["left"]) == (1, 0)


def test_offers_open_and_close_at_their_moments():
    now = clock.now()
    early = a_stall(released_at=now + timedelta(hours=1))
    late = a_stall(released_at=now - timedelta(hours=2), closes_at=now - timedelta(hours=1))
    buyer = a_buyer()
    answers = place([early.draft(buyer), late.draft(buyer)])
    assert [refusal(a)[0] for a in answers] == ["not-yet-released", "offer-closed"]
    with clock.at(now + timedelta(hours=1)):
        assert isinstance(place([early.draft(buyer)])[0], Placed)


def test_nobody_orders_from_anothers_purse():
    stall, victim, thief = a_stall(), a_buyer(), a_buyer()
    answer = place([stall.draft(victim)], actor=buying(thief))[0]
    assert refusal(answer) == ("not-your-purse", [("/buyer", "acts-for")])
    draft = stall.draft(victim)
    place_one(buying(victim), draft)
    again = place([draft], actor=buying(thief))[0]
    assert refusal(again)[0] == "not-your-purse"  # and learns nothing of the order
    assert purse(victim) == (99_500, 0)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"lines": [("same", 0, 500)]}, ("/lines/0/quantity", "range")),
        ({"lines": [("same", -1, 500)]}, ("/lines/0/quantity", "range")),
        ({"lines": [("same", 1, -1)]}, ("/lines/0/price", "minimum")),
        ({"lines": [("other", 1, 500)]}, ("/lines/0/offer", "unknown-offer")),
        ({"use_on": -1}, ("/use_on", "in-the-past")),
        ({"slot": (-2, -1)}, ("/slot/start", "slot-in-the-past")),
        ({"slot": (2, 1)}, ("/slot/end", "after-start")),
    ],
)
def test_bad_input_names_field_and_rule_and_changes_nothing(change: dict, expected: tuple[str, str]):
    stall, buyer = a_stall(), a_buyer()
    now = clock.now()
    if "lines" in change:
        change = {
            "lines": [
                LineDraft(offer=stall.offer if which == "same" else ids.uuid7(), quantity=n, price=price)
                for which, n, price in change["lines"]
            ]
        }
    if "use_on" in change:
        change = {"use_on": in_days(change["use_on"])}
    if "slot" in change:
        start, end = (now + timedelta(hours=hours) for hours in change["slot"])
        change = {"slot": SlotDraft(resource=ids.uuid7(), start=start, end=end)}
    draft = stall.draft(buyer, **change)
    assert refusal(place([draft])[0]) == ("invalid", [expected])
    assert (stall.stock(), purse(buyer), queries.standing([draft.id])) == ([100], (100_000, 0), {})


def test_one_seller_an_order():
    mine, yours, buyer = a_stall(), a_stall(), a_buyer()
    lines = [LineDraft(offer=stall.offer, quantity=1, price=500) for stall in (mine, yours)]
    answer = place([OrderDraft(id=ids.uuid7(), buyer=buyer, lines=lines)])[0]
    assert refusal(answer) == ("invalid", [("/lines/1/offer", "one-seller")])


def test_whoever_has_no_wallet_has_no_money():
    stall = a_stall()
    assert refusal(place([stall.draft(ids.uuid7())])[0])[0] == "insufficient-funds"


def test_orders_are_seen_by_their_two_sides_only():
    stall, buyer = a_stall(), a_buyer()
    draft = stall.draft(buyer, 2)
    place([draft])
    assert queries.order(buying(buyer), draft.id).total == 1000
    assert queries.order(stall.clerk(), draft.id).lines[0].quantity == 2
    from lilong.kernel.base.problems import Missing

    with pytest.raises(Missing):
        queries.order(buying(a_buyer()), draft.id)
    with pytest.raises(Missing):
        queries.order(a_stall().clerk(), draft.id)
