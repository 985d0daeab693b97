"""Facts, a field's manifest and a plain way of computing its numbers, for the tests of the plan."""

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from lilong.kernel.base import ids
from lilong.kernel.base.manifest import Field, Indicator, Measure
from lilong.kernel.base.words import Words
from lilong.kernel.events import queries as log
from lilong.kernel.events.facts import Fact, fact
from lilong.kernel.events.rules.envelope import Recorded
from lilong.kernel.events.services import emit, sequence

BUYERS = [ids.named("trial", "buyer", n) for n in range(8)]
SELLER = ids.named("trial", "seller")


class Line(Fact):
    quantity: int
    amount: int


@fact("trial.sold")
class Sold(Fact):
    buyer: UUID
    district: str
    channel: str
    total: int
    lines: list[Line]


@fact("trial.returned")
class Returned(Fact):
    buyer: UUID
    district: str
    channel: str
    total: int


@fact("trial.received")
class Received(Fact):
    district: str
    value: int


@fact("trial.wasted")
class Wasted(Fact):
    district: str
    value: int


def words(text: str) -> Words:
    return Words(en=text, zh=text, ko=text)


SOLD = Measure(events=("trial.sold",), path="total", minus=(Measure(events=("trial.returned",), path="total"),))


def indicator(id: str, unit: Any, numerator: Measure, **more: Any) -> Indicator:
    return Indicator(id=id, name=words(id), definition=words(id), unit=unit, numerator=numerator, **more)


INDICATORS = (
    indicator("trial.turnover", "money", SOLD, disaggregation=("month", "district", "channel")),
    indicator(
        "trial.pieces",
        "count",
        Measure(events=("trial.sold",), path="lines.*.quantity", where={"channel": ("vending", "unmanned")}),
        disaggregation=("month", "district"),
    ),
    indicator(
        "trial.buyers",
        "count",
        Measure(
            events=("trial.sold",), distinct="buyer", minus=(Measure(events=("trial.returned",), distinct="buyer"),)
        ),
        disaggregation=("month", "district"),
    ),
    indicator(
        "trial.unattended",
        "share",
        Measure(events=("trial.sold",), path="total", where={"channel": ("vending", "unmanned")}),
        denominator=Measure(events=("trial.sold",), path="total"),
        disaggregation=("month", "district"),
    ),
    indicator(
        "trial.waste",
        "share",
        Measure(events=("trial.wasted",), path="value"),
        denominator=Measure(events=("trial.received",), path="value"),
        better="less",
        disaggregation=("month", "district"),
    ),
    indicator("trial.growth", "growth", SOLD, period="quarter", baseline=100_00),
    indicator("trial.yearly", "growth", SOLD),
)
FIELD = Field(
    code="trial", number=7, name=words("Trial"), promise=words("Trial"), indicators=INDICATORS, figure="trial.turnover"
)


def at(year: int, month: int, day: int, hour: int = 4) -> datetime:
    """A moment in UTC; 4:00 is noon in the city."""
    return datetime(year, month, day, hour, tzinfo=UTC)


def sold(
    total: int,
    when: datetime,
    *,
    buyer: int = 0,
    district: str = "pudong",
    channel: str = "online",
    order: UUID | None = None,
) -> UUID:
    """One sale; answers what it is about."""
    subject = order or ids.uuid7()
    fact = Sold(
        buyer=BUYERS[buyer],
        district=district,
        channel=channel,
        total=total,
        lines=[Line(quantity=2, amount=total), Line(quantity=1, amount=0)],
    )
    emit(fact, subject=subject, at=when)
    return subject


def returned(order: UUID, total: int, when: datetime, *, buyer: int = 0, district: str = "pudong") -> UUID:
    fact = Returned(buyer=BUYERS[buyer], district=district, channel="online", total=total)
    return emit(fact, subject=order, at=when)


def all_events() -> list[Recorded]:
    sequence()
    return log.after(0, 10_000)


def plainly(events: list[Recorded]) -> dict[tuple[str, str, date, str], int]:
    """Every number of the trial field, computed from all events without any of the plan's own code."""
    sums: Counter[tuple[str, str, date, str]] = Counter()
    buyers: Counter[tuple[date, str, str]] = Counter()
    first: dict[UUID, Recorded] = {}
    for event in events:
        if event.type == "trial.sold":
            first.setdefault(event.subject, event)
            _trade(sums, buyers, event, event, 1)
            _unattended(sums, event)
        elif event.type == "trial.returned":
            _trade(sums, buyers, event, first.get(event.subject, event), -1)
        else:
            part = "n" if event.type == "trial.wasted" else "d"
            for slice in ("", f"district={event.data['district']}"):
                sums["trial.waste", part, _month(event), slice] += event.data["value"]
    for (month, slice, _), uses in buyers.items():
        sums["trial.buyers", "n", month, slice] += 1 if uses > 0 else 0
    return {key: value for key, value in sums.items() if value}


def _trade(sums: Any, buyers: Any, event: Recorded, booked: Recorded, sign: int) -> None:
    month, total = _month(booked), sign * event.data["total"]
    district, channel = f"district={booked.data['district']}", f"channel={booked.data['channel']}"
    for slice in ("", district, channel, f"{district}&{channel}"):
        sums["trial.turnover", "n", month, slice] += total
    sums["trial.growth", "n", month, ""] += total
    sums["trial.yearly", "n", month, ""] += total
    for slice in ("", district):
        buyers[month, slice, event.data["buyer"]] += sign


def _unattended(sums: Any, event: Recorded) -> None:
    for slice in ("", f"district={event.data['district']}"):
        sums["trial.unattended", "d", _month(event), slice] += event.data["total"]
        if event.data["channel"] in ("vending", "unmanned"):
            sums["trial.unattended", "n", _month(event), slice] += event.data["total"]
            sums["trial.pieces", "n", _month(event), slice] += 3


def _month(event: Recorded) -> date:
    from zoneinfo import ZoneInfo

    return event.at.astimezone(ZoneInfo("Asia/Shanghai")).date().replace(day=1)
