"""What callers hand in and get back: openings, bookings as wanted and as they stand, free slots, outcomes."""

from datetime import date, datetime
from typing import Annotated, NamedTuple
from uuid import UUID

import msgspec

from lilong.kernel.base.problems import Problem
from lilong.kernel.base.words import Words

CAPACITY_MAX = 10_000
LENGTH_MAX = 366 * 86_400  # seconds one booking may last
HOLD_MAX = 86_400  # seconds a hold may last
STEP_MAX = 86_400
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)

Clock = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Hours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Open from `start` to `end` by the wall clock of the resource's zone; an `end` before `start` is the next day's.

    With `slot_seconds` bookings start and end on that grid, counted in elapsed time from the opening; without, the
    resource's own step counts. `capacity` limits how many lanes are open (None: all).
    """

    start: Clock
    end: Clock
    slot_seconds: Annotated[int, msgspec.Meta(ge=0, le=STEP_MAX)] = 0
    capacity: Annotated[int, msgspec.Meta(ge=1, le=CAPACITY_MAX)] | None = None


class Opening(Hours, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hours that come again every week on `weekdays` (ISO 8601: Monday is 1), from one day to another, both included."""

    weekdays: Annotated[tuple[int, ...], msgspec.Meta(min_length=1, max_length=7)] = EVERY_DAY
    valid_from: date | None = None
    valid_until: date | None = None


class BookingDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A booking as wanted: `units` lanes of the resource for `party`, from `start` to before `end` (whole seconds).

    The id is the caller's and makes it idempotent. `ref` is what it is for: an order, an appointment.
    """

    id: UUID
    resource: UUID
    start: Moment
    end: Moment
    party: UUID
    ref: UUID | None = None
    units: Annotated[int, msgspec.Meta(ge=1, le=CAPACITY_MAX)] = 1


class Booking(msgspec.Struct, frozen=True, kw_only=True):
    """A booking as it stands. `lanes` are the numbers of the resource's lanes it has; `held_until` only while held."""

    id: UUID
    resource: UUID
    start: datetime
    end: datetime
    units: int
    lanes: tuple[int, ...]
    state: str
    party: UUID
    ref: UUID | None
    held_until: datetime | None
    created_at: datetime


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A line of somebody's agenda: the booking with its resource's name and zone."""

    booking: Booking
    name: Words
    kind: str
    owner: UUID
    zone: str


class ResourceView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    owner: UUID
    kind: str
    name: Words
    zone: str
    capacity: int
    step_seconds: int
    buffer_seconds: int
    active: bool


class Slot(NamedTuple):
    """A time that can be booked: `free` lanes of the resource are free from `start` to `end`."""

    resource: UUID
    start: datetime
    end: datetime
    free: int


class Outcome(NamedTuple):
    """What became of one draft: 'created', 'exists' (it stood already), or a refusal's code and its problem."""

    id: UUID
    status: str
    problem: Problem | None = None
