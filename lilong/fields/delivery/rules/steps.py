"""What happens to a shipment when somebody says that something happened: which steps lie in between, and what is late."""

from datetime import datetime, timedelta

from lilong.fields.delivery.rules import states
from lilong.kernel.base.problems import Invalid, invalid

# Steps that are so plain that whoever says the later one has done them: (from, to) -> in between.
IMPLIED: dict[tuple[str, str], tuple[str, ...]] = {
    (states.REQUESTED, states.COLLECTED): (states.ACCEPTED,),
    (states.COLLECTED, states.DELIVERED): (states.OUT,),
    (states.COLLECTED, states.IN_LOCKER): (states.OUT,),
    (states.COLLECTED, states.FAILED): (states.OUT,),
    (states.FAILED, states.DELIVERED): (states.OUT,),
    (states.FAILED, states.IN_LOCKER): (states.OUT,),
    (states.FAILED, states.FAILED): (states.OUT,),
}
AHEAD_SECONDS, BEHIND_HOURS = 300, 72  # how wrong a phone's clock may be, how late its words may come


def way(state: str, wanted: str) -> tuple[str, ...]:
    """The states to go through, the wanted one last. Raises Conflict `wrong-step`."""
    between = IMPLIED.get((state, wanted), ())
    for step in (*between, wanted):
        states.require(state, step)
        state = step
    return (*between, wanted)


def happened(client: datetime, now: datetime) -> datetime:
    """When it happened, by the client's clock, never in the future. Raises Invalid `/at`."""
    if client > now + timedelta(seconds=AHEAD_SECONDS):
        raise _refused("in-the-future")
    if client < now - timedelta(hours=BEHIND_HOURS):
        raise _refused("too-old")
    return min(client, now)


def _refused(rule: str) -> Invalid:
    return invalid("/at", rule)
