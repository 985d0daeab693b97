"""What may be claimed of which shipment, and how much at most. In fen."""

from datetime import datetime, timedelta

from lilong.fields.delivery.rules import states
from lilong.kernel.base.problems import Conflict, Violation

# What may be claimed in which states of the shipment.
GROUNDS = {
    "loss": (states.LOST, states.IN_LOCKER, states.DELIVERED),  # also 'it says delivered, but it never came'
    "damage": (states.DELIVERED, states.RETURNED, states.IN_LOCKER, states.FAILED, states.RETURNING),
    "late": (states.DELIVERED, states.RETURNED, states.IN_LOCKER, states.LOST),
    "excursion": states.STATES,
}
DAYS = 30  # after the shipment's last step
TEXT_MAX, ANSWER_MAX = 1000, 500


def require_ground(kind: str, state: str, state_at: datetime, *, on_time: bool, now: datetime) -> None:
    """Raises Conflict `no-ground` (with the state), `too-late`."""
    if state not in GROUNDS[kind] or (kind == "late" and on_time):
        raise Conflict(
            "no-ground",
            violations=[Violation(pointer="/kind", rule="ground")],
            extra={"state": state, "on_time": on_time},
        )
    if state in states.FINAL and now > state_at + timedelta(days=DAYS):
        raise Conflict("too-late", violations=[Violation(pointer="/kind", rule="within-days", detail=str(DAYS))])


def most(kind: str, cover: int, claimed: int, fee: int) -> int:
    """The most that is still to be had: for lateness the fee, otherwise what is left of the cover."""
    left = cover - claimed
    return min(fee, left) if kind == "late" else left
