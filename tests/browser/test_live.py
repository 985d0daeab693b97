"""`live.js` in a real browser: right at once, after a message, after the server's death, after a tunnel, and on coming back."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from tests.kernel.live.trial_site import TABLE
from tests.kernel.live.web import Web


@pytest.fixture
def web(fresh_database: str) -> Iterator[Web]:
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
        cursor.execute("INSERT INTO live_trial VALUES ('page', NULL, 1)")
    made = Web()
    yield made
    made.end()


def test_a_page_stays_right_whatever_happens_to_the_line(chromium: Any, web: Web) -> None:
    context = chromium.new_context()
    page = context.new_page()

    def shows(value: int, state: str = "live") -> None:
        page.wait_for_function(
            "([value, state]) => document.querySelector('#value').textContent === value "
            "&& document.querySelector('#state').textContent === state && document.documentElement.dataset.live === state",
            arg=[str(value), state],
            timeout=30_000,
        )

    page.goto(f"{web.address}/trial/page")
    shows(1)
    page.wait_for_function("document.title === '404'")
    web.put("page", 2)
    shows(2)
    web.end()
    shows(2, "lost")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE live_trial SET value = 3")
    again = Web(port=web.port)
    try:
        shows(3)
        context.set_offline(True)
        shows(3, "lost")
        again.put("page", 4)
        context.set_offline(False)
        shows(4)
        page.goto(f"{web.address}/healthz")
        again.put("page", 5)
        page.go_back()
        shows(5)
        again.put("page", 6)
        shows(6)
    finally:
        again.end()
        context.close()
