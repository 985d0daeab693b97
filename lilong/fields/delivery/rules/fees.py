"""What carrying costs and what becomes of the fee, as data and a few lines of arithmetic. All in fen."""

from typing import NamedTuple

from lilong.fields.delivery.rules import states

# How much of the fee the carrier gets for an outcome, in percent. A shipment that went back is half paid if it was the
# recipient who was not there or did not want it; what the carrier spoilt, lost or gave up costs nothing.
KEPT_PERCENT = {states.DELIVERED: 100, states.CANCELLED: 0, states.LOST: 0}
RETURNED_PERCENT = {
    "no-answer": 50,
    "refused": 50,
    "address": 50,
    "locker-full": 0,
    "damaged": 0,
    "blocked": 0,
    "other": 0,
}
_KM, _KG = 1000, 1000


class Price(NamedTuple):
    base: int
    per_km: int
    per_kg: int


def fee(price: Price, metres: int, weight_g: int) -> int:
    """Begun kilometres and kilograms count whole."""
    return price.base + price.per_km * -(-metres // _KM) + price.per_kg * -(-weight_g // _KG)


def delivered(full: int, late_percent: int, *, on_time: bool) -> int:
    """What is taken for a delivery: the fee, less what the service gives back when it is late (the fen rounded down)."""
    return full if on_time else full * (100 - late_percent) // 100


def returned(full: int, last_outcome: str) -> int:
    """What is taken for a shipment that went back, by why its last attempt failed ('' for none)."""
    return full * RETURNED_PERCENT.get(last_outcome, 0) // 100
