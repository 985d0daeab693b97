"""The calendar's refusals, with their titles in the reader's language."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from lilong.kernel.base.problems import Conflict, Invalid, Missing, Violation
from lilong.kernel.calendar.drafts import Slot


def broken(found: Iterable[tuple[str, str, str]]) -> Invalid:
    """From (pointer, rule, detail) of each rule broken."""
    return Invalid(
        "invalid", violations=[Violation(pointer=at, rule=rule, detail=detail) for at, rule, detail in found]
    )


def slot_taken(resource: Any, alternatives: Sequence[Slot]) -> Conflict:
    """Somebody else has that time; `alternatives` are the next ones of the same length that are free."""
    free = [
        {"resource": str(slot.resource), "start": _text(slot.start), "end": _text(slot.end), "free": slot.free}
        for slot in alternatives
    ]
    return Conflict(
        "slot-taken",
        _("This time is taken"),
        violations=[Violation(pointer="/start", rule="slot-taken")],
        extra={"resource": str(resource), "alternatives": free},
    )


def not_free_until(resource: Any, free_until: datetime) -> Conflict:
    """Somebody else has it next; it is free no longer than that."""
    return Conflict(
        "slot-taken",
        _("This time is taken"),
        violations=[Violation(pointer="/end", rule="slot-taken", detail=_text(free_until))],
        extra={"resource": str(resource), "free_until": _text(free_until)},
    )


def outside_opening() -> Conflict:
    return Conflict(
        "outside-opening",
        _("Not open at this time"),
        violations=[Violation(pointer="/start", rule="outside-opening")],
    )


def in_the_past() -> Invalid:
    return Invalid(
        "slot-in-the-past",
        _("This time is over"),
        violations=[Violation(pointer="/start", rule="slot-in-the-past")],
    )


def too_many_units(most: int) -> Invalid:
    return Invalid(
        "too-many-units",
        _("More than there is"),
        violations=[Violation(pointer="/units", rule="too-many-units", detail=str(most))],
    )


def hold_expired() -> Conflict:
    return Conflict(
        "hold-expired",
        _("The time was not kept any longer"),
        violations=[Violation(pointer="/id", rule="hold-expired")],
    )


def released() -> Conflict:
    return Conflict(
        "booking-released",
        _("This booking was given back"),
        violations=[Violation(pointer="/id", rule="booking-released")],
    )


def part_of_more(ref: Any) -> Conflict:
    return Conflict(
        "part-of-more",
        _("This belongs to an order: please cancel that"),
        violations=[Violation(pointer="/id", rule="part-of-more")],
        extra={"ref": str(ref)},
    )


def id_taken() -> Conflict:
    return Conflict(
        "id-taken", _("Another booking has this id"), violations=[Violation(pointer="/id", rule="same-body")]
    )


def unknown_resource() -> Missing:
    return Missing("unknown-resource", _("No such resource"), violations=[Violation(pointer="/resource", rule="known")])


def unknown_booking() -> Missing:
    return Missing("unknown-booking", _("No such booking"), violations=[Violation(pointer="/id", rule="known")])


def closed() -> Conflict:
    return Conflict(
        "resource-closed",
        _("Not to be booked any more"),
        violations=[Violation(pointer="/resource", rule="active")],
    )


def _text(moment: Any) -> str:
    return moment.isoformat().replace("+00:00", "Z")
