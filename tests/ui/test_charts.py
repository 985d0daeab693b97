"""Charts say in words what they show, and refuse what they cannot draw."""

import re

import pytest
from django.utils import translation
from lxml import etree

from lilong.kernel.base.districts import SLUGS
from lilong.ui import charts
from lilong.ui.charts import Series, axes
from lilong.ui.charts.maps import outlines

MONTHS = ["Jan", "Feb", "Mar"]


def drawn(figure: str) -> etree._Element:
    """The figure as XML: well formed, whatever was put in."""
    return etree.fromstring(figure.replace(" data-tip", ' data-tip=""'))


def rows(figure: etree._Element) -> list[list[str]]:
    return [["".join(cell.itertext()) for cell in row] for row in figure.iter("tr")]


@pytest.mark.parametrize(
    ("low", "high", "whole", "expected"),
    [
        (0, 87, False, [0, 25, 50, 75, 100]),
        (0, 1, False, [0, 0.25, 0.5, 0.75, 1]),
        (-30, 120, False, [-50, 0, 50, 100, 150]),
        (0, 2, True, [0, 1, 2]),
        (5, 5, False, [4, 6, 8, 10]),
        (0, 0, False, [0, 0.25, 0.5, 0.75, 1]),
        (0, 0.0003, False, [0, 0.0001, 0.0002, 0.0003]),
    ],
)
def test_ticks_are_round_and_hold_all(low: float, high: float, whole: bool, expected: list[float]) -> None:
    assert axes.ticks(low, high, whole=whole) == expected


def test_ticks_refuse_what_has_no_end() -> None:
    with pytest.raises(ValueError, match="finite"):
        axes.ticks(0, float("inf"))


def test_a_line_chart_has_a_title_a_description_and_its_numbers() -> None:
    figure = drawn(
        charts.lines("Orders", MONTHS, [Series("Online", [1, None, 3]), Series("Shop", [4, 5, 6])], unit="count")
    )
    svg = figure.find("svg")
    assert [svg.findtext("title"), svg.findtext("desc")] == ["Orders", "Online: Jan 1, Mar 3; Shop: Jan 4, Mar 6"]
    assert svg.get("aria-labelledby") == f"{svg.find('title').get('id')} {svg.find('desc').get('id')}"
    assert rows(figure) == [["", "Online", "Shop"], ["Jan", "1", "4"], ["Feb", "–", "5"], ["Mar", "3", "6"]]
    assert len(svg.findall("path[@class='ln s1']")) == 2, "a gap breaks the line"
    assert len(svg.findall("circle")) == 5


def test_texts_are_escaped() -> None:
    figure = charts.bars("<b>", ["<i>"], [Series("<u>", [1])])
    assert "<b>" not in figure and "<i>" not in figure and "<u>" not in figure
    assert drawn(figure).findtext("figcaption") == "<b>"


def test_bars_stand_on_zero_and_stacks_on_each_other() -> None:
    grouped = drawn(charts.bars("x", ["a"], [Series("A", [10]), Series("B", [-5])]))
    tall = [
        float(rect.get("height"))
        for rect in grouped.iter("rect")
        if rect.get("class", "").startswith("mark") and rect.get("y")
    ]
    assert tall[0] == pytest.approx(2 * tall[1], abs=0.2)
    stacked = drawn(charts.bars("x", ["a"], [Series("A", [10]), Series("B", [10])], stacked=True))
    below, above = [rect for rect in stacked.iter("rect") if rect.get("y")]
    assert float(above.get("y")) < float(below.get("y"))
    with pytest.raises(ValueError, match="negative"):
        charts.bars("x", ["a"], [Series("A", [-1])], stacked=True)


def test_series_must_fit_their_labels() -> None:
    with pytest.raises(ValueError, match="one value a label"):
        charts.lines("x", MONTHS, [Series("A", [1])])
    with pytest.raises(ValueError, match="1 to 6"):
        charts.lines("x", MONTHS, [])


def test_a_donut_puts_the_smallest_together() -> None:
    figure = drawn(charts.donut("x", [(name, 10 - n) for n, name in enumerate("abcdefgh")]))
    assert [row[0] for row in rows(figure)[1:]] == ["a", "b", "c", "d", "e", "Others"]
    assert rows(figure)[-1][1] == "12"
    whole = drawn(charts.donut("x", [("all", 5)]))
    assert len(re.findall("A100", whole.find("svg").find("path").get("d"))) == 2


def test_empty_charts_say_so() -> None:
    for figure in (charts.donut("x", []), charts.sparkline("x", [None]), charts.lines("x", [], [Series("A", [])])):
        assert drawn(figure).find("svg").findtext("desc") == "No numbers yet"


def test_a_bullet_names_value_target_and_baseline() -> None:
    figure = drawn(charts.bullet("Share", 0.177, target=0.3, baseline=0.128, unit="share"))
    assert figure.find("svg").findtext("desc") == "Value 17.7%; Target 30.0%; Baseline 12.8%"


def test_a_heat_grid_has_five_levels_and_empty_cells() -> None:
    figure = drawn(charts.heat("x", ["r"], list("abcde"), [[0, 25, 50, 100, None]]))
    assert [rect.get("class") for rect in figure.iter("rect")] == ["heat h0", "heat h1", "heat h2", "heat h4", "none"]


def test_the_map_shows_every_district_in_the_readers_language() -> None:
    with translation.override("zh-hans"):
        figure = drawn(
            charts.district_map("x", {"pudong": 100, "xuhui": 0}, links={"pudong": "/plan/?district=pudong"})
        )
    assert len(rows(figure)) == 17
    assert dict(rows(figure)[1:])["浦东新区"] == "100"
    assert dict(rows(figure)[1:])["崇明区"] == "–"
    assert figure.find("svg/a").get("aria-label") == "浦东新区: 100"
    assert figure.find("svg").get("role") == "group", "an image would hide its links"
    with pytest.raises(ValueError, match="no such district: atlantis"):
        charts.district_map("x", {"atlantis": 1})


def test_outlines_are_there_for_all_and_lie_within_the_picture() -> None:
    found = outlines()
    assert set(found.districts) == set(SLUGS)
    assert all(0 <= each.x <= found.width and 0 <= each.y <= found.height for each in found.districts.values())
