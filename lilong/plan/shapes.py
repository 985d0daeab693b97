"""What the plan's API answers with, for OpenAPI."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field


class Shape(Schema):
    model_config = ConfigDict(from_attributes=True)


class PlanName(Shape):
    en: str
    zh: str
    ko: str


class FigureOut(Shape):
    value: float | None = Field(description="In the indicator's unit; None while there is none")
    shown: str = Field(description="The value in the reader's language")
    start: date | None = Field(description="First day of the period")
    over: bool = Field(description="Whether the period has ended")
    change: float | None = Field(description="Against the period before, as a ratio; only once the period is over")
    trend: list[float | None]


class IndicatorOut(Shape):
    id: str
    name: PlanName
    definition: PlanName
    unit: Literal["money", "count", "share", "growth", "duration"] = Field(
        description="money: fen; share and growth: ratios (0.177 is 17.7%); duration: seconds"
    )
    period: Literal["month", "quarter"]
    disaggregation: list[str]
    baseline: float | None
    baseline_source: str
    target: float | None
    due: str
    better: Literal["more", "less"]
    measure: str
    goal: str
    figure: FigureOut


class RowOut(Schema):
    indicator: str
    period: str
    dimension: str = Field(description="Empty: the whole city")
    key: str
    value: float | None
    unit: str
    numerator: int | None
    denominator: int | None
    events: int | None
    complete: bool
    suppressed: bool = Field(description="Fewer than five parties (or the one cell that would give such a cell away)")


class RestatedOut(Shape):
    month: date
    part: Literal["n", "d"]
    before: int
    after: int
    seq: int = Field(description="Place in the event log of the event that caused it")
    at: datetime


class IndicatorFullOut(IndicatorOut):
    numerator: dict[str, Any] = Field(description="The measure as it is computed")
    denominator: dict[str, Any] | None
    rows: list[RowOut]
    restatements: list[RestatedOut] = Field(description="The newest of them")


class BehindOut(Shape):
    seq: int
    event: UUID
    type: str
    subject: UUID
    at: datetime
    recorded_at: datetime
    district: str
    numerator: int | None
    denominator: int | None


class DrillOut(Shape):
    items: list[BehindOut]
    next: str = Field(description="Cursor of the next page; empty at the end")


class FactOut(Shape):
    id: str
    field: str
    name: PlanName
    value: str | None = Field(description="A decimal")
    unit: str
    period: PlanName
    change: str | None = Field(description="A decimal, against the same period of the year before")
    change_unit: Literal["percent", "points"]
    at_least: bool
    source: PlanName
