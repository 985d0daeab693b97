"""The state machine of vehicles: MDS 2.0's, one for each mode."""

from collections.abc import Iterable
from typing import NamedTuple

from lilong.fields.mobility.rules import vehicle_transitions as tables
from lilong.kernel.base.problems import Conflict, Violation

FIRST = "removed"  # a vehicle that was just registered stands in nobody's street
BACK_AGAIN = frozenset({"comms_restored", "located"})  # these lead back to where the vehicle was before


class Step(NamedTuple):
    """Where an event leads: the vehicle's state, and its trip's ('' where the tables have none)."""

    state: str
    trip_state: str


def _read(table: str) -> dict[tuple[str, str], tuple[Step, ...]]:
    found: dict[tuple[str, str], list[Step]] = {}
    for line in table.strip().splitlines():
        event, _, rest = line.partition(": ")
        sources, _, target = rest.partition(" > ")
        state, _, trip = target.partition(" [")
        for source in sources.split("|"):
            found.setdefault((source, event), []).append(Step(state, trip.rstrip("]")))
    return {key: tuple(steps) for key, steps in found.items()}


TRANSITIONS: dict[str, dict[tuple[str, str], tuple[Step, ...]]] = {
    "car-share": _read(tables.CAR_SHARE),
    "passenger-services": _read(tables.PASSENGER_SERVICES),
    "delivery-robots": _read(tables.DELIVERY_ROBOTS),
    "micromobility": _read(tables.MICROMOBILITY),
}
EVENTS: dict[str, frozenset[str]] = {
    mode: frozenset(event for _, event in table) for mode, table in TRANSITIONS.items()
}


def steps(mode: str, state: str, event: str) -> tuple[Step, ...]:
    """Where `event` may lead a vehicle of `mode` from `state`; none where the table has no such row."""
    return TRANSITIONS.get(mode, {}).get((state, event), ())


def step(mode: str, state: str, event: str, target: str = "") -> Step:
    """The one step that `event` makes. `target` names the state where the table leaves a choice.

    Raises Conflict `vehicle-state` naming the vehicle's state, the event, and what may happen in that state.
    """
    found = [each for each in steps(mode, state, event) if target in ("", each.state)]
    if len(found) == 1:
        return found[0]
    rule = "choose" if found else "transition"
    raise Conflict(
        "vehicle-state",
        violations=[Violation(pointer="/event", rule=rule, detail=f"{state} > {target or '?'}: {event}")],
        extra={"mode": mode, "state": state, "event": event, "allowed": allowed(mode, state)},
    )


def path(mode: str, state: str, events: Iterable[str]) -> list[Step]:
    """The steps of several events one after another; raises as `step` does, at the first that does not fit."""
    made: list[Step] = []
    for event in events:
        made.append(step(mode, made[-1].state if made else state, event))
    return made


def allowed(mode: str, state: str) -> list[str]:
    """The events that the mode's table has for a state, sorted."""
    return sorted({event for source, event in TRANSITIONS.get(mode, {}) if source == state})
