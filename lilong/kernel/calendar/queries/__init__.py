"""Reads of the calendar. Times go in and out as aware moments in UTC; days are the resource's own."""

from lilong.kernel.calendar.queries.bookings import (
    AGENDA_MAX,
    ROLES,
    agenda,
    agenda_text,
    booking,
    bookings,
    bookings_of,
    openings,
    owned,
    resource,
    resources,
)
from lilong.kernel.calendar.queries.free import RESOURCES_MAX, SLOTS_MAX, SPAN_MAX, Book, alternatives, find, free

__all__ = [
    "AGENDA_MAX",
    "RESOURCES_MAX",
    "ROLES",
    "SLOTS_MAX",
    "SPAN_MAX",
    "Book",
    "agenda",
    "agenda_text",
    "alternatives",
    "booking",
    "bookings",
    "bookings_of",
    "find",
    "free",
    "openings",
    "owned",
    "resource",
    "resources",
]
