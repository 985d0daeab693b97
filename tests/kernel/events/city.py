"""Facts for the tests of the log."""

from uuid import UUID

from lilong.kernel.base import ids
from lilong.kernel.events.facts import Fact, fact
from lilong.kernel.events.services import Emission, emit_many


@fact("testing.lot.received")
class LotReceived(Fact):
    lot: UUID
    quantity: int
    district: str = "huangpu"


@fact("testing.lot.sold", version=2)
class LotSold(Fact):
    lot: UUID
    quantity: int
    note: str = ""


LOT = ids.named("testing", "lot")


def received(*quantities: int, subject: UUID = LOT, actor: UUID | None = None) -> list[UUID]:
    """Emits one event for each quantity; answers their ids."""
    emissions = [
        Emission(LotReceived(lot=LOT, quantity=quantity), subject, actor, None, ids.uuid7()) for quantity in quantities
    ]
    emit_many(emissions)
    return [emission.id for emission in emissions if emission.id]
