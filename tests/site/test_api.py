"""The API does what its own document says, whatever is sent, whoever sends it (schemathesis on every operation)."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from ninja import Schema
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

EXAMPLES = 3
# Which requests are well formed is in the document; which of them the city's state allows is not.
NOT_PROMISED = {"positive_data_acceptance"}

load_all_checks()


def _document() -> Any:
    from lilong.site.api import api

    return api.get_openapi_schema()


OPERATIONS = [
    (method, path)
    for path, methods in _document()["paths"].items()
    for method in methods
    if method in {"get", "post", "put", "patch", "delete"}
]


def test_no_two_shapes_of_the_document_share_a_name():
    def below(shape: type) -> Iterator[type]:
        for found in shape.__subclasses__():
            yield found
            yield from below(found)

    used = set(_document()["components"]["schemas"])
    shapes: dict[str, set[str]] = {}
    for shape in below(Schema):
        if shape.__module__.startswith("lilong") and shape.__name__ in used:
            told = shape.model_json_schema()
            shapes.setdefault(shape.__name__, set()).add(repr((told["properties"], told.get("required"))))
    assert [name for name, found in shapes.items() if len(found) > 1] == []


@pytest.fixture(scope="module")
def callers(module_database: str) -> dict[str, dict[str, str]]:
    """Headers of a stranger, a resident with money, and a firm's owner; and a city around them."""
    from lilong.kernel.base import clock, ids
    from lilong.kernel.parties import services as parties
    from tests.fields.market.scene import Market

    market = Market()
    found: dict[str, dict[str, str]] = {"stranger": {}}
    for name, actor in (("resident", market.buyer()), ("owner", market.owner)):
        expires = clock.now() + timedelta(days=1)
        _key, secret = parties.issue_key(
            actor, id=ids.uuid7(), party=actor.party, name="test", scopes=["*"], expires_at=expires
        )
        found[name] = {"Authorization": f"Bearer {secret}"}
    return found


@pytest.fixture(scope="module")
def api(callers: dict[str, Any]) -> Iterator[Any]:
    from django.core.wsgi import get_wsgi_application

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LILONG_API_LIMIT", "0")
        house, calls = get_wsgi_application(), count()

        def from_everywhere(environ: dict[str, Any], start_response: Any) -> Any:
            """Each call from another address: bad credentials are counted by address."""
            number = next(calls)
            return house(
                environ | {"REMOTE_ADDR": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"}, start_response
            )

        yield schemathesis.openapi.from_wsgi("/api/openapi.json", from_everywhere)


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[f"{method} {path}" for method, path in OPERATIONS])
def test_every_operation_keeps_to_the_document(api: Any, callers: dict[str, Any], method: str, path: str) -> None:
    operation = api[path][method.upper()]
    cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))
    not_checked = [CHECKS.get_one(name) for name in NOT_PROMISED]

    @seed(2020)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, who=st.sampled_from(sorted(callers)))
    def keeps(case: Any, who: str) -> None:
        case.call_and_validate(headers=callers[who], excluded_checks=not_checked)

    keeps()
