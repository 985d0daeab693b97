"""The words and colours of states, whatever they are states of."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

STATES = {
    "placed": (_("Placed"), "info"),
    "completed": (_("Completed"), "good"),
    "cancelled": (_("Cancelled"), ""),
    "refunded": (_("Refunded"), "warn"),
    "part-refunded": (_("Partly refunded"), "warn"),
    "held": (_("Held"), "info"),
    "booked": (_("Booked"), "good"),
    "released": (_("Released"), ""),
    "expired": (_("Expired"), "bad"),
    "draft": (_("Draft"), ""),
    "listed": (_("Listed"), "good"),
    "withdrawn": (_("Withdrawn"), ""),
    "pending": (_("Pending"), "info"),
    "posted": (_("Posted"), "good"),
    "voided": (_("Voided"), ""),
    "open": (_("Open"), "good"),
    "closed": (pgettext_lazy("state", "Closed"), ""),
}


def state_words(state: str) -> tuple[str, str]:
    """(word in the reader's language, kind of badge); a state not listed shows as it is called."""
    label, kind = STATES.get(state, (state.replace("-", " ").capitalize(), ""))
    return str(label), kind
