"""How much of something goes into a basket, and what its order may come to."""

from lilong.kernel.base.problems import invalid

LINES_MAX = 100
PIECES_MAX, GRAMS_MAX = 999, 50_000
STEP_GRAMS = 100
WISHES = ("match", "ask", "refund")


def most(unit: str) -> int:
    """The most of one thing that a basket takes: pieces or grams."""
    return GRAMS_MAX if unit == "g" else PIECES_MAX


def step(unit: str, per: int) -> int:
    """By how much a stepper goes up and down: one piece; for goods by weight 100 g, or less where prices are for less."""
    return min(STEP_GRAMS, per) if unit == "g" else 1


def first(unit: str, per: int) -> int:
    """How much the first press puts in: one piece, or the weight that the price is for."""
    return min(per, GRAMS_MAX) if unit == "g" else 1


def checked(quantity: int, unit: str, pointer: str = "/quantity") -> int:
    """The quantity, 0 to take a line out. Raises Invalid with rule `range`."""
    if isinstance(quantity, bool) or not isinstance(quantity, int) or not 0 <= quantity <= most(unit):
        raise invalid(pointer, "range", f"0..{most(unit)}")
    return quantity


def checked_wish(wish: str, pointer: str = "/wish") -> str:
    """Raises Invalid with rule `one-of`."""
    if wish not in WISHES:
        raise invalid(pointer, "one-of", ", ".join(WISHES))
    return wish
