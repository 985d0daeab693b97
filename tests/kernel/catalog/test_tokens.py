import pytest
from hypothesis import given
from hypothesis import strategies as st

from lilong.kernel.catalog import rules
from lilong.kernel.catalog.rules.tokens import POSITION_MAX, folded, stem


def texts(text: str) -> list[str]:
    return [token.text for token in rules.tokens(text)]


def test_han_and_hangul_are_cut_into_overlapping_pairs_and_single_characters():
    assert texts("新鲜牛奶") == ["新", "新鲜", "鲜", "鲜牛", "牛", "牛奶", "奶"]
    assert texts("유기농우유") == ["유", "유기", "기", "기농", "농", "농우", "우", "우유", "유"]
    assert [token.position for token in rules.tokens("牛奶")] == [1, 1, 2]


def test_pairs_never_cross_a_space_a_mark_or_a_script():
    assert {t for t in texts("사과 자두") if len(t) == 2} == {"사과", "자두"}
    assert {t for t in texts("蜗牛、奶粉") if len(t) == 2} == {"蜗牛", "奶粉"}
    assert {t for t in texts("牛우유奶") if len(t) == 2} == {"우유"}


def test_kana_runs_with_han():
    assert {t for t in texts("お茶のアイス") if len(t) == 2} == {"お茶", "茶の", "のア", "アイ", "イス"}


def test_mixed_text_keeps_its_order():
    assert [t for t in texts("A2牛奶 Café-latte") if len(t) > 1] == ["a2", "牛奶", "cafe", "latte"]
    positions = {t.text: t.position for t in rules.tokens("A2牛奶 Café")}
    assert positions == {"a2": 1, "牛": 2, "牛奶": 2, "奶": 3, "cafe": 4}


@pytest.mark.parametrize(
    ("given", "expected"),
    [("Ｃａｆé", "cafe"), ("STRASSE", "strasse"), ("Straße", "strasse"), ("Men’s", "men"), ("don't", "dont"),
     ("ﾎﾟﾃﾄ", "ポテト"), ("２Ｌ", "2l"), ("e\u0301", "e")],
)  # fmt: skip
def test_folding(given: str, expected: str):
    assert folded(given) == expected


@pytest.mark.parametrize(
    ("plural", "singular"),
    [("apples", "apple"), ("berries", "berry"), ("boxes", "box"), ("tomatoes", "tomato"), ("peaches", "peach"),
     ("dishes", "dish"), ("glasses", "glass"), ("glass", "glass"), ("bus", "bus"), ("cactus", "cactus"), ("gas", "gas"),
     ("basis", "basis"), ("pies", "pie"), ("rice", "rice")],
)  # fmt: skip
def test_plurals_only(plural: str, singular: str):
    assert stem(plural) == singular


def test_amounts_part_from_their_unit():
    assert texts("500g") == texts("500 g") == ["500", "g"]
    assert texts("1.5L") == ["1.5", "l"]
    assert texts("500g牛奶")[:2] == ["500", "g"]
    assert texts("iphone15 a2 mp3") == ["iphone15", "a2", "mp3"]


def test_a_gtin_is_one_number_with_or_without_leading_zeros():
    assert texts("06901234567892") == texts("6901234567892") == ["6901234567892"]
    assert texts("000") == ["0"]


def test_queries():
    assert rules.query("牛奶") == ("'牛奶'", "'牛奶'")
    assert rules.query("牛").strict == "'牛'"
    assert rules.query("纯牛奶").strict == "('纯牛' <-> '牛奶')"
    assert rules.query("有机牛奶") == ("('有机' <-> '机牛' <-> '牛奶')", "'有机' & '牛奶'")
    assert rules.query("유기농우유").relaxed == "'유기' & '농' & '우유'"
    assert rules.query("fresh app").strict == "'fresh' & 'app':*"
    assert rules.query("fresh app ").strict == "'fresh' & 'app'"
    assert rules.query("apples").strict == "('apples':* | 'apple')"
    assert rules.query("500g milk ").strict == "'500' <-> 'g' & 'milk'"
    assert rules.query("bag of rice ").strict == "'bag' & 'rice'"
    assert rules.query("the ").strict == "'the'"
    assert rules.query("") == rules.query(" !?…😀 ") == ("", "")
    assert rules.query("牛奶 milk").strict == "'牛奶' & 'milk':*"
    assert rules.query("우유ㅇ").strict == "'우유'"  # a syllable that is still being typed


def test_weights_and_a_gap_between_texts():
    assert rules.vector([("A", ["牛奶", "milk"]), ("C", ["milk"])]) == "'牛':1A '牛奶':1A '奶':2A 'milk':4A,6C"
    assert rules.vector([("A", ["", "!"])]) == ""


@given(st.text(max_size=300))
def test_any_text_is_cut_without_harm(text: str):
    for token in rules.tokens(text):
        assert token.text
        assert not set(token.text) & set("'\\ \x00&|!():<>*")
        assert 1 <= token.position <= POSITION_MAX
    rules.query(text)
