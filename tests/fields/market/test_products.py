import pytest

from lilong.fields.market.drafts import Refused
from lilong.fields.market.queries import products as queries
from lilong.fields.market.services import products
from lilong.kernel.base import ids
from lilong.kernel.base.problems import Conflict, Forbidden, Gone, Invalid, Missing
from lilong.kernel.catalog import queries as catalog
from tests.fields.market.scene import GTINS, Market, changed


def rules_of(problem) -> list[tuple[str, str]]:
    return [(v.pointer, v.rule) for v in problem.violations]


def test_a_product_stands_with_its_offer(market: Market):
    eggs = queries.product(market.eggs)
    assert (eggs.gtin, eggs.price, eggs.per, eggs.vat_percent, eggs.temperature) == (
        "06901234567892",
        1290,
        1,
        9,
        "chilled",
    )
    offer = catalog.offer(eggs.offer)
    assert (offer.field, offer.seller, offer.place_bound, offer.settle) == ("market", market.seller, True, "now")
    greens = queries.product(market.greens)
    assert (greens.unit, greens.settle, greens.tolerance_percent) == ("g", "later", 10)


def test_the_same_draft_again_is_the_same_product(market: Market):
    draft = market.draft("X1", "Tofu", category="tofu")
    first = products.register_product(market.clerk, draft)
    assert products.register_product(market.clerk, draft) == first
    assert len(market.facts(first.id, "market.product.registered")) == 1
    with pytest.raises(Conflict) as error:
        products.register_product(market.clerk, changed(draft, price=1))
    assert error.value.code == "id-taken"


def test_every_bad_field_is_named_at_once_and_nothing_is_made(market: Market):
    bad = market.draft("", "", category="weapons", price=-1, gtin="6901234567893", margin_days=40, tolerance_percent=5)
    with pytest.raises(Invalid) as error:
        products.register_product(market.owner, bad)
    assert sorted(rules_of(error.value)) == [
        ("/category", "unknown"),
        ("/code", "required"),
        ("/gtin", "check-digit"),
        ("/margin_days", "range"),
        ("/name", "required"),
        ("/price", "range"),
        ("/tolerance_percent", "range"),
    ]
    with pytest.raises(Missing):
        queries.product(bad.id)


def test_a_batch_answers_each_on_its_own(market: Market):
    drafts = [
        market.draft("A", "One", gtin=GTINS[1]),
        market.draft("A", "Same code"),
        market.draft("B", "Same item", gtin=GTINS[1]),
        market.draft("C", "Not mine", seller=market.rival),
        market.draft("D", "Scale label", gtin="2000000000008"),
        market.draft("E", "Good"),
    ]
    answers = products.register_products(market.clerk, [*drafts, drafts[0]])
    codes = [answer.problem.code if isinstance(answer, Refused) else answer.code for answer in answers]
    assert codes == ["A", "code-taken", "gtin-taken", "not-yours", "invalid", "E", "A"]
    assert rules_of(answers[4].problem) == [("/gtin", "restricted")]


def test_two_sellers_may_sell_one_item(market: Market):
    theirs = market.draft("Z", "Eggs too", seller=market.rival, gtin=GTINS[0])
    products.register_product(market.rival_owner, theirs)
    assert {view.seller for view in queries.item("06901234567892").products} == {market.seller, market.rival}


@pytest.mark.parametrize("role", ["picker", "rival_owner"])
def test_who_may_not_register_is_refused(market: Market, role: str):
    with pytest.raises(Forbidden):
        products.register_product(getattr(market, role), market.draft("X", "X"))


def test_changing_price_and_words(market: Market):
    before = market.draft("P", "Milk", category="milk")
    products.register_product(market.owner, before)
    after = changed(before, price=1100, brand="Bright", gtin=GTINS[2])
    products.change_product(market.clerk, after)
    view = queries.product(before.id)
    assert (view.price, view.brand, view.gtin) == (1100, "Bright", "04006381333931")
    assert [p.price for p in catalog.price_history(view.offer)] == [1000, 1100]
    facts = market.facts(before.id, "market.product.changed")
    products.change_product(market.clerk, after)
    assert market.facts(before.id, "market.product.changed") == facts
    with pytest.raises(Conflict) as error:
        products.change_product(market.owner, changed(after, unit="g", per=500, gtin=GTINS[3]))
    assert sorted(rules_of(error.value)) == [("/gtin", "fixed"), ("/unit", "fixed")]
    with pytest.raises(Forbidden):
        products.change_product(market.rival_owner, after)


def test_a_withdrawn_product_is_not_sold(market: Market):
    products.withdraw_product(market.owner, id=market.eggs)
    products.withdraw_product(market.owner, id=market.eggs)
    assert queries.product(market.eggs).state == "withdrawn"
    assert len(market.facts(market.eggs, "market.product.withdrawn")) == 1
    with pytest.raises(Missing):
        products.withdraw_product(market.owner, id=ids.uuid7())


def test_a_retired_number_is_never_given_again(market: Market):
    products.retire_item(market.owner, number=GTINS[0])
    products.retire_item(market.owner, number=GTINS[0])
    assert queries.product(market.eggs).state == "withdrawn"
    with pytest.raises(Conflict) as error:
        products.register_product(market.rival_owner, market.draft("N", "New", seller=market.rival, gtin=GTINS[0]))
    assert (error.value.code, rules_of(error.value)) == ("gtin-retired", [("/gtin", "never-reassigned")])
    with pytest.raises(Gone):
        products.change_product(market.owner, changed(market.draft("E10", "Eggs"), id=market.eggs))


def test_a_number_that_others_sell_is_not_retired_by_one(market: Market):
    products.register_product(market.rival_owner, market.draft("Z", "Z", seller=market.rival, gtin=GTINS[0]))
    for actor in (market.owner, market.rival_owner):
        with pytest.raises(Forbidden):
            products.retire_item(actor, number=GTINS[0])


def test_drafts_are_shown_to_their_seller_alone(market: Market):
    draft = market.draft("D", "Soon", state="draft")
    products.register_product(market.owner, draft)
    assert queries.product(draft.id, actor=market.picker).state == "draft"
    for actor in (None, market.rival_owner):
        with pytest.raises(Missing):
            queries.product(draft.id, actor=actor)
    with pytest.raises(Missing):
        queries.products_of(market.rival_owner, market.seller)
    assert len(queries.products_of(market.owner, market.seller).items) == 3
