"""Subjects of NATS (topics of MQTT with dots for slashes): which are sound, which cover which, whose a device's is. Pure."""

from collections.abc import Iterable
from uuid import UUID

UP = "lilong.*.up.>"
SUBJECT_MAX = 255
# What the house says to itself and what the broker keeps for itself: nobody is ever let near it by a grant.
_HOUSE = frozenset({"events", "live", "lilong", "_INBOX"})
_OWN_LEVELS = 2


def sound(subject: str, *, wildcards: bool = False) -> bool:
    """Whether it is a subject to publish on, or, with `wildcards`, one to listen on."""
    levels = subject.split(".")
    if len(subject) > SUBJECT_MAX or not all(level.isascii() and level.isprintable() for level in levels):
        return False
    if any(not level or " " in level for level in levels):
        return False
    plain = levels
    if wildcards:
        plain = [level for level in (levels[:-1] if levels[-1] == ">" else levels) if level != "*"]
    return not any("*" in level or ">" in level for level in plain)


def grantable(subject: str, device: UUID) -> bool:
    """Whether a device may be let say or hear this beyond its own subjects: the first level stands fixed, and it is none
    of the house's or the broker's. Below `lilong` only what is the device's own."""
    if not sound(subject, wildcards=True):
        return False
    first, *rest = subject.split(".")
    if first == "lilong":
        return len(rest) >= _OWN_LEVELS and rest[0] == str(device)
    return not first.startswith("$") and first not in _HOUSE and first not in ("*", ">") and bool(rest)


def covers(wide: str, narrow: str) -> bool:
    """Whether every subject that `narrow` matches is matched by `wide`."""
    left, right = wide.split("."), narrow.split(".")
    for place, level in enumerate(left):
        if level == ">":
            return len(right) > place
        if place >= len(right) or right[place] == ">" or level not in ("*", right[place]):
            return False
    return len(left) == len(right)


def overlap(one: str, other: str) -> bool:
    """Whether some subject is matched by both."""
    left, right = one.split("."), other.split(".")
    for a, b in zip(left, right, strict=False):
        if ">" in (a, b):
            return True
        if a != b and "*" not in (a, b):
            return False
    return len(left) == len(right)


def least(subjects: Iterable[str]) -> list[str]:
    """The same set of subjects without those that others cover: a stream takes none that overlap. Raises ValueError
    for two that overlap without one covering the other."""
    given = sorted(set(subjects))
    kept = [one for one in given if not any(other != one and covers(other, one) for other in given)]
    for place, one in enumerate(kept):
        for other in kept[place + 1 :]:
            if overlap(one, other):
                raise ValueError(f"the subjects {one} and {other} overlap")
    return kept


def device_of(subject: str) -> UUID | None:
    """The device that a subject `lilong.<device>.up...` names; None for any other."""
    levels = subject.split(".")
    try:
        return UUID(levels[1]) if levels[0] == "lilong" and levels[2] == "up" else None
    except (IndexError, ValueError):
        return None


def topic_of(subject: str) -> str:
    """The MQTT topic of a subject."""
    return subject.replace(".", "/")
