"""The map component in a real browser: drawn from our own files alone, marks, clusters, cards, routes, choosing a point."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe

from tests.browser.conftest import Open

PICTURES = os.environ.get("LILONG_PICTURES", "")
PAGE = """{% extends "ui/base.html" %}{% load ui %}{% block title %}Map{% endblock %}{% block content %}<h1>Map</h1>
{% map id="town" features=features label="Cars" height="tall" %}{% endblock %}"""


def things(count: int = 0) -> dict[str, Any]:
    from lilong.kernel.geo.points import Point
    from lilong.kernel.geo.streets import city
    from lilong.ui import maps

    streets = city()
    a, b = Point(121.4666, 31.2262), Point(121.4790, 31.2350)
    features = [
        maps.place("car", a, label="Car 12", kind="car", note="82% · ¥32 an hour", state="free", colour="good", href="/x"),
        maps.place("robot", Point(121.4760, 31.2290), label="Robot 3", kind="robot", heading=120, colour="warn"),
        maps.place("price", b, label="Car 15", kind="car", text="¥28"),
        maps.line("way", streets.route(a, b).points, label="The way"),
        maps.area("zone", {"type": "Polygon", "coordinates": [[[121.470, 31.231], [121.474, 31.231], [121.474, 31.234], [121.470, 31.231]]]}, label="No parking", colour="bad"),
    ]  # fmt: skip
    more = [maps.place(n, streets.point(n), label=f"Bike {n}", kind="bike") for n in range(count)]
    return maps.collection(features + more)


@contextmanager
def shown(visit: Open, features: dict[str, Any], **how: Any) -> Iterator[Any]:
    """The component on an otherwise empty page, under the house's own content security policy."""
    from django.template import Context, Template
    from django.test import RequestFactory
    from django.utils import translation

    from lilong.site.security import ContentSecurityMiddleware

    with translation.override(how.get("language", "en")):
        request = RequestFactory().get("/map")
        policy = ContentSecurityMiddleware(lambda _: __import__("django.http").http.HttpResponse())(request)
        html = Template(PAGE).render(
            Context({"features": features, "csp_nonce": request.csp_nonce, "request": request})
        )
    with visit(**how) as page:
        headers = {
            "Content-Security-Policy": policy["Content-Security-Policy"],
            "Content-Type": "text/html; charset=utf-8",
        }
        page.route("**/map", lambda route: route.fulfill(body=html, headers=headers))
        page.goto("/map")
        yield page


def drawn(page: Any, selector: str = "[data-map]") -> None:
    page.wait_for_selector(f"{selector}[data-state=ready]", timeout=30_000)
    page.wait_for_function(
        "async () => { const { mapOf } = await import('/static/ui/map.js'); const m = mapOf(document.querySelector('[data-map]')).map; return m.loaded() && m.areTilesLoaded(); }"
    )


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("map-light", {}),
        ("map-dark", {"theme": "dark"}),
        ("map-phone-zh", {"width": 360, "height": 740, "language": "zh-hans"}),
    ],
)
def test_a_map_is_drawn_from_our_own_files_alone(visit: Open, name: str, how: dict[str, Any]) -> None:
    with shown(visit, things(), **how) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        drawn(page)
        assert page.locator(".mapmark").count() == 3
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        names = page.evaluate(
            "async () => { const { mapOf } = await import('/static/ui/map.js'); return mapOf(document.querySelector('[data-map]'))"
            ".map.queryRenderedFeatures({layers: ['street-name']}).map(f => f.properties.name) }"
        )
        assert names, "street names are drawn without a glyph server"
        off = page.evaluate(
            "async () => { const { mapOf } = await import('/static/ui/map.js'); const map = mapOf(document.querySelector('[data-map]'));"
            "const stage = map.stage.getBoundingClientRect();"
            "return [...map.marks.known].map(([id, mark]) => { const box = mark.drawing.getBoundingClientRect();"
            "const at = map.map.project(map.marks.all.get(id).geometry.coordinates);"
            "return Math.hypot(box.x + box.width / 2 - stage.x - at.x, box.y + box.height / 2 - stage.y - at.y) }) }"
        )
        assert max(off) < 2, "every mark stands where its place is"
        assert "OpenStreetMap contributors" in page.locator(".maplibregl-ctrl-attrib").inner_text()
        if PICTURES:
            page.screenshot(path=str(Path(PICTURES) / f"{name}.png"))
        faults = [(fault["id"], fault["nodes"][0]["html"]) for fault in Axe().run(page)["violations"]]
        assert faults == []
        assert [url for url in asked if "/static/" not in url and not url.endswith("/map")] == []


def test_a_mark_is_opened_by_keyboard_and_leads_on(visit: Open) -> None:
    with shown(visit, things()) as page:
        drawn(page)
        page.get_by_role("button", name="Car 12, free").focus()
        page.keyboard.press("Enter")
        card = page.locator(".mapcard")
        assert "82% · ¥32 an hour" in card.inner_text()
        assert card.get_by_role("link").get_attribute("href") == "/x"
        page.get_by_text("As a list").click()
        assert page.locator(".maplist li").all_inner_texts()[0] == "Car 12 · free · 82% · ¥32 an hour"


def test_many_are_gathered_and_one_moves(visit: Open) -> None:
    with shown(visit, things(300)) as page:
        drawn(page)
        assert page.locator(".mapmark").count() == 0
        page.wait_for_function(
            "async () => { const { mapOf } = await import('/static/ui/map.js'); const m = mapOf(document.querySelector('[data-map]')).map;"
            "return m.queryRenderedFeatures({layers: ['group']}).length > 3 }"
        )
        if PICTURES:
            page.screenshot(path=str(Path(PICTURES) / "map-many.png"))
    with shown(visit, things()) as page:
        drawn(page)
        before = page.locator(".mapmark").nth(1).bounding_box()
        moved = page.evaluate(
            "async () => { const { mapOf } = await import('/static/ui/map.js'); const map = mapOf(document.querySelector('[data-map]'));"
            "map.route([[121.47, 31.23], [121.48, 31.23]]); return [map.move('robot', [121.478, 31.231], 10), map.move('nobody', [0, 0])] }"
        )
        assert moved == [True, False]
        assert page.locator(".mapmark").nth(1).bounding_box() != before


def test_without_webgl_the_list_is_there(visit: Open) -> None:
    with visit() as fresh:
        fresh.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
        with shown(lambda **_: nullcontext(fresh), things()) as page:
            page.wait_for_selector("[data-map][data-state=without]")
            assert page.locator(".maplist li").count() == 5
            assert page.locator(".maplist li").first.is_visible()
            assert page.get_by_text("Everything on it is in the list").is_visible()


@pytest.mark.parametrize(
    "how", [{}, {"width": 360, "height": 740, "language": "ko", "theme": "dark"}], ids=["desk", "phone"]
)
def test_an_address_is_chosen_on_the_map(visit: Open, how: dict[str, Any]) -> None:
    with visit(signed_in=True, **how) as page:
        page.goto("/me/addresses/")
        drawn(page)
        stage = page.locator(".mappoint canvas")
        stage.scroll_into_view_if_needed()
        stage.click(position={"x": 120, "y": 90})
        latitude, longitude = (page.locator(f"[data-{name}] input").input_value() for name in ("latitude", "longitude"))
        assert abs(float(latitude) - 31.23) < 0.02
        assert abs(float(longitude) - 121.47) < 0.02
        pin, drawn_on = page.locator(".mappin").bounding_box(), stage.bounding_box()
        assert abs(pin["x"] + pin["width"] / 2 - drawn_on["x"] - 120) < 3
        assert abs(pin["y"] + pin["height"] - drawn_on["y"] - 90) < 3
        if PICTURES:
            page.screenshot(path=str(Path(PICTURES) / f"address-{how.get('language', 'en')}.png"), full_page=True)
        faults = [(fault["id"], fault["nodes"][0]["html"]) for fault in Axe().run(page)["violations"]]
        assert faults == []
