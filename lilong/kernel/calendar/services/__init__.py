"""Every write of the calendar."""

from lilong.kernel.calendar.drafts import BookingDraft, Hours, Opening, Outcome
from lilong.kernel.calendar.services.booking import SCOPE, book, hold
from lilong.kernel.calendar.services.ending import change_end
from lilong.kernel.calendar.services.many import book_many
from lilong.kernel.calendar.services.release import expire_due, give_back, release
from lilong.kernel.calendar.services.resources import (
    create_resource,
    set_active,
    set_capacity,
    set_exception,
    set_opening,
)

__all__ = [
    "SCOPE",
    "BookingDraft",
    "Hours",
    "Opening",
    "Outcome",
    "book",
    "book_many",
    "change_end",
    "create_resource",
    "expire_due",
    "give_back",
    "hold",
    "release",
    "set_active",
    "set_capacity",
    "set_exception",
    "set_opening",
]
