"""What a refusal and a step mean to the seller's people, in their language."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lilong.fields.market.pages.said import said as said_to_buyers
from lilong.kernel.base.problems import Problem
from lilong.ui import shown

STEPS = {
    "waiting": (gettext_lazy("To be picked"), "warn"),
    "picking": (gettext_lazy("Being picked"), "info"),
    "packed": (gettext_lazy("Packed"), "lamp"),
    "on-the-way": (gettext_lazy("On the way"), "info"),
    "delivered": (gettext_lazy("Delivered"), "good"),
    "handed-over": (gettext_lazy("Handed over"), "good"),
    "failed": (gettext_lazy("Could not be delivered"), "bad"),
    "lost": (gettext_lazy("Lost on the way"), "bad"),
}
WASTE = {
    "expired": gettext_lazy("Expired"),
    "damaged": gettext_lazy("Damaged"),
    "quality": gettext_lazy("Poor quality"),
    "sample": gettext_lazy("Sample"),
    "theft": gettext_lazy("Theft"),
}
_TEXTS = {
    "picked-by-other": gettext_lazy("Somebody else has this order in hand."),
    "wrong-step": gettext_lazy("The order is at another step by now."),
    "lines-open": gettext_lazy("Some lines have not been looked for yet."),
    "other-goods": gettext_lazy("These are other goods than were ordered."),
    "not-picked": gettext_lazy("This order is not picked here."),
    "nothing-to-pick": gettext_lazy("Others have taken these orders meanwhile."),
    "buyer-wants-money-back": gettext_lazy("The buyer wants the money back, no other goods."),
    "ask-the-buyer": gettext_lazy("The buyer wants to be asked first."),
    "above-held": gettext_lazy("This would cost more than the buyer's money held for the order."),
    "already-paid": gettext_lazy("The order is paid already: what is missing is refunded, not replaced."),
    "already-replaced": gettext_lazy("This line has been replaced already."),
    "group-decides": gettext_lazy("The buyers' group is not complete yet."),
    "code-needed": gettext_lazy("This order is handed over with the buyer's pick-up code."),
    "lot-recalled": gettext_lazy("This lot is recalled."),
    "lot-differs": gettext_lazy("This lot is known with another best-before day."),
    "code-taken": gettext_lazy("Another product has this code."),
    "gtin-taken": gettext_lazy("Another of your products has this GTIN."),
    "gtin-retired": gettext_lazy("This GTIN is retired for good."),
    "product-withdrawn": gettext_lazy("This product is not sold any more."),
    "too-late": gettext_lazy("This can be undone on the same day only."),
    "forbidden": gettext_lazy("Your role does not allow this. Please ask a manager."),
    "missing-role": gettext_lazy("Your role does not allow this. Please ask a manager."),
}
_RULES = {
    "required": gettext_lazy("Please fill this in."),
    "length": gettext_lazy("This is too short or too long."),
    "whole-units": gettext_lazy("A whole number, please."),
    "whole-number": gettext_lazy("A whole number, please."),
    "uuid": gettext_lazy("Please choose one of those offered."),
    "date": gettext_lazy("A date, please."),
    "unknown": gettext_lazy("Please choose one of those offered."),
    "choice": gettext_lazy("Please choose one of those offered."),
    "expired": gettext_lazy("This best-before day is past."),
    "too-little-left": gettext_lazy("Too few days are left for this product."),
    "check-digit": gettext_lazy("The check digit is wrong: please scan again."),
    "differs-from-source": gettext_lazy("Please choose another place."),
    "digital-link": gettext_lazy("This is not a GS1 Digital Link."),
}


def said(problem: Problem) -> str:
    """One sentence: what is the matter, with the figures that help."""
    if problem.code == "other-lot":
        return _("Another lot. Please take: %(lots)s") % {"lots": problem.extra.get("lots", "")}
    if problem.code == "not-enough-stock":
        return _("Only %(left)s free here.") % {"left": shown.number(problem.extra.get("available", 0))}
    if problem.code in _TEXTS:
        return str(_TEXTS[problem.code])
    for violation in problem.violations:
        if violation.rule in ("above-ordered", "above-tolerance"):
            return _("At most %(most)s.") % {"most": shown.number(int(violation.detail))}
        if violation.rule in _RULES:
            return str(_RULES[violation.rule])
    return said_to_buyers(problem)


def step(code: str) -> tuple[Any, str]:
    return STEPS.get(code, (code, ""))
