"""The facts of the calendar. Subject: the booking."""

from datetime import datetime
from uuid import UUID

from lilong.kernel.events.facts import Fact, fact


class _Booking(Fact, frozen=True, kw_only=True):
    resource: UUID
    kind: str
    owner: UUID
    party: UUID
    district: str
    start: datetime
    end: datetime
    seconds: int
    units: int
    ref: UUID | None


@fact("calendar.booked")
class Booked(_Booking, frozen=True, kw_only=True):
    """`units` lanes of the resource are the party's from `start` to `end`. `kind` and `owner` are the resource's."""


@fact("calendar.released")
class Released(_Booking, frozen=True, kw_only=True):
    """A held or booked time was given back; `was` is which of the two."""

    was: str
    reason: str


@fact("calendar.moved")
class Moved(_Booking, frozen=True, kw_only=True):
    """A booking's end was moved; `was` is where it had been."""

    was: datetime


@fact("calendar.expired")
class Expired(_Booking, frozen=True, kw_only=True):
    """A hold was not booked in time."""
