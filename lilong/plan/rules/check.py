"""Whether an indicator's definition can be computed at all: found when the house starts, not when a number is missing."""

import re
from collections.abc import Iterator

from lilong.kernel.base.manifest import Indicator, Measure

DIMENSIONS_MAX = 3
_ID = re.compile(r"[a-z][a-z0-9]*(\.[a-z][a-z0-9-]*)+")
_PATH = re.compile(r"[a-z_][a-z0-9_]*(\.(\*|[a-z_][a-z0-9_]*))*")


def check(indicator: Indicator) -> None:
    """Raises ValueError, naming the indicator and what is wrong with it."""
    for wrong in _findings(indicator):
        raise ValueError(f"indicator {indicator.id!r}: {wrong}")


def dimensions(indicator: Indicator) -> tuple[str, ...]:
    """What its numbers are split by, besides the month."""
    return tuple(path for path in indicator.disaggregation if path != "month")


def measures(indicator: Indicator) -> Iterator[tuple[str, Measure]]:
    """Its parts: ('n', numerator), and ('d', denominator) if it has one."""
    yield "n", indicator.numerator
    if indicator.denominator is not None:
        yield "d", indicator.denominator


def _findings(indicator: Indicator) -> Iterator[str]:
    if not _ID.fullmatch(indicator.id):
        yield "an id is lower case and dotted, like 'market.turnover'"
    for words in (indicator.name, indicator.definition):
        if not (words.en and words.zh and words.ko):
            yield "name and definition are needed in three languages"
    split = dimensions(indicator)
    if len(split) > DIMENSIONS_MAX:
        yield f"at most {DIMENSIONS_MAX} dimensions besides the month"
    for path in split:
        if not _PATH.fullmatch(path) or "*" in path:
            yield f"dimension {path!r} is no path to one value"
    yield from _wrong_unit(indicator)
    for _, measure in measures(indicator):
        yield from _wrong_in(measure, bool(measure.distinct))


def _wrong_unit(indicator: Indicator) -> Iterator[str]:
    if indicator.unit in ("share", "duration") and indicator.denominator is None:
        yield f"a {indicator.unit} needs a denominator"
    if indicator.unit == "growth" and indicator.denominator is not None:
        yield "growth has no denominator: it compares the numerator with the baseline"
    if indicator.unit == "growth" and indicator.baseline is not None and indicator.baseline <= 0:
        yield "growth needs a baseline above nothing"


def _wrong_in(measure: Measure, distinct: bool) -> Iterator[str]:
    if not measure.events:
        yield "a measure needs at least one type of event"
    if bool(measure.distinct) != distinct:
        yield "distinct values are taken from distinct values only"
    if measure.distinct and measure.path:
        yield "a measure either counts distinct values or sums a path"
    for path in (measure.path, measure.distinct, *measure.where):
        if path and not _PATH.fullmatch(path):
            yield f"{path!r} is no path"
    for inner in measure.minus:
        yield from _wrong_in(inner, distinct)
