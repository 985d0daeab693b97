"""The indicators that the house computes: the city's own, and those in the manifests of its open fields.

The site registers each field's manifest when it starts; the plan itself never imports a field.
"""

import hashlib
from functools import cache

import msgspec

from lilong.kernel.base.manifest import Field, Indicator
from lilong.plan.indicators import CITY
from lilong.plan.rules.check import check, dimensions
from lilong.plan.rules.contributions import Terms, compiled

_fields: dict[str, Field] = {}


def register(field: Field) -> None:
    """Makes a field's indicators known; the same code again replaces it.

    Raises ValueError for a definition that cannot be computed or an id that another field has.
    """
    taken = {i.id: "" for i in CITY} | {
        i.id: f.code for f in _fields.values() if f.code != field.code for i in f.indicators
    }
    for indicator in field.indicators:
        check(indicator)
        if indicator.id in taken:
            raise ValueError(f"indicator {indicator.id!r} is declared twice, by {field.code!r} too")
        taken[indicator.id] = field.code
    if field.figure and field.figure not in {i.id for i in field.indicators}:
        raise ValueError(f"field {field.code!r} shows the figure {field.figure!r}, which it does not declare")
    _fields[field.code] = field
    _forget_compiled()


def forget(code: str) -> None:
    """Takes a field's indicators out again."""
    _fields.pop(code, None)
    _forget_compiled()


def fields() -> dict[str, Field]:
    """The manifests of the open doors by code."""
    return dict(_fields)


def indicators() -> dict[str, Indicator]:
    """All indicators by id: the city's own first, then each field's, in the plan's order of fields."""
    ordered = sorted(_fields.values(), key=lambda field: field.number)
    return {i.id: i for i in (*CITY, *(i for field in ordered for i in field.indicators))}


@cache
def terms() -> Terms:
    """What is asked of each type of event."""
    return compiled(indicators().values())


@cache
def fingerprint() -> str:
    """Changes whenever a definition changes in a way that changes numbers (not with names, baselines or targets)."""
    parts = [
        [i.id, i.numerator, i.denominator, dimensions(i)] for i in sorted(indicators().values(), key=lambda i: i.id)
    ]
    return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).hexdigest()


def _forget_compiled() -> None:
    terms.cache_clear()
    fingerprint.cache_clear()
