"""A real browser against a real server on a city of a few people. Skipped in one line where there is no Chromium."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.browser.town import Town

CHROMIUM = os.environ.get("LILONG_CHROMIUM") or next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
# the last two: WebGL without a graphics card, for the maps
FLAGS = [
    "--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb", "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if not CHROMIUM:
        pytest.skip("no Chromium here: browser tests are left out")
    # Playwright's own loop runs in this thread from now on; Django must not take its tests for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    from django.db import connections
    from playwright.sync_api import sync_playwright

    connections.close_all()  # those opened so far: inside the loop Django keeps others and would not find them
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def town(module_database: str) -> "Town":
    from tests.browser.town import a_town  # only once Django is set up

    return a_town()


@pytest.fixture(scope="module")
def address(town: "Town") -> Iterator[str]:
    from tests.kernel.orders.counter_server import serving

    with serving() as found:
        yield found


Open = Callable[..., Any]


@pytest.fixture(scope="module")
def visit(chromium: Any, address: str, town: "Town") -> Open:
    """`with visit(width=360, language="ko", theme="dark", signed_in=True) as page:` a page with no script errors."""

    @contextmanager
    def opened(
        width: int = 1280, language: str = "en", theme: str = "light", signed_in: bool = False, height: int = 800
    ) -> Iterator[Any]:
        context = chromium.new_context(
            base_url=address, viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion="reduce"
        )
        cookies = {"lilong_language": language} | ({"sessionid": town.session} if signed_in else {})
        context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        try:
            yield page
            assert [error for error in errors if "404" not in error] == []
        finally:
            context.close()

    return opened
