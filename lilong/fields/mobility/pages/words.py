"""How states, prices and refusals of mobility read, in the reader's language."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from lilong.kernel.base.money import CNY
from lilong.kernel.base.problems import Problem
from lilong.ui import shown

RENTAL_STATES = {
    "booked": (gettext_lazy("Booked"), "info"),
    "unlocking": (gettext_lazy("Opening"), "lamp"),
    "started": (gettext_lazy("Under way"), "good"),
    "ended": (gettext_lazy("Ended"), ""),
    "cancelled": (gettext_lazy("Cancelled"), ""),
    "no-show": (gettext_lazy("Not taken"), "warn"),
    "moved": (gettext_lazy("Moved to another vehicle"), "info"),
    "let-down": (gettext_lazy("Could not be kept"), "bad"),
}
RIDE_STATES = {
    "requested": (gettext_lazy("Looking for a car"), "lamp"),
    "offered": (gettext_lazy("Asking a driver"), "lamp"),
    "accepted": (gettext_lazy("A car is found"), "info"),
    "arriving": (gettext_lazy("The car is coming"), "info"),
    "arrived": (gettext_lazy("The car is there"), "good"),
    "under-way": (gettext_lazy("Under way"), "good"),
    "completed": (gettext_lazy("Completed"), ""),
    "cancelled": (gettext_lazy("Cancelled"), ""),
}
VEHICLE_STATES = {
    "available": (pgettext_lazy("vehicle", "Available"), "good"),
    "reserved": (pgettext_lazy("vehicle", "Reserved"), "info"),
    "on_trip": (pgettext_lazy("vehicle", "On a trip"), "info"),
    "stopped": (pgettext_lazy("vehicle", "Stopped"), "info"),
    "non_operational": (pgettext_lazy("vehicle", "Out of service"), "warn"),
    "non_contactable": (pgettext_lazy("vehicle", "Silent"), "bad"),
    "missing": (pgettext_lazy("vehicle", "Missing"), "bad"),
    "elsewhere": (pgettext_lazy("vehicle", "Outside the area"), "warn"),
    "removed": (pgettext_lazy("vehicle", "Removed"), ""),
}
LICENCE_STATES = {
    "submitted": (gettext_lazy("Being looked at"), "lamp"),
    "verified": (gettext_lazy("Verified"), "good"),
    "refused": (gettext_lazy("Refused"), "bad"),
    "revoked": (gettext_lazy("Revoked"), "bad"),
}
MODES = {
    "car-share": gettext_lazy("Cars by the hour"),
    "micromobility": gettext_lazy("Bikes and scooters"),
    "passenger-services": gettext_lazy("Rides"),
}
MAINTENANCE = {
    "cleaning": gettext_lazy("Cleaning"),
    "repair": gettext_lazy("Repair"),
    "inspection": gettext_lazy("Inspection"),
    "charging": gettext_lazy("Charging"),
}
LINES = {
    "unlock": gettext_lazy("Opening the vehicle"),
    "time": gettext_lazy("Duration"),
    "free": gettext_lazy("Free at the start"),
    "band-cap": gettext_lazy("Capped for these hours"),
    "day-cap": gettext_lazy("Capped for the day"),
    "unused": gettext_lazy("Booked but not used"),
    "late": gettext_lazy("Brought back late"),
    "distance": gettext_lazy("Distance"),
    "minimum": gettext_lazy("Up to the minimum"),
    "cancel": gettext_lazy("Called off"),
    "no-show": gettext_lazy("Not taken"),
    "base": gettext_lazy("Base fare"),
    "surge": gettext_lazy("High demand"),
    "capped": gettext_lazy("No more than was quoted"),
    "waiting": gettext_lazy("Waiting at the pick-up"),
    "cancellation": gettext_lazy("Called off late"),
    "surcharge:stop": gettext_lazy("Stops on the way"),
    "surcharge:large": gettext_lazy("Large car"),
    "surcharge:wheelchair": gettext_lazy("Wheelchair car"),
    "surcharge:booking": gettext_lazy("Booking"),
    "band:night": gettext_lazy("At night"),
    "band:peak": gettext_lazy("At busy hours"),
}
RULES = {
    "ride_start_allowed": gettext_lazy("No trip may begin here."),
    "ride_end_allowed": gettext_lazy("No trip may end here."),
    "ride_through_allowed": gettext_lazy("This area may not be driven through."),
    "station_parking": gettext_lazy("Only at a station here."),
    "roundtrip_station": gettext_lazy("This car goes back to its own station."),
    "required": gettext_lazy("Please fill this in."),
    "after-start": gettext_lazy("The end must be after the start."),
    "not-in-the-past": gettext_lazy("This time is over."),
    "too-far-ahead": gettext_lazy("This is too far ahead."),
    "shortest": gettext_lazy("A quarter of an hour at least."),
    "longest": gettext_lazy("Thirty days at most."),
    "in-the-city": gettext_lazy("This point is outside the city."),
    "elsewhere": gettext_lazy("This is where you are already."),
    "check-digit": gettext_lazy("This number has a wrong check digit."),
    "fix": gettext_lazy("This is no place on the map."),
    "valid": gettext_lazy("The outline crosses itself."),
    "closed": gettext_lazy("The outline must end where it begins."),
}
REASONS = {
    "future": gettext_lazy("From the future"),
    "too-old": gettext_lazy("Too old"),
    "zero-zero": gettext_lazy("At zero degrees"),
    "out-of-range": gettext_lazy("Not on earth"),
    "no-fix": gettext_lazy("Without a fix"),
    "accuracy": gettext_lazy("Too vague"),
    "teleport": gettext_lazy("Too far too fast"),
    "number-reused": gettext_lazy("A number used twice"),
}


def word(table: dict[str, tuple[Any, str]], code: str) -> tuple[str, str]:
    """(word, kind of badge); a code not listed shows as it is called."""
    label, kind = table.get(code, (code.replace("_", " ").replace("-", " ").capitalize(), ""))
    return str(label), kind


def line(code: str) -> str:
    """What a line of a bill is for."""
    if code in LINES:
        return str(LINES[code])
    plain = code.partition(":")[2] or code
    return plain.replace("-", " ").capitalize()


def said(problem: Problem) -> str:
    """One sentence or two: what is the matter, with the figures that help."""
    told = _SPECIAL[problem.code](problem.extra) if problem.code in _SPECIAL else ""
    if told:
        return told
    rules = [str(RULES[v.rule]) for v in problem.violations if v.rule in RULES]
    if problem.code == "zone-forbids":
        return " ".join([*(rules or [str(problem.title)]), _nearest(problem.extra)]).strip()
    return " ".join(dict.fromkeys(rules)) if problem.code == "invalid" and rules else str(problem.title)


def _nearest(extra: dict[str, Any]) -> str:
    found = extra.get("nearest") or {}
    if not found.get("metres"):
        return ""
    return _("The nearest place where it is allowed is %(metres)s m away.") % {"metres": shown.number(found["metres"])}


def _money(extra: dict[str, Any]) -> str:
    if "needed" not in extra:
        return ""
    return _("Your wallet has %(available)s; %(needed)s are needed.") % {
        "available": shown.amount(extra.get("available"), CNY),
        "needed": shown.amount(extra["needed"], CNY),
    }


def _price(extra: dict[str, Any]) -> str:
    price = extra.get("price")
    return _("The price is %(price)s now.") % {"price": shown.amount(price, CNY)} if isinstance(price, int) else ""


def _early(extra: dict[str, Any]) -> str:
    return _("The booking begins at %(start)s.") % {"start": _clock(extra.get("start"))}


def _next(extra: dict[str, Any]) -> str:
    return _("Somebody else has the vehicle next: it is free until %(until)s.") % {
        "until": _clock(extra.get("free_until"))
    }


def _away(extra: dict[str, Any]) -> str:
    metres = extra.get("metres")
    if not isinstance(metres, int | float):
        return ""
    return _("You are %(metres)s m from the vehicle. Please go to it.") % {"metres": shown.number(metres)}


def _open(extra: dict[str, Any]) -> str:
    return _("Please switch the engine off first.") if extra.get("engine_on") else ""


def _clock(text: Any) -> str:
    try:
        return shown.moment(datetime.fromisoformat(str(text).replace("Z", "+00:00")))
    except ValueError:
        return shown.DASH


_SPECIAL = {
    "insufficient-funds": _money,
    "price-changed": _price,
    "too-early": _early,
    "next-booking": _next,
    "vehicle-away": _away,
    "vehicle-not-closed": _open,
}
