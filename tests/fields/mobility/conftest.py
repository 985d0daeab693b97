"""Fixtures of mobility's tests. Imports wait until Django is set up."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.fields.mobility.road import Road
    from tests.fields.mobility.scene import Town
    from tests.fields.mobility.taxis import Taxis


@pytest.fixture
def noon() -> Iterator[date]:
    """The city's clock stands still at noon on 8 April 2030."""
    from lilong.kernel.base import clock
    from tests.fields.mobility.scene import NOON, TODAY

    with clock.at(NOON):
        yield TODAY


@pytest.fixture
def town(db: None) -> "Town":
    from tests.fields.mobility.scene import Town

    return Town()


@pytest.fixture
def road(db: None) -> "Road":
    from tests.fields.mobility.road import Road

    return Road()


@pytest.fixture
def taxis(db: None) -> "Taxis":
    from tests.fields.mobility.taxis import Taxis

    return Taxis()
