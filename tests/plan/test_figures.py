"""Figures, series, tables and restatements as they are read."""

from datetime import UTC, date, datetime

import pytest

from lilong.kernel.base import clock, ids
from lilong.kernel.base.manifest import Measure
from lilong.kernel.base.problems import Invalid, Missing
from lilong.kernel.events import follow
from lilong.kernel.events.services import emit, sequence
from lilong.plan import queries
from lilong.plan.queries import parts
from tests.plan import trial
from tests.plan.trial import at, indicator, returned, sold

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("trial_field")]
JUNE = datetime(2020, 6, 20, tzinfo=UTC)


def advanced() -> None:
    sequence()
    while follow.advance("plan"):
        pass


def trade() -> None:
    """April: 300.00 of which 100.00 unattended; May: 150.00; June so far: 50.00."""
    for n, channel in enumerate(("online", "online", "vending")):
        sold(100_00, at(2020, 4, 5 + n), buyer=n, channel=channel)
    sold(150_00, at(2020, 5, 5), buyer=1)
    sold(50_00, at(2020, 6, 5), buyer=1)
    advanced()


def test_the_newest_figure_its_change_and_its_trend() -> None:
    trade()
    with clock.at(JUNE):
        running = queries.figure("trial")
        unattended = queries.figures([queries.found("trial.unattended")])["trial.unattended"]
    assert running is not None
    assert (running.value, running.shown, running.start, running.over) == (50_00, "¥50", date(2020, 6, 1), False)
    assert (running.change, running.trend) == (None, [300_00, 150_00])
    assert unattended.value == 0
    with clock.at(datetime(2020, 7, 2, tzinfo=UTC)):
        over = queries.figure("trial")
    assert over is not None
    assert over.over
    assert over.change == pytest.approx(-2 / 3)
    assert over.trend == [300_00, 150_00, 50_00]


def test_a_door_that_is_not_open_has_no_figure_and_an_open_one_without_events_a_dash() -> None:
    assert queries.figure("factory") is None
    empty = queries.figure("trial")
    assert empty is not None
    assert (empty.value, empty.shown, empty.trend) == (None, "–", [])


def test_a_series_goes_by_period_from_its_first_number() -> None:
    trade()
    with clock.at(JUNE):
        months = queries.series(queries.found("trial.turnover"))
        quarters = queries.series(queries.found("trial.growth"))
        shares = queries.series(queries.found("trial.unattended"))
    assert [(p.start, p.value, p.events, p.over) for p in months] == [
        (date(2020, 4, 1), 300_00, 3, True),
        (date(2020, 5, 1), 150_00, 1, True),
        (date(2020, 6, 1), 50_00, 1, False),
    ]
    assert [(p.start, p.numerator, p.value) for p in quarters] == [(date(2020, 4, 1), 500_00, 4)]
    assert [(p.numerator, p.denominator) for p in shares] == [(100_00, 300_00), (0, 150_00), (0, 50_00)]
    assert shares[0].value == pytest.approx(1 / 3)


def test_growth_without_a_baseline_is_against_the_year_before() -> None:
    sold(100, at(2019, 6, 1))
    sold(150, at(2020, 6, 1))
    advanced()
    with clock.at(JUNE):
        points = queries.series(queries.found("trial.yearly"))
    assert [(point.start, point.value) for point in points if point.events] == [
        (date(2019, 6, 1), None),
        (date(2020, 6, 1), 0.5),
    ]


def test_distinct_values_of_a_quarter_are_not_the_sum_of_its_months() -> None:
    trade()
    quarterly = indicator("trial.buyers", "count", Measure(events=("trial.sold",), distinct="buyer"), period="quarter")
    found = parts.totals([quarterly], [date(2020, 4, 1), date(2020, 5, 1), date(2020, 6, 1)])
    assert found["trial.buyers", date(2020, 4, 1), ""].n.value == 3
    monthly = parts.totals([queries.found("trial.buyers")], [date(2020, 4, 1), date(2020, 5, 1), date(2020, 6, 1)])
    assert sorted(p.n.value for p in monthly.values()) == [1, 1, 3]


def test_a_table_leaves_small_cells_out_for_the_public_only() -> None:
    for buyer in range(6):
        sold(100, at(2020, 4, 5), buyer=buyer, district="pudong")
        sold(10, at(2020, 4, 5), buyer=buyer, district="xuhui")
        sold(10, at(2020, 4, 5), buyer=buyer, district="xuhui")
    sold(7, at(2020, 4, 5), buyer=1, district="chongming")
    advanced()
    turnover = queries.found("trial.turnover")
    shown = [(r.key, r.value, r.hidden) for r in queries.table(turnover, date(2020, 4, 1), "district")]
    assert shown == [("xuhui", 120, False), ("chongming", None, True), ("pudong", None, True)]
    everything = queries.table(turnover, date(2020, 4, 1), "district", everything=True)
    assert [(r.key, r.value) for r in everything] == [("xuhui", 120), ("pudong", 600), ("chongming", 7)]


def test_a_table_is_by_a_dimension_of_the_indicator() -> None:
    with pytest.raises(Invalid):
        queries.table(queries.found("trial.turnover"), date(2020, 4, 1), "buyer")
    with pytest.raises(Missing):
        queries.found("trial.nothing")


def test_restatements_are_listed_newest_first_and_paged() -> None:
    orders = [sold(100, at(2020, 4, day)) for day in (1, 2, 3)]
    sold(1, at(2020, 5, 10))
    refunds = [returned(order, 10, at(2020, 5, 11)) for order in orders]
    advanced()
    first = queries.restatements("trial.turnover", size=2)
    rest = queries.restatements("trial.turnover", size=2, cursor=first.next)
    assert [(r.event, r.before, r.after) for r in (*first.items, *rest.items)] == [
        (refunds[2], 280, 270),
        (refunds[1], 290, 280),
        (refunds[0], 300, 290),
    ]
    assert rest.next == ""


def test_waste_is_a_share_of_what_came_in() -> None:
    emit(trial.Received(district="pudong", value=1000), subject=ids.uuid7(), at=at(2020, 4, 1))
    emit(trial.Wasted(district="pudong", value=25), subject=ids.uuid7(), at=at(2020, 4, 9))
    advanced()
    with clock.at(JUNE):
        figure = queries.figures([queries.found("trial.waste")])["trial.waste"]
    assert (figure.value, figure.shown) == (0.025, "2.5%")
