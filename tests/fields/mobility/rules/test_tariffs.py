"""Prices by property: exact against a count minute by minute, never falling with time or distance, never above caps."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lilong.fields.mobility.rules import tariffs, terms
from lilong.fields.mobility.rules.bands import pieces
from lilong.fields.mobility.rules.terms import Band, Cancelling, Terms
from lilong.kernel.base.clock import CITY_ZONE
from lilong.kernel.base.problems import Invalid

NOON = datetime(2030, 4, 8, 4, tzinfo=UTC)  # a Monday, noon in Shanghai
DAY = Band(per_hour=2400)
NIGHT = Band(per_hour=600, start=22 * 60, end=7 * 60, cap=3000)
WEEKEND = Band(per_hour=3600, weekdays=(6, 7))

rates = st.integers(0, 9999)
minutes_of_day = st.integers(0, 1439)


@st.composite
def bands(draw: st.DrawFn) -> tuple[Band, ...]:
    found = []
    for _ in range(draw(st.integers(0, 3))):
        start = draw(minutes_of_day)
        end = draw(st.integers(1, 1440).filter(lambda each, start=start: each != start))
        weekdays = tuple(sorted(draw(st.sets(st.integers(1, 7), min_size=1))))
        cap = draw(st.none() | st.integers(0, 20_000))
        found.append(Band(per_hour=draw(rates), start=start, end=end, weekdays=weekdays, cap=cap))
    return (*found, Band(per_hour=draw(rates)))


all_terms = st.builds(
    Terms,
    bands=bands(),
    step_seconds=st.sampled_from([1, 60, 900, 3600]),
    unlock=st.integers(0, 500),
    free_seconds=st.integers(0, 3600),
    day_cap=st.none() | st.integers(0, 50_000),
    per_km=st.integers(0, 500),
    free_m=st.integers(0, 20_000),
    minimum=st.integers(0, 3000),
    early_percent=st.integers(0, 100),
    late_fee=st.integers(0, 5000),
)
starts = st.integers(0, 14 * 1440).map(lambda minutes: NOON + timedelta(minutes=minutes))
lengths = st.integers(0, 4 * 86_400)
metres = st.integers(0, 300_000)


@given(all_terms, starts, lengths, metres)
def test_lines_sum_to_the_fen_and_only_what_is_taken_off_is_below_zero(
    plan: Terms, start: datetime, seconds: int, driven: int
):
    found = tariffs.bill(plan, start, start + timedelta(seconds=seconds), driven)
    assert sum(line.amount for line in found.lines) == found.total >= plan.minimum
    off = {line.code for line in found.lines if line.amount < 0}
    assert off <= {"free", "band-cap", "day-cap"}
    assert (found.seconds, found.metres) == (seconds, driven)


@given(all_terms, starts, lengths, st.integers(0, 7200), metres, st.integers(0, 9000), st.none() | lengths)
def test_more_time_or_more_way_never_costs_less(
    plan: Terms, start: datetime, seconds: int, more: int, driven: int, further: int, booked: int | None
):
    until = None if booked is None else start + timedelta(seconds=booked)
    end = start + timedelta(seconds=seconds)
    less = tariffs.bill(plan, start, end, driven, booked_until=until).total
    longer = tariffs.bill(plan, start, end + timedelta(seconds=more), driven, booked_until=until).total
    assert less <= longer
    assert less <= tariffs.bill(plan, start, end, driven + further, booked_until=until).total


@given(bands(), starts, st.integers(1, 3 * 86_400))
def test_pieces_lie_without_gap_each_in_one_band_and_one_day(found: tuple[Band, ...], start: datetime, seconds: int):
    end = start + timedelta(seconds=seconds)
    cut = pieces(found, start, end)
    assert [cut[0].start, cut[-1].end] == [start, end]
    assert all(one.end == next_.start for one, next_ in pairwise(cut))
    assert all(one.seconds > 0 for one in cut)
    assert all(
        one.day * 86_400
        <= (one.start - start).total_seconds()
        < (one.end - start).total_seconds()
        <= (one.day + 1) * 86_400
        for one in cut
    )


def _by_the_minute(found: tuple[Band, ...], start: datetime, minutes: int, zone: ZoneInfo) -> Fraction:
    """The same price counted the slow way: each minute at the rate that the wall clock shows then."""
    total = Fraction(0)
    for n in range(minutes):
        local = (start + timedelta(minutes=n)).astimezone(zone)
        minute = local.hour * 60 + local.minute
        yesterday = (local.isoweekday() - 2) % 7 + 1
        for band in found:
            wraps = band.end <= band.start
            first = local.isoweekday() in band.weekdays and band.start <= minute and (wraps or minute < band.end)
            if first or (wraps and yesterday in band.weekdays and minute < band.end):
                total += Fraction(band.per_hour, 60)
                break
    return total


@given(bands(), starts, st.integers(0, 3 * 1440))
def test_time_is_exact_against_counting_each_minute(found: tuple[Band, ...], start: datetime, minutes: int):
    plan = Terms(bands=tuple(Band(per_hour=b.per_hour, start=b.start, end=b.end, weekdays=b.weekdays) for b in found))
    exact = _by_the_minute(found, start, minutes, CITY_ZONE)
    total = tariffs.bill(plan, start, start + timedelta(minutes=minutes), 0).total
    assert total == (2 * exact + 1) // 2  # rounded once, half up


@given(bands(), st.integers(0, 2880), st.integers(1, 2 * 1440))
@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Asia/Shanghai", datetime(1988, 4, 16, tzinfo=UTC)),  # the city had summer time from 1986 to 1991
        ("Asia/Shanghai", datetime(1988, 9, 10, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2030, 3, 30, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2030, 10, 26, tzinfo=UTC)),
    ],
)
def test_a_clock_that_is_set_makes_no_hour_free_or_double(
    zone: str, day: datetime, found: tuple[Band, ...], offset: int, minutes: int
):
    where, start = ZoneInfo(zone), day + timedelta(minutes=offset)
    cut = pieces(found, start, start + timedelta(minutes=minutes), where)
    assert sum(piece.seconds for piece in cut) == minutes * 60
    worth = sum(Fraction(piece.seconds * found[piece.band].per_hour, 3600) for piece in cut)
    assert worth == _by_the_minute(found, start, minutes, where)


@given(starts, lengths, st.integers(0, 30_000), bands())
def test_the_cap_holds_for_each_24_hours(start: datetime, seconds: int, cap: int, found: tuple[Band, ...]):
    plan = Terms(bands=found, day_cap=cap)
    total = tariffs.bill(plan, start, start + timedelta(seconds=seconds), 0).total
    assert total <= cap * -(-max(seconds, 1) // 86_400)


@given(st.lists(st.integers(1, 600), min_size=1, max_size=6), starts, bands())
def test_cutting_anywhere_changes_nothing(parts: list[int], start: datetime, found: tuple[Band, ...]):
    marks = [start]
    for minutes in parts:
        marks.append(marks[-1] + timedelta(minutes=minutes))
    whole = pieces(found, start, marks[-1])
    cut = [piece for since, until in pairwise(marks) for piece in pieces(found, since, until)]
    assert sum(p.seconds * found[p.band].per_hour for p in whole) == sum(
        p.seconds * found[p.band].per_hour for p in cut
    )


def _shown(found: tariffs.Bill) -> list[tuple[str, int, int]]:
    return [(line.code, line.quantity, line.amount) for line in found.lines]


def test_an_evening_into_the_night_reads_well():
    plan = Terms(bands=(NIGHT, WEEKEND, DAY), unlock=100, per_km=80, free_m=10_000)
    start = datetime(2030, 4, 8, 12, 30, tzinfo=UTC)  # 20:30 in Shanghai
    found = tariffs.bill(plan, start, start + timedelta(hours=13), 25_400)  # until 09:30
    assert _shown(found) == [
        ("unlock", 1, 100),
        ("time", 5400, 3600),  # 20:30 to 22:00 at 24 yuan
        ("time", 32_400, 5400),  # 22:00 to 07:00 at 6 yuan
        ("time", 9000, 6000),  # 07:00 to 09:30
        ("band-cap", 1, -2400),  # a night costs 30 yuan at most
        ("distance", 15_400, 1232),
    ]
    assert found.total == 13_932


def test_a_bike_is_free_at_first_and_then_paid_by_the_quarter():
    plan = Terms(bands=(Band(per_hour=400),), step_seconds=900, free_seconds=1800, unlock=150)
    costs = [tariffs.bill(plan, NOON, NOON + timedelta(minutes=m), 0).total for m in (0, 1, 30, 31, 45, 46, 60)]
    assert costs == [150, 150, 150, 250, 250, 350, 350]


def test_coming_back_late_costs_a_fee_beyond_the_grace_and_early_a_share_of_the_rest():
    plan = Terms(bands=(DAY,), late_fee=2000, early_percent=50)
    until = NOON + timedelta(hours=2)
    totals = {
        minutes: tariffs.bill(plan, NOON, NOON + timedelta(minutes=minutes), 0, booked_until=until).total
        for minutes in (60, 120, 125, 126, 151)
    }
    assert totals == {60: 2400 + 1200, 120: 4800, 125: 5000, 126: 5040 + 2000, 151: 6040 + 4000}


def test_cancelling_costs_more_the_later_it_comes():
    plan = Terms(
        bands=(DAY,), cancel=(Cancelling(before_seconds=86_400, percent=0), Cancelling(before_seconds=3600, percent=30))
    )
    assert [tariffs.cancelling(plan, 999, left).total for left in (90_000, 86_400, 86_399, 3600, 3599, -5)] == [
        0, 0, 299, 299, 299, 299,
    ]  # fmt: skip
    assert tariffs.cancelling(Terms(bands=(DAY,)), 999, 0).total == 0


@pytest.mark.parametrize(("seconds", "driven", "pointer"), [(-1, 0, "/end"), (60, -1, "/metres")])
def test_a_trip_cannot_end_before_it_starts_or_drive_backwards(seconds: int, driven: int, pointer: str):
    with pytest.raises(Invalid) as refused:
        tariffs.bill(Terms(bands=(DAY,)), NOON, NOON + timedelta(seconds=seconds), driven)
    assert [each.pointer for each in refused.value.violations] == [pointer]


@pytest.mark.parametrize(
    ("plan", "pointers"),
    [
        (Terms(bands=()), ["/terms/bands"]),
        (Terms(bands=(NIGHT,)), ["/terms/bands/0"]),
        (Terms(bands=(Band(per_hour=-1),)), ["/terms/bands/0/per_hour"]),
        (Terms(bands=(Band(per_hour=1, start=60, end=60), DAY)), ["/terms/bands/0/end"]),
        (Terms(bands=(Band(per_hour=1, weekdays=(0, 8)), DAY)), ["/terms/bands/0/weekdays"]),
        (
            Terms(bands=(DAY,), step_seconds=0, deposit=-1, day_cap=-1),
            ["/terms/step_seconds", "/terms/deposit", "/terms/day_cap"],
        ),
        (
            Terms(
                bands=(DAY,),
                cancel=(Cancelling(before_seconds=5, percent=101), Cancelling(before_seconds=5, percent=0)),
            ),
            ["/terms/cancel/0/percent", "/terms/cancel/1/before_seconds"],
        ),
    ],
)
def test_senseless_terms_are_refused_field_by_field(plan: Terms, pointers: list[str]):
    with pytest.raises(Invalid) as refused:
        terms.checked(plan)
    assert [each.pointer for each in refused.value.violations] == pointers


def test_terms_are_stored_and_read_back():
    plan = Terms(bands=(NIGHT, DAY), cancel=(Cancelling(before_seconds=60, percent=5),))
    assert terms.read(terms.stored(plan)) == terms.checked(plan) == plan
