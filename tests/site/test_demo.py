"""The demo city: through the services, the same for the same seed, sound in every book."""

from datetime import UTC, datetime
from hashlib import sha256

import pytest
from django.db import connection

from lilong.kernel.base import clock
from lilong.kernel.ledger.queries import differences, trial_balance
from lilong.site import demo
from lilong.site.demo import city

END = datetime(2026, 5, 20, 11, 30, tzinfo=UTC)


def load(seed: int) -> str:
    with clock.at(END):
        return demo.load(seed, lambda share, what: None, scale=0.06, days=5, until=END)


def digest() -> str:
    """Orders with their states and totals, balances, and the head of the log."""
    found = sha256()
    with connection.cursor() as cursor:
        for statement in (
            "SELECT id, buyer, state, total, captured, placed_at FROM orders_order ORDER BY id",
            "SELECT owner, purpose, posted, held FROM ledger_account ORDER BY owner, purpose, posted, held",
            "SELECT type, count(*) FROM events_event GROUP BY type ORDER BY type",
        ):
            cursor.execute(statement)
            found.update(repr(cursor.fetchall()).encode())
    return found.hexdigest()


@pytest.fixture(scope="module")
def said(module_database: str) -> str:
    return load(7)


def test_the_books_of_the_city_are_sound(said: str):
    assert differences() == []
    assert [each.code for each in trial_balance() if each.debits != each.credits] == []


def test_the_city_is_there_and_says_whom_to_sign_in_as(said: str):
    from lilong.kernel.orders.models import Order

    assert Order.objects.count() > 10
    assert set(Order.objects.values_list("state", flat=True)) >= {1, 2}
    assert all(star.email in said for star in city.STARS)


def test_a_second_load_changes_nothing(said: str):
    before = digest()
    assert "already" in load(7)
    assert digest() == before


def test_the_plan_shows_numbers_at_once(said: str):
    from lilong.kernel.events import follow

    assert {lag.behind for lag in follow.lags()} == {0}


def test_the_same_seed_gives_the_same_city(said: str, request: pytest.FixtureRequest):
    first = digest()
    request.getfixturevalue("fresh_database")
    load(7)
    assert digest() == first
