from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing
from lilong.kernel.base.words import Words
from lilong.kernel.catalog import queries, services
from lilong.kernel.catalog.drafts import OfferDraft, Refused, SupplyDraft
from lilong.kernel.catalog.models import Offer, Price
from lilong.kernel.events import queries as events
from lilong.kernel.parties.actor import SYSTEM, Actor
from tests.kernel.catalog.shelf import SELLER, a_draft, member, put, supply

pytestmark = pytest.mark.django_db


def changed(draft: OfferDraft, **changes: object) -> OfferDraft:
    return OfferDraft(**({name: getattr(draft, name) for name in draft.__struct_fields__} | changes))


def told(id: object) -> list[tuple[str, dict]]:
    return [(event.type, event.data) for event in events.history(id).items]


def test_putting_twice_changes_nothing_and_putting_another_makes_a_version():
    draft = a_draft(
        Words(en="Apple", zh="苹果", ko="사과"), summary=Words(en="Red"), tags=("fruit",), attributes={"gtin": "1"}
    )
    (first,) = put(draft)
    assert (first.version, first.state, first.title.zh, first.tags) == (1, "listed", "苹果", ("fruit",))
    assert put(draft) == [first]
    (second,) = put(changed(draft, tags=("fruit", "red")))
    assert second.version == 2
    (third,) = put(changed(draft, tags=("fruit", "red"), price=600))
    assert queries.offer(draft.id) == third
    assert [(p.version, p.price) for p in queries.price_history(draft.id)] == [(1, 500), (3, 600)]


def test_the_log_tells_listing_price_and_withdrawal():
    draft = a_draft(state="draft")
    put(draft)
    assert told(draft.id) == []
    put(changed(draft, state="listed"))
    put(changed(draft, state="listed", price=450, per=2))
    services.withdraw(SYSTEM, draft.id)
    services.withdraw(SYSTEM, draft.id)
    common = {"field": "market", "seller": str(SELLER), "district": ""}
    priced = {"currency": "CNY"}
    assert sorted(told(draft.id), key=lambda e: e[1]["version"]) == [
        ("catalog.offer.listed", common | priced | {"price": 500, "per": 1, "kind": "product", "unit": "piece", "version": 2}),
        ("catalog.offer.repriced", common | priced | {"price": 450, "per": 2, "before": 500, "before_per": 1, "version": 3}),
        ("catalog.offer.withdrawn", common | {"version": 4}),
    ]  # fmt: skip
    assert put(changed(draft, state="listed", price=450, per=2))[0].state == "listed"


def test_only_those_who_act_for_the_seller():
    draft = a_draft()
    for actor in (member("owner"), member("manager"), member("clerk"), Actor(party=SELLER, kind="organisation")):
        put(changed(draft, id=ids.uuid7()), actor=actor)
    strangers = [member("picker"), member("owner", of=ids.uuid7()), member("owner", scopes=frozenset({"orders:place"}))]
    for actor in strangers:
        with pytest.raises(Forbidden):
            services.put_offer(actor, draft)
        with pytest.raises(Missing):
            queries.offer(draft.id)
    put(draft)
    for actor in strangers:
        with pytest.raises(Forbidden):
            services.withdraw(actor, draft.id)
        with pytest.raises(Forbidden):
            services.put_offer(actor, changed(draft, price=1))
    assert queries.offer(draft.id).price == 500


def test_another_seller_cannot_take_an_offer_over():
    draft, other = a_draft(), ids.uuid7()
    put(draft)
    with pytest.raises(Conflict) as refused:
        services.put_offer(member("owner", of=other), changed(draft, seller=other))
    assert (refused.value.code, [v.pointer for v in refused.value.violations]) == ("offer-fixed", ["/seller"])
    assert queries.offer(draft.id).seller == SELLER


def test_drafts_are_the_sellers_own():
    (draft,) = put(a_draft(state="draft"))
    assert queries.offer(draft.id, actor=member("clerk")) == draft
    for actor in (None, member("clerk", of=ids.uuid7())):
        with pytest.raises(Missing):
            queries.offer(draft.id, actor=actor)
        with pytest.raises(Missing):
            queries.price_history(draft.id, actor=actor)
    assert queries.offers_of(member("clerk"), SELLER, state="draft").items == [draft]
    with pytest.raises(Missing):
        queries.offers_of(member("clerk", of=ids.uuid7()), SELLER)


def test_a_stale_version_is_a_conflict_and_its_repetition_is_not():
    draft = a_draft()
    put(draft)
    second = changed(draft, price=600, version=1)
    assert put(second)[0].version == put(second)[0].version == 2
    with pytest.raises(Conflict) as refused:
        services.put_offer(SYSTEM, changed(draft, price=700, version=1))
    assert (refused.value.code, refused.value.extra) == ("version-stale", {"version": 2})
    assert queries.offer(draft.id).price == 600


@pytest.mark.parametrize(
    ("bad", "pointer", "rule"),
    [
        ({"title": Words()}, "/title", "required"),
        ({"title": Words(zh="x" * 201)}, "/title/zh", "max-length"),
        ({"title": Words(en="a\x00")}, "/title/en", "pattern"),
        ({"field": "Market"}, "/field", "pattern"),
        ({"price": -1}, "/price", "range"),
        ({"price": 10**12 + 1}, "/price", "range"),
        ({"per": 0}, "/per", "range"),
        ({"currency": "XXX"}, "/currency", "enum"),
        ({"unit": "kg"}, "/unit", "enum"),
        ({"settle": "never"}, "/settle", "enum"),
        ({"tolerance_percent": 10}, "/tolerance_percent", "needs-settle-later"),
        ({"tolerance_percent": 51, "settle": "later"}, "/tolerance_percent", "range"),
        ({"limit_per_buyer": 0}, "/limit_per_buyer", "range"),
        ({"released_at": datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)}, "/released_at", "time-zone"),
        ({"released_at": datetime(2026, 1, 2, tzinfo=UTC), "closes_at": datetime(2026, 1, 2, tzinfo=UTC)},
         "/closes_at", "after-released-at"),
        ({"tags": ("a", "a")}, "/tags/1", "tag"),
        ({"tags": tuple(map(str, range(21)))}, "/tags", "max-length"),
        ({"image": "javascript:alert(1)"}, "/image", "address"),
        ({"image": "//elsewhere"}, "/image", "address"),
        ({"attributes": {"text": "x" * 20_000}}, "/attributes", "max-length"),
        ({"attributes": {"text": "\x00"}}, "/attributes", "pattern"),
        ({"attributes": {"gtin": 5}}, "/attributes/gtin", "type"),
        ({"attributes": {"brand": {"fr": "x"}}}, "/attributes/brand", "type"),
        ({"state": "withdrawn"}, "/state", "enum"),
        ({"guard": "A"}, "/guard", "pattern"),
    ],
)  # fmt: skip
def test_bad_drafts_name_field_and_rule_and_change_nothing(bad: dict, pointer: str, rule: str):
    with pytest.raises(Invalid) as refused:
        services.put_offer(SYSTEM, a_draft(**bad))
    assert [(v.pointer, v.rule) for v in refused.value.violations] == [(pointer, rule)]
    assert Offer.objects.count() == 0


def test_one_bad_draft_of_a_batch_touches_only_itself():
    good, bad, foreign = a_draft("Good"), a_draft("Bad", price=-1), a_draft("Foreign", seller=ids.uuid7())
    answers = services.put_offers(member("clerk"), [good, bad, foreign, changed(good, price=7)])
    assert [a.problem.code if isinstance(a, Refused) else a.version for a in answers] == [1, "invalid", "not-yours", 2]
    assert [o.id for o in Offer.objects.all()] == [good.id]
    assert queries.offer(good.id).price == 7


def test_hundreds_go_in_a_handful_of_statements():
    def statements(count: int) -> int:
        drafts = [a_draft(f"Apple {n}") for n in range(count)]
        with CaptureQueriesContext(connection) as seen:
            put(*drafts)
            put(*[changed(draft, price=700) for draft in drafts])
        return len(seen)

    few = statements(3)
    assert statements(400) == few
    assert Offer.objects.filter(price=700).count() == 403


def test_the_database_itself_keeps_prices_as_they_were():
    put(draft := a_draft())
    for change in ("UPDATE catalog_price SET price = 1", "DELETE FROM catalog_price"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)
    assert [row.price for row in Price.objects.filter(offer=draft.id)] == [500]


def test_terms_are_one_statement_and_whole():
    soon = clock.now().replace(microsecond=0) + timedelta(hours=1)
    (offer, drafted) = put(
        a_draft(Words(zh="牛肉"), unit="g", per=500, settle="later", tolerance_percent=10, released_at=soon,
                limit_per_buyer=3, place_bound=True, currency="KRW"),
        a_draft(state="draft", stocked=False),
    )  # fmt: skip
    with CaptureQueriesContext(connection) as seen:
        found = queries.terms([offer.id, drafted.id, ids.uuid7()])
    assert (len(seen), set(found)) == (1, {offer.id, drafted.id})
    terms = found[offer.id]
    assert terms == queries.Terms(
        offer.id,
        "market",
        SELLER,
        "g",
        500,
        500,
        "KRW",
        "later",
        soon,
        None,
        3,
        10,
        "listed",
        True,
        True,
        1,
        "",
        Words(zh="牛肉"),
    )
    assert (found[drafted.id].state, found[drafted.id].stocked) == ("draft", False)
    assert queries.terms([]) == {}


def test_supplies_come_first_expired_first():
    (offer, other), place, elsewhere, today = put(a_draft(), a_draft()), ids.uuid7(), ids.uuid7(), clock.today()
    endless, _ = supply(offer.id, place, 1)
    late, _ = supply(offer.id, place, 1, use_by=today + timedelta(days=9))
    second, _ = supply(offer.id, place, 1, use_by=today, rank=2)
    first, sink = supply(offer.id, place, 1, use_by=today, rank=1)
    away, _ = supply(offer.id, elsewhere, 1, use_by=today)
    supply(other.id, place, 1)
    with CaptureQueriesContext(connection) as seen:
        found = queries.supplies([offer.id], [place])
    assert len(seen) == 1
    assert [row.account for row in found] == [first, second, late, endless]
    assert found[0] == queries.SupplyRow(offer.id, place, first, sink, today)
    assert away in {row.account for row in queries.supplies([offer.id])}
    assert {row.offer for row in queries.supplies([offer.id, other.id], [place])} == {offer.id, other.id}
    assert queries.supplies([offer.id], []) == queries.supplies([]) == []
    assert services.close_supplies([first, second]) == 2
    assert [row.account for row in queries.supplies([offer.id], [place])] == [late, endless]


def test_setting_a_supply_again_changes_it():
    ((offer,), place) = put(a_draft()), ids.uuid7()
    account, sink = supply(offer.id, place, 1)
    moved = SupplyDraft(offer=offer.id, place=ids.uuid7(), account=account, sink=sink, use_by=clock.today())
    services.set_supplies([SupplyDraft(offer=offer.id, place=place, account=account, sink=sink), moved])
    assert queries.supplies([offer.id]) == [queries.SupplyRow(offer.id, moved.place, account, sink, moved.use_by)]


def test_bad_supplies():
    (offer,) = put(a_draft())
    with pytest.raises(Invalid) as refused:
        services.set_supplies([SupplyDraft(offer=ids.uuid7(), place=ids.uuid7(), account=1, sink=1)])
    assert [v.pointer for v in refused.value.violations] == ["/0/offer", "/0/sink"]
    with pytest.raises(IntegrityError), transaction.atomic():  # the ledger knows no such accounts
        services.set_supplies([SupplyDraft(offer=offer.id, place=ids.uuid7(), account=10**9, sink=10**9 + 1)])
        connection.check_constraints()
