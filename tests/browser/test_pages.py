"""Every page that belongs to the house itself: fits its screen in three languages, and stands up to axe by day and by night."""

from typing import Any

import pytest

from tests.browser.conftest import Open
from tests.browser.town import Town

OPEN_PAGES = (
    "/",
    "/search",
    "/search?q=melon",
    "/search?q=nothing-like-it",
    "/factory/",
    "/accounts/login/",
    "/no-such-door/",
)
MY_PAGES = ("/me/", "/me/orders/", "/me/orders/{order}", "/me/orders/{cancelled}", "/me/wallet")

# Elements with text of their own whose text is wider or higher than what is shown of it. What scrolls by design, and what
# only screen readers read, is left out.
CUT = """() => [...document.querySelectorAll('body *')].filter(element => {
  if (element.closest('svg, .sr, .skip, .scroll, [hidden], option') || !element.checkVisibility()) return false;
  if (![...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())) return false;
  const style = getComputedStyle(element);
  if (style.display === 'inline' || style.clipPath !== 'none' || element.classList.contains('clamp')) return false;
  return element.scrollWidth > element.clientWidth + 1
    || (style.overflowY === 'hidden' && element.scrollHeight > element.clientHeight + 1);
}).map(element => element.outerHTML.slice(0, 120))"""
WIDE = "() => document.documentElement.scrollWidth - innerWidth"
# Text that sticks out of the window although the page does not scroll.
OUTSIDE = """() => [...document.querySelectorAll('main *, header *, footer *')].filter(element => {
  if (element.closest('svg, thead, .sr, .skip, .scroll, .doors, .doorbar, .tabs, [hidden]') || !element.checkVisibility()) return false;
  if (![...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())) return false;
  const box = element.getBoundingClientRect();
  return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1);
}).map(element => element.outerHTML.slice(0, 120))"""


def _address(path: str, town: Town) -> str:
    return path.format(order=town.order, cancelled=town.cancelled)


@pytest.mark.parametrize("language", ["en", "zh-hans", "ko"])
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_fit_their_screen(visit: Open, town: Town, width: int, language: str) -> None:
    found: dict[str, Any] = {}
    for mine in (False, True):
        with visit(width, language, signed_in=mine) as page:
            for path in MY_PAGES if mine else OPEN_PAGES:
                page.goto(_address(path, town))
                findings = {"wide": page.evaluate(WIDE), "cut": page.evaluate(CUT), "outside": page.evaluate(OUTSIDE)}
                if findings != {"wide": 0, "cut": [], "outside": []}:
                    found[path] = findings
    assert found == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(visit: Open, town: Town, width: int, theme: str) -> None:
    from axe_core_python.sync_playwright import Axe

    found = {}
    for mine in (False, True):
        with visit(width, "zh-hans" if width == 360 else "en", theme, signed_in=mine) as page:
            for path in MY_PAGES if mine else OPEN_PAGES:
                page.goto(_address(path, town))
                violations = Axe().run(page)["violations"]
                if violations:
                    found[path] = [
                        (each["id"], [node["html"][:160] for node in each["nodes"][:3]]) for each in violations
                    ]
    assert found == {}


def test_the_theme_switch_is_kept(visit: Open) -> None:
    with visit(theme="light") as page:
        page.goto("/")
        page.get_by_role("button", name="Night view").click()
        page.goto("/search")
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        assert page.get_by_role("button", name="Night view").get_attribute("aria-pressed") == "true"


def test_the_language_switch_keeps_the_page(visit: Open) -> None:
    with visit() as page:
        page.goto("/search?q=melon")
        page.locator("summary[aria-label=Language]").click()
        page.get_by_role("button", name="한국어").click()
        assert page.url.endswith("/search?q=melon")
        assert page.evaluate("document.documentElement.lang") == "ko"


def test_an_order_is_cancelled_and_the_money_is_back(visit: Open, town: Town) -> None:
    with visit(signed_in=True) as page:
        page.goto("/me/wallet")
        before = page.locator(".purse .amount").inner_text()
        page.goto(f"/me/orders/{town.order}")
        page.get_by_role("button", name="Cancel the order").click()
        page.get_by_role("dialog").get_by_role("button", name="Cancel the order").click()
        assert page.locator(".toast").inner_text().startswith("The order is cancelled.")
        assert page.locator(".head .badge").inner_text() == "Cancelled"
        page.goto("/me/wallet")
        after = page.locator(".purse .amount").inner_text()
    assert (before, after) == ("¥4,906.40", "¥4,987.10")
