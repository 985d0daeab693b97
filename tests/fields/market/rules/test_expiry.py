from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lilong.fields.market.rules import expiry
from lilong.kernel.base.problems import Invalid

DAY = date(2020, 4, 8)
DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))


def test_the_best_before_day_itself_counts():
    assert expiry.sellable(DAY, DAY)
    assert not expiry.sellable(DAY, DAY + timedelta(days=1))
    assert expiry.days_left(DAY, DAY) == 1


def test_a_margin_ends_the_sale_earlier():
    assert expiry.sellable(DAY, DAY - timedelta(days=2), margin_days=2)
    assert not expiry.sellable(DAY, DAY - timedelta(days=1), margin_days=2)


def test_goods_without_a_date_do_not_expire():
    assert expiry.sellable(None, DAY, margin_days=30)


@given(DAYS, DAYS, st.integers(0, 60))
def test_sellable_is_exactly_up_to_the_last_day(best_before: date, on: date, margin: int):
    assert expiry.sellable(best_before, on, margin) == (on <= expiry.last_day(best_before, margin))
    assert expiry.sellable(best_before, on) == (expiry.days_left(best_before, on) >= 1)


@given(DAYS, st.integers(1, 3650))
def test_shelf_life_counts_the_day_of_making(produced: date, life: int):
    assert expiry.days_left(expiry.best_before_of(produced, life), produced) == life


@pytest.mark.parametrize(
    ("best_before", "produced", "margin", "expected"),
    [
        (DAY - timedelta(days=1), None, 0, [("/best_before", "expired")]),
        (DAY + timedelta(days=1), None, 2, [("/best_before", "too-little-left")]),
        (DAY + timedelta(days=9), DAY + timedelta(days=1), 0, [("/produced_on", "produced-in-future")]),
        (DAY, DAY + timedelta(days=1), 0, [("/produced_on", "produced-after-expiry")]),
    ],
)
def test_a_lot_that_cannot_be_sold_is_not_received(best_before, produced, margin, expected):
    with pytest.raises(Invalid) as error:
        expiry.require_receivable(best_before, produced, DAY, margin)
    assert [(v.pointer, v.rule) for v in error.value.violations] == expected


def test_a_lot_good_today_is_received():
    expiry.require_receivable(DAY, DAY, DAY, 0)
