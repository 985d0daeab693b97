"""Fixtures of the market's tests. Imports wait until Django is set up."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

STYLESHEET = Path(__file__).parents[2] / "data" / "en16931" / "EN16931-UBL-validation.xslt"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"


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


@pytest.fixture(scope="session")
def fatal() -> Callable[[bytes], list[str]]:
    """Validates a UBL document by the Commission's stylesheet; answers the ids of failed fatal assertions."""
    from lxml import etree
    from saxonche import PySaxonProcessor

    processor = PySaxonProcessor(license=False)
    sheet = processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(STYLESHEET))

    def failed(document: bytes) -> list[str]:
        report = sheet.transform_to_string(xdm_node=processor.parse_xml(xml_text=document.decode()))
        found = etree.fromstring(report.encode()).iter(f"{SVRL}failed-assert")
        return sorted({each.get("id") for each in found if each.get("flag", "fatal") == "fatal"})

    return failed
