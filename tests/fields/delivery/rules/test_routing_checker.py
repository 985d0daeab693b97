"""The checker notices every rule that is broken, one at a time, and nothing where none is."""

import msgspec
import pytest

from lilong.fields.delivery.rules.routing.checker import Violation, check
from lilong.fields.delivery.rules.routing.problem import Plan, Reason, Route, Window
from tests.fields.delivery.rules.ground import acts, car, line, problem, task

STREET = line(0, 100, 200, 300)
TASKS = (task("a", 1, amount=(6,)), task("b", 2, amount=(4,)))
WHOLE = Plan((Route("v", acts("+a", "+b", "-a", "-b")),))


def checked(plan: Plan = WHOLE, tasks=TASKS, **more):
    return check(problem(STREET, [car(**more), car("w")], tasks), plan)


def with_task(**more):
    return (msgspec.structs.replace(TASKS[0], **more), TASKS[1])


def test_a_plan_that_holds_is_let_pass():
    assert checked() == []
    assert checked(Plan((Route("v", acts("+a", "-a")),), (Reason("b", "all-full"),))) == []


BROKEN = [
    ("capacity", {"capacity": (9,)}, TASKS, [Violation("capacity", "v", "b", 1)]),
    ("range", {"reach": 399}, TASKS, [Violation("range", "v", by=1)]),
    ("shift", {"closes": 399}, TASKS, [Violation("shift", "v", by=1)]),
    ("hours", {"hours": 399}, TASKS, [Violation("hours", "v", by=1)]),
    ("zone", {"zone": frozenset({0, 1})}, TASKS, [Violation("zone", "v", "b")]),
    ("skill", {}, with_task(skills=frozenset({"x"})), [Violation("skill", "v", "a")] * 2),
    ("temperature", {}, with_task(temperature="frozen"), [Violation("temperature", "v", "a")] * 2),
    ("locked", {"locked": acts("+b")}, TASKS, [Violation("locked", "v")]),
]


@pytest.mark.parametrize(("_rule", "more", "tasks", "expected"), BROKEN, ids=[rule for rule, *_ in BROKEN])
def test_a_broken_rule_is_named(_rule, more, tasks, expected):
    assert checked(WHOLE, tasks, **more) == expected


def test_a_missed_window_is_named_and_grace_forgives():
    late = msgspec.structs.replace(TASKS[1].give, windows=(Window(0, 150),))
    missed = (TASKS[0], msgspec.structs.replace(TASKS[1], give=late))
    assert checked(WHOLE, missed) == [Violation("window", "v", "b", 50)]
    forgiven = (TASKS[0], msgspec.structs.replace(missed[1], grace=50))
    assert checked(WHOLE, forgiven) == []


WRONG = [
    (Plan((Route("v", acts("-a", "+a", "+b", "-b")),)), "order"),
    (Plan((Route("v", acts("+a", "-a")),)), "dropped"),
    (Plan((Route("v", acts("+a", "-a", "+b")),)), "dropped"),
    (Plan((*WHOLE.routes, Route("w", acts("+a", "-a")))), "twice"),
    (Plan(WHOLE.routes, (Reason("a", "all-full"),)), "twice"),
    (Plan((Route("v", acts("+a", "+b", "-b")), Route("w", acts("-a")))), "two-vehicles"),
    (Plan((*WHOLE.routes, Route("x", ()))), "unknown-vehicle"),
    (Plan(WHOLE.routes, (Reason("z", "all-full"),)), "unknown-task"),
    (Plan((*WHOLE.routes, Route("v", ()))), "vehicle-twice"),
    (Plan((Route("v", acts("+a", "-a", "+b", "-b")),)), "trips"),
]


@pytest.mark.parametrize(("plan", "rule"), WRONG, ids=[f"{n}-{rule}" for n, (_, rule) in enumerate(WRONG)])
def test_a_plan_that_is_no_plan_is_told_so(plan, rule):
    assert rule in {violation.rule for violation in checked(plan)}


def test_goods_on_another_vehicle_cannot_be_delivered():
    aboard = task("c", 3, take=None, aboard="w")
    found = checked(Plan((Route("v", acts("-c")),)), (aboard,))
    assert [violation.rule for violation in found] == ["not-aboard"]
