"""What readings say about goods: how long they were out of range, their mean kinetic temperature, where the record is missing.

A reading holds until the next one, at most for the profile's interval: what follows is a gap, until the next reading. A gap
between two readings out of range counts as out of range, as nothing says that it was not.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from lilong.fields.delivery.rules.cold_profiles import Profile

# Activation energy over gas constant, 83.144 kJ/mol over 8.3144 J/(mol K) (USP <1079.2>): ten thousand kelvin.
ENERGY_OVER_GAS_K = 10_000.0
_KELVIN_MC = 273_150
COLDEST_MC, HOTTEST_MC = -100_000, 100_000  # what a logger can say at all
GAPS_TOLD = 50


class Sample(NamedTuple):
    """A reading: seconds since 1970, thousandths of a degree Celsius."""

    at: int
    mc: int


class Span(NamedTuple):
    """Half-open, in seconds since 1970."""

    start: int
    end: int

    @property
    def seconds(self) -> int:
        return self.end - self.start


class Excursion(msgspec.Struct, frozen=True, kw_only=True):
    """`kind`: limit, duration, cumulative or mkt; from when on; the worst temperature (of `mkt`: the mean kinetic)."""

    kind: str
    at: int
    peak_mc: int
    seconds: int


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """A record between two moments. Temperatures are None where nothing was read; `gaps` are the first fifty."""

    readings: int
    min_mc: int | None
    max_mc: int | None
    mean_mc: int | None
    mkt_mc: int | None
    out_seconds: int
    longest_out_seconds: int
    covered_permille: int
    longest_gap_seconds: int
    gaps: tuple[Span, ...]
    complete: bool
    excursions: tuple[Excursion, ...]

    @property
    def in_range(self) -> bool:
        return not self.excursions


def mean_kinetic_mc(weighted: Iterable[tuple[int, int]]) -> int:
    """Mean kinetic temperature of (thousandths of a degree Celsius, weight), in thousandths of a degree.

    Weights are seconds, or 1 for readings at even distances. Summed relative to the coldest, so that nothing underflows.
    Raises ValueError for no weight at all.
    """
    pairs = [(mc + _KELVIN_MC, weight) for mc, weight in weighted if weight]
    if not pairs:
        raise ValueError("nothing to average")
    coldest = min(kelvin for kelvin, _ in pairs)
    base = ENERGY_OVER_GAS_K * 1000 / coldest
    total = math.fsum(weight * math.exp(base - ENERGY_OVER_GAS_K * 1000 / kelvin) for kelvin, weight in pairs)
    mean = total / sum(weight for _, weight in pairs)
    return round(ENERGY_OVER_GAS_K * 1000 / (base - math.log(mean))) - _KELVIN_MC


def assess(traces: list[list[Sample]], start: int, end: int, profile: Profile) -> Assessment:
    """What the loggers of a shipment say about it from `start` to `end`. Each trace is one logger's, in order of time.

    With several loggers the worst counts for excursions, and time is covered where any of them covers it.
    """
    kept = [[sample for sample in trace if start <= sample.at < end] for trace in traces]
    kept = [trace for trace in kept if trace]
    held = [_held(trace, end, profile.interval_seconds) for trace in kept]
    gaps = _uncovered([span for spans in held for span in spans], start, end)
    real = [gap for gap in gaps if gap.seconds > 0]
    missing = sum(gap.seconds for gap in real)
    whole = max(0, end - start)
    covered = 1000 * (whole - missing) // whole if whole else 1000
    longest = max((gap.seconds for gap in real), default=0)
    values = [sample.mc for trace in kept for sample in trace]
    outs = [_outs(trace, end, profile) for trace in kept]
    found = [each for trace, out in zip(kept, outs, strict=True) for each in _excursions(trace, out, profile)]
    kinetic = [_kinetic(trace, spans) for trace, spans in zip(kept, held, strict=True)]
    mkt = max(kinetic, default=None)
    if profile.mkt_mc is not None and mkt is not None and mkt > profile.mkt_mc:
        found.append(Excursion(kind="mkt", at=kept[kinetic.index(mkt)][-1].at, peak_mc=mkt, seconds=whole - missing))
    return Assessment(
        readings=len(values),
        min_mc=min(values, default=None),
        max_mc=max(values, default=None),
        mean_mc=_mean(kept, held),
        mkt_mc=mkt,
        out_seconds=max((sum(span.seconds for span, _ in out) for out in outs), default=0),
        longest_out_seconds=max((span.seconds for out in outs for span, _ in out), default=0),
        covered_permille=covered,
        longest_gap_seconds=longest,
        gaps=tuple(real[:GAPS_TOLD]),
        complete=bool(values) and longest <= profile.gap_seconds and covered >= profile.covered_permille,
        excursions=tuple(sorted(_once(found), key=lambda each: (each.at, each.kind))),
    )


def _held(trace: list[Sample], end: int, interval: int) -> list[Span]:
    """For each reading the time it speaks for."""
    following = [sample.at for sample in trace[1:]] + [end]
    return [Span(sample.at, min(then, sample.at + interval)) for sample, then in zip(trace, following, strict=True)]


def _uncovered(held: list[Span], start: int, end: int) -> list[Span]:
    gaps, reached = [], start
    for span in sorted(held):
        if span.start > reached:
            gaps.append(Span(reached, span.start))
        reached = max(reached, span.end)
    if reached < end:
        gaps.append(Span(reached, end))
    return gaps


def _outs(trace: list[Sample], end: int, profile: Profile) -> list[tuple[Span, int]]:
    """The times out of range in one piece, each with its worst temperature."""
    found: list[tuple[Span, int]] = []
    begun: int | None = None
    worst = last = 0
    for sample in trace:
        if profile.low_mc <= sample.mc <= profile.high_mc:
            if begun is not None:
                found.append((Span(begun, min(sample.at, last + profile.interval_seconds)), worst))
            begun = None
            continue
        if begun is None:
            begun, worst = sample.at, sample.mc
        worst, last = _worse(worst, sample.mc, profile), sample.at
    if begun is not None:
        found.append((Span(begun, min(end, last + profile.interval_seconds)), worst))
    return found


def _worse(a: int, b: int, profile: Profile) -> int:
    return max(a, b, key=lambda mc: max(mc - profile.high_mc, profile.low_mc - mc))


def _excursions(trace: list[Sample], outs: list[tuple[Span, int]], profile: Profile) -> list[Excursion]:
    found = []
    beyond = [sample for sample in trace if not profile.floor_mc <= sample.mc <= profile.ceiling_mc]
    if beyond:
        worst = beyond[0].mc
        for sample in beyond:
            worst = _worse(worst, sample.mc, profile)
        found.append(Excursion(kind="limit", at=beyond[0].at, peak_mc=worst, seconds=0))
    for span, worst in outs:
        if span.seconds > profile.tolerated_seconds:
            at = span.start + profile.tolerated_seconds
            found.append(Excursion(kind="duration", at=at, peak_mc=worst, seconds=span.seconds))
    total = 0
    for span, _ in outs:
        if total + span.seconds > profile.cumulative_seconds:
            at = span.start + profile.cumulative_seconds - total
            peak = outs[0][1]
            for _, worst in outs:
                peak = _worse(peak, worst, profile)
            whole = sum(each.seconds for each, _ in outs)
            found.append(Excursion(kind="cumulative", at=at, peak_mc=peak, seconds=whole))
            break
        total += span.seconds
    return found


def _once(found: list[Excursion]) -> list[Excursion]:
    """One of each kind: the one that was first, with the worst of all."""
    first: dict[str, Excursion] = {}
    for each in sorted(found, key=lambda one: one.at):
        there = first.get(each.kind)
        if there is None:
            first[each.kind] = each
        elif each.seconds > there.seconds:
            first[each.kind] = msgspec.structs.replace(there, seconds=each.seconds)
    return list(first.values())


def _kinetic(trace: list[Sample], held: list[Span]) -> int:
    """By time; of readings that hold for no time (all at the very end) each counts once."""
    weighted = [(sample.mc, span.seconds) for sample, span in zip(trace, held, strict=True)]
    return mean_kinetic_mc(weighted if any(weight for _, weight in weighted) else [(mc, 1) for mc, _ in weighted])


def _mean(traces: list[list[Sample]], held: list[list[Span]]) -> int | None:
    pairs = [
        (s.mc, span.seconds)
        for trace, spans in zip(traces, held, strict=True)
        for s, span in zip(trace, spans, strict=True)
    ]
    weight = sum(seconds for _, seconds in pairs)
    if weight:
        return round(sum(mc * seconds for mc, seconds in pairs) / weight)
    return round(sum(mc for mc, _ in pairs) / len(pairs)) if pairs else None
