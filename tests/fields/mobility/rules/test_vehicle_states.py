"""The state machine against the tables of the specification, over the full cross product."""

import json
from itertools import product
from pathlib import Path

import pytest

from lilong.fields.mobility.rules import vehicle_states as rules
from lilong.kernel.base.problems import Conflict

TABLES = json.loads((Path(__file__).parents[3] / "data/mobility/mds-2.0.2-vehicle-transitions.json").read_text())
STATES = (
    "removed",
    "available",
    "non_operational",
    "reserved",
    "on_trip",
    "stopped",
    "non_contactable",
    "missing",
    "elsewhere",
)


def rows(mode: str) -> set[tuple[str, str, str, str]]:
    """(from, to, trip state, event) of every row; micromobility's have several sources and no trip state."""
    found = set()
    for row in TABLES[mode]:
        if mode == "micromobility":
            found |= {(each.strip(" `"), row[1].strip(), "", row[2]) for each in row[0].split(",")}
        else:
            found.add((row[0], row[1], row[2].replace("N/A", ""), row[3]))
    return found


@pytest.mark.parametrize("mode", TABLES)
def test_exactly_the_rows_of_the_specification_are_steps(mode: str):
    wanted = rows(mode)
    events = {row[3] for other in TABLES for row in rows(other)}
    ours = {
        (before, step.state, step.trip_state, event)
        for before, event in product(STATES, events)
        for step in rules.steps(mode, before, event)
    }
    assert ours == wanted


@pytest.mark.parametrize("mode", TABLES)
def test_every_row_is_taken_and_everything_else_refused_by_name(mode: str):
    wanted = rows(mode)
    events = {row[3] for other in TABLES for row in rows(other)}
    taken, refused = set(), 0
    for before, after, event in product(STATES, STATES, events):
        try:
            step = rules.step(mode, before, event, after)
        except Conflict as problem:
            refused += 1
            assert (problem.code, problem.extra["state"], problem.extra["event"]) == ("vehicle-state", before, event)
            continue
        taken.add((before, step.state, step.trip_state, event))
    assert taken == wanted
    assert refused == len(STATES) ** 2 * len(events) - len(wanted)


def test_a_choice_must_be_made_by_name():
    with pytest.raises(Conflict) as refused:
        rules.step("car-share", "non_contactable", "comms_restored")
    assert refused.value.violations[0].rule == "choose"
    assert rules.step("car-share", "non_contactable", "comms_restored", "on_trip") == ("on_trip", "on_trip")


def test_a_way_is_walked_step_by_step():
    way = rules.path("car-share", "available", ["reservation_start", "reservation_stop", "trip_start"])
    assert [step.state for step in way] == ["reserved", "stopped", "on_trip"]
    with pytest.raises(Conflict) as refused:
        rules.path("car-share", "available", ["reservation_start", "trip_start"])
    assert refused.value.extra == {
        "mode": "car-share",
        "state": "reserved",
        "event": "trip_start",
        "allowed": rules.allowed("car-share", "reserved"),
    }


def test_a_mode_that_nobody_knows_has_no_steps():
    assert rules.steps("hovercraft", "available", "trip_start") == ()
