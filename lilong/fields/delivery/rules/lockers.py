"""Which cell a parcel fits into: the smallest that is large enough, turned as it likes."""

from lilong.fields.delivery.rules.kinds import CELL_MM, SIZES

REMIND_HOURS = 6  # before the stay is over
CELLS_MAX = 400


def sizes_for(length_mm: int, width_mm: int, height_mm: int) -> list[str]:
    """The sizes of cells that take it, smallest first; none when it is too large for all."""
    sides = sorted((length_mm, width_mm, height_mm))
    return [
        size for size in SIZES if all(side <= room for side, room in zip(sides, sorted(CELL_MM[size]), strict=True))
    ]
