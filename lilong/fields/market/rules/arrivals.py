"""Whether a delivery can be taken in."""

from datetime import date

from lilong.fields.market.drafts import LotDraft
from lilong.fields.market.rules import digital_link, expiry
from lilong.kernel.base.problems import Invalid, Problem, Violation, invalid

QUANTITY_MAX = 10**12
SUPPLIER_MAX = 120


def require(draft: LotDraft, *, on: date, margin_days: int) -> None:
    """Raises Invalid for a delivery that cannot be taken in on `on`: at `/lot_code` (`length`, `characters`),
    `/quantity` (`whole-number`, `range`), `/supplier`, and as `expiry.require_receivable` does."""
    require_lot_code(draft.lot_code)
    require_quantity(draft.quantity)
    if len(draft.supplier) > SUPPLIER_MAX:
        raise invalid("/supplier", "length", SUPPLIER_MAX)
    if "\0" in draft.supplier:
        raise invalid("/supplier", "characters", "U+0000")
    expiry.require_receivable(draft.best_before, draft.produced_on, on, margin_days)


def require_lot_code(code: str, pointer: str = "/lot_code") -> None:
    """A lot code that GS1 AI 10 can carry: 1-20 characters of set 82."""
    try:
        digital_link.require_element("10", code)
    except Problem as problem:
        found = [Violation(pointer=pointer, rule=v.rule, detail=v.detail) for v in problem.violations]
        raise Invalid("invalid", violations=found) from None


def require_quantity(quantity: int, *, least: int = 1, pointer: str = "/quantity") -> None:
    """Whole pieces or grams within `least` .. 10^12. Raises Invalid `whole-number` or `range`."""
    if not isinstance(quantity, int) or isinstance(quantity, bool):
        raise invalid(pointer, "whole-number", quantity)
    if not least <= quantity <= QUANTITY_MAX:
        raise invalid(pointer, "range", f"{least}..{QUANTITY_MAX}")
