"""The README's pictures, taken from a running demo city: `python -m tests.browser.pictures http://localhost:8000 PASSWORD`
(the password that `bin/up` prints)."""

import sys
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import sync_playwright

from lilong.kernel.base import ids
from tests.browser.conftest import CHROMIUM, FLAGS

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
CARRIER = ids.named("demo", "carrier")
MILK = ids.named("demo", "product", "nongtang", "Fresh milk")


class Shot(NamedTuple):
    """One picture: its name, the page, how wide and high, in which language and theme, and who looks ('' is anybody)."""

    name: str
    path: str
    width: int = 1280
    height: int = 860
    language: str = "en"
    theme: str = "light"
    who: str = ""


SHOTS = (
    Shot("lane-day", "/"),
    Shot("lane-night", "/", theme="dark"),
    Shot("market", "/market/", who="resident"),
    Shot("product", f"/market/products/{MILK}/", who="resident"),
    Shot("mobility", "/mobility/", 1280, 1100, who="resident"),
    Shot("delivery", f"/delivery/carriers/{CARRIER}/", 1280, 1100, who="carrier"),
    Shot("plan", "/plan/"),
    Shot("indicator", "/plan/indicators/market.turnover"),
    Shot("phone", "/market/", 390, 844, "ko", who="resident"),
    Shot("orders", "/me/orders/", 390, 844, "zh-hans", who="resident"),
)


def main(base: str, password: str) -> None:
    """Takes all of them, as PNG."""
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for shot in SHOTS:
            _take(browser, base, shot, password)
        browser.close()


def _take(browser: Any, base: str, shot: Shot, password: str) -> None:
    context = browser.new_context(
        base_url=base,
        viewport={"width": shot.width, "height": shot.height},
        color_scheme=shot.theme,
        reduced_motion="reduce",
    )
    context.add_cookies([{"name": "lilong_language", "value": shot.language, "url": base}])
    page = context.new_page()
    if shot.who:
        page.goto("/accounts/login/")
        page.fill("input[name=login]", f"{shot.who}@demo.lilong")
        page.fill("input[name=password]", password)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "login" not in url)
    answer = page.goto(shot.path)
    assert answer.ok, f"{shot.path}: {answer.status}"
    for n in range(page.locator("[data-map]").count()):
        page.locator("[data-map][data-state=ready]").nth(n).wait_for(timeout=60_000)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{shot.name}.png")
    context.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
