from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lilong.kernel.base import clock, ids, money
from lilong.kernel.base.words import Words


def test_ids_of_one_process_rise():
    made = [ids.uuid7() for _ in range(10_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {i.version for i in made} == {7}


def test_seeded_ids_repeat():
    def city() -> list[UUID]:
        with ids.seeded(7), clock.at(datetime(2020, 4, 8, tzinfo=UTC)):
            return [ids.uuid7() for _ in range(5)]

    assert city() == city()
    assert len(set(city())) == 5


@given(st.integers(0, 10**9), st.integers(0, 10**6), st.integers(1, 10**5))
def test_price_is_the_nearest_minor_unit(quantity: int, price: int, per: int):
    exact2 = 2 * quantity * price
    assert abs(money.price_of(quantity, price, per) * 2 * per - exact2) <= per


def test_price_refuses_negative():
    with pytest.raises(ValueError, match="not negative"):
        money.price_of(-1, 100, 1)


@pytest.mark.django_db
def test_words_fall_back_to_what_there_is():
    assert Words(zh="苹果").within("ko") == "苹果"
    assert Words(en="apple", ko="사과").within("ko-kr") == "사과"
