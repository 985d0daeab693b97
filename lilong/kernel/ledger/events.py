"""Facts the ledger records itself. Rooms that move value record their own: not every move is a fact."""

from uuid import UUID

from lilong.kernel.events.facts import Fact, fact


@fact("ledger.topped-up")
class ToppedUp(Fact, frozen=True, kw_only=True):
    """Money came in from outside to a party's wallet. `amount` in minor units."""

    move: UUID
    owner: UUID
    amount: int
    currency: str
