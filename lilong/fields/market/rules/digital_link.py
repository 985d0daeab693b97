"""GS1 Digital Link URIs for trade items: primary key 01 with its qualifiers 22, 10, 21, and dates as attributes.

Follows *GS1 Digital Link Standard: URI Syntax* 1.x; element values follow the GS1 General Specifications, sections 3
and 7.11 - 7.12 (character set 82, dates YYMMDD).
"""

import calendar
import re
from collections.abc import Mapping
from datetime import date
from urllib.parse import quote, unquote

import msgspec

from lilong.fields.market.rules import gtin
from lilong.kernel.base.problems import Problem, Violation

QUALIFIERS = ("22", "10", "21")  # consumer product variant, lot, serial: in this order only
_LONGEST = {"22": 20, "10": 20, "21": 20}
_CHARACTERS_82 = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+")
_DATES = ("11", "13", "15", "16", "17")  # production, packaging, best before, sell by, expiration
_HALF_CENTURY = 50


class BadLink(Problem):
    """The URI is not a GS1 Digital Link: which part, and which rule."""

    status = 400


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """What a Digital Link says: the GTIN (14 digits), its qualifiers, and dates by application identifier."""

    gtin: str
    variant: str = ""
    lot: str = ""
    serial: str = ""
    dates: dict[str, date] = {}

    @property
    def path(self) -> str:
        """The canonical path: '/01/09506000134352/10/ABC'."""
        values = zip(QUALIFIERS, (self.variant, self.lot, self.serial), strict=True)
        return f"/01/{self.gtin}" + "".join(f"/{ai}/{quote(value, safe='')}" for ai, value in values if value)


def _bad(pointer: str, rule: str, detail: str = "") -> BadLink:
    return BadLink("bad-digital-link", violations=[Violation(pointer=pointer, rule=rule, detail=detail)])


def parse(path: str, query: Mapping[str, str], today: date) -> Link:
    """Reads the percent-encoded `path` ('/01/{gtin}/10/{lot}') and the attributes in `query`; others are left alone.

    Raises BadLink (400) with rule `primary-key`, `pairs`, `qualifier`, `order`, `characters`, `length`, `check-digit`,
    `digits`, `zero` or `date`, at `/01`, `/10`, `/17`, ...
    """
    parts = [part for part in path.split("/") if part]
    if not parts or parts[0] != "01":
        raise _bad("/", "primary-key", "01")
    if len(parts) % 2:
        raise _bad("/", "pairs")
    try:
        number = gtin.normalise(unquote(parts[1]), "/01")
    except Problem as problem:
        raise BadLink("bad-digital-link", violations=problem.violations) from None
    qualifiers = _qualifiers(parts[2:])
    dates = {ai: read_date(query[ai], today, f"/{ai}") for ai in _DATES if ai in query}
    return Link(
        gtin=number,
        variant=qualifiers.get("22", ""),
        lot=qualifiers.get("10", ""),
        serial=qualifiers.get("21", ""),
        dates=dates,
    )


def _qualifiers(parts: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for ai, raw in zip(parts[::2], parts[1::2], strict=True):
        if ai not in QUALIFIERS:
            raise _bad(f"/{ai}", "qualifier", ", ".join(QUALIFIERS))
        if found and QUALIFIERS.index(ai) <= max(QUALIFIERS.index(known) for known in found):
            raise _bad(f"/{ai}", "order", ", ".join(QUALIFIERS))
        found[ai] = require_element(ai, unquote(raw))
    return found


def require_element(ai: str, value: str) -> str:
    """A variant, lot or serial of character set 82 and at most 20 characters. Raises BadLink."""
    if len(value) > _LONGEST[ai]:
        raise _bad(f"/{ai}", "length", str(_LONGEST[ai]))
    if not _CHARACTERS_82.fullmatch(value):
        raise _bad(f"/{ai}", "characters")
    return value


def read_date(text: str, today: date, pointer: str = "/17") -> date:
    """A date YYMMDD; day 00 is the last day of the month.

    The century is the one that brings the year within 50 years after or 49 before `today` (General
    Specifications 7.12).
    """
    if len(text) != 6 or not (text.isascii() and text.isdigit()):  # noqa: PLR2004 (YYMMDD)
        raise _bad(pointer, "date", "YYMMDD")
    two, month, day = int(text[:2]), int(text[2:4]), int(text[4:])
    century = today.year - today.year % 100
    ahead = two - today.year % 100
    year = century + two + (-100 if ahead > _HALF_CENTURY else 100 if ahead <= -_HALF_CENTURY else 0)
    try:
        return date(year, month, day or calendar.monthrange(year, month)[1])
    except (ValueError, calendar.IllegalMonthError):
        raise _bad(pointer, "date", "YYMMDD") from None


def write_date(day: date) -> str:
    """YYMMDD."""
    return day.strftime("%y%m%d")


def uri(root: str, number: str, lot: str = "", best_before: date | None = None) -> str:
    """The canonical URI under the resolver's `root` (no slash at its end), expiry as attribute 17."""
    tail = f"?17={write_date(best_before)}" if best_before else ""
    return root + Link(gtin=number, lot=lot).path + tail
