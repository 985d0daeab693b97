"""What a booking may ask for, and the times that matter to it."""

from datetime import datetime, timedelta

from lilong.kernel.base.problems import Invalid, Violation

SHORTEST, LONGEST, AHEAD = timedelta(minutes=15), timedelta(days=30), timedelta(days=60)
PAST = timedelta(seconds=60)  # a start so little behind is now
FORESEEN_MAX_M = 5_000_000
REACH_M = 100.0  # so near must a rider be to the vehicle to open it
UNLOCK_SECONDS = 45  # a command to open holds for so long
FRESH = timedelta(minutes=5)  # a vehicle's word about its doors counts so long
COMING = timedelta(minutes=15)  # so long before the start a booked vehicle is kept free
NEARBY_M = 3_000.0  # how far another vehicle in place of the one booked may be
RESCUE = timedelta(minutes=10)  # so long before the next start a late vehicle makes us look for another
REPORT_AFTER = timedelta(hours=24)
NOTE_MAX, PHOTOS_MAX = 1000, 6


def check_times(start: datetime, end: datetime, foreseen_m: int, now: datetime) -> None:
    """Raises Invalid naming every bad field: `/start`, `/end`, `/foreseen_m`."""
    found = [
        (f"/{name}", rule)
        for name, moment in (("start", start), ("end", end))
        for rule, bad in (("time-zone", moment.tzinfo is None), ("whole-seconds", bool(moment.microsecond)))
        if bad
    ]
    if not any(rule == "time-zone" for _, rule in found):
        found += _order(start, end, now)
    if not 0 <= foreseen_m <= FORESEEN_MAX_M:
        found.append(("/foreseen_m", "range"))
    if found:
        raise Invalid("invalid", violations=[Violation(pointer=pointer, rule=rule) for pointer, rule in found])


def _order(start: datetime, end: datetime, now: datetime) -> list[tuple[str, str]]:
    if end <= start:
        return [("/end", "after-start")]
    found = []
    if start < now - PAST:
        found.append(("/start", "not-in-the-past"))
    if start > now + AHEAD:
        found.append(("/start", "too-far-ahead"))
    if end - start < SHORTEST:
        found.append(("/end", "shortest"))
    if end - start > LONGEST:
        found.append(("/end", "longest"))
    return found
