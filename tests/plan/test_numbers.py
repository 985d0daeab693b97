"""Numbers follow the log: exactly once, in any batches, the same again when the log is replayed."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lilong.kernel.base import ids
from lilong.kernel.base.manifest import Field, Measure
from lilong.kernel.events import follow
from lilong.kernel.events.services import emit, sequence
from lilong.plan import registry
from lilong.plan.models import Cell, Restatement, Source, Use
from tests.plan import trial
from tests.plan.trial import at, indicator, returned, sold

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("trial_field")]

Numbers = dict[tuple[str, str, date, str], int]


def numbers() -> Numbers:
    rows = Cell.objects.filter(indicator__startswith="trial.").values_list(
        "indicator", "part", "month", "slice", "value"
    )
    return {(i, p, m, s): v for i, p, m, s, v in rows if v}


def everything() -> list[list[tuple[object, ...]]]:
    """All the plan's rows."""
    return [
        sorted(Cell.objects.values_list("indicator", "part", "month", "slice", "value", "events", "parties")),
        sorted(Use.objects.values_list("indicator", "part", "month", "slice", "value", "uses")),
        sorted(Source.objects.values_list("type", "month", "seq")),
        sorted(Restatement.objects.values_list("indicator", "month", "part", "seq", "event", "at", "before", "after")),
    ]


def advanced(limit: int = 1000) -> None:
    sequence()
    while follow.advance("plan", limit):
        pass


def test_a_sale_counts_in_its_month_of_the_city_and_in_every_slice() -> None:
    sold(1250, at(2020, 4, 30, 15), district="pudong", channel="vending")  # 23:00 on 30 April in Shanghai
    sold(300, at(2020, 4, 30, 17), district="jingan")  # 1:00 on 1 May
    advanced()
    april, may = date(2020, 4, 1), date(2020, 5, 1)
    found = numbers()
    assert {slice: v for (i, _, month, slice), v in found.items() if i == "trial.turnover" and month == april} == {
        "": 1250,
        "district=pudong": 1250,
        "channel=vending": 1250,
        "district=pudong&channel=vending": 1250,
    }
    assert found["trial.turnover", "n", may, ""] == 300
    assert found["trial.pieces", "n", april, ""] == 3
    assert ("trial.pieces", "n", may, "") not in found


def test_a_refund_restates_the_month_and_district_of_its_sale() -> None:
    order = sold(1000, at(2020, 4, 10), district="pudong")
    sold(500, at(2020, 6, 3), district="pudong", buyer=1)
    refund = returned(order, 400, at(2020, 6, 5), district="jingan")
    advanced()
    found = numbers()
    april, june = date(2020, 4, 1), date(2020, 6, 1)
    assert found["trial.turnover", "n", april, ""] == 600
    assert found["trial.turnover", "n", april, "district=pudong"] == 600
    assert ("trial.turnover", "n", april, "district=jingan") not in found
    assert found["trial.turnover", "n", june, ""] == 500
    row = Restatement.objects.get(indicator="trial.turnover")
    assert (row.month, row.before, row.after, row.event, row.seq) == (april, 1000, 600, refund, 3)
    assert Restatement.objects.get(indicator="trial.buyers").after == 0


def test_a_refund_without_a_sale_before_it_counts_in_its_own_month() -> None:
    order = ids.uuid7()
    returned(order, 70, at(2020, 5, 5))
    sold(1000, at(2020, 4, 5), order=order)
    advanced()
    assert numbers()["trial.turnover", "n", date(2020, 5, 1), ""] == -70
    before = everything()
    follow.replay("plan")
    assert everything() == before


def test_a_late_event_restates_its_month_and_an_early_one_does_not() -> None:
    sold(100, at(2020, 4, 20))
    sold(10, at(2020, 4, 21))
    sold(100, at(2020, 5, 1))  # within the day of grace
    sold(20, at(2020, 4, 30))
    sold(100, at(2020, 5, 3))
    late = sold(7, at(2020, 4, 2))
    advanced()
    rows = Restatement.objects.filter(indicator="trial.turnover").values_list("month", "before", "after", "seq")
    assert list(rows) == [(date(2020, 4, 1), 130, 137, 6)]
    assert late is not None


def test_an_event_dated_after_its_own_recording_closes_no_month() -> None:
    sold(100, at(2020, 4, 20))
    sold(100, at(2999, 1, 1))
    sold(10, at(2020, 4, 21))
    advanced()
    assert Restatement.objects.count() == 0


def test_distinct_values_count_once_and_until_all_their_uses_are_taken_back() -> None:
    first = sold(10, at(2020, 4, 1), buyer=1)
    second = sold(10, at(2020, 4, 2), buyer=1)
    sold(10, at(2020, 4, 3), buyer=2, district="jingan")
    key = ("trial.buyers", "n", date(2020, 4, 1), "")
    advanced()
    assert numbers()[key] == 2
    returned(first, 10, at(2020, 4, 4), buyer=1)
    advanced()
    assert numbers()[key] == 2
    returned(second, 10, at(2020, 4, 5), buyer=1)
    advanced()
    assert numbers()[key] == 1


def test_changed_definitions_are_computed_from_the_beginning_of_the_log() -> None:
    sold(100, at(2020, 4, 20))
    sold(11, at(2020, 4, 21))
    advanced()
    double = indicator("trial.double", "count", Measure(events=("trial.sold",)))
    registry.register(
        Field(
            code="trial",
            number=7,
            name=trial.words("Trial"),
            promise=trial.words("Trial"),
            indicators=(*trial.INDICATORS, double),
        )
    )
    sold(1, at(2020, 4, 22))
    advanced()
    found = numbers()
    assert found["trial.double", "n", date(2020, 4, 1), ""] == 3
    assert found["trial.turnover", "n", date(2020, 4, 1), ""] == 112
    before = everything()
    follow.replay("plan")
    assert everything() == before


DAYS = st.integers(min_value=0, max_value=200)
SALE = st.tuples(
    st.just("sold"),
    DAYS,
    st.integers(0, 7),
    st.sampled_from(["pudong", "jingan", ""]),
    st.sampled_from(["online", "vending", "unmanned"]),
    st.integers(0, 5000),
)
RETURN = st.tuples(st.just("returned"), DAYS, st.integers(0, 30), st.integers(0, 3000))
STOCK = st.tuples(st.sampled_from(["received", "wasted"]), DAYS, st.integers(0, 900))
HISTORY = st.lists(st.one_of(SALE, SALE, RETURN, STOCK), max_size=40)


def play(history: list[tuple[object, ...]]) -> None:
    orders: list[tuple[UUID, int]] = []
    for kind, day, *rest in history:
        when = at(2020, 1, 1) + timedelta(days=int(str(day)))
        match kind, rest:
            case "sold", [int(buyer), str(district), str(channel), int(total)]:
                order = sold(total, when, buyer=buyer, district=district, channel=channel)
                orders.append((order, buyer))
            case "returned", [int(which), int(total)]:
                order, buyer = orders[which % len(orders)] if orders and which < 25 else (ids.uuid7(), 0)
                returned(order, total, when, buyer=buyer)
            case "received", [int(value)]:
                emit(trial.Received(district="pudong", value=value), subject=ids.uuid7(), at=when)
            case "wasted", [int(value)]:
                emit(trial.Wasted(district="pudong", value=value), subject=ids.uuid7(), at=when)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=HISTORY, limits=st.lists(st.integers(1, 7), min_size=1, max_size=5))
def test_live_numbers_are_the_replayed_ones_and_the_plainly_computed_ones(
    history: list[tuple[object, ...]], limits: list[int]
) -> None:
    with transaction.atomic():
        play(history)
        sequence()
        turn = 0
        while follow.advance("plan", limits[turn % len(limits)]):
            turn += 1
        live = everything()
        assert numbers() == trial.plainly(trial.all_events())
        follow.replay("plan")
        assert everything() == live
        transaction.set_rollback(True)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(st.one_of(SALE, RETURN), max_size=15))
def test_restatements_are_the_steps_from_the_closed_number_to_the_present_one(
    history: list[tuple[object, ...]],
) -> None:
    with transaction.atomic():
        play(history)
        advanced(4)
        events = trial.all_events()
        steps = []
        for n, event in enumerate(events):
            before, after = trial.plainly(events[:n]), trial.plainly(events[: n + 1])
            latest = max((e.at for e in events[:n]), default=None)
            for key in {*before, *after}:
                indicator_id, part, month, slice = key
                if slice or before.get(key, 0) == after.get(key, 0) or latest is None:
                    continue
                following = (month + timedelta(days=32)).replace(day=1)
                if latest >= at(following.year, following.month, 1, 16):  # midnight of the 2nd in the city
                    steps.append((indicator_id, part, month, event.seq, before.get(key, 0), after.get(key, 0)))
        kept = Restatement.objects.filter(indicator__startswith="trial.").values_list(
            "indicator", "part", "month", "seq", "before", "after"
        )
        assert sorted(kept) == sorted(steps)
        transaction.set_rollback(True)
