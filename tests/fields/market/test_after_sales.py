"""What comes after an order: returns that pay once, reviews by those who bought."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from lilong.fields.market.queries import returns, reviews
from lilong.fields.market.services import returns as return_services
from lilong.fields.market.services import reviews as review_services
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.orders import services as orders
from lilong.kernel.orders.drafts import LineDraft, OrderDraft
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.actor import SYSTEM, Actor
from tests.fields.market.scene import NOON, Market

pytestmark = pytest.mark.usefixtures("noon")


def bought(market: Market, buyer: Actor, pieces: int = 4, *, handed_over: bool = True) -> UUID:
    """An order of eggs."""
    line = LineDraft(offer=market.eggs, quantity=pieces, price=1290)
    placed = orders.place_one(buyer, OrderDraft(id=ids.uuid7(), lines=[line], place=market.warehouse))
    if handed_over:
        orders.complete(market.picker, id=placed.id)
    return placed.id


def ask(buyer: Actor, order: UUID, **more: Any) -> Any:
    given: dict[str, Any] = {"id": ids.uuid7(), "lines": {0: 2}, "reason": "damaged"} | more
    return return_services.ask_return(buyer, order=order, **given)


def money(buyer: Actor) -> int:
    return ledger.balance(ledger.wallet_of(buyer.party).id).available


@pytest.fixture
def stocked(market: Market) -> Market:
    market.receive(market.eggs, 50)
    return market


def test_a_return_brings_the_money_back_once(stocked: Market):
    buyer = stocked.buyer()
    order = bought(stocked, buyer)
    request = ask(buyer, order)
    assert (request.state, money(buyer)) == ("asked", 100_000 - 4 * 1290)
    for _ in range(2):
        done = return_services.approve_return(stocked.manager, id=request.id)
        assert (done.state, done.amount) == ("refunded", 2580)
    assert money(buyer) == 100_000 - 2 * 1290
    facts = stocked.facts(order, "market.return.refunded")
    assert [(fact["amount"], fact["reason"]) for fact in facts] == [(2580, "damaged")]


def test_a_seller_may_grant_a_part_and_want_the_goods_first(stocked: Market):
    buyer = stocked.buyer()
    request = ask(buyer, bought(stocked, buyer))
    agreed = return_services.approve_return(stocked.manager, id=request.id, lines={0: 1}, goods_back=True)
    assert (agreed.state, money(buyer)) == ("approved", 100_000 - 5160)
    done = return_services.receive_return(stocked.manager, id=request.id)
    assert (done.state, done.amount, money(buyer)) == ("refunded", 1290, 100_000 - 3870)
    assert return_services.receive_return(stocked.manager, id=request.id).amount == 1290
    assert money(buyer) == 100_000 - 3870


def test_a_refused_return_pays_nothing(stocked: Market):
    buyer = stocked.buyer()
    request = ask(buyer, bought(stocked, buyer))
    assert return_services.refuse_return(stocked.manager, id=request.id, reason="Eaten").answer == "Eaten"
    with pytest.raises(Conflict) as refused:
        return_services.approve_return(stocked.manager, id=request.id)
    assert (refused.value.code, refused.value.extra) == ("wrong-state", {"state": "refused"})
    assert money(buyer) == 100_000 - 5160


@pytest.mark.parametrize(
    ("bad", "pointer", "rule"),
    [
        ({"lines": {}}, "/lines", "required"),
        ({"lines": {0: 0}}, "/lines/0", "range"),
        ({"lines": {0: -1}}, "/lines/0", "range"),
        ({"lines": {0: 5}}, "/lines/0", "range"),
        ({"lines": {7: 1}}, "/lines/7", "unknown-line"),
        ({"reason": "mood"}, "/reason", "one-of"),
        ({"reason": "other"}, "/text", "required"),
        ({"text": "x" * 1001}, "/text", "length"),
    ],
)
def test_a_bad_request_names_field_and_rule(stocked: Market, bad: dict[str, Any], pointer: str, rule: str):
    buyer = stocked.buyer()
    order = bought(stocked, buyer)
    with pytest.raises(Invalid) as refused:
        ask(buyer, order, **bad)
    assert [(each.pointer, each.rule) for each in refused.value.violations] == [(pointer, rule)]
    assert returns.of_order(order) == []


def test_only_the_buyer_asks_and_only_the_seller_decides(stocked: Market):
    buyer = stocked.buyer()
    order = bought(stocked, buyer)
    for other in (stocked.buyer("Other"), stocked.rival_owner, stocked.manager):
        with pytest.raises(Missing):
            ask(other, order)
    request = ask(buyer, order)
    for other in (buyer, stocked.rival_owner, stocked.picker):
        for decide in (
            lambda actor: return_services.approve_return(actor, id=request.id),
            lambda actor: return_services.refuse_return(actor, id=request.id, reason="No"),
            lambda actor: return_services.receive_return(actor, id=request.id),
        ):
            with pytest.raises(Missing):
                decide(other)
    with pytest.raises(Missing):
        returns.one(stocked.rival_owner, request.id)
    with pytest.raises(Missing):
        returns.for_seller(stocked.rival_owner, stocked.seller)
    assert returns.of_order(order)[0].state == "asked"


def test_seven_days_after_the_delivery_it_is_too_late(stocked: Market):
    buyer = stocked.buyer()
    first, second = bought(stocked, buyer), bought(stocked, buyer)
    with clock.at(NOON + timedelta(days=7, seconds=-1)):
        assert ask(buyer, first).state == "asked"
    with clock.at(NOON + timedelta(days=7)), pytest.raises(Conflict) as refused:
        ask(buyer, second)
    assert refused.value.code == "return-too-late"


def test_nothing_is_given_back_before_it_came_nor_twice(stocked: Market):
    buyer = stocked.buyer()
    with pytest.raises(Conflict) as early:
        ask(buyer, bought(stocked, buyer, handed_over=False))
    assert early.value.code == "wrong-state"
    order = bought(stocked, buyer)
    request = ask(buyer, order, lines={0: 3})
    assert ask(buyer, order, id=request.id, lines={0: 3}).id == request.id
    with pytest.raises(Conflict) as again:
        ask(buyer, order, lines={0: 1})
    assert again.value.code == "return-open"
    return_services.approve_return(stocked.manager, id=request.id)
    with pytest.raises(Invalid):
        ask(buyer, order, lines={0: 2})
    assert ask(buyer, order, lines={0: 1}).state == "asked"


def test_only_buyers_review_and_each_once(stocked: Market):
    buyer, other = stocked.buyer(), stocked.buyer("Other")
    for somebody in (buyer, other):
        with pytest.raises(Forbidden) as refused:
            review_services.write_review(somebody, id=ids.uuid7(), product=stocked.eggs, stars=5)
        assert refused.value.code == "not-bought"
    bought(stocked, buyer)
    first = review_services.write_review(buyer, id=ids.uuid7(), product=stocked.eggs, stars=5, text="Fresh")
    second = review_services.write_review(buyer, id=ids.uuid7(), product=stocked.eggs, stars=2, text="Less so")
    assert first.id == second.id
    assert [(each.stars, each.text) for each in reviews.reviews_of(stocked.eggs).items] == [(2, "Less so")]
    facts = stocked.facts(stocked.eggs, "market.review.written")
    assert [(set(fact), fact["stars"]) for fact in facts] == [
        ({"review", "product", "seller", "stars"}, 5),
        ({"review", "product", "seller", "stars"}, 2),
    ]


@pytest.mark.parametrize(("stars", "text", "pointer"), [(0, "", "/stars"), (6, "", "/stars"), (3, "x" * 2001, "/text")])
def test_a_bad_review_is_refused(stocked: Market, stars: int, text: str, pointer: str):
    buyer = stocked.buyer()
    bought(stocked, buyer)
    with pytest.raises(Invalid) as refused:
        review_services.write_review(buyer, id=ids.uuid7(), product=stocked.eggs, stars=stars, text=text)
    assert [each.pointer for each in refused.value.violations] == [pointer]
    assert reviews.summary(stocked.eggs).count == 0


def test_reviews_add_up_and_hidden_ones_do_not_count(stocked: Market):
    written = []
    for stars in (5, 5, 4, 1):
        buyer = stocked.buyer(f"Buyer {stars}")
        bought(stocked, buyer, 1)
        written.append(review_services.write_review(buyer, id=ids.uuid7(), product=stocked.eggs, stars=stars))
    found = reviews.summary(stocked.eggs)
    assert (found.count, found.average_tenths) == (4, 38)
    assert found.bars == ((5, 2, 50), (4, 1, 25), (3, 0, 0), (2, 0, 0), (1, 1, 25))
    with pytest.raises(Forbidden):
        review_services.hide_review(stocked.owner, id=written[3].id)
    review_services.hide_review(SYSTEM, id=written[3].id)
    assert (reviews.summary(stocked.eggs).count, reviews.summary(stocked.eggs).average_tenths) == (3, 47)


def test_the_seller_alone_replies_and_anybody_reports_once(stocked: Market):
    buyer, reader = stocked.buyer(), stocked.person("Reader")
    bought(stocked, buyer)
    written = review_services.write_review(buyer, id=ids.uuid7(), product=stocked.eggs, stars=1, text="Broken")
    for other in (buyer, reader, stocked.rival_owner):
        with pytest.raises(Missing):
            review_services.reply_to_review(other, id=written.id, text="No")
    review_services.reply_to_review(stocked.manager, id=written.id, text="Sorry")
    assert [each.reply for each in reviews.reviews_of(stocked.eggs).items] == ["Sorry"]
    for _ in range(2):
        review_services.report_review(reader, id=written.id, reason="untrue")
    assert [(each.review_id, each.reason) for each in reviews.reported().items] == [(written.id, "untrue")]
    with pytest.raises(Invalid):
        review_services.report_review(reader, id=written.id, reason="envy")


def test_the_shop_over_http(stocked: Market):
    buyer = stocked.buyer()
    order = bought(stocked, buyer)
    _, secret = parties.issue_key(buyer, id=ids.uuid7(), party=buyer.party, name="till", scopes=["*"], expires_at=None)
    mine, nobody = Client(headers={"authorization": f"Bearer {secret}"}), Client()
    shelf = nobody.get("/api/market/shelf", {"q": "eggs", "place": stocked.warehouse}).json()
    assert [(each["id"], each["available"], each["price"]) for each in shelf["items"]] == [
        (str(stocked.eggs), 46, 1290)
    ]
    path = f"/api/market/products/{stocked.eggs}"
    body = {"id": str(ids.uuid7()), "stars": 4, "text": "Fresh"}
    assert nobody.put(f"{path}/review", body, "application/json").status_code == 401
    assert mine.put(f"{path}/review", body, "application/json").json()["stars"] == 4
    assert mine.put(f"{path}/review", body | {"stars": 9}, "application/json").status_code == 422
    assert nobody.get(f"{path}/reviews").json()["items"][0]["text"] == "Fresh"
    assert nobody.get(f"{path}/stars").json()["average_tenths"] == 40
    rating = nobody.get(f"/market/products/{stocked.eggs}.jsonld").json()["aggregateRating"]
    assert (rating["ratingValue"], rating["reviewCount"]) == ("4.0", 1)
    assert [each["price"] for each in nobody.get(f"{path}/prices").json()] == [1290]
    asked = {"id": str(ids.uuid7()), "order": str(order), "lines": {"0": 1}, "reason": "damaged"}
    assert mine.post("/api/market/returns", asked, "application/json").status_code == 201
    assert [each["state"] for each in mine.get("/api/market/returns", {"order": order}).json()] == ["asked"]
    assert nobody.get("/api/market/returns", {"order": order}).status_code == 401
