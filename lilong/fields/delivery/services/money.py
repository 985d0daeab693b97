"""The carriage fee: held when a shipment is asked for, taken by how it ends. In fen.

It goes from the payer's wallet into an account of the shipment's own, so that booking never waits for the carrier's one
account that all of its shipments end in: `ids.child(shipment, 0)` is the hold, 1 its settlement, 2 the carrier's share.
"""

from uuid import UUID

from lilong.kernel.base import ids
from lilong.kernel.base.money import CNY
from lilong.kernel.base.problems import Conflict
from lilong.kernel.ledger import services as ledger
from lilong.kernel.ledger.services import PENDING, POST, VOID, Move

HELD, SETTLED, SHARE = 0, 1, 2
PURPOSE = "carriage"


def hold(shipment: UUID, payer: UUID, fee: int) -> None:
    """Raises Conflict `insufficient-funds`."""
    if not fee:
        return
    wallet, own = _accounts((payer, "wallet"), (shipment, PURPOSE))
    held = Move(ids.child(shipment, HELD), wallet, own, fee, PENDING, ref=shipment, code="delivery.fee")
    (outcome,) = ledger.post([held])
    if outcome.status == "insufficient":
        raise Conflict("insufficient-funds", extra={"needed": fee, "available": outcome.available})
    if outcome.status not in (ledger.CREATED, ledger.EXISTS):
        raise Conflict(f"ledger-{outcome.status}")


def settle(shipment: UUID, carrier: UUID, fee: int, taken: int) -> None:
    """Takes `taken` of the `fee` held for the carrier; the rest is the payer's again. Once; the same again changes nothing."""
    if not fee:
        return
    hold_id = ids.child(shipment, HELD)
    if not taken:
        ledger.post_all([Move(ids.child(shipment, SETTLED), 0, 0, 0, VOID, of=hold_id)])
        return
    own, earned = _accounts((shipment, PURPOSE), (carrier, "sales"))
    share = Move(ids.child(shipment, SHARE), own, earned, taken, link=1, ref=shipment, code="delivery.fee")
    ledger.post_all([Move(ids.child(shipment, SETTLED), 0, 0, taken, POST, of=hold_id, link=1), share])


def sales(carrier: UUID) -> int:
    """The account that a carrier's fees end in, and that its claims are paid from first."""
    return _accounts((carrier, "sales"))[0]


def _accounts(*wanted: tuple[UUID, str]) -> list[int]:
    """(owner, purpose) -> the ids of their accounts of money, opened where there are none."""
    asset = ledger.open_asset(CNY, kind="money", unit=CNY)
    return ledger.open_accounts([(owner, asset, purpose, 0) for owner, purpose in wanted])
