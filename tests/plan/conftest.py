"""The trial field, registered for a test and taken out again."""

from collections.abc import Iterator

import pytest


@pytest.fixture
def trial_field() -> Iterator[None]:
    from lilong.plan import registry  # conftests are read before Django is set up
    from tests.plan import trial

    registry.register(trial.FIELD)
    yield
    registry.forget(trial.FIELD.code)
