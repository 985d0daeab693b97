"""Global Trade Item Numbers and in-store codes (GS1 General Specifications, sections 2, 7.9 and 7.10)."""

from typing import Literal

import msgspec

from lilong.kernel.base.problems import invalid

LENGTHS = (8, 12, 13, 14)
_PRICE_DIGITS_4, _PRICE_DIGITS_5 = 4, 5

# Weighted products of the price or weight verifier digit (General Specifications 7.9.2 - 7.9.4).
_TWO_MINUS = (0, 2, 4, 6, 8, 9, 1, 3, 5, 7)
_THREE = (0, 3, 6, 9, 2, 5, 8, 1, 4, 7)
_FIVE_PLUS = (0, 5, 1, 6, 2, 7, 3, 8, 4, 9)
_FIVE_MINUS = (0, 5, 9, 4, 8, 3, 7, 2, 6, 1)


def check_digit(body: str) -> int:
    """The check digit that follows the digits `body` (weights 3 and 1 from the right)."""
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(body)))
    return -total % 10


def normalise(text: str, pointer: str = "/gtin") -> str:
    """A GTIN-8, -12, -13 or -14 as 14 digits.

    Raises Invalid naming `pointer` with rule `digits`, `length`, `check-digit` or `zero`.
    """
    if not (text.isascii() and text.isdigit()):
        raise invalid(pointer, "digits")
    if len(text) not in LENGTHS:
        raise invalid(pointer, "length", "8, 12, 13, 14")
    if check_digit(text[:-1]) != int(text[-1]):
        raise invalid(pointer, "check-digit")
    if not text.strip("0"):
        raise invalid(pointer, "zero")
    return text.zfill(14)


def shown(gtin14: str) -> str:
    """The shortest usual form for people: 13 digits, 8 where the number is a GTIN-8, 14 where an indicator stands."""
    if gtin14[0] != "0":
        return gtin14
    return gtin14[6:] if gtin14.startswith("000000") else gtin14[1:]


def is_restricted(gtin14: str) -> bool:
    """Whether the number is kept for one company or country (prefix 02, 04, 20-29; GTIN-8 from 0 or 2): no world-wide
    product may carry it, and two shops may use it for two things."""
    if gtin14.startswith("000000"):
        return gtin14[6] in "02"
    prefix = gtin14[1:3]
    return gtin14[0] == "0" and (prefix in ("02", "04") or prefix[0] == "2")


def require_trade_item(text: str, pointer: str = "/gtin") -> str:
    """A GTIN that may name a product for the whole world, as 14 digits.

    Raises Invalid as `normalise` does, and with rule `restricted` for numbers that only one shop understands.
    """
    gtin14 = normalise(text, pointer)
    if is_restricted(gtin14):
        raise invalid(pointer, "restricted")
    return gtin14


class Scheme(msgspec.Struct, frozen=True, kw_only=True):
    """How a shop reads its own 13-digit labels of weighed goods: 2-digit `prefix`, item, value, check digit.

    `means` says what the value is ('weight' in grams, 'price' in minor units). With `verifier`, one digit between item
    and value checks the value.
    """

    prefix: str
    item_digits: int = 5
    value_digits: int = 5
    means: Literal["weight", "price"] = "weight"
    verifier: bool = False


class Weighed(msgspec.Struct, frozen=True, kw_only=True):
    """What a scale's label says: the shop's item code and either grams or minor units of money."""

    item: str
    grams: int | None = None
    price: int | None = None


SCHEMES = (
    Scheme(prefix="21", means="weight"),
    Scheme(prefix="22", means="price"),
    Scheme(prefix="23", means="weight", item_digits=4, verifier=True),
    Scheme(prefix="24", means="price", item_digits=4, verifier=True),
)


def read_weighed(text: str, schemes: tuple[Scheme, ...] = SCHEMES, pointer: str = "/code") -> Weighed:
    """The label of a scale (EAN-13, prefix 20-29).

    Raises Invalid with rule `digits`, `length`, `check-digit`, `unknown-scheme` or `verifier`.
    """
    if len(text) != 13:  # noqa: PLR2004 (EAN-13)
        raise invalid(pointer, "length", "13")
    normalise(text, pointer)
    scheme = next((s for s in schemes if text.startswith(s.prefix)), None)
    if scheme is None:
        raise invalid(pointer, "unknown-scheme")
    item = text[2 : 2 + scheme.item_digits]
    value = text[-1 - scheme.value_digits : -1]
    if scheme.verifier and int(text[2 + scheme.item_digits]) != value_check_digit(value):
        raise invalid(pointer, "verifier")
    amount = int(value)
    return Weighed(item=item, grams=amount) if scheme.means == "weight" else Weighed(item=item, price=amount)


def value_check_digit(value: str) -> int:
    """The verifier digit of a 4- or 5-digit price or weight. Raises ValueError for other lengths."""
    digits = [int(digit) for digit in value]
    if len(digits) == _PRICE_DIGITS_4:
        products = zip((_TWO_MINUS, _TWO_MINUS, _THREE, _FIVE_MINUS), digits, strict=True)
        return sum(table[digit] for table, digit in products) * 3 % 10
    if len(digits) == _PRICE_DIGITS_5:
        products = zip((_FIVE_PLUS, _TWO_MINUS, _FIVE_MINUS, _FIVE_PLUS, _TWO_MINUS), digits, strict=True)
        return _FIVE_MINUS.index(-sum(table[digit] for table, digit in products) % 10)
    raise ValueError("a value has 4 or 5 digits")
