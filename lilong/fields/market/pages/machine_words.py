"""What machines, refusals and disputes are called to people, in the reader's language."""

from django.utils.translation import gettext_lazy as _

from lilong.fields.market.pages import said as shop_words
from lilong.kernel.base.problems import Problem

MATERIALS = {
    "paper": _("Paper and cardboard"),
    "pet": _("Plastic bottles"),
    "metal": _("Metal"),
    "glass": _("Glass"),
    "textile": _("Textiles"),
}
KINDS = {
    "vending-machine": _("Vending machine"),
    "unmanned-shop": _("Unmanned shop"),
    "collection-point": _("Collection machine"),
}
ATTENTION = {
    "jam": _("Jammed"),
    "silent": _("Did not report after a sale"),
    "sequence-reused": _("Used a number twice"),
    "unreadable": _("Sent something unreadable"),
    "left-inside": _("Somebody left without the gate saying so"),
}
DISPUTES = {
    "excess": _("More left than was paid for"),
    "unpaid": _("Could not be charged"),
    "late": _("Reported after the visit was settled"),
    "contested": _("Contested by the buyer"),
}
_REFUSALS = {
    "machine-offline": _("The machine is offline just now. Nothing was charged."),
    "machine-busy": _("Somebody is being served. Please try again in a moment."),
    "slot-faulty": _("This slot is out of order. Please choose another."),
    "no-such-slot": _("There is no such slot any more."),
    "already-inside": _("You have not left the last place yet."),
    "too-late": _("This can be contested within a day only."),
    "already-contested": _("You have contested this already."),
    "already-resolved": _("This has been decided already."),
    "already-reviewed": _("This has been decided already."),
    "nothing-was-paid": _("Nothing was paid for this."),
    "persons-only": _("Only people can enter."),
}


def said(problem: Problem) -> str:
    """One sentence: what is the matter."""
    if problem.code in _REFUSALS:
        return str(_REFUSALS[problem.code])
    if problem.code == "sold-out":
        return str(_("Only so many are left in this slot: %(n)s.") % {"n": problem.extra.get("available", 0)})
    if any(violation.pointer == "/reason" for violation in problem.violations):
        return str(_("Please say what is wrong, in 3 to 500 characters."))
    return shop_words.said(problem)


def attention(code: str) -> str:
    """Why somebody should look; a machine's own fault codes are shown as they are."""
    return str(ATTENTION.get(code, code))
