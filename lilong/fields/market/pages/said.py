"""What a refusal means to a buyer, in his language."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lilong.fields.market.rules.reviews import TEXT_MAX
from lilong.kernel.base.money import CNY
from lilong.kernel.base.problems import Problem
from lilong.kernel.orders.carriage import AT
from lilong.ui import shown

_TEXTS = {
    "offer-closed": gettext_lazy("This is not sold any more."),
    "not-yet-released": gettext_lazy("This is not sold yet."),
    "over-limit": gettext_lazy("You have had as many of this as one buyer may have."),
    "slot-required": gettext_lazy("Please choose a delivery time."),
    "slot-taken": gettext_lazy("This time has just been taken. Please choose another."),
    "slot-closed": gettext_lazy("It is too late for this time. Please choose another."),
    "slot-in-the-past": gettext_lazy("This time is over. Please choose another."),
    "slot-elsewhere": gettext_lazy("This time belongs to another warehouse. Please choose again."),
    "outside-opening": gettext_lazy("Nothing is delivered at this time. Please choose another."),
    "resource-closed": gettext_lazy("Nothing is delivered at this time. Please choose another."),
    "place-closed": gettext_lazy("This warehouse has closed. Please choose another."),
    "id-taken": gettext_lazy("This order was placed already, and differently. Please look at your orders."),
    "basket-full": gettext_lazy("The basket is full. Please order first."),
    "wrong-state": gettext_lazy("The order is past this by now."),
    "return-too-late": gettext_lazy("The time for giving goods back is over."),
    "return-open": gettext_lazy("You have asked already. The seller will answer first."),
    "not-bought": gettext_lazy("Only those who bought it can review it."),
    "not-your-purse": gettext_lazy("You cannot order for somebody else."),
    "unknown-offer": gettext_lazy("This is not sold any more."),
    "group-full": gettext_lazy("This group is full. You can open another."),
    "group-over": gettext_lazy("The time of this group is over. You can open another."),
    "already-in": gettext_lazy("You are in this group already."),
    "group-firm": gettext_lazy("The group is complete, so the order is firm."),
    "group-decides": gettext_lazy("The order waits for its group. You can leave the group instead."),
    "not-sold-singly": gettext_lazy("This is sold only together with others."),
    "not-yet-open": gettext_lazy("This has not opened yet."),
    "after-cut-off": gettext_lazy("Orders are closed; the goods are being picked."),
    "not-cut-off": gettext_lazy("Orders are still open. Goods are handed over afterwards."),
    "order-cancelled": gettext_lazy("This order was cancelled. Do not hand it over."),
    "collection-over": gettext_lazy("The time for collecting is over; the order is being cancelled."),
    "already-released": gettext_lazy("The sale has begun; it cannot be called off any more."),
}
_RULES = {
    "required": gettext_lazy("Please fill this in."),
    "range": gettext_lazy("Please choose a number in the range allowed."),
    "known-here": gettext_lazy("No order at this point has this code."),
    "one-of": gettext_lazy("Please choose one of those offered."),
    "stars": gettext_lazy("Please give one to five stars."),
}


def said(problem: Problem) -> str:
    """One sentence: what is the matter, with the figures that help."""
    extra = problem.extra
    if problem.code == "price-changed":
        return _("The price has changed: it is %(price)s now.") % {"price": _price(extra)}
    if problem.code == "sold-out":
        return sold_out(extra.get("available", 0), extra.get("unit", ""))
    if problem.code == "insufficient-funds":
        needed = shown.amount(extra.get("needed"), CNY)
        return _("Your wallet has %(available)s; the order needs %(needed)s.") % {
            "available": shown.amount(extra.get("available"), CNY),
            "needed": needed,
        }
    if problem.violations and problem.violations[0].pointer == AT:
        return _carried(problem)
    if problem.code in _TEXTS:
        return str(_TEXTS[problem.code])
    rules = [violation.rule for violation in problem.violations]
    if "unknown-offer" in rules:
        return str(_TEXTS["unknown-offer"])
    if any(violation.pointer == "/text" for violation in problem.violations):
        return _("Please write between 1 and %(most)s characters.") % {"most": shown.number(TEXT_MAX)}
    return next((str(_RULES[rule]) for rule in rules if rule in _RULES), str(problem.title))


def _carried(problem: Problem) -> str:
    """Why a way of delivery is not to be had; the codes of a time that is gone speak of the carrier's time here."""
    if problem.code in ("promise-expired", "promise-differs"):
        return str(problem.title)
    if problem.code in ("invalid", "no-such-address"):
        return _("Please choose the way of delivery again.")
    return _("The carrier cannot do this any more: %(why)s Please choose another way.") % {"why": problem.title}


def sold_out(left: int, unit: str) -> str:
    """That nothing, or only so much, is left."""
    if not left:
        return _("Sold out at this warehouse.")
    if unit == "g":
        return _("Only %(left)s left.") % {"left": shown.quantity(left, unit)}
    return ngettext("Only %(left)s piece left.", "Only %(left)s pieces left.", left) % {"left": shown.number(left)}


def _price(extra: dict[str, Any]) -> str:
    price = shown.amount(extra.get("price"), extra.get("currency", CNY))
    return price if extra.get("per", 1) == 1 else f"{price} / {shown.quantity(extra['per'], 'g')}"
