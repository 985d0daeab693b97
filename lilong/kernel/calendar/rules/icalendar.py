"""iCalendar text (RFC 5545): a calendar of events with times in UTC, which every calendar program reads."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import msgspec

CONTENT_TYPE = "text/calendar; charset=utf-8"
LINE_OCTETS = 75

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One VEVENT. `uid` never changes for the same booking; `stamp` is when this text of it was made."""

    uid: str
    start: datetime
    end: datetime
    stamp: datetime
    summary: str
    category: str = ""
    tentative: bool = False


def calendar(name: str, events: Iterable[Event]) -> str:
    """A VCALENDAR, lines folded and ended as section 3.1 wants."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Lilong//Calendar//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{escaped(name)}",
        f"X-WR-CALNAME:{escaped(name)}",
        *(line for event in events for line in _event(event)),
        "END:VCALENDAR",
    ]
    return "".join(f"{folded(line)}\r\n" for line in lines)


def escaped(text: str) -> str:
    """A TEXT value (section 3.3.11): backslash, semicolon, comma and line breaks escaped, other controls left out."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).translate(_ESCAPED)


def folded(line: str) -> str:
    """`line` cut into lines of at most 75 octets, never within a character; the next begin with a space (section 3.1)."""
    pieces, piece, octets = [], "", 0
    for character in line:
        width = len(character.encode())
        if octets + width > LINE_OCTETS:
            pieces.append(piece)
            piece, octets = " ", 1
        piece += character
        octets += width
    return "\r\n".join([*pieces, piece])


def _event(event: Event) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{escaped(event.uid)}"
    yield f"DTSTAMP:{_utc(event.stamp)}"
    yield f"DTSTART:{_utc(event.start)}"
    yield f"DTEND:{_utc(event.end)}"
    yield f"SUMMARY:{escaped(event.summary)}"
    if event.category:
        yield f"CATEGORIES:{escaped(event.category)}"
    yield f"STATUS:{'TENTATIVE' if event.tentative else 'CONFIRMED'}"
    yield "END:VEVENT"


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
