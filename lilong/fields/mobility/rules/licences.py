"""Driving licences: the number's form, what of it is kept, and what a licence lets its holder drive until when."""

import hashlib
import hmac
import re
from collections.abc import Iterable
from datetime import date, datetime

from lilong.fields.mobility.rules.fleet import LICENCE_CLASSES, drives
from lilong.kernel.base.clock import CITY_ZONE

_NUMBER = re.compile(r"\d{17}[\dX]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643: ISO 7064 MOD 11-2
_CHECK = "10X98765432"
CLASSES_MAX = 5
YEARS_MAX = 60


def sound_number(number: str) -> bool:
    """Whether a licence's number (18 characters, as of GB 11643) has its check digit."""
    if not _NUMBER.fullmatch(number):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return _CHECK[total % 11] == number[17]


def digest_of(key: bytes, number: str) -> bytes:
    """What is kept of a number: keyed, so that nobody can try all numbers without the house's key."""
    return hmac.digest(hashlib.sha256(b"mobility-licence:" + key).digest(), number.encode(), "sha256")


def checked(number: str, classes: Iterable[str], valid_until: date, today: date) -> list[tuple[str, str, bool]]:
    """(pointer, rule, good) of what is handed in."""
    held = list(classes)
    return [
        ("/number", "check-digit", sound_number(number)),
        ("/classes", "length", 1 <= len(held) <= CLASSES_MAX),
        ("/classes", "known", set(held) <= set(LICENCE_CLASSES)),
        ("/valid_until", "not-in-the-past", valid_until >= today),
        ("/valid_until", "range", valid_until.year <= today.year + YEARS_MAX),
    ]


def broken_rule(classes: Iterable[str], valid_until: date, needed: str, end: datetime) -> str:
    """Why a verified licence does not do for driving what needs `needed` until `end`; '' where it does."""
    if not drives(classes, needed):
        return "class"
    return "" if valid_until >= end.astimezone(CITY_ZONE).date() else "valid-until-end"
