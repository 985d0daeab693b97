"""Declaring facts: the typed, versioned bodies of events.

A fact's fields are integers, strings, truth values, UUIDs, dates, moments, literals and enumerations, and lists,
dictionaries and structs of them, or None. Floats are refused where the fact is declared: they do not survive canonical
JSON (RFC 8785 section 3.2.2.3 makes every number a double), and neither do integers beyond 2^53 - 1, which are refused
where the fact is emitted.
"""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from lilong.kernel.base.problems import invalid

INTEGER_MAX = 2**53 - 1

_NAME = re.compile(r"[a-z][a-z0-9]*(\.[a-z][a-z0-9_-]*)+")
_LONG_NUMBER = re.compile(rb"\d{16}")
_SCALARS = (
    inspect.IntType,
    inspect.StrType,
    inspect.BoolType,
    inspect.UUIDType,
    inspect.DateType,
    inspect.DateTimeType,
    inspect.NoneType,
    inspect.LiteralType,
    inspect.EnumType,
)
_KEYS = (inspect.StrType, inspect.UUIDType, inspect.DateType, inspect.LiteralType, inspect.EnumType)
_encode = msgspec.json.Encoder().encode


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every fact; subclasses are declared with `@fact(name)`."""


class Declared(msgspec.Struct, frozen=True):
    """One entry of the registry."""

    name: str
    version: int
    cls: type[Fact]
    decoder: msgspec.json.Decoder[Any]


F = TypeVar("F", bound=type[Fact])
_by_name: dict[str, Declared] = {}
_by_class: dict[type[Fact], Declared] = {}


def fact(name: str, *, version: int = 1) -> Callable[[F], F]:
    """Declares a Fact class under its stable name (`market.lot.received`): lower case, at least two dotted parts.

    Raises ValueError for a name that is taken or malformed, TypeError for a field that cannot be logged exactly.
    """

    def declare(cls: F) -> F:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name for a fact: lower case, dotted, like 'market.lot.received'")
        if name in _by_name:
            raise ValueError(f"the fact {name!r} is declared already, by {_by_name[name].cls.__qualname__}")
        if not issubclass(cls, Fact):
            raise TypeError(f"{cls.__qualname__} is not a Fact")
        _check(inspect.type_info(cls), cls.__qualname__, ())
        _by_name[name] = _by_class[cls] = Declared(name, version, cls, msgspec.json.Decoder(cls))
        return cls

    return declare


def declared(name: str) -> Declared:
    """The declaration of that name. Raises LookupError when nothing in this process declares it."""
    return _by_name[name]


def names() -> frozenset[str]:
    """The names of all facts that this process knows."""
    return frozenset(_by_name)


def encoded(value: Fact) -> tuple[Declared, msgspec.Raw]:
    """A fact's declaration and its body as JSON, checked against its own field types (constructors do not check).

    Raises Invalid, naming the field where msgspec names it.
    """
    found = _by_class.get(type(value))
    if found is None:
        raise TypeError(f"{type(value).__qualname__} is not declared with @fact")
    try:
        body = _encode(value)
        found.decoder.decode(body)
    except (msgspec.MsgspecError, TypeError, UnicodeEncodeError) as error:
        raise invalid(f"/{found.name}", "type", error) from None
    if _LONG_NUMBER.search(body):
        _check_integers(msgspec.json.decode(body), f"/{found.name}")
    if b"\\u0000" in body and "\0" in "".join(_strings(msgspec.json.decode(body))):
        raise invalid(f"/{found.name}", "nul", "text may not contain U+0000")
    return found, msgspec.Raw(body)


def typed(name: str, data: dict[str, Any]) -> Fact:
    """A recorded body as the declared class of that name."""
    found: Fact = msgspec.convert(data, _by_name[name].cls)
    return found


def _check(info: inspect.Type, where: str, above: tuple[type, ...]) -> None:
    if isinstance(info, _SCALARS):
        return
    if isinstance(info, inspect.StructType):
        if info.cls not in above:
            for field in info.fields:
                _check(field.type, f"{where}.{field.name}", (*above, info.cls))
        return
    if isinstance(info, inspect.DictType) and not isinstance(info.key_type, _KEYS):
        raise TypeError(f"{where}: the keys of a fact's dictionary are strings")
    for inner in _inside(info, where):
        _check(inner, where, above)


def _inside(info: inspect.Type, where: str) -> tuple[inspect.Type, ...]:
    """The types that a container type holds. Raises TypeError for a type that no fact may have."""
    if isinstance(info, inspect.Metadata):
        return (info.type,)
    if isinstance(info, inspect.UnionType):
        return info.types
    if isinstance(info, inspect.DictType):
        return (info.value_type,)
    if isinstance(info, inspect.ListType | inspect.VarTupleType):
        return (info.item_type,)
    if isinstance(info, inspect.TupleType):
        return info.item_types
    if isinstance(info, inspect.FloatType | inspect.DecimalType):
        raise TypeError(f"{where}: no floats or decimals in a fact; use integers of a small unit")
    raise TypeError(f"{where}: {type(info).__name__} is not allowed in a fact (say exactly what is inside)")


def _check_integers(value: object, where: str) -> None:
    if isinstance(value, int) and abs(value) > INTEGER_MAX:
        raise invalid(where, "range", f"integers of an event are within +-{INTEGER_MAX}")
    if isinstance(value, dict):
        for key, member in value.items():
            _check_integers(member, f"{where}/{key}")
    if isinstance(value, list):
        for place, member in enumerate(value):
            _check_integers(member, f"{where}/{place}")


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for member in pair for text in _strings(member)]
    if isinstance(value, list):
        return [text for member in value for text in _strings(member)]
    return []
