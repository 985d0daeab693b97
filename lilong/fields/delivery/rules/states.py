"""The states of a shipment, and which follows which, as data. What is not in the table is refused."""

from lilong.kernel.base.problems import Conflict, Violation

REQUESTED, ACCEPTED, COLLECTED, AT_DEPOT, OUT = "requested", "accepted", "collected", "at-depot", "out"
IN_LOCKER, DELIVERED, FAILED = "in-locker", "delivered", "failed"
RETURNING, RETURNED, LOST, CANCELLED = "returning", "returned", "lost", "cancelled"

NEXT: dict[str, tuple[str, ...]] = {
    REQUESTED: (ACCEPTED, CANCELLED),
    ACCEPTED: (COLLECTED, CANCELLED, LOST),
    COLLECTED: (AT_DEPOT, OUT, RETURNING, LOST),
    AT_DEPOT: (OUT, RETURNING, LOST),
    OUT: (DELIVERED, IN_LOCKER, FAILED, AT_DEPOT, RETURNING, LOST),
    IN_LOCKER: (DELIVERED, RETURNING, LOST),
    FAILED: (OUT, AT_DEPOT, RETURNING, LOST),
    RETURNING: (RETURNED, LOST),
    LOST: (RETURNING,),  # found again: it goes back to who sent it
    DELIVERED: (),
    RETURNED: (),
    CANCELLED: (),
}
STATES = tuple(NEXT)
FINAL = tuple(state for state, following in NEXT.items() if not following)
WAITING = (REQUESTED, ACCEPTED)  # with the sender
UNDER_WAY = (COLLECTED, AT_DEPOT, OUT, FAILED, RETURNING)  # with the carrier
OPEN = (*WAITING, *UNDER_WAY, IN_LOCKER)
CODE_DAYS = 3  # beyond the promise that the recipient's code stays good


def require(state: str, wanted: str) -> None:
    """Raises Conflict `wrong-step` with the state it is in unless `wanted` may follow it."""
    if wanted not in NEXT[state]:
        raise Conflict(
            "wrong-step",
            violations=[Violation(pointer="/state", rule="one-of")],
            extra={"state": state, "next": list(NEXT[state])},
        )
