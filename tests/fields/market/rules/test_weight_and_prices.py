from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lilong.fields.market.rules import categories, prices, slots, weight
from lilong.kernel.base.problems import Conflict, Invalid

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_hold_more_and_capture_what_was_weighed():
    # 500 g ordered at 15.80 a jin, 10% more may come
    assert weight.held(500, 10, 1580, 500) == 1738
    assert weight.settle(500, 523, tolerance_percent=10, price=1580, per=500) == weight.Settled(
        grams=523, captured=1653, released=85
    )


def test_above_the_tolerance_is_refused_and_says_the_limit():
    with pytest.raises(Invalid) as error:
        weight.settle(500, 551, tolerance_percent=10, price=1580, per=500)
    assert [(v.pointer, v.rule, v.detail) for v in error.value.violations] == [("/grams", "above-tolerance", "550")]
    with pytest.raises(Invalid) as error:
        weight.settle(500, -1, tolerance_percent=10, price=1580, per=500)
    assert error.value.violations[0].rule == "minimum"


@given(st.integers(1, 10**6), st.integers(0, 50), st.integers(0, 10**6), st.integers(1, 1000), st.data())
def test_nothing_weighed_within_the_tolerance_costs_more_than_was_held(ordered, tolerance, price, per, data):
    weighed = data.draw(st.integers(0, weight.most(ordered, tolerance)))
    settled = weight.settle(ordered, weighed, tolerance_percent=tolerance, price=price, per=per)
    assert settled.released >= 0
    assert settled.captured + settled.released == weight.held(ordered, tolerance, price, per)


def test_markdown_takes_the_steepest_step():
    day = date(2020, 4, 8)
    assert [prices.marked_down(1000, day, day - timedelta(days=ago)) for ago in (0, 1, 2, 3)] == [500, 700, 850, 1000]
    assert prices.marked_down(1, day, day) == 1
    assert prices.marked_down(0, day, day) == 0


def test_prices_compare_by_the_kilogram():
    assert prices.per_kilogram(1580, prices.GRAMS_PER_JIN) == 3160
    assert [prices.change(10, now) for now in (10, 11, 9)] == ["same", "higher", "lower"]


def test_every_shelf_has_words_and_a_lawful_rate():
    for category in categories.CATEGORIES.values():
        assert category.vat_percent in categories.VAT_PERCENTS
        assert category.temperature in categories.TEMPERATURES
        assert category.name.en and category.name.zh and category.name.ko
    with pytest.raises(Invalid):
        categories.category("weapons")


def test_a_window_closes_lead_seconds_before_it_starts():
    start = datetime(2020, 4, 8, 9, tzinfo=SHANGHAI)
    rule = slots.CutOff(lead_seconds=1800)
    assert slots.closes_at(start, rule, SHANGHAI) == datetime(2020, 4, 8, 0, 30, tzinfo=UTC)
    assert slots.choosable(start, start - timedelta(seconds=1801), rule, SHANGHAI)
    assert not slots.choosable(start, start - timedelta(seconds=1800), rule, SHANGHAI)


def test_a_window_can_close_on_the_evening_before():
    start = datetime(2020, 4, 8, 9, tzinfo=SHANGHAI)
    rule = slots.CutOff(lead_seconds=1800, day_before="20:00")
    assert slots.closes_at(start, rule, SHANGHAI) == datetime(2020, 4, 7, 20, tzinfo=SHANGHAI)


def test_a_window_in_the_past_and_a_closed_one_are_told_apart():
    start = datetime(2020, 4, 8, 9, tzinfo=SHANGHAI)
    with pytest.raises(Conflict) as past:
        slots.require_choosable(start, start, slots.CutOff(), SHANGHAI)
    with pytest.raises(Conflict) as closed:
        slots.require_choosable(start, start - timedelta(minutes=10), slots.CutOff(), SHANGHAI)
    assert (past.value.code, closed.value.code) == ("slot-in-the-past", "slot-closed")
    assert closed.value.extra == {"closed_at": "2020-04-08T08:30:00+08:00"}


@pytest.mark.parametrize("text", ["24:00", "8", "8pm", ""])
def test_a_wall_clock_time_is_hours_and_minutes(text: str):
    with pytest.raises(Invalid):
        slots.read_time(text)
