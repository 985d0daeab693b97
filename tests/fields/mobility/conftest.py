"""What the tests of mobility share."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.fields.mobility.road import Road


@pytest.fixture
def road(db: None) -> "Road":
    from tests.fields.mobility.road import Road

    return Road()
