"""What one event adds to which numbers.

A number lives in a *cell*: (indicator, part, month, slice). `part` is 'n' or 'd' (numerator, denominator); `month` is the
first day of a month of the city; `slice` is '' for the whole city, or a combination of the indicator's dimensions,
'district=pudong' or 'district=pudong&channel=online'. An event counts in every combination, so that each is read directly.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from itertools import combinations
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from lilong.kernel.base.clock import CITY_ZONE
from lilong.kernel.base.manifest import Indicator, Measure
from lilong.kernel.events.rules.envelope import Recorded
from lilong.plan.rules.check import dimensions, measures

TOTAL = ""
_PARTIES = ("buyer", "party", "person", "resident", "member")

Path: TypeAlias = tuple[str, ...]
Where: TypeAlias = tuple[tuple[Path, frozenset[tuple[type, str | int | bool]]], ...]


class Key(NamedTuple):
    """A cell's address."""

    indicator: str
    part: str
    month: date
    slice: str


class Term(NamedTuple):
    """A measure, or one of its `minus` measures, ready to be asked. `reverses` are the types a minus takes back."""

    indicator: str
    part: str
    sign: int
    path: Path
    distinct: Path
    where: Where
    reverses: tuple[str, ...]
    dimensions: tuple[str, ...]


class Origin(NamedTuple):
    """The event that another one takes back: its place in the log, its moment, type and data."""

    seq: int
    at: datetime
    type: str
    data: Mapping[str, Any]


class Contribution(NamedTuple):
    """What one event adds to one cell: `amount`, or (distinct) +1 or -1 for each of `values`."""

    key: Key
    amount: int
    values: tuple[tuple[str, int], ...]


Terms: TypeAlias = Mapping[str, Sequence[Term]]
Origins: TypeAlias = Mapping[UUID, Sequence[Origin]]


def compiled(indicators: Iterable[Indicator]) -> dict[str, list[Term]]:
    """The terms of all indicators by the type of event that they look at."""
    terms: dict[str, list[Term]] = {}
    for indicator in indicators:
        for part, measure in measures(indicator):
            _compile(terms, indicator, part, measure, 1, ())
    return terms


def contributions(event: Recorded, terms: Terms, origins: Origins) -> list[Contribution]:
    """Everything the event adds, one contribution for each cell."""
    sums: dict[Key, int] = {}
    seen: dict[Key, dict[str, int]] = {}
    booked: dict[tuple[tuple[str, ...], tuple[str, ...]], tuple[date, tuple[str, ...]]] = {}
    for term in terms.get(event.type, ()):
        if term.where and not _matches(event.data, term.where):
            continue
        where = booked.get((term.reverses, term.dimensions))
        if where is None:
            where = booked[term.reverses, term.dimensions] = _booked(event, term, origins)
        values = _values(event.data, term.distinct) if term.distinct else ()
        amount = 0 if term.distinct else term.sign * _sum(event.data, term.path)
        month, parts = where
        for part in parts:
            key = Key(term.indicator, term.part, month, part)
            sums[key] = sums.get(key, 0) + amount
            for value in values:
                counted = seen.setdefault(key, {})
                counted[value] = counted.get(value, 0) + term.sign
    return [Contribution(key, amount, tuple(seen[key].items()) if key in seen else ()) for key, amount in sums.items()]


def reversed_types(terms: Terms) -> dict[str, frozenset[str]]:
    """For each type of event that takes something back: the types that it takes back."""
    found = {type: frozenset(t for term in members for t in term.reverses) for type, members in terms.items()}
    return {type: types for type, types in found.items() if types}


@lru_cache(maxsize=4096)
def slices(names: tuple[str, ...], values: tuple[str, ...]) -> tuple[str, ...]:
    """Every combination of the dimensions, from the whole city ('') to all of them together."""
    pairs = list(zip(names, values, strict=True))
    return tuple(urlencode(chosen) for n in range(len(pairs) + 1) for chosen in combinations(pairs, n))


def slice_of(names: Sequence[str], values: Mapping[str, str]) -> str:
    """The slice for the given values, in the order of the indicator's dimensions."""
    return urlencode([(name, values[name]) for name in names if name in values])


def values_of(slice: str) -> dict[str, str]:
    """A slice's dimensions and values."""
    return dict(parse_qsl(slice, keep_blank_values=True))


@lru_cache(maxsize=4096)
def _month_of_hour(hours: int) -> date:
    return datetime.fromtimestamp(hours * 3600, CITY_ZONE).date().replace(day=1)


def month_of(at: datetime) -> date:
    """The first day of the city's month in which the moment lies."""
    return _month_of_hour(int(at.timestamp() // 3600))


def party_of(event: Recorded) -> str:
    """Who it concerns, for the count that keeps small cells unpublished: the person or firm served, else who acted."""
    for name in _PARTIES:
        value = event.data.get(name)
        if value:
            return str(value)
    return str(event.actor or event.subject)


def _compile(
    terms: dict[str, list[Term]],
    indicator: Indicator,
    part: str,
    measure: Measure,
    sign: int,
    reverses: tuple[str, ...],
) -> None:
    term = Term(
        indicator.id,
        part,
        sign,
        _path(measure.path),
        _path(measure.distinct),
        tuple(
            (_path(path), frozenset((type(value), value) for value in accepted))
            for path, accepted in measure.where.items()
        ),
        reverses,
        dimensions(indicator),
    )
    for name in measure.events:
        terms.setdefault(name, []).append(term)
    for inner in measure.minus:
        _compile(terms, indicator, part, inner, -sign, reverses or measure.events)


def _path(dotted: str) -> Path:
    return tuple(dotted.split(".")) if dotted else ()


def _booked(event: Recorded, term: Term, origins: Origins) -> tuple[date, tuple[str, ...]]:
    """The month and the slices in which the event counts for that term: its own, or those of what it takes back."""
    origin = _origin(event, term.reverses, origins)
    at, data, type = (origin.at, origin.data, origin.type) if origin else (event.at, event.data, event.type)
    values = tuple(_dimension(data, type, name) for name in term.dimensions)
    return month_of(at), slices(term.dimensions, values)


def _origin(event: Recorded, types: tuple[str, ...], origins: Origins) -> Origin | None:
    """The earliest event of those types about the same subject that stands before this one in the log."""
    if not types:
        return None
    for origin in origins.get(event.subject, ()):
        if origin.type in types and event.seq is not None and origin.seq < event.seq:
            return origin
    return None


def _matches(data: Mapping[str, Any], where: Where) -> bool:
    """Values are compared with their types: 1 is not True."""
    return all(any((type(value), value) in accepted for value in _scalars(data, path)) for path, accepted in where)


def _scalars(data: Mapping[str, Any], path: Path) -> list[str | int]:
    return [value for value in _at(data, path) if isinstance(value, str | int)]


def _sum(data: Mapping[str, Any], path: Path) -> int:
    if not path:
        return 1
    return sum(value for value in _at(data, path) if isinstance(value, int) and not isinstance(value, bool))


def _values(data: Mapping[str, Any], path: Path) -> set[str]:
    return {str(value) for value in _at(data, path) if value is not None and not isinstance(value, dict | list)}


def _dimension(data: Mapping[str, Any], type: str, name: str) -> str:
    found = _at(data, tuple(name.split(".")))
    value = found[0] if found else None
    if value is None and name == "field":
        return type.partition(".")[0]
    return "" if value is None or isinstance(value, dict | list) else str(value)


def _at(data: Any, path: Path) -> list[Any]:
    """The values at a path; '*' is every member of a list or dictionary. Nothing there: no values."""
    if len(path) == 1 and isinstance(data, dict) and path[0] != "*":
        return [data[path[0]]] if path[0] in data else []
    found = [data]
    for step in path:
        inner: list[Any] = []
        for value in found:
            if step == "*":
                inner.extend(value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())
            elif isinstance(value, dict) and step in value:
                inner.append(value[step])
        found = inner
    return found
