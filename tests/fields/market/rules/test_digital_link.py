from datetime import date

import pytest
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from hypothesis import given
from hypothesis import strategies as st

from lilong.fields.market.rules import digital_link

TODAY = date(2020, 4, 8)
SET_82 = st.sampled_from("!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")


def test_a_link_with_lot_and_expiry():
    link = digital_link.parse("/01/06901234567892/10/AB-1%2F2", {"17": "200430", "linkType": "gs1:pip"}, TODAY)
    assert (link.gtin, link.lot, link.dates) == ("06901234567892", "AB-1/2", {"17": date(2020, 4, 30)})
    assert link.path == "/01/06901234567892/10/AB-1%2F2"


def test_shorter_numbers_lead_to_the_same_item():
    assert digital_link.parse("/01/6901234567892", {}, TODAY).gtin == "06901234567892"


@given(st.lists(SET_82, min_size=1, max_size=20))
def test_what_we_write_others_and_we_read(lot: list[str]):
    uri = digital_link.uri("https://id.example.org", "06901234567892", "".join(lot), date(2020, 4, 30))
    path, _, query = uri.removeprefix("https://id.example.org").partition("?")
    assert digital_link.parse(path, dict([query.split("=")]), TODAY).lot == "".join(lot)
    theirs = {e.ai.ai: e.value for e in GS1DigitalLinkURI.parse(uri).element_strings}
    assert theirs == {"01": "06901234567892", "10": "".join(lot), "17": "200430"}


@pytest.mark.parametrize(
    ("path", "query", "pointer", "rule"),
    [
        ("/01/06901234567893", {}, "/01", "check-digit"),
        ("/01/0690123456789", {}, "/01", "check-digit"),
        ("/01/abc", {}, "/01", "digits"),
        ("/02/06901234567892", {}, "/", "primary-key"),
        ("/", {}, "/", "primary-key"),
        ("/01/06901234567892/10", {}, "/", "pairs"),
        ("/01/06901234567892/99/x", {}, "/99", "qualifier"),
        ("/01/06901234567892/21/1/10/x", {}, "/10", "order"),
        ("/01/06901234567892/10/x/10/y", {}, "/10", "order"),
        ("/01/06901234567892/10/" + "x" * 21, {}, "/10", "length"),
        ("/01/06901234567892/10/%E8%8D%89", {}, "/10", "characters"),
        ("/01/06901234567892", {"17": "2004"}, "/17", "date"),
        ("/01/06901234567892", {"17": "200431"}, "/17", "date"),
        ("/01/06901234567892", {"17": "201300"}, "/17", "date"),
    ],
)
def test_a_bad_link_names_element_and_rule(path: str, query: dict[str, str], pointer: str, rule: str):
    with pytest.raises(digital_link.BadLink) as error:
        digital_link.parse(path, query, TODAY)
    assert [(v.pointer, v.rule) for v in error.value.violations] == [(pointer, rule)]
    assert error.value.status == 400


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("200200", date(2020, 2, 29)),
        ("210200", date(2021, 2, 28)),
        ("700101", date(2070, 1, 1)),
        ("710101", date(1971, 1, 1)),
        ("991231", date(1999, 12, 31)),
    ],
)
def test_dates_of_six_digits(text: str, day: date):
    assert digital_link.read_date(text, TODAY) == day


def test_late_in_a_century_low_years_belong_to_the_next():
    assert digital_link.read_date("480101", date(2098, 1, 1)) == date(2148, 1, 1)
    assert digital_link.read_date("490101", date(2098, 1, 1)) == date(2049, 1, 1)


@given(st.dates(date(1972, 1, 1), date(2069, 12, 31)))
def test_dates_go_there_and_back(day: date):
    assert digital_link.read_date(digital_link.write_date(day), TODAY) == day
