"""What a carrier must know of a parcel before it promises: how heavy, and how cold."""

from collections.abc import Iterable

PIECE_G = 500  # what a piece is taken to weigh: packed food as it is sold; carriers weigh again
STRICTEST_LAST = ("ambient", "chilled", "live", "frozen")
SHOWN = 6  # ways of delivery a buyer chooses from


def weight_g(lines: Iterable[tuple[str, int]]) -> int:
    """Grams of lines of (unit, quantity)."""
    return sum(quantity if unit == "g" else quantity * PIECE_G for unit, quantity in lines)


def strictest(temperatures: Iterable[str]) -> str:
    """The class that all of it is carried in: what the most delicate of it needs; 'ambient' for nothing."""
    return max(temperatures, key=STRICTEST_LAST.index, default="ambient")
