"""The words of delivery's pages, in the reader's language."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from lilong.kernel.base.problems import Problem
from lilong.ui import shown

STATES: dict[str, tuple[Any, str]] = {
    "requested": (lazy("Asked for"), "info"),
    "accepted": (lazy("Accepted"), "info"),
    "collected": (pgettext_lazy("shipment", "Collected"), "info"),
    "at-depot": (lazy("At the depot"), "info"),
    "out": (lazy("Out for delivery"), "lamp"),
    "in-locker": (lazy("In the locker"), "lamp"),
    "delivered": (lazy("Delivered"), "good"),
    "failed": (lazy("Could not be delivered"), "bad"),
    "returning": (lazy("On its way back"), "warn"),
    "returned": (lazy("Back with the sender"), ""),
    "lost": (lazy("Lost"), "bad"),
    "cancelled": (lazy("Called off"), ""),
}
STOPPED = {
    "excursion": lazy("It became too warm or too cold: nobody gets it before somebody has looked at it."),
    "recall": lazy("The goods are recalled."),
    "damaged": lazy("It is damaged."),
    "customs": lazy("Customs has it."),
    "office": lazy("The carrier holds it back."),
}
VEHICLES = {
    "courier": (lazy("Courier"), "bike"),
    "van": (lazy("Van"), "truck"),
    "unmanned": (lazy("Unmanned vehicle"), "car"),
    "robot": (lazy("Robot"), "robot"),
    "drone": (lazy("Drone"), "drone"),
}
VEHICLE_STATES = {
    "off": (lazy("Off duty"), ""),
    "idle": (pgettext_lazy("vehicle", "Free"), "good"),
    "busy": (pgettext_lazy("vehicle", "At work"), "info"),
    "charging": (pgettext_lazy("vehicle", "Charging"), "lamp"),
    "fault": (lazy("Out of order"), "bad"),
    "silent": (lazy("Not heard of"), "bad"),
}
SERVICES = {
    "standard": pgettext_lazy("service", "Standard"),
    "rapid": pgettext_lazy("service", "Within 30 minutes"),
    "night": pgettext_lazy("service", "Overnight"),
    "cold": pgettext_lazy("service", "Cold chain"),
}
TEMPERATURES = {
    "ambient": lazy("Nothing special"),
    "chilled": lazy("Chilled"),
    "frozen": lazy("Frozen"),
    "live": lazy("Live goods"),
}
HOLDERS = {
    "sender": lazy("With the sender"),
    "depot": lazy("At the depot"),
    "vehicle": lazy("With the courier"),
    "cell": lazy("In a locker"),
    "recipient": lazy("With the recipient"),
    "lost": lazy("Nobody knows"),
}
PROOFS = {
    "code": lazy("Code told"),
    "tag": lazy("Tag scanned"),
    "photo": lazy("Photo"),
    "geofence": lazy("Position at the door"),
    "locker": lazy("Locker closed"),
}
OUTCOMES = {
    "no-answer": lazy("Nobody answers"),
    "refused": lazy("The recipient does not want it"),
    "address": lazy("The address is wrong"),
    "damaged": lazy("It is damaged"),
    "locker-full": lazy("The locker is full"),
    "blocked": lazy("There is no way in"),
    "other": lazy("Something else"),
}
CLAIMS = {
    "loss": lazy("It is lost"),
    "damage": lazy("It is damaged"),
    "late": lazy("It came too late"),
    "excursion": lazy("It was not kept cold"),
}
CLAIM_STATES = {
    "opened": (lazy("With the carrier"), "info"),
    "assessed": (lazy("Answered"), "lamp"),
    "paid": (pgettext_lazy("claim", "Paid"), "good"),
    "refused": (lazy("Refused"), ""),
}
EXCURSIONS = {
    "limit": lazy("Beyond the limit"),
    "duration": lazy("Too long outside"),
    "cumulative": lazy("Too long outside altogether"),
    "mkt": lazy("Too warm on the whole"),
}
OUT_REASONS = {
    "stuck": lazy("The door is stuck"),
    "broken": lazy("It is broken"),
    "dirty": lazy("It is dirty"),
    "office": lazy("The office needs it"),
}
SIZES = {"s": lazy("small"), "m": lazy("medium"), "l": lazy("large"), "xl": lazy("extra large")}

_TEXTS = {
    "promise-expired": lazy("This offer is over. Please compare again."),
    "promise-differs": lazy("Something has changed since the offer. Please compare again."),
    "slot-taken": lazy("This time has just been taken. Please choose another."),
    "no-promise": lazy("Nobody can bring this there in time."),
    "no-free-cell": lazy("No cell of this size is free there then."),
    "wrong-step": lazy("It is past this by now."),
    "claim-open": lazy("You have asked for this already. The carrier answers first."),
    "no-ground": lazy("There is no ground for this: please look at the state of the shipment."),
    "too-late": lazy("The time for this is over."),
    "beyond-cover": lazy("Nothing is left of what the shipment is covered for."),
    "ledger-insufficient": lazy("There is not enough money for this."),
}
_RULES = {
    "right-code": lazy("This code opens nothing here."),
    "in-the-city": lazy("This place is outside the city."),
    "required": lazy("Please fill this in."),
    "range": lazy("Please choose a number in the range allowed."),
    "length": lazy("Please write less, or anything at all."),
    "uuid": lazy("Please choose one of those offered."),
    "one-of": lazy("Please choose one of those offered."),
    "known": lazy("Please choose one of those offered."),
    "fits": lazy("This is too large for any cell there."),
    "weight": lazy("This is too heavy."),
    "person": lazy("Nobody with this address is known here."),
}


def said(problem: Problem) -> str:
    """What a refusal means, in one sentence."""
    if problem.code == "insufficient-funds":
        needed = shown.amount(problem.extra.get("needed"))
        return _("Your wallet has %(available)s; this needs %(needed)s.") % {
            "available": shown.amount(problem.extra.get("available")),
            "needed": needed,
        }
    if problem.code == "too-many":
        return _("Too many tries. Please wait a while.")
    if problem.code in _TEXTS:
        return str(_TEXTS[problem.code])
    rules = [violation.rule for violation in problem.violations]
    return next((str(_RULES[rule]) for rule in rules if rule in _RULES), str(problem.title))
