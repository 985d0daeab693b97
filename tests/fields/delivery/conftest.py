"""Fixtures of delivery's tests. Imports wait until Django is set up."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest


@pytest.fixture
def noon() -> Iterator[datetime]:
    """The city's clock stands still at noon on 8 April 2030."""
    from lilong.kernel.base import clock
    from tests.fields.delivery.scene import NOON

    with clock.at(NOON):
        yield NOON


@pytest.fixture
def lane(db: None, noon: datetime) -> Any:
    from tests.fields.delivery.scene import Lane

    return Lane()
