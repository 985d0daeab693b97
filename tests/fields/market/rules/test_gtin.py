import biip.checksums
import pytest
from biip.gtin import Gtin
from hypothesis import given
from hypothesis import strategies as st

from lilong.fields.market.rules import gtin
from lilong.kernel.base.problems import Invalid

DIGITS = st.sampled_from("0123456789")


def rule_of(error: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(v.pointer, v.rule) for v in error.value.violations]


@given(st.sampled_from([7, 11, 12, 13]), st.data())
def test_check_digit_agrees_with_biip(length: int, data: st.DataObject):
    body = "".join(data.draw(st.lists(DIGITS, min_size=length, max_size=length)))
    assert gtin.check_digit(body) == biip.checksums.gs1_standard_check_digit(body)


@pytest.mark.parametrize(
    ("text", "gtin14"),
    [
        ("6901234567892", "06901234567892"),
        ("036000291452", "00036000291452"),
        ("96385074", "00000096385074"),
        ("16901234567899", "16901234567899"),
    ],
)
def test_all_lengths_become_fourteen_digits(text: str, gtin14: str):
    assert gtin.normalise(text) == gtin14
    assert Gtin.parse(text).as_gtin_14() == gtin14
    assert gtin.normalise(gtin.shown(gtin14)) == gtin14


@given(st.lists(DIGITS, min_size=12, max_size=12), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_always_caught(body: list[str], place: int, by: int):
    good = "".join(body) + str(gtin.check_digit("".join(body)))
    bad = good[:place] + str((int(good[place]) + by) % 10) + good[place + 1 :]
    with pytest.raises(Invalid) as error:
        gtin.normalise(bad)
    assert rule_of(error) == [("/gtin", "check-digit")]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("6901234567893", "check-digit"),
        ("690123456789", "check-digit"),
        ("690123456", "length"),
        ("", "digits"),
        ("69O1234567892", "digits"),
        ("６９０１２３４５６７８９２", "digits"),
        (" 6901234567892", "digits"),
        ("00000000000000", "zero"),
    ],
)
def test_bad_numbers_name_the_rule(text: str, rule: str):
    with pytest.raises(Invalid) as error:
        gtin.normalise(text, "/products/0/gtin")
    assert rule_of(error) == [("/products/0/gtin", rule)]


@pytest.mark.parametrize("body", ["210123405678", "040000000001", "020000000001", "290000000001"])
def test_numbers_of_one_shop_name_no_product_of_the_world(body: str):
    number = body + str(gtin.check_digit(body))
    assert gtin.is_restricted(gtin.normalise(number))
    with pytest.raises(Invalid) as error:
        gtin.require_trade_item(number)
    assert rule_of(error) == [("/gtin", "restricted")]


def test_short_numbers_of_one_shop_are_restricted_too():
    assert gtin.is_restricted(gtin.normalise("2000000" + str(gtin.check_digit("2000000"))))
    assert not gtin.is_restricted(gtin.normalise("96385074"))


def labelled(body: str) -> str:
    return body + str(gtin.check_digit(body))


def test_a_scale_label_gives_item_and_grams_or_price():
    assert gtin.read_weighed(labelled("211234501350")) == gtin.Weighed(item="12345", grams=1350)
    assert gtin.read_weighed(labelled("221234501999")) == gtin.Weighed(item="12345", price=1999)


def test_a_scale_label_with_verifier_is_checked():
    verifier = gtin.value_check_digit("01350")
    assert gtin.read_weighed(labelled(f"231234{verifier}01350")) == gtin.Weighed(item="1234", grams=1350)
    with pytest.raises(Invalid) as error:
        gtin.read_weighed(labelled(f"231234{(verifier + 1) % 10}01350"))
    assert rule_of(error) == [("/code", "verifier")]


@given(st.sampled_from([4, 5]), st.data())
def test_value_check_digit_agrees_with_biip(length: int, data: st.DataObject):
    value = "".join(data.draw(st.lists(DIGITS, min_size=length, max_size=length)))
    assert gtin.value_check_digit(value) == biip.checksums.gs1_price_weight_check_digit(value)


@pytest.mark.parametrize(
    ("code", "rule"), [("6901234567892", "unknown-scheme"), ("96385074", "length"), ("2112345013501", "check-digit")]
)
def test_other_codes_are_no_scale_labels(code: str, rule: str):
    with pytest.raises(Invalid) as error:
        gtin.read_weighed(code)
    assert rule_of(error) == [("/code", rule)]
