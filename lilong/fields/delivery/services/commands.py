"""What terminals are told: which cells to open."""

from collections.abc import Sequence
from datetime import timedelta

from lilong.fields.delivery.models import LockerBank, LockerCell
from lilong.fields.delivery.standard import locker_protocol as protocol
from lilong.kernel.base import clock
from lilong.kernel.devices import outbox


def open_cells(bank: LockerBank, cells: Sequence[LockerCell]) -> None:
    """In the caller's transaction; published after its commit, and not any more when it has become old."""
    if bank.device is None or not cells:
        return
    outbox.send(
        protocol.down(bank.device, "locker"),
        protocol.opening(sorted(cell.number for cell in cells)),
        expires_at=clock.now() + timedelta(seconds=protocol.OPEN_SECONDS),
    )
