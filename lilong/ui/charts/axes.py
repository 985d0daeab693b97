"""Scales and ticks. Pure."""

import math
from collections.abc import Callable, Iterable, Sequence

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_CLOSE = 1e-9


def ticks(low: float, high: float, wanted: int = 5, *, whole: bool = False) -> list[float]:
    """Round numbers from at most `low` to at least `high`, about `wanted` of them: ticks(0, 87) -> [0, 20, 40, 60, 80, 100]."""
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError("the ends of an axis are finite")
    if high <= low:
        high = low + (abs(low) or 1.0)
    rough = (high - low) / max(1, wanted - 1)
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(each * size for each in _STEPS if each * size >= rough * (1 - _CLOSE))
    step = max(step, 1.0) if whole else step
    first, last = math.floor(low / step + _CLOSE), math.ceil(high / step - _CLOSE)
    digits = max(0, 2 - math.floor(math.log10(step)))
    return [round(n * step, digits) for n in range(first, last + 1)]


def around(values: Iterable[float | None], *, zero: bool = True) -> tuple[float, float]:
    """The lowest and highest of the values there are, with zero unless told otherwise; (0, 1) for none."""
    known = [value for value in values if value is not None]
    if not known:
        return 0.0, 1.0
    return (min(0.0, *known), max(0.0, *known)) if zero else (min(known), max(known))


def scale(domain: tuple[float, float], span: tuple[float, float]) -> Callable[[float], float]:
    """A linear map of `domain` onto `span`."""
    low, high = domain
    start, end = span
    ratio = (end - start) / (high - low) if high != low else 0.0
    return lambda value: start + (value - low) * ratio


def spread(count: int, room: float, width: float) -> int:
    """Every how many labels of `width` there is room for one of `count` within `room`."""
    return max(1, math.ceil(count * width / room)) if room > 0 else max(1, count)


def number(value: float) -> str:
    """A coordinate with one digit at most."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def polyline(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)


def text_width(text: str, size: float = 12.5) -> float:
    """About how wide a text is: Han and Hangul are square, other letters a little over half as wide."""
    return sum(1.0 if ord(letter) > 0x2E7F else 0.56 for letter in text) * size  # noqa: PLR2004
