"""Our feeds, served by a real server, under somebody else's validator: `gbfs-validator` of PyPI, which has the rules and the
schemas of MobilityData's. It accepts references to what there is not; `tests/fields/mobility/standard/test_gbfs.py` does not."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

validator = pytest.importorskip("gbfs_validator", reason="gbfs-validator is not installed")

if TYPE_CHECKING:
    from tests.fields.mobility.standard.test_gbfs import City


@pytest.fixture(scope="module")
def city(module_database: str) -> "City":
    from tests.fields.mobility.standard.test_gbfs import City  # only once Django is set up

    return City()


@pytest.fixture(scope="module")
def address(city: "City") -> Iterator[str]:
    from tests.kernel.orders.counter_server import serving

    with serving() as found:
        yield found


def report(url: str) -> dict[str, Any]:
    found: dict[str, Any] = validator.validate_feed(url, docked=True, freefloating=True)
    return found


def test_no_error_in_any_feed_of_any_system(city: "City", address: str):
    manifest = httpx.get(f"{address}/mobility/gbfs/3.0/manifest.json").json()
    urls = [each["versions"][0]["url"] for each in manifest["data"]["datasets"]]
    assert len(urls) == 2
    for url in urls:
        found = report(url)
        summary = found["summary"]
        assert (summary["version"]["detected"], summary["hasErrors"], summary["errorsCount"]) == ("3.0", False, 0), (
            found
        )
        assert len([file for file in found["files"] if file["exists"]]) == 12
