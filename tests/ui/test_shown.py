"""Numbers, amounts and moments as readers of each language write them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from lilong.kernel.base import clock
from lilong.ui import shown

NOON = datetime(2026, 3, 5, 4, 0, tzinfo=UTC)  # noon in Shanghai


@pytest.mark.parametrize(
    ("language", "value", "expected"),
    [
        ("en", 12_345, "12.3k"),
        ("en", 1_200_000, "1.2m"),
        ("en", 7_856_000_000, "7.86bn"),
        ("zh-hans", 12_345, "1.23万"),
        ("zh-hans", 785_600_000_000, "7,856亿"),
        ("zh-hans", 9_999, "9,999"),
        ("ko", 130_000, "13만"),
        ("ko", -130_000, "-13만"),
        ("en", 0, "0"),
        ("en", 0.5, "0.5"),
        ("en", None, "–"),
    ],
)
def test_compact(language: str, value: float | None, expected: str) -> None:
    with translation.override(language):
        assert shown.compact(value) == expected


def test_amounts_are_in_minor_units() -> None:
    with translation.override("zh-hans"):
        assert [shown.amount(123_456), shown.amount_compact(12_345_600), shown.amount_compact(-1_000_000)] == [
            "¥1,234.56",
            "¥12.3万",
            "-¥1万",
        ]
        assert shown.amount(None) == "–"


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (0.177, "share", "17.7%"),
        (0.044, "growth", "+4.4%"),
        (-0.204, "growth", "-20.4%"),
        (4300, "count", "4.3k"),
        (None, "money", "–"),
        (45, "duration", "45 s"),
        (252, "duration", "4.2 min"),
        (45_000, "duration", "12.5 h"),
        (0, "duration", "0 s"),
    ],
)
def test_measured(value: float | None, unit: str, expected: str) -> None:
    assert shown.measured(value, unit) == expected


def test_quantities() -> None:
    assert [
        shown.quantity(1),
        shown.quantity(3),
        shown.quantity(350, "g"),
        shown.quantity(1250, "g"),
        shown.quantity(20_000, "g"),
    ] == [
        "1 piece",
        "3 pieces",
        "350 g",
        "1.25 kg",
        "20 kg",
    ]
    with translation.override("zh-hans"):
        assert shown.quantity(3) == "3 件"


@pytest.mark.parametrize(
    ("language", "day", "moment"),
    [("en", "March 5", "March 5 12:00"), ("zh-hans", "3月5日", "3月5日 12:00"), ("ko", "3월 5일", "3월 5일 12:00")],
)
def test_days_are_the_citys(language: str, day: str, moment: str) -> None:
    with translation.override(language), clock.at(NOON):
        assert [shown.day(NOON), shown.moment(NOON)] == [day, moment]
        assert shown.day(NOON + timedelta(hours=12, seconds=1)) != day, "past midnight in Shanghai"


def test_another_year_is_named() -> None:
    with translation.override("zh-hans"), clock.at(NOON + timedelta(days=400)):
        assert shown.day(NOON) == "2026年3月5日"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (5, "just now"),
        (60, "1 minute ago"),
        (7_300, "2 hours ago"),
        (90_000, "1 day ago"),
        (-600, "in 10 minutes"),
        (8 * 86_400, "February 25"),
    ],
)
def test_ago(seconds: int, expected: str) -> None:
    with clock.at(NOON):
        assert shown.ago(NOON - timedelta(seconds=seconds)) == expected


def test_spans_name_the_day_once() -> None:
    with clock.at(NOON):
        assert shown.span(NOON, NOON + timedelta(hours=2)) == "March 5 12:00–14:00"
        assert shown.span(NOON, NOON + timedelta(days=1)) == "March 5 12:00 – March 6 12:00"
