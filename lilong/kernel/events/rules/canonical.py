"""Canonical JSON, RFC 8785, for data without floats: one sequence of bytes for one value."""

import json
from typing import Any

import msgspec

from lilong.kernel.events.facts import INTEGER_MAX

_ASTRAL = 0xF0  # the first byte of UTF-8 for code points beyond the BMP
_sorted = msgspec.json.Encoder(order="deterministic").encode


def canonical(value: Any) -> bytes:
    """The RFC 8785 form of None, bool, int, str, and lists and dictionaries (with string keys) of them.

    Raises ValueError for what has no exact form: floats, integers beyond +-(2^53 - 1), lone surrogates, other types.
    """
    _check(value)
    try:
        body = _sorted(value)
    except UnicodeEncodeError as error:
        raise ValueError(f"not Unicode text: {error}") from None
    if not body.isascii() and max(body) >= _ASTRAL:
        # Keys sort by UTF-16 code units (section 3.2.3); code points agree with that order only within the BMP.
        return _slow(value).encode()
    return body


def _check(value: Any) -> None:
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return
    if kind is int:
        if not -INTEGER_MAX <= value <= INTEGER_MAX:
            raise ValueError(f"the integer {value} is beyond +-{INTEGER_MAX}")
    elif kind is dict:
        for key, member in value.items():
            if type(key) is not str:
                raise ValueError(f"the key {key!r} is not a string")
            _check(member)
    elif kind is list:
        for member in value:
            _check(member)
    else:
        raise ValueError(f"{kind.__name__} has no canonical form")


def _slow(value: Any) -> str:
    if isinstance(value, dict):
        pairs = sorted(value.items(), key=lambda pair: pair[0].encode("utf-16-be"))
        return "{" + ",".join(f"{_slow(key)}:{_slow(member)}" for key, member in pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_slow, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
