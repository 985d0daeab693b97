"""What the API of the calendar is sent and answers with, for OpenAPI."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints

from lilong.kernel.calendar.drafts import CAPACITY_MAX, HOLD_MAX, STEP_MAX

Text = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
Kind = Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z0-9-]*$")]
Clock = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
Weekday = Annotated[int, Field(ge=1, le=7)]


class Shape(Schema):
    model_config = ConfigDict(from_attributes=True)


class Sent(Schema):
    model_config = ConfigDict(extra="forbid")


class ResourceName(Sent):
    en: Text = ""
    zh: Text = ""
    ko: Text = ""


class ResourceNameOut(Shape):
    en: str
    zh: str
    ko: str


class ResourceIn(Sent):
    id: UUID
    owner: UUID
    kind: Kind
    name: ResourceName
    zone: Text = "Asia/Shanghai"
    capacity: int = Field(1, ge=1, le=CAPACITY_MAX)
    step_seconds: int = Field(0, ge=0, le=STEP_MAX)
    buffer_seconds: int = Field(0, ge=0, le=STEP_MAX)


class ResourceOut(Shape):
    """`capacity` lanes can be booked side by side; `buffer_seconds` is the turnaround kept after each booking."""

    id: UUID
    owner: UUID
    kind: str
    name: ResourceNameOut
    zone: str
    capacity: int
    step_seconds: int
    buffer_seconds: int
    active: bool


class ChangeIn(Sent):
    capacity: int | None = Field(None, ge=1, le=CAPACITY_MAX)
    active: bool | None = None


class HoursIn(Sent):
    """By the wall clock of the resource's zone; an end before the start is the next day's."""

    start: Clock
    end: Clock
    slot_seconds: int = Field(0, ge=0, le=STEP_MAX)
    capacity: int | None = Field(None, ge=1, le=CAPACITY_MAX)


class OpeningIn(HoursIn):
    """Weekdays as in ISO 8601: Monday is 1."""

    weekdays: list[Weekday] = Field([1, 2, 3, 4, 5, 6, 7], min_length=1, max_length=7)
    valid_from: date | None = None
    valid_until: date | None = None


class OpeningOut(Shape):
    weekdays: list[int]
    start: str
    end: str
    slot_seconds: int
    capacity: int | None
    valid_from: date | None
    valid_until: date | None


class DayIn(Sent):
    """Closed, or other hours than those of the week."""

    closed: bool = False
    hours: list[HoursIn] = Field([], max_length=100)


class SlotOut(Shape):
    resource: UUID
    start: datetime
    end: datetime
    free: int


class BookIn(Sent):
    """Half-open, in whole seconds; `party` is oneself unless one acts for another."""

    id: UUID
    resource: UUID
    start: AwareDatetime
    end: AwareDatetime
    units: int = Field(1, ge=1, le=CAPACITY_MAX)
    party: UUID | None = None


class HoldIn(BookIn):
    seconds: int = Field(600, ge=1, le=HOLD_MAX)


class ReleaseIn(Sent):
    reason: Text = ""


class BookingOut(Shape):
    id: UUID
    resource: UUID
    start: datetime
    end: datetime
    units: int
    lanes: list[int]
    state: str
    party: UUID
    ref: UUID | None
    held_until: datetime | None
    created_at: datetime


class EntryOut(Shape):
    booking: BookingOut
    name: ResourceNameOut
    kind: str
    owner: UUID
    zone: str
