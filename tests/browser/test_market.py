"""Buying on a phone, from signing in to the order's page, once in each language; the pages by a screen reader's rules."""

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe

from tests.browser.conftest import Open

PASSWORD = "plum-river-482"
PICTURES = os.environ.get("LILONG_PICTURES", "")  # a folder: then what is seen is kept there
GOODS = (
    ("Pak choi", "上海青", "청경채", "🥬", "vegetables", "g", 500, 1580),
    ("Tomatoes", "番茄", "토마토", "🍅", "vegetables", "g", 500, 990),
    ("Strawberries from Qingpu, hand-picked", "青浦草莓", "칭푸 딸기", "🍓", "fruit", "piece", 1, 2990),
    ("Eggs, ten", "鲜鸡蛋 10 枚", "달걀 10개", "🥚", "eggs", "piece", 1, 1290),
    ("Salmon", "三文鱼", "연어", "🐟", "seafood", "g", 100, 2380),
    ("Fresh milk", "鲜牛奶", "우유", "🥛", "milk", "piece", 1, 890),
)


@pytest.fixture(scope="module")
def town(module_database: str) -> Any:
    """A warehouse with six kinds of goods, delivering at all hours of the day; three buyers with money."""
    from lilong.fields.market.services import places, products
    from lilong.kernel.base import ids
    from lilong.kernel.base.words import Words
    from lilong.kernel.calendar.drafts import Opening
    from lilong.kernel.ledger import services as ledger
    from lilong.kernel.parties import services as parties
    from lilong.kernel.parties.actor import SYSTEM
    from tests.fields.market.scene import Market, changed

    market = Market()
    for n, (en, zh, ko, emoji, category, unit, per, price) in enumerate(GOODS):
        draft = market.draft(f"G{n}", en, price=price, per=per, unit=unit, category=category, emoji=emoji)
        draft = changed(draft, name=Words(en=en, zh=zh, ko=ko))
        product = products.register_product(market.owner, draft).id
        market.receive(product, 50_000 if unit == "g" else 100, f"L{n}", days=3 + n)
    hours = Opening(weekdays=(1, 2, 3, 4, 5, 6, 7), start="00:00", end="24:00", slot_seconds=7200)
    places.open_slots(market.owner, place=market.warehouse, openings=[hours], capacity=8)
    for language in ("en", "zh-hans", "ko"):
        id = ids.uuid7()
        parties.create_person(
            SYSTEM, id=id, name="Wang Min", email=f"{language}@example.org", password=PASSWORD, district="jingan"
        )
        ledger.top_up(SYSTEM, id=ids.uuid7(), owner=id, amount=100_000)
    return SimpleNamespace(session="", market=market)


def looked_at(page: Any, name: str) -> None:
    """No fault by axe, nothing wider than the screen; a picture where one is wanted."""
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)
    faults = [(fault["id"], fault["nodes"][0]["html"]) for fault in Axe().run(page)["violations"]]
    assert (name, faults) == (name, [])
    assert (name, page.evaluate("document.documentElement.scrollWidth - window.innerWidth")) == (name, 0)


@pytest.mark.parametrize(
    ("language", "word", "theme"), [("en", "milk", "light"), ("zh-hans", "牛奶", "dark"), ("ko", "우유", "light")]
)
def test_buying_on_a_phone(visit: Open, language: str, word: str, theme: str) -> None:
    with visit(width=360, language=language, theme=theme) as page:
        seen: Callable[[str], None] = lambda name: looked_at(page, f"{name}-{language}-360")  # noqa: E731
        page.goto("/accounts/login/?next=/market/")
        page.fill("[name=login]", f"{language}@example.org")
        page.fill("[name=password]", PASSWORD)
        page.click("main form button[type=submit], main form button")
        page.wait_for_url("**/market/")
        seen("home")
        page.locator(".ware .buy button").nth(1).click()
        page.wait_for_selector(".ware .buy output")
        page.fill("#q", word)
        page.press("#q", "Enter")
        page.wait_for_url("**q=**")
        assert page.locator(".ware").count() == 1
        page.click(".ware h3 a")
        page.wait_for_selector("#quantity")
        seen("product")
        page.click("[data-step]:not([data-step^='-'])")
        assert page.input_value("#quantity") == "2"
        page.click(".amount .button")
        page.wait_for_selector(".toast")
        page.click("#basket-count")
        page.wait_for_url("**/basket/")
        assert page.locator(".lines > li").count() == 2
        seen("basket")
        page.click(".tosum .button")
        page.wait_for_url("**/checkout/")
        seen("checkout")
        page.locator(".slots input").nth(1).check(force=True)
        page.click(".tosum .button")
        page.wait_for_url("**/market/orders/*/")
        assert page.locator(".lines > li").count() == 2
        seen("order")
        page.goto("/market/orders/")
        seen("orders")


def test_the_shop_at_a_desk(visit: Open, town: Any) -> None:
    with visit(width=1280, language="zh-hans") as page:
        page.goto("/market/")
        page.select_option("#district", "jingan")
        page.wait_for_selector(".placebar .from, #place")
        looked_at(page, "home-desk")
        page.goto(f"/market/products/{town.market.eggs}/")
        looked_at(page, "product-desk")
        page.goto(f"/market/products/{town.market.eggs}/reviews/")
        looked_at(page, "reviews-desk")
        page.goto("/market/?category=flowers")
        looked_at(page, "empty-desk")
