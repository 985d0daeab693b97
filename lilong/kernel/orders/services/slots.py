"""The times booked with orders."""

from lilong.kernel.base import ids
from lilong.kernel.base.problems import Conflict, Violation
from lilong.kernel.calendar.services import BookingDraft, book_many
from lilong.kernel.orders import rules
from lilong.kernel.orders.services.candidate import Candidate


def book(orders: list[Candidate]) -> list[Candidate]:
    """Books the slots of those orders that want one; returns those that got none, with their problem set."""
    wanting = [order for order in orders if order.draft.slot]
    if not wanting:
        return []
    outcomes = book_many([_draft(order) for order in wanting])
    unlucky = []
    for order, outcome in zip(wanting, outcomes, strict=True):
        if outcome.status not in ("created", "exists"):
            found = [Violation(pointer="/slot", rule=outcome.status)]
            order.problem = outcome.problem or Conflict(outcome.status, violations=found)
            unlucky.append(order)
    return unlucky


def _draft(order: Candidate) -> BookingDraft:
    slot = order.draft.slot
    assert slot is not None
    return BookingDraft(
        id=ids.child(order.draft.id, rules.BOOKING),
        resource=slot.resource,
        start=slot.start,
        end=slot.end,
        party=order.buyer,
        ref=order.draft.id,
    )
