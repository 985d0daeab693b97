"""The plan's own words as typed data, read once from `data/*.json`. Pure: no Django."""

from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from lilong.kernel.base.words import Words

SOURCE = Words(
    en="Action plan for promoting the online new economy in Shanghai (2020-2022), issued 8 April 2020, "
    "and the city's figures of spring 2020",
    zh="《上海市促进在线新经济发展行动方案(2020-2022年)》（2020年4月8日发布）及2020年春季本市数据",
    ko="상하이시 온라인 신경제 발전 촉진 행동 방안(2020-2022, 2020년 4월 8일 발표)과 2020년 봄 시 통계",
)


class PlanField(msgspec.Struct, frozen=True, kw_only=True):
    """One of the twelve fields. `target` is the plan's own number for it, where it names one."""

    number: int
    measure: str
    code: str
    name: Words
    promise: Words
    target: int | None = None
    target_words: Words | None = None


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """One of the four goals: `target` things at least."""

    code: str
    name: Words
    words: Words
    target: int


class PlanMeasure(msgspec.Struct, frozen=True, kw_only=True):
    """One of the 23 measures: a field (F1-F12), an action (A1-A6) or a safeguard (S1-S5).

    `owners` are the departments in charge; empty where the plan's text at hand does not name them.
    """

    code: str
    name: Words
    owners: tuple[str, ...] = ()


class BaselineFact(msgspec.Struct, frozen=True, kw_only=True):
    """A published figure of spring 2020. `value` and `change` are decimal strings, so that nothing is rounded.

    `unit` is CNY (whole yuan), percent, or what is counted. `change` is against the same period of 2019, in per cent or
    in percentage points. `at_least` marks figures published as "more than".
    """

    id: str
    field: str
    name: Words
    value: str | None
    unit: str
    period: Words
    change: str | None = None
    change_unit: Literal["percent", "points"] = "percent"
    at_least: bool = False
    source: Words = SOURCE


def _read(name: str) -> bytes:
    return resources.files("lilong.plan.data").joinpath(name).read_bytes()


@cache
def fields() -> tuple[PlanField, ...]:
    return msgspec.json.decode(_read("fields.json"), type=tuple[PlanField, ...])


@cache
def goals() -> tuple[Goal, ...]:
    return msgspec.json.decode(_read("goals.json"), type=tuple[Goal, ...])


@cache
def actions() -> tuple[PlanMeasure, ...]:
    return msgspec.json.decode(_read("actions.json"), type=tuple[PlanMeasure, ...])


@cache
def safeguards() -> tuple[PlanMeasure, ...]:
    return msgspec.json.decode(_read("safeguards.json"), type=tuple[PlanMeasure, ...])


@cache
def measures() -> tuple[PlanMeasure, ...]:
    """All 23, in the plan's order."""
    return (*(PlanMeasure(code=f.measure, name=f.name) for f in fields()), *actions(), *safeguards())


@cache
def baseline() -> tuple[BaselineFact, ...]:
    return msgspec.json.decode(_read("baseline.json"), type=tuple[BaselineFact, ...])
