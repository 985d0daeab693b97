"""Fares to the fen: quotes, bands, surge, what happened instead, who gets what."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lilong.fields.mobility.rules.rides import fares
from lilong.fields.mobility.rules.rides.fares import ARRIVED, BROKEN, EARLY, FareLine, Happened
from lilong.fields.mobility.rules.rides.shares import shares
from lilong.fields.mobility.rules.rides.tariffs import Band, RideTariff, Surcharge, check_tariff
from lilong.kernel.base.problems import Invalid

NOON = datetime(2030, 4, 8, 4, tzinfo=UTC)  # a Monday, noon in Shanghai
NIGHT = Band(code="night", from_="23:00", until="06:00", extra_bp=3000)
RUSH = Band(code="rush", from_="07:00", until="09:00", extra_bp=1000, weekdays=(1, 2, 3, 4, 5))
TARIFF = RideTariff(bands=(NIGHT, RUSH), surcharges=(Surcharge(code="stop", amount=300),), surge_max_bp=10_000)


def told(lines: tuple[FareLine, ...]) -> list[tuple[str, int]]:
    return [(line.code, line.amount) for line in lines]


def happened(how: str, metres: int, seconds: int, waited: int = 0) -> Happened:
    return Happened(how, metres, seconds, waited, NOON)


def test_a_quote_is_base_distance_and_time():
    fare = fares.quoted(TARIFF, metres=8_200, seconds=1_230, at=NOON)
    # 5.2 km beyond the three that the base pays for, at 2.70; 20.5 minutes at 0.50
    assert told(fare.lines) == [("base", 1400), ("distance", 1404), ("time", 1025)]
    assert fare.total == 3829


def test_a_short_way_costs_the_minimum():
    fare = fares.quoted(RideTariff(base=500, minimum=1400), metres=900, seconds=120, at=NOON)
    assert told(fare.lines) == [("base", 500), ("time", 100), ("minimum", 800)]


def test_a_way_into_the_night_pays_for_the_part_that_lies_in_it():
    at = datetime(2030, 4, 8, 14, 50, tzinfo=UTC)  # ten to eleven in the evening
    fare = fares.quoted(TARIFF, metres=13_000, seconds=1_200, at=at)
    # 27.00 for ten kilometres and 10.00 for twenty minutes; half of them lie in the night: 30% of 18.50
    assert told(fare.lines) == [("base", 1400), ("distance", 2700), ("time", 1000), ("band:night", 555)]


@pytest.mark.parametrize(
    ("band", "at", "seconds", "inside"),
    [
        (NIGHT, datetime(2030, 4, 8, 21, 59, tzinfo=UTC), 120, 60),  # 05:59 to 06:01
        (NIGHT, datetime(2030, 4, 8, 16, 0, tzinfo=UTC), 600, 600),  # after midnight it is still Monday's night
        (NIGHT, NOON, 600, 0),
        (RUSH, datetime(2030, 4, 7, 23, 30, tzinfo=UTC), 600, 600),  # Monday, half past seven
        (RUSH, datetime(2030, 4, 5, 23, 30, tzinfo=UTC), 600, 0),  # Saturday
        (RUSH, datetime(2030, 4, 7, 22, 0, tzinfo=UTC), 4 * 3600, 7200),
    ],
)
def test_seconds_in_a_band(band: Band, at: datetime, seconds: int, inside: int):
    assert fares.seconds_in(band, at, seconds) == inside


def test_surge_is_bounded_and_shown():
    fare = fares.quoted(TARIFF, metres=3_000, seconds=600, at=NOON, surge_bp=99_000, surcharges=["stop", "unknown"])
    assert told(fare.lines) == [("base", 1400), ("time", 500), ("surge", 1900), ("surcharge:stop", 300)]
    assert fares.quoted(RideTariff(), metres=3_000, seconds=600, at=NOON, surge_bp=5_000).total == 1900


@pytest.mark.parametrize(
    ("waiting", "free", "surge"), [(0, 0, 0), (5, 5, 0), (6, 4, 2500), (100, 1, 10_000), (3, 0, 10_000)]
)
def test_surge_follows_the_queue(waiting: int, free: int, surge: int):
    assert fares.surge_of(waiting, free, TARIFF) == surge
    assert fares.surge_of(waiting, free, RideTariff()) == 0


QUOTE = fares.quoted(TARIFF, metres=8_200, seconds=1_230, at=NOON)


def test_a_detour_of_the_drivers_costs_the_rider_nothing():
    fare = fares.final(TARIFF, QUOTE.lines, happened(ARRIVED, 14_000, 3_000))
    assert fare == QUOTE
    assert fares.is_detour(8_200, 14_000)
    assert not fares.is_detour(8_200, 10_250)


def test_who_ends_early_pays_for_what_was_driven():
    fare = fares.final(TARIFF, QUOTE.lines, happened(EARLY, 4_000, 600))
    assert told(fare.lines) == [("base", 1400), ("distance", 270), ("time", 500)]


def test_an_early_end_after_a_detour_never_costs_more_than_the_quote():
    fare = fares.final(TARIFF, QUOTE.lines, happened(EARLY, 20_000, 3_000))
    assert fare.total == QUOTE.total
    assert told(fare.lines)[-1] == ("capped", QUOTE.total - (1400 + 4590 + 2500))


def test_an_early_end_keeps_the_quotes_surge_and_surcharges():
    quote = fares.quoted(TARIFF, metres=8_200, seconds=1_230, at=NOON, surge_bp=2_000, surcharges=["stop"])
    fare = fares.final(TARIFF, quote.lines, happened(EARLY, 3_000, 600))
    assert told(fare.lines) == [("base", 1400), ("time", 500), ("surge", 380), ("surcharge:stop", 300)]


def test_a_breakdown_costs_nothing():
    assert fares.final(TARIFF, QUOTE.lines, happened(BROKEN, 8_000, 900, waited=900)) == fares.Fare((), 0)


@pytest.mark.parametrize(("waited", "fen"), [(0, 0), (180, 0), (240, 60), (3_000, 2_820), (90_000, 3_000)])
def test_waiting_past_the_free_time_is_a_line_of_its_own(waited: int, fen: int):
    fare = fares.final(TARIFF, QUOTE.lines, happened(ARRIVED, 8_200, 1_230, waited))
    assert fare.total == QUOTE.total + fen


@pytest.mark.parametrize(
    ("by", "state", "since", "fen"),
    [
        ("rider", "requested", None, 0),
        ("rider", "offered", None, 0),
        ("rider", "accepted", 120, 0),
        ("rider", "accepted", 121, 500),
        ("rider", "arrived", 30, 500),
        ("car", "arrived", 900, 0),
        ("house", "arriving", 900, 0),
        ("no-show", "arrived", 900, 1000),
    ],
)
def test_calling_off_costs_by_phase_and_by_whose_doing(by: str, state: str, since: int | None, fen: int):
    fare = fares.cancelled(TARIFF, by=by, state=state, seconds_since_accepted=since)
    assert (fare.total, sum(line.amount for line in fare.lines)) == (fen, fen)


tariffs = st.builds(
    RideTariff,
    base=st.integers(0, 3000),
    included_m=st.integers(0, 5000),
    per_km=st.integers(0, 999),
    per_minute=st.integers(0, 333),
    minimum=st.integers(0, 3000),
    bands=st.just((NIGHT, RUSH)),
    surcharges=st.just((Surcharge(code="stop", amount=301),)),
    surge_max_bp=st.integers(0, 20_000),
    margin_bp=st.integers(0, 10_000),
    platform_bp=st.integers(0, 10_000),
    driver_bp=st.integers(0, 10_000),
)


@settings(deadline=None)
@given(
    tariffs,
    st.integers(0, 90_000),
    st.integers(1, 20_000),
    st.integers(0, 10**9).map(lambda second: NOON + timedelta(seconds=second)),
    st.integers(0, 20_000),
    st.sampled_from([ARRIVED, EARLY, BROKEN]),
    st.tuples(st.integers(0, 200_000), st.integers(0, 40_000), st.integers(0, 90_000)),
    st.booleans(),
)
def test_whatever_happens_lines_sum_up_and_the_hold_suffices(
    tariff: RideTariff, metres: int, seconds: int, at: datetime, surge: int, how: str, went: tuple[int, int, int],
    driven: bool,
):  # fmt: skip
    check_tariff(tariff)
    quote = fares.quoted(tariff, metres=metres, seconds=seconds, at=at, surge_bp=surge, surcharges=["stop"])
    fare = fares.final(tariff, quote.lines, Happened(how, *went, at))
    for each in (quote, fare):
        assert each.total == sum(line.amount for line in each.lines) >= 0
    assert fare.total <= quote.total + tariff.wait_max
    assert fare.total <= fares.held_for(tariff, quote.total)
    parts = shares(tariff, fare.total, driven=driven)
    assert sum(parts) == fare.total
    assert min(parts) >= 0
    assert driven or parts.driver == 0


@pytest.mark.parametrize(
    ("fault", "pointer"),
    [
        ({"base": -1}, "/base"),
        ({"per_km": 10**9}, "/per_km"),
        ({"surge_max_bp": 20_001}, "/surge_max_bp"),
        ({"platform_bp": 10_001}, "/platform_bp"),
        ({"no_show_seconds": 100}, "/no_show_seconds"),
        ({"bands": (NIGHT, NIGHT)}, "/bands"),
        ({"bands": (Band(code="x y", from_="07:00", until="09:00", extra_bp=1),)}, "/bands/0/code"),
        ({"bands": (Band(code="x", from_="7:00", until="09:00", extra_bp=1),)}, "/bands/0/from_"),
        ({"bands": (Band(code="x", from_="07:00", until="24:01", extra_bp=1),)}, "/bands/0/until"),
        ({"bands": (Band(code="x", from_="07:00", until="09:00", extra_bp=-1),)}, "/bands/0/extra_bp"),
        ({"bands": (Band(code="x", from_="07:00", until="09:00", extra_bp=1, weekdays=(0,)),)}, "/bands/0/weekdays"),
        ({"surcharges": (Surcharge(code="stop", amount=-1),)}, "/surcharges/0/amount"),
    ],
)
def test_terms_that_cannot_be(fault: dict[str, object], pointer: str):
    with pytest.raises(Invalid) as refused:
        check_tariff(RideTariff(**fault))  # type: ignore[arg-type]
    assert [violation.pointer for violation in refused.value.violations] == [pointer]
