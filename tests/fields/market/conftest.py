"""Fixtures of the market's tests. Imports wait until Django is set up."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest


@pytest.fixture
def noon() -> Iterator[date]:
    """The city's clock stands still at noon on 8 April 2030."""
    from lilong.kernel.base import clock
    from tests.fields.market.scene import NOON, TODAY

    with clock.at(NOON):
        yield TODAY


@pytest.fixture
def market(db: None) -> Any:
    from tests.fields.market.scene import Market

    return Market()
