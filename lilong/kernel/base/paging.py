"""Cursor paging: pages by the last key seen, so that rows arriving meanwhile neither repeat nor hide others."""

import base64
import binascii
from typing import Any

import msgspec
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from lilong.kernel.base.problems import invalid

SIZE_DEFAULT, SIZE_MAX = 20, 100


class Slice(msgspec.Struct, kw_only=True):
    """One page: the rows, and the cursor of the next page ('' at the end)."""

    items: list[Any]
    next: str = ""


def page(rows: QuerySet[Any], *, by: tuple[str, ...], cursor: str = "", size: int = SIZE_DEFAULT) -> Slice:
    """A page of `rows` ordered by the fields `by` ('-placed_at', '-id'); the last of them must be unique.

    Raises Invalid for a size outside 1..100 and for a cursor that is not one of ours.
    """
    if not 1 <= size <= SIZE_MAX:
        raise invalid("/size", "range", f"1..{SIZE_MAX}")
    ordered = rows.order_by(*by)
    if cursor:
        try:
            ordered = ordered.filter(_beyond(by, _decode(cursor, len(by))))
        except (ValueError, TypeError, ValidationError):  # values that the columns cannot be compared with
            raise invalid("/cursor", "format") from None
    found = list(ordered[: size + 1])
    more = len(found) > size
    found = found[:size]
    return Slice(items=found, next=_encode(found[-1], by) if more else "")


def _beyond(by: tuple[str, ...], values: list[Any]) -> Q:
    beyond, equal = Q(), Q()
    for name, value in zip(by, values, strict=True):
        field, op = (name[1:], "lt") if name.startswith("-") else (name, "gt")
        beyond |= equal & Q(**{f"{field}__{op}": value})
        equal &= Q(**{field: value})
    return beyond


def _encode(row: Any, by: tuple[str, ...]) -> str:
    values = [getattr(row, name.lstrip("-")) for name in by]
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def _decode(cursor: str, count: int) -> list[Any]:
    try:
        values = msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, msgspec.DecodeError):
        raise invalid("/cursor", "format") from None
    if not isinstance(values, list) or len(values) != count:
        raise invalid("/cursor", "format")
    return values
