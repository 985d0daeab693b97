"""Orders that somebody watches over: a group's, a campaign's, whatever is more than one buyer and one seller.

An offer may name a guard. Its orders are placed only by whoever passes that name to `place(..., through=)`, never at the
counter; and every later change of them asks the guard, in the change's own transaction. Fields register theirs once.
"""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from lilong.kernel.base.problems import Problem
from lilong.kernel.ledger.services import Move
from lilong.kernel.orders.models import Order
from lilong.kernel.parties.actor import Actor


class Guard(Protocol):
    """What a guard is asked. The order is locked; whatever it locks or writes itself comes after that lock."""

    def refusal(self, actor: Actor, order: Order, act: str) -> Problem | None:
        """Why `actor` may not now 'complete', 'cancel', 'amend' or 'refund' this order, although buyer or seller may.

        Not asked when the change comes through the guard's own services (`through=`).
        """

    def completing(self, order: Order, total: int, moves: Sequence[Move]) -> list[Move]:
        """Moves that go with the capture of `total`, in the same batch as `moves`."""

    def refunding(self, order: Order, refund: UUID, amount: int, moves: Sequence[Move]) -> list[Move]:
        """Moves that go with a refund of `amount`, in the same batch as `moves` and before them: money for the refund."""

    def cancelled(self, order: Order) -> None:
        """The order has just been cancelled."""


_guards: dict[str, Guard] = {}


def register(name: str, guard: Guard) -> None:
    """Makes `guard` watch over the orders of offers that name it. Registering again replaces."""
    _guards[name] = guard


def of(order: Order) -> Guard | None:
    """The order's guard, if it has one. Raises LookupError when nothing in this process registered it."""
    return _guards[order.guard] if order.guard else None


def ask(actor: Actor, order: Order, act: str, through: str) -> Guard | None:
    """The order's guard, after it had nothing against the act; raises what it had."""
    guard = of(order)
    if guard is not None and through != order.guard:
        problem = guard.refusal(actor, order, act)
        if problem is not None:
            raise problem
    return guard
