"""Whatever is asked, and whenever it is asked again: nothing dropped, nothing doubled, no rule broken."""

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lilong.fields.delivery.rules.routing.checker import check
from lilong.fields.delivery.rules.routing.planning import plan, repaired
from lilong.fields.delivery.rules.routing.problem import FIRST, LAST, Act, Problem, Task, Visit
from tests.fields.delivery.rules import ground

slowly = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@slowly
@given(ground.problems(), st.integers(0, 9))
def test_every_plan_holds(asked: Problem, seed: int):
    assert check(asked, plan(asked, ground.Rounds(30), seed=seed)) == []


@slowly
@given(ground.problems())
def test_every_quick_plan_holds(asked: Problem):
    assert check(asked, repaired(asked)) == []


@slowly
@given(ground.problems(), st.data())
def test_replanned_in_flight_nothing_is_dropped_and_nothing_doubled(asked: Problem, data: st.DataObject):
    first = plan(asked, ground.Rounds(20))
    now = data.draw(st.integers(0, 4000), label="now")
    lost = data.draw(st.sets(st.sampled_from([vehicle.id for vehicle in asked.vehicles] or ["none"]), max_size=1))
    places, depots = len(asked.travel.metres[0]), len(asked.depots)
    fresh = [data.draw(ground.tasks(f"n{n}", places, depots, now)) for n in range(data.draw(st.integers(0, 3)))]
    done: dict[Act, str] = {}
    fleet, spots = [], {}
    for id, acts, vehicle in ground.visited(asked, first.routes, now):
        done |= dict.fromkeys(acts, id)
        spots[id] = vehicle.start
        if id not in lost:
            fleet.append(vehicle)
    again = msgspec.structs.replace(
        asked,
        vehicles=tuple(fleet),
        tasks=tuple(rest(task, done, lost, spots) for task in asked.tasks if Act(task.id, LAST) not in done)
        + tuple(fresh),
        current=first.routes,
        change=1000,
    )
    second = plan(again, ground.Rounds(20))
    assert check(again, second) == []
    delivered = {act.task for act in done if act.what == LAST}
    planned = [act.task for route in second.routes for act in route.acts if act.what == LAST]
    left = [reason.task for reason in second.unassigned]
    everything = sorted([*delivered, *planned, *left])
    assert everything == sorted(task.id for task in (*asked.tasks, *fresh))


def rest(task: Task, done: dict[Act, str], lost: set[str], spots: dict[str, int]) -> Task:
    """What is left of a task: goods on a lost vehicle are fetched from where it stands."""
    holder = done.get(Act(task.id, FIRST))
    if holder is None:
        return task
    if holder in lost:
        return msgspec.structs.replace(task, take=Visit(spots[holder]), release=0)
    return msgspec.structs.replace(task, take=None, aboard=holder)
