"""What terminals are told: which cells to open."""

from collections.abc import Sequence

from lilong.fields.delivery.models import LockerBank, LockerCell


def open_cells(bank: LockerBank, cells: Sequence[LockerCell]) -> None:
    """In the caller's transaction; published after its commit."""
