"""The lane: twelve real links in order, by eye, by keyboard and on a phone."""

import pytest

from lilong.site.registry import doors
from tests.browser.conftest import Open

BOXES = "() => [...document.querySelectorAll('.sign')].map(sign => sign.getBoundingClientRect().toJSON())"


def test_the_keyboard_walks_the_doors_in_order(visit: Open) -> None:
    with visit() as page:
        page.goto("/")
        page.locator("#find-all").focus()
        page.keyboard.press("Tab")  # the search button
        walked = []
        for _ in doors():
            page.keyboard.press("Tab")
            walked.append(page.evaluate("document.activeElement.getAttribute('href')"))
            ring = page.evaluate(
                "getComputedStyle(document.activeElement.querySelector('.sign')).outlineStyle + ' '"
                " + getComputedStyle(document.activeElement).getPropertyValue('--ring')"
            )
            assert ring.startswith("solid ") and not ring.endswith("none")
        assert walked == [f"/{door.code}/" for door in doors()]
        page.keyboard.press("Enter")
        page.wait_for_url("**/health/")


@pytest.mark.parametrize(
    ("language", "number", "name"), [("en", 7, "Fresh-food market"), ("zh-hans", 1, "无人工厂"), ("ko", 1, "무인 공장")]
)
def test_doors_are_named_in_the_readers_language(visit: Open, language: str, number: int, name: str) -> None:
    with visit(language=language) as page:
        page.goto("/")
        said = page.locator(f".door.n{number}").inner_text().split("\n")
    assert said[0] == str(number)
    assert name in said


def test_open_doors_are_lit_and_the_others_say_that_they_are_not_open_yet(visit: Open) -> None:
    with visit() as page:
        page.goto("/")
        lit = page.eval_on_selector_all(".door.lit", "doors => doors.map(door => door.getAttribute('href'))")
        dark = page.locator(".door.dark").all_inner_texts()
    assert lit == [f"/{door.code}/" for door in doors() if door.open]
    assert len(dark) == 12 - len(lit)
    assert all(text.endswith("not yet open") for text in dark)


@pytest.mark.parametrize("width", [1250, 1280, 1920])
@pytest.mark.parametrize("language", ["en", "zh-hans", "ko"])
def test_signs_hide_neither_each_other_nor_the_title(visit: Open, width: int, language: str) -> None:
    with visit(width, language) as page:
        page.goto("/")
        boxes = page.evaluate(BOXES) + page.evaluate(
            "() => [...document.querySelectorAll('.title h1, .title form')].map(e => e.getBoundingClientRect().toJSON())"
        )
        lane = page.locator(".lane").bounding_box()
    assert [(n, k) for n, a in enumerate(boxes) for k, b in enumerate(boxes) if n < k and _meet(a, b)] == []
    assert all(box["left"] >= lane["x"] and box["right"] <= lane["x"] + lane["width"] for box in boxes)


def _meet(a: dict[str, float], b: dict[str, float]) -> bool:
    return a["left"] < b["right"] and b["left"] < a["right"] and a["top"] < b["bottom"] and b["top"] < a["bottom"]


def test_on_a_phone_the_doors_are_a_row_that_begins_at_a_lit_one(visit: Open) -> None:
    with visit(360) as page:
        page.goto("/")
        page.wait_for_function("document.querySelector('.doors').scrollLeft > 0")
        box = page.locator(".door.lit").first.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 360
        page.locator(".door.n12").focus()
        page.wait_for_function("document.querySelector('.door.n12').getBoundingClientRect().right <= innerWidth + 1")


def test_the_page_is_small(visit: Open) -> None:
    with visit() as page:
        answer = page.goto("/")
        assert len(answer.body()) < 60_000
