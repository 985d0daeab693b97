"""What can be computed, how it is read, what is published."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest

from lilong.kernel.base.manifest import Field, Measure
from lilong.plan import registry
from lilong.plan.indicators import CITY
from lilong.plan.rules.check import check
from lilong.plan.rules.contributions import month_of, slice_of, slices, values_of
from lilong.plan.rules.figures import (
    Part,
    Parts,
    exact,
    periods_until,
    shifted,
    start_of,
    suppressed,
    value_of,
)
from lilong.plan.rules.fold import is_closed
from tests.plan import trial
from tests.plan.trial import SOLD, indicator

COUNT = Measure(events=("trial.sold",))
BUYERS = Measure(events=("trial.sold",), distinct="buyer")


@dataclass
class Wrong:
    changes: dict[str, Any]
    says: str


@pytest.mark.parametrize(
    "wrong",
    [
        Wrong({"id": "Turnover"}, "lower case"),
        Wrong({"unit": "share"}, "needs a denominator"),
        Wrong({"unit": "duration"}, "needs a denominator"),
        Wrong({"unit": "growth", "denominator": COUNT}, "no denominator"),
        Wrong({"unit": "growth", "baseline": 0}, "above nothing"),
        Wrong({"disaggregation": ("a", "b", "c", "d", "month")}, "at most 3"),
        Wrong({"disaggregation": ("lines.*.offer",)}, "no path to one value"),
        Wrong({"numerator": Measure(events=())}, "at least one type"),
        Wrong({"numerator": Measure(events=("a.b",), path="Total!")}, "no path"),
        Wrong({"numerator": Measure(events=("a.b",), path="x", distinct="y")}, "either"),
        Wrong({"numerator": Measure(events=("a.b",), distinct="y", minus=(COUNT,))}, "distinct values only"),
    ],
)
def test_a_definition_that_cannot_be_computed_is_refused_by_name(wrong: Wrong) -> None:
    given: dict[str, Any] = {"id": "trial.x", "unit": "count", "numerator": COUNT} | wrong.changes
    with pytest.raises(ValueError, match=wrong.says):
        check(indicator(given.pop("id"), given.pop("unit"), given.pop("numerator"), **given))


def test_the_citys_own_and_the_trial_definitions_can_be_computed() -> None:
    for each in (*CITY, *trial.INDICATORS):
        check(each)


def test_an_id_belongs_to_one_field_and_a_figure_is_declared() -> None:
    def field(code: str, id: str, figure: str = "") -> Field:
        own = (indicator(id, "count", COUNT),)
        return Field(
            code=code, number=1, name=trial.words("X"), promise=trial.words("X"), indicators=own, figure=figure
        )

    with pytest.raises(ValueError, match="declared twice"):
        registry.register(field("trial", "city.orders"))
    with pytest.raises(ValueError, match="does not declare"):
        registry.register(field("trial", "trial.orders", "trial.other"))
    assert "trial" not in registry.fields()


def test_an_event_counts_in_every_combination_of_its_dimensions() -> None:
    assert slices(("district", "channel"), ("pudong", "a&b=c")) == (
        "",
        "district=pudong",
        "channel=a%26b%3Dc",
        "district=pudong&channel=a%26b%3Dc",
    )
    assert values_of("district=pudong&channel=a%26b%3Dc") == {"district": "pudong", "channel": "a&b=c"}
    assert values_of("district=") == {"district": ""}
    assert slice_of(("district", "channel"), {"channel": "x", "district": "y"}) == "district=y&channel=x"


def test_months_are_the_citys() -> None:
    assert month_of(datetime(2020, 3, 31, 15, 59, tzinfo=UTC)) == date(2020, 3, 1)
    assert month_of(datetime(2020, 3, 31, 16, 0, tzinfo=UTC)) == date(2020, 4, 1)


def test_a_month_is_closed_a_day_after_its_end_in_the_city() -> None:
    december = date(2020, 12, 1)
    assert not is_closed(december, datetime(2021, 1, 1, 15, 59, 59, tzinfo=UTC))
    assert is_closed(december, datetime(2021, 1, 1, 16, 0, tzinfo=UTC))


def test_periods_step_over_years() -> None:
    assert shifted(date(2020, 11, 1), 3) == date(2021, 2, 1)
    assert shifted(date(2020, 1, 1), -1) == date(2019, 12, 1)
    assert start_of(date(2020, 12, 1), "quarter") == date(2020, 10, 1)
    assert periods_until(date(2020, 2, 1), "quarter", 3) == [date(2019, 7, 1), date(2019, 10, 1), date(2020, 1, 1)]


def test_values_are_exact() -> None:
    share = indicator("trial.share", "share", COUNT, denominator=COUNT)
    assert value_of(share, 1, 3) == Fraction(1, 3)
    assert value_of(share, 1, 0) is None
    assert exact(0.177) == Fraction(177, 1000)
    based = indicator("trial.growth", "growth", SOLD, baseline=880_000_000_000)
    assert value_of(based, 2_349_600_000_000, 0) == Fraction(167, 100)
    yearly = indicator("trial.yearly", "growth", SOLD)
    assert value_of(yearly, 150, 0, 100) == Fraction(1, 2)
    assert value_of(yearly, 150, 0, None) is None


def test_small_cells_are_not_published_nor_given_away_by_the_total() -> None:
    big, bigger = Parts(Part(10, 10, 5)), Parts(Part(90, 90, 5))
    small = Parts(Part(3, 3, 2), small=True)
    assert suppressed({"a": big, "b": bigger}) == set()
    assert suppressed({"a": big, "b": bigger, "c": small}) == {"c", "a"}
    assert suppressed({"a": big, "b": small, "c": small}) == {"b", "c"}
    assert suppressed({"c": small}) == {"c"}
