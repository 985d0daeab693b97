"""What a booking must satisfy before anybody looks at the book, and how two requests under one id compare."""

import hashlib
from datetime import datetime

import msgspec

from lilong.kernel.calendar.drafts import CAPACITY_MAX, LENGTH_MAX, BookingDraft

SECONDS_MAX = 2**33 - 1 - 2 * 86_400  # the year 2242, with room for the turnaround
_encoder = msgspec.json.Encoder(order="deterministic")


def fingerprint(draft: BookingDraft) -> bytes:
    """16 bytes that two drafts share only if they ask for the same time, wherever its zone is written."""
    same = (draft.resource, seconds(draft.start), seconds(draft.end), draft.party, draft.ref, draft.units)
    return hashlib.blake2b(_encoder.encode(same), digest_size=16).digest()


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def check(draft: BookingDraft) -> list[tuple[str, str, str]]:
    """Every rule the draft breaks by itself, as (pointer, rule, detail)."""
    found: list[tuple[str, str, str]] = []
    for name in ("start", "end"):
        moment = getattr(draft, name)
        if moment.tzinfo is None:
            found.append((f"/{name}", "time-zone", ""))
        elif moment.microsecond:
            found.append((f"/{name}", "whole-seconds", ""))
        elif not 0 <= seconds(moment) <= SECONDS_MAX:
            found.append((f"/{name}", "range", "1970..2242"))
    if not found and draft.end <= draft.start:
        found.append(("/end", "after-start", ""))
    elif not found and seconds(draft.end) - seconds(draft.start) > LENGTH_MAX:
        found.append(("/end", "max-length", str(LENGTH_MAX)))
    if not 1 <= draft.units <= CAPACITY_MAX:
        found.append(("/units", "range", f"1..{CAPACITY_MAX}"))
    return found
