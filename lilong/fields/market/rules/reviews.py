"""What a review may be, and what many of them say together."""

from collections.abc import Mapping

import msgspec

from lilong.kernel.base.problems import Invalid, Violation, invalid

STARS = (5, 4, 3, 2, 1)
TEXT_MAX, REPLY_MAX = 2000, 1000
REPORT_REASONS = ("abuse", "untrue", "advert", "private")


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """`average_tenths` is the mean number of stars in tenths (46: 4.6), half up, 0 without reviews; `bars` are
    (stars, reviews, whole per cent of all) from 5 stars down."""

    count: int
    average_tenths: int
    bars: tuple[tuple[int, int, int], ...]


def summary(counts: Mapping[int, int]) -> Summary:
    """From stars -> reviews."""
    count = sum(counts.values())
    total = sum(stars * number for stars, number in counts.items())
    return Summary(
        count=count,
        average_tenths=(20 * total + count) // (2 * count) if count else 0,
        bars=tuple(
            (stars, counts.get(stars, 0), (200 * counts.get(stars, 0) + count) // (2 * count) if count else 0)
            for stars in STARS
        ),
    )


def check(stars: int, text: str) -> None:
    """Raises Invalid naming every bad field."""
    found = []
    if isinstance(stars, bool) or stars not in STARS:
        found.append(Violation(pointer="/stars", rule="range", detail="1..5"))
    if len(text) > TEXT_MAX or "\0" in text:
        found.append(Violation(pointer="/text", rule="length", detail=f"0..{TEXT_MAX}"))
    if found:
        raise Invalid("invalid", violations=found)


def check_reply(text: str) -> None:
    """Raises Invalid with rule `length`."""
    if not text.strip() or len(text) > REPLY_MAX or "\0" in text:
        raise invalid("/text", "length", f"1..{REPLY_MAX}")
