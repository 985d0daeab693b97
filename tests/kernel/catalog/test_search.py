from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Invalid
from lilong.kernel.base.words import Words
from lilong.kernel.catalog import queries, rules, services
from lilong.kernel.parties.actor import SYSTEM
from tests.kernel.catalog.shelf import a_draft, put, supply, titles

pytestmark = pytest.mark.django_db

SHELF = [
    Words(en="Fresh whole milk 950ml", zh="新鲜牛奶", ko="신선한 우유"),
    Words(en="Dairy cow plush toy", zh="奶牛毛绒玩具", ko="젖소 인형"),
    Words(en="Organic milk", zh="有机纯牛奶", ko="유기농우유"),
    Words(en="Snail and powdered milk set", zh="蜗牛 奶粉", ko="달팽이 분유"),
    Words(en="Strawberries, 500 g", zh="草莓500克", ko="딸기 500g"),
    Words(en="Apples from Yantai", zh="烟台苹果", ko="옌타이 사과"),
    Words(en="Plums", zh="李子", ko="사과 자두"),
    Words(en="Honey crackers", zh="蜂蜜饼干", ko="꿀 과자"),
    Words(en="Crème fraîche", zh="法式酸奶油", ko="크렘 프레슈"),
    Words(en="Apple pie", zh="苹果派", ko="애플파이"),
]


@pytest.fixture
def shelf() -> None:
    put(*[a_draft(title) for title in SHELF])


def found(text: str, **more: object) -> set[str]:
    return set(titles(queries.search(text, size=100, **more).items))


def test_chinese_has_no_spaces_and_is_found(shelf: None):
    assert found("牛奶") == {"Fresh whole milk 950ml", "Organic milk"}
    assert found("奶牛") == {"Dairy cow plush toy"}
    assert found("奶粉") == {"Snail and powdered milk set"}
    assert found("鲜牛奶") == {"Fresh whole milk 950ml"}
    assert found("苹果") == {"Apples from Yantai", "Apple pie"}
    assert found("牛") == {w.en for w in SHELF[:4]}
    assert found("草莓") == {"Strawberries, 500 g"}


def test_chinese_words_written_together_are_found_apart(shelf: None):
    assert found("有机牛奶") == {"Organic milk"}  # the title says 有机纯牛奶
    assert found("牛奶有机") == {"Organic milk"}
    assert found("有机苹果") == set()


def test_korean_is_found_with_or_without_spaces(shelf: None):
    assert found("우유") == {"Fresh whole milk 950ml", "Organic milk"}
    assert found("유기농 우유") == {"Organic milk"}
    assert found("유기농우유") == {"Organic milk"}
    assert found("신선한우유") == {"Fresh whole milk 950ml"}
    assert found("과자") == {"Honey crackers"}  # and not 사과 자두
    assert found("사과") == {"Apples from Yantai", "Plums"}


def test_english_plurals_accents_and_beginnings(shelf: None):
    assert found("apple") == found("apples") == {"Apples from Yantai", "Apple pie"}
    assert found("strawberry") == found("strawberries") == found("strawb") == {"Strawberries, 500 g"}
    assert found("creme fraiche") == {"Crème fraîche"}
    assert found("milk organic") == {"Organic milk"}
    assert found("ilk") == set()
    assert found("500g") == found("500 g strawberry") == {"Strawberries, 500 g"}


def test_languages_mix_in_one_query(shelf: None):
    assert found("organic 牛奶") == {"Organic milk"}
    assert found("500克 草莓") == {"Strawberries, 500 g"}


def test_nothing_to_look_for_finds_nothing_and_no_text_finds_all(shelf: None):
    assert found("!!!") == set()
    assert len(found("")) == len(found("   ")) == len(SHELF)


def test_titles_come_before_tags_and_tags_before_summaries():
    summary, tag, title = put(
        a_draft("Bread", summary=Words(en="Good with honey")),
        a_draft("Tea", tags=("honey",)),
        a_draft("Honey", summary=Words(en="From acacia")),
    )
    assert [o.id for o in queries.search("honey").items] == [title.id, tag.id, summary.id]


def test_what_fits_exactly_comes_first():
    apart, exact = put(a_draft(Words(zh="有机豆浆 鲜牛奶")), a_draft(Words(zh="有机牛奶", en="x " * 60)))
    assert [o.id for o in queries.search("有机牛奶").items] == [exact.id, apart.id]


def test_brands_and_gtins_are_found():
    (made,) = put(a_draft("Milk", attributes={"brand": {"en": "Bright Dairy", "zh": "光明"}, "gtin": "06901234567892"}))
    for text in ("光明", "bright", "6901234567892", "06901234567892", "光明 milk"):
        assert [o.id for o in queries.search(text).items] == [made.id], text


def test_only_what_can_be_bought_now():
    now = clock.now()
    shown, *_ = put(
        a_draft("Milk now"),
        a_draft("Milk later", released_at=now + timedelta(hours=1)),
        a_draft("Milk before", closes_at=now - timedelta(seconds=1)),
        a_draft("Milk drafted", state="draft"),
        a_draft("Milk together", guard="market.groups"),
        (gone := a_draft("Milk gone")),
    )
    services.withdraw(SYSTEM, gone.id)
    assert [o.id for o in queries.search("milk").items] == [shown.id]
    with clock.at(now + timedelta(hours=2)):
        assert found("milk") == {"Milk now", "Milk later"}


def test_what_is_sold_through_a_service_alone_is_found_if_it_says_so():
    hidden, shown = put(
        a_draft("Milk together", guard="market.groups"),
        a_draft("Milk by the hour", guard="mobility.rental", findable=True),
    )
    assert [o.id for o in queries.search("milk").items] == [shown.id]
    assert hidden.id != shown.id


def test_filters_facets_and_prices():
    other = ids.uuid7()
    put(
        a_draft("Milk a", price=300, tags=("dairy", "cold")),
        a_draft("Milk b", price=900, tags=("dairy",)),
        a_draft("Milk course", price=5000, field="education", seller=other, stocked=False),
    )
    all_of_it = queries.search("milk")
    assert all_of_it.facets == queries.Facets(
        total=3, fields={"market": 2, "education": 1}, tags={"dairy": 2, "cold": 1}, price_from=300, price_to=5000
    )
    assert found("milk", field="education") == found("milk", seller=other) == {"Milk course"}
    assert found("milk", tags=["dairy", "cold"]) == {"Milk a"}
    assert found("milk", price_from=300, price_to=900) == {"Milk a", "Milk b"}
    assert found("milk", price_from=301, price_to=899) == set()
    empty = queries.search("milk", tags=["none"]).facets
    assert empty == queries.Facets(total=0, fields={}, tags={}, price_from=None, price_to=None)


@pytest.mark.parametrize("sort", ["", "relevance", "newest", "price", "-price"])
@pytest.mark.parametrize("text", ["", "tea"])
def test_pages_hold_everything_once_and_in_order(sort: str, text: str):
    put(*[a_draft("Tea " * (1 + n % 3), price=100 * (n % 4)) for n in range(25)])
    once = [o.id for o in queries.search(text, sort=sort, size=100).items]
    paged, cursor = [], ""
    while True:
        page = queries.search(text, sort=sort, size=4, cursor=cursor)
        assert (page.facets is None) == bool(cursor)
        paged += page.items
        cursor = page.next
        if not cursor:
            break
    assert [o.id for o in paged] == once
    assert len(set(once)) == 25
    if sort.endswith("price"):
        assert [o.price for o in paged] == sorted((o.price for o in paged), reverse=sort.startswith("-"))


def test_available_only_looks_at_the_ledger_and_the_place():
    here, there, today = ids.uuid7(), ids.uuid7(), clock.today()
    full, empty, stale, elsewhere, _service = put(
        a_draft("Milk full", place_bound=True),
        a_draft("Milk empty", place_bound=True),
        a_draft("Milk stale", place_bound=True),
        a_draft("Milk elsewhere", place_bound=True),
        a_draft("Milk delivery", stocked=False),
    )
    stock, _ = supply(full.id, here, 5, use_by=today)
    supply(empty.id, here, 0)
    supply(stale.id, here, 5, use_by=today - timedelta(days=1))
    supply(elsewhere.id, there, 5)
    assert found("milk", available_only=True) == {"Milk full", "Milk elsewhere", "Milk delivery"}
    assert found("milk", available_only=True, place=here) == {"Milk full", "Milk delivery"}
    assert found("milk", place=there) == {"Milk elsewhere", "Milk delivery"}
    services.close_supplies([stock])
    assert found("milk", available_only=True, place=here) == {"Milk delivery"}
    assert found("milk", place=here) == {"Milk empty", "Milk stale", "Milk delivery"}


@pytest.mark.parametrize(
    ("bad", "pointer", "rule"),
    [({"sort": "name"}, "/sort", "enum"), ({"cursor": "x!"}, "/cursor", "format"), ({"size": 0}, "/size", "range"),
     ({"size": 101}, "/size", "range"), ({"price_from": -1}, "/price_from", "range"), ({"field": "A"}, "/field", "pattern"),
     ({"text": "x" * 201}, "/text", "max-length"), ({"text": "a\x00"}, "/text", "max-length")],
)  # fmt: skip
def test_bad_questions(bad: dict, pointer: str, rule: str):
    with pytest.raises(Invalid) as refused:
        queries.search(**bad)
    assert [(v.pointer, v.rule) for v in refused.value.violations] == [(pointer, rule)]


def test_a_cursor_of_another_sort_is_refused(shelf: None):
    cursor = queries.search(sort="newest", size=2).next
    with pytest.raises(Invalid):
        queries.search(sort="price", size=2, cursor=cursor)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_postgres_reads_whatever_is_cut_and_finds_a_text_by_itself(text: str):
    asked = rules.query(text)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT numnode(%s::tsquery), %s::tsvector @@ %s::tsquery, %s::tsvector @@ %s::tsquery",
            [
                asked.strict,
                *[rules.vector([("A", [text])]), asked.strict, rules.vector([("A", [text])]), asked.relaxed],
            ],
        )
        nodes, strictly, loosely = cursor.fetchone()
    assert (nodes > 0, strictly, loosely) == ((True, True, True) if asked.strict else (False, False, False))
