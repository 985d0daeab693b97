"""Many at one offer: no version twice, no price lost, no draft made from an old version gets through."""

from collections import Counter
from typing import Any
from uuid import UUID

import pytest

from lilong.kernel.base import ids
from lilong.kernel.catalog import queries
from lilong.kernel.events import queries as events
from tests.races.crowd import let_in

pytestmark = pytest.mark.usefixtures("fresh_database")

CROWD = 40


def put(id: UUID, **arguments: Any) -> list[Any]:
    return let_in("tests.races.catalog_crowd", "put", crowd=CROWD, id=str(id), seller=str(ids.uuid7()), **arguments)


def test_the_same_offer_put_by_all_is_one_version():
    id = ids.uuid7()
    assert put(id, prices=1, version=None) == [1] * CROWD
    assert [price.price for price in queries.price_history(id)] == [100]
    assert [event.type for event in events.history(id).items] == ["catalog.offer.listed"]


def test_every_change_is_a_version_of_its_own_with_its_price():
    id = ids.uuid7()
    answers = put(id, prices=CROWD, version=None)
    assert sorted(answers) == list(range(1, CROWD + 1))
    history = queries.price_history(id)
    assert [price.version for price in history] == list(range(1, CROWD + 1))
    assert sorted(price.price for price in history) == [100 + n for n in range(CROWD)]
    assert queries.offer(id).price == history[-1].price
    assert Counter(event.type for event in events.history(id, size=100).items) == {
        "catalog.offer.listed": 1,
        "catalog.offer.repriced": CROWD - 1,
    }


def test_of_those_who_start_from_one_version_one_gets_through():
    id = ids.uuid7()
    answers = Counter(put(id, prices=CROWD, version=0))
    assert answers == {1: 1, "version-stale": CROWD - 1}
    assert len(queries.price_history(id)) == 1
