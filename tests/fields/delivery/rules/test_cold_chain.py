"""Mean kinetic temperature, time out of range, gaps, verdicts."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lilong.fields.delivery.rules import cold_chain
from lilong.fields.delivery.rules.cold_chain import Sample, Span
from lilong.fields.delivery.rules.cold_profiles import PROFILES, default_for

CHILLED, FROZEN, PHARMA = (PROFILES[code] for code in ("chilled", "frozen", "pharma"))
MINUTE, HOUR = 60, 3600


def every(seconds: int, *degrees: float, start: int = 0) -> list[Sample]:
    return [Sample(start + n * seconds, round(value * 1000)) for n, value in enumerate(degrees)]


def by_the_formula(degrees: list[Decimal]) -> int:
    """USP <1079.2>, word for word, with 60 digits: T = (dH/R) / -ln(sum(exp(-dH / R T)) / n), dH 83.144, R 0.0083144."""
    with localcontext() as context:
        context.prec = 60
        energy = Decimal("83.144") / Decimal("0.0083144")
        total = sum(((-energy / (each + Decimal("273.15"))).exp() for each in degrees), Decimal(0))
        kelvin = energy / -(total / len(degrees)).ln()
        return int(((kelvin - Decimal("273.15")) * 1000).to_integral_value())


@pytest.mark.parametrize(
    "degrees",
    [
        ["5"] * 24,
        ["2", "8"],
        ["5"] * 23 + ["25"],
        ["-20", "-18", "-10"],
        ["22.1", "24.9", "30.0", "15.5"],
        ["-100", "100"],
        ["20", "20", "2", "2", "2", "2", "25"],
    ],
)
def test_mean_kinetic_temperature_by_the_formula(degrees: list[str]):
    exact = [Decimal(each) for each in degrees]
    assert cold_chain.mean_kinetic_mc([(int(each * 1000), 1) for each in exact]) == by_the_formula(exact)


def test_mean_kinetic_temperature_known_values():
    assert cold_chain.mean_kinetic_mc([(20_000, 1)] * 52) == 20_000  # what never changes is its own mean
    assert cold_chain.mean_kinetic_mc([(15_000, 7), (25_000, 7)]) == 21_300
    assert cold_chain.mean_kinetic_mc([(15_000, 7), (25_000, 7), (99_000, 0)]) == 21_300
    with pytest.raises(ValueError, match="nothing"):
        cold_chain.mean_kinetic_mc([(5_000, 0)])


@given(st.lists(st.tuples(st.integers(-80_000, 90_000), st.integers(1, 86_400)), min_size=1, max_size=40))
def test_mean_kinetic_temperature_lies_between_mean_and_maximum(weighted: list[tuple[int, int]]):
    found = cold_chain.mean_kinetic_mc(weighted)
    mean = sum(mc * w for mc, w in weighted) / sum(w for _, w in weighted)
    assert mean - 1 <= found <= max(mc for mc, _ in weighted) + 1
    assert cold_chain.mean_kinetic_mc([(mc, 7 * w) for mc, w in weighted]) == found


def test_a_good_record_is_complete_and_in_range():
    found = cold_chain.assess([every(300, *[5.0] * 12)], 0, HOUR, CHILLED)
    assert (found.readings, found.complete, found.in_range) == (12, True, True)
    assert (found.min_mc, found.max_mc, found.mean_mc, found.mkt_mc) == (5000, 5000, 5000, 5000)
    assert (found.covered_permille, found.gaps, found.out_seconds) == (1000, (), 0)


def test_no_reading_at_all_says_so():
    found = cold_chain.assess([[]], 0, HOUR, CHILLED)
    assert (found.complete, found.in_range, found.covered_permille) == (False, True, 0)
    assert (found.gaps, found.mkt_mc, found.min_mc) == ((Span(0, HOUR),), None, None)
    assert cold_chain.assess([], 100, 100, CHILLED).complete is False


def test_gaps_are_named_at_start_middle_and_end():
    trace = [Sample(600, 5000), Sample(900, 5000), Sample(3000, 5000)]
    found = cold_chain.assess([trace], 0, 2 * HOUR, CHILLED)
    assert found.gaps == (Span(0, 600), Span(1200, 3000), Span(3300, 7200))
    assert (found.longest_gap_seconds, found.covered_permille, found.complete) == (3900, 125, False)


def test_two_loggers_cover_for_each_other():
    one, two = every(300, *[5.0] * 6), every(300, *[5.0] * 6, start=1800)
    assert cold_chain.assess([one, two], 0, HOUR, CHILLED).covered_permille == 1000
    assert cold_chain.assess([one], 0, HOUR, CHILLED).gaps == (Span(1800, HOUR),)


@pytest.mark.parametrize(
    ("degrees", "kinds", "out"),
    [
        ([5, 11, 11, 11, 11, 11, 11, 5], [], 1800),  # 30 minutes are borne
        ([5, 11, 11, 11, 11, 11, 11, 11, 5], ["duration"], 2100),
        ([5, 20, 5], [], 300),  # the ceiling itself
        ([5, 20.001, 5], ["limit"], 300),
        ([5, -3.001, 5], ["limit"], 300),
        ([0, 10, 0, 10], [], 0),  # the limits belong to the range
        (([5] + [11] * 6) * 3, [], 5400),
        (([5] + [11] * 6) * 3 + [5, 11], ["cumulative"], 5700),
    ],
)
def test_excursions_of_chilled_goods(degrees: list[float], kinds: list[str], out: int):
    trace = every(300, *degrees)
    found = cold_chain.assess([trace], 0, len(degrees) * 300, CHILLED)
    assert [each.kind for each in found.excursions] == kinds
    assert found.out_seconds == out


def test_an_excursion_says_when_it_became_one_and_how_bad_it_was():
    found = cold_chain.assess([every(300, 5, *[11] * 5, 14, 12, 5)], 0, 2700, CHILLED)
    (only,) = found.excursions
    assert (only.kind, only.at, only.peak_mc, only.seconds) == ("duration", 300 + 1800, 14_000, 2100)
    cold = cold_chain.assess([every(300, -20, -8, -20)], 0, 900, FROZEN).excursions[0]
    assert (cold.kind, cold.at, cold.peak_mc) == ("limit", 300, -8000)


def test_silence_between_two_warm_readings_counts_as_warm():
    trace = [Sample(0, 5000), Sample(300, 11_000), Sample(300 + 2400, 11_000), Sample(3000, 5000)]
    found = cold_chain.assess([trace], 0, 3300, CHILLED)
    assert ([each.kind for each in found.excursions], found.longest_out_seconds) == (["duration"], 2700)
    after = [Sample(0, 11_000), Sample(3000, 5000)]  # warm once, then silent: only what a reading speaks for
    assert cold_chain.assess([after], 0, 3300, CHILLED).out_seconds == 300


def test_medicines_also_mind_the_mean_kinetic_temperature():
    trace = every(120, *([7.9] * 30), *([14] * 7), *([7.9] * 30))
    found = cold_chain.assess([trace], 0, len(trace) * 120, PHARMA)
    assert [each.kind for each in found.excursions] == ["mkt"]
    assert found.excursions[0].peak_mc == found.mkt_mc == by_the_formula([Decimal("7.9")] * 60 + [Decimal(14)] * 7)
    assert cold_chain.assess([every(120, *([5.0] * 30), 14, 14)], 0, 32 * 120, PHARMA).in_range


def test_the_worst_logger_counts():
    good, bad = every(300, *[5.0] * 12), every(300, *[25.0] * 12)
    found = cold_chain.assess([good, bad], 0, HOUR, CHILLED)
    assert [each.kind for each in found.excursions] == ["limit", "duration"]
    assert (found.mkt_mc, found.min_mc, found.max_mc) == (25_000, 5000, 25_000)


def test_readings_outside_the_window_do_not_count():
    trace = every(300, 25, 5, 5, 5, 25)
    assert cold_chain.assess([trace], 300, 1200, CHILLED).in_range


@given(
    st.lists(st.tuples(st.integers(0, 7200), st.integers(-30_000, 40_000)), max_size=60, unique_by=lambda x: x[0]),
    st.sampled_from(sorted(PROFILES)),
)
def test_any_record_adds_up(points: list[tuple[int, int]], code: str):
    trace = [Sample(*point) for point in sorted(points)]
    found = cold_chain.assess([trace], 0, 7200, PROFILES[code])
    assert 0 <= found.longest_out_seconds <= found.out_seconds <= 7200
    assert 0 <= found.covered_permille <= 1000
    assert all(a.end < b.start for a, b in zip(found.gaps, found.gaps[1:], strict=False))
    assert len({each.kind for each in found.excursions}) == len(found.excursions)


def test_which_profile_goods_have():
    assert default_for("frozen", []).code == "frozen"
    assert default_for("chilled", []).code == "chilled"
    assert default_for("chilled", ["pharma"]).code == "pharma"
    assert default_for("ambient", []) is None
