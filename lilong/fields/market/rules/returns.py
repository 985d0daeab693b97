"""When goods can be given back, and how much of them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from lilong.kernel.base.problems import Conflict, Invalid, Violation, invalid

RETURN_DAYS = 7
REASONS = ("damaged", "spoilt", "wrong", "missing", "quality", "other")
TEXT_MAX, ANSWER_MAX = 1000, 500


def asked(lines: Mapping[int, int], left: Mapping[int, int], reason: str, text: str) -> dict[str, int]:
    """The lines of a request as they are kept: line number -> units, each at most what is `left` of the line.

    Raises Invalid naming every bad field.
    """
    found = []
    if not lines:
        found.append(Violation(pointer="/lines", rule="required"))
    for n, units in lines.items():
        if n not in left:
            found.append(Violation(pointer=f"/lines/{n}", rule="unknown-line"))
        elif isinstance(units, bool) or not 1 <= units <= left[n]:
            found.append(Violation(pointer=f"/lines/{n}", rule="range", detail=f"1..{left[n]}"))
    if reason not in REASONS:
        found.append(Violation(pointer="/reason", rule="one-of", detail=", ".join(REASONS)))
    if len(text) > TEXT_MAX or "\0" in text:
        found.append(Violation(pointer="/text", rule="length", detail=f"0..{TEXT_MAX}"))
    if reason == "other" and not text.strip():
        found.append(Violation(pointer="/text", rule="required"))
    if found:
        raise Invalid("invalid", violations=found)
    return {str(n): units for n, units in sorted(lines.items())}


def granted(lines: Mapping[int, int] | None, asked_for: Mapping[str, int]) -> dict[str, int]:
    """What the seller grants of a request (None: all of it), never more than was asked. Raises Invalid."""
    if lines is None:
        return dict(asked_for)
    for n, units in lines.items():
        if isinstance(units, bool) or not 1 <= units <= asked_for.get(str(n), 0):
            raise invalid(f"/lines/{n}", "within-asked", f"1..{asked_for.get(str(n), 0)}")
    if not lines:
        raise invalid("/lines", "required")
    return {str(n): units for n, units in sorted(lines.items())}


def until(handed_over: datetime) -> datetime:
    """The moment until which (exclusive) goods handed over then can be given back."""
    return handed_over + timedelta(days=RETURN_DAYS)


def require_in_time(handed_over: datetime, now: datetime) -> None:
    """Raises Conflict `return-too-late` with `until`."""
    if now >= until(handed_over):
        raise Conflict(
            "return-too-late",
            violations=[Violation(pointer="/order", rule="within-days", detail=str(RETURN_DAYS))],
            extra={"until": until(handed_over).isoformat()},
        )
