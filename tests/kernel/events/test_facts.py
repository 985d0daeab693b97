"""Declaring facts: what may be logged, and what is refused at once."""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Literal
from uuid import UUID

import msgspec
import pytest

from lilong.kernel.base.problems import Invalid
from lilong.kernel.events import facts
from lilong.kernel.events.facts import Fact, fact

ONE = UUID(int=1)


class Colour(Enum):
    RED = "red"


class Part(msgspec.Struct, frozen=True):
    name: str
    amounts: list[int]


@fact("testing.facts.rich", version=3)
class Rich(Fact):
    whole: int
    text: str
    flag: bool
    id: UUID
    day: date
    moment: datetime
    colour: Colour
    choice: Literal["a", "b"]
    maybe: int | None
    parts: list[Part]
    by_name: dict[str, list[int | None]]


def rich(**changes: Any) -> Rich:
    values: dict[str, Any] = {
        "whole": 7,
        "text": "龙",
        "flag": True,
        "id": ONE,
        "day": date(2020, 4, 8),
        "moment": datetime(2020, 4, 8, 1, 2, 3, tzinfo=UTC),
        "colour": Colour.RED,
        "choice": "a",
        "maybe": None,
        "parts": [Part("x", [1])],
        "by_name": {"k": [1, None]},
    }
    return Rich(**values | changes)


def test_every_allowed_type_comes_back_as_it_was() -> None:
    declared, body = facts.encoded(rich())
    assert (declared.name, declared.version) == ("testing.facts.rich", 3)
    assert facts.typed("testing.facts.rich", msgspec.json.decode(body)) == rich()


@pytest.mark.parametrize(
    "kind",
    [float, int | float, list[float], dict[str, float], Decimal, Any, list, dict, dict[int, str], bytes, object],
)
def test_a_field_that_cannot_be_logged_exactly_is_refused_where_it_is_declared(kind: Any) -> None:
    cls = msgspec.defstruct("Odd", [("field", kind)], bases=(Fact,), frozen=True, kw_only=True)
    with pytest.raises(TypeError, match=r"Odd\.field"):
        fact("testing.facts.odd")(cls)
    assert "testing.facts.odd" not in facts.names()


def test_a_float_deep_inside_is_refused() -> None:
    inner = msgspec.defstruct("Inner", [("share", list[float])])
    cls = msgspec.defstruct("Outer", [("inner", inner | None)], bases=(Fact,), frozen=True, kw_only=True)
    with pytest.raises(TypeError, match=r"Outer\.inner\.share: no floats"):
        fact("testing.facts.outer")(cls)


def test_a_name_is_declared_once() -> None:
    cls = msgspec.defstruct("Again", [("n", int)], bases=(Fact,), frozen=True, kw_only=True)
    with pytest.raises(ValueError, match="declared already, by Rich"):
        fact("testing.facts.rich")(cls)


@pytest.mark.parametrize(
    "name", ["", "lot", "Market.lot", "market..lot", "market.lot ", "market.*", "market.lot.>", "1.a"]
)
def test_a_malformed_name_is_refused(name: str) -> None:
    cls = msgspec.defstruct("Named", [("n", int)], bases=(Fact,), frozen=True, kw_only=True)
    with pytest.raises(ValueError, match="no name for a fact"):
        fact(name)(cls)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"whole": 1.5}, "/testing.facts.rich"),
        ({"whole": 2.0}, "/testing.facts.rich"),
        ({"whole": 2**53}, "/testing.facts.rich/whole"),
        ({"by_name": {"k": [-(2**53)]}}, "/testing.facts.rich/by_name/k/0"),
        ({"text": "a\0b"}, "/testing.facts.rich"),
        ({"text": "\ud800"}, "/testing.facts.rich"),
        ({"choice": "c"}, "/testing.facts.rich"),
    ],
)
def test_a_value_that_the_log_cannot_hold_is_refused(changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refusal:
        facts.encoded(rich(**changes))
    assert [violation.pointer for violation in refusal.value.violations] == [pointer]


def test_the_largest_exact_integer_and_long_digits_in_text_pass() -> None:
    _, body = facts.encoded(rich(whole=2**53 - 1, text="12345678901234567890 \\u0000"))
    assert facts.typed("testing.facts.rich", msgspec.json.decode(body)).whole == 2**53 - 1
