"""The API's documentation in a real browser: all of it from the house itself, under its own policy."""

from typing import Any

import pytest


@pytest.mark.parametrize("width", [360, 1280])
def test_the_documentation_lists_every_room_under_our_policy(visit: Any, width: int):
    with visit(width=width) as page:
        elsewhere: list[str] = []
        page.on("request", lambda asked: elsewhere.append(asked.url) if "127.0.0.1" not in asked.url else None)
        answer = page.goto("/api/docs")
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        page.wait_for_selector(".opblock-tag")
        tags = page.eval_on_selector_all(".opblock-tag", "found => found.map(each => each.dataset.tag)")
        assert {"catalog", "orders", "ledger", "calendar", "parties", "market", "plan"} <= set(tags)
        assert [url for url in elsewhere if not url.startswith("data:")] == []
