"""Which points of a vehicle's telemetry are believed, and how far a trip went by those that are.

A point that is not believed is quarantined with its reason: it moves no vehicle on the map and counts in no trip.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from lilong.kernel.geo.points import Point as Place
from lilong.kernel.geo.points import length, metres

AHEAD = timedelta(minutes=2)  # a clock further ahead is wrong
LATE = timedelta(minutes=10)  # older than this when it comes: stored, but it restates rather than reports
KEPT = timedelta(days=30)  # how long points are kept, and so how late one may come
ACCURACY_MAX_M = 150
SPEED_MAX_MPS = 250 / 3.6
SLACK_M = 100  # what two good fixes a moment apart may differ by
STILL_M = 15  # a vehicle that stands seems to wander; shorter ways are not counted

FUTURE, TOO_OLD, NOWHERE, RANGE, NO_FIX, ACCURACY, TELEPORT, REUSED = (
    "future", "too-old", "zero-zero", "out-of-range", "no-fix", "accuracy", "teleport", "number-reused",
)  # fmt: skip
REASONS = (FUTURE, TOO_OLD, NOWHERE, RANGE, NO_FIX, ACCURACY, TELEPORT, REUSED)
# Of frames and reports that cannot be read at all.
UNREADABLE = ("unreadable", "escape", "checksum", "too-short", "too-long", "encrypted", "length", "phone", "package",
              "too-many-packages", "body")  # fmt: skip

_HALF_TURN_E6, _QUARTER_TURN_E6, _ZERO_E6 = 180_000_000, 90_000_000, 100


class Spot(NamedTuple):
    """A place at a moment; ordered by the moment."""

    at: datetime
    latitude_e6: int
    longitude_e6: int

    @property
    def place(self) -> Place:
        return Place.of_e6(self.latitude_e6, self.longitude_e6)


def sound(spot: Spot, *, now: datetime, accuracy_m: int | None = None, fixed: bool = True) -> str:
    """Why a point cannot be believed whatever is around it; '' when it can."""
    if spot.at > now + AHEAD:
        return FUTURE
    if spot.at < now - KEPT:
        return TOO_OLD
    if not fixed:
        return NO_FIX
    if abs(spot.latitude_e6) <= _ZERO_E6 and abs(spot.longitude_e6) <= _ZERO_E6:
        return NOWHERE
    if abs(spot.latitude_e6) > _QUARTER_TURN_E6 or abs(spot.longitude_e6) > _HALF_TURN_E6:
        return RANGE
    if accuracy_m is not None and accuracy_m > ACCURACY_MAX_M:
        return ACCURACY
    return ""


def reachable(one: Spot, other: Spot) -> bool:
    """Whether a road vehicle could be at both. The longer between them, the further: one wrong fix ends by itself."""
    seconds = abs((other.at - one.at).total_seconds())
    return metres(one.place, other.place) <= SLACK_M + SPEED_MAX_MPS * seconds


class Track:
    """A vehicle's believed points around the new ones, in time; each new one is held against its neighbours."""

    def __init__(self, known: Iterable[Spot]) -> None:
        self._spots = sorted(known)

    def admits(self, spot: Spot) -> bool:
        """Whether both neighbours are within reach; then it is one of them for the next."""
        at = bisect_left(self._spots, spot)
        near = self._spots[max(0, at - 1) : at + 1]
        if not all(reachable(spot, each) for each in near):
            return False
        insort(self._spots, spot)
        return True

    def holds(self, spot: Spot) -> bool:
        """Whether this very place at this very moment is known."""
        at = bisect_left(self._spots, spot)
        return at < len(self._spots) and self._spots[at] == spot


def moving(spots: Sequence[Spot]) -> list[Spot]:
    """The first, and each that is far enough from the one before to be a move and not a standing receiver's wandering."""
    kept: list[Spot] = []
    for spot in spots:
        if not kept or metres(kept[-1].place, spot.place) >= STILL_M:
            kept.append(spot)
    return kept


def length_m(spots: Sequence[Spot]) -> int:
    """How far the line of `moving` goes, in whole metres."""
    return round(length([spot.place for spot in moving(spots)]))


class Reading(NamedTuple):
    """One point as any protocol's edge hands it in: WGS 84, the units of the tables. `fixed`: the receiver had a position.

    `numbered`: `seq` alone names the point (a vehicle's own numbers); else number and moment together do.
    """

    vehicle: UUID
    source: int
    seq: int
    at: datetime
    latitude_e6: int
    longitude_e6: int
    heading: int | None = None
    speed_mms: int | None = None
    odometer_m: int | None = None
    accuracy_m: int | None = None
    energy_pm: int | None = None
    fuel_ml: int | None = None
    locked: bool | None = None
    doors: bool | None = None
    engine: bool | None = None
    fixed: bool = True
    numbered: bool = True

    @property
    def spot(self) -> Spot:
        return Spot(self.at, self.latitude_e6, self.longitude_e6)


Key = tuple[int, int]  # source, seq
TAKEN, DUPLICATE = "taken", "duplicate"


def judged(
    readings: Sequence[Reading],
    *,
    now: datetime,
    track: Track,
    numbers: dict[Key, set[datetime]],
) -> list[str]:
    """What becomes of each reading of one vehicle, in the given order: `taken`, `duplicate`, or the reason to quarantine it.

    `track` holds the believed points around them, `numbers` the moments at which their numbers were heard before. Readings
    are held against each other in the order of their moments, however they came.
    """
    verdicts = [""] * len(readings)
    for place in sorted(range(len(readings)), key=lambda n: readings[n].at):
        reading = readings[place]
        heard = numbers.setdefault((reading.source, reading.seq), set())
        if reading.at in heard:
            verdicts[place] = DUPLICATE
            continue
        if reading.numbered and heard:
            verdicts[place] = REUSED
        elif not reading.numbered and track.holds(reading.spot):
            verdicts[place] = DUPLICATE  # sent again under another serial number
            continue
        else:
            reason = sound(reading.spot, now=now, accuracy_m=reading.accuracy_m, fixed=reading.fixed)
            verdicts[place] = reason or (TAKEN if track.admits(reading.spot) else TELEPORT)
        heard.add(reading.at)
    return verdicts
