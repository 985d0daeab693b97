"""Canonical JSON: RFC 8785's own examples without floats, and properties."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lilong.kernel.events.rules.canonical import canonical

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=5),
)


def test_keys_sort_by_utf_16_code_units() -> None:
    """The example of section 3.2.3: U+1F600 (D83D DE00) comes before U+FB33, though its code point is greater."""
    given = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    ordered = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical(given))) == ordered
    assert canonical({"\ufb33": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb33":1}'.encode()


def test_strings_are_written_as_section_3_2_2_2_says() -> None:
    given = {"string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"\u002f", "literals": [None, True, False]}
    assert canonical(given) == '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'.encode()
    assert canonical("\b\t\n\f\r\x00\x1f\x7f\u2028") == '"\\b\\t\\n\\f\\r\\u0000\\u001f\x7f\u2028"'.encode()
    astral = "\b\t\n\f\r\x00\x1f\x7f\u2028\U0001f600"
    assert canonical(astral) == '"\\b\\t\\n\\f\\r\\u0000\\u001f\x7f\u2028\U0001f600"'.encode()


@given(values)
def test_it_reads_back_and_is_the_same_whatever_the_order(value: Any) -> None:
    body = canonical(value)
    assert json.loads(body) == value
    assert canonical(_turned(value)) == body


@given(values)
def test_keys_are_in_utf_16_order_everywhere(value: Any) -> None:
    def check(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key.encode("utf-16-be") for key, _ in pairs]
        assert keys == sorted(keys)
        return dict(pairs)

    assert json.loads(canonical(value), object_pairs_hook=check) == value


@pytest.mark.parametrize(
    "value", [1.0, [0.5], {"a": float("nan")}, 2**53, [-(2**53)], {1: 2}, b"x", {"a": {1}}, "\udc00"]
)
def test_what_has_no_exact_form_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"canonical form|beyond|not a string|not Unicode"):
        canonical(value)


def _turned(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _turned(member) for key, member in reversed(value.items())}
    return [_turned(member) for member in value] if isinstance(value, list) else value
