"""What a plan is like: who gets what, why somebody gets nothing, what stays as it was promised."""

import msgspec
import pytest

from lilong.fields.delivery.rules.routing.checker import check
from lilong.fields.delivery.rules.routing.planning import plan, repaired
from lilong.fields.delivery.rules.routing.problem import Depot, Reason, Route, Visit, Window
from tests.fields.delivery.rules.ground import Rounds, acts, car, line, problem, task

ROUNDS = 40
STREET = line(0, 100, 200, 300, 1000)


def planned(asked):
    found = plan(asked, Rounds(ROUNDS))
    assert check(asked, found) == []
    return found


def test_one_vehicle_takes_what_lies_on_its_way():
    found = planned(problem(STREET, [car(), car("w")], [task("a", 1), task("b", 2), task("c", 3)]))
    (route,) = found.routes
    assert {act.task for act in route.acts} == {"a", "b", "c"}
    assert (found.cost, found.unassigned) == (600, ())


def test_a_depot_s_goods_leave_from_that_depot():
    cars = [car("near", 0), car("far", 4, 4)]
    asked = problem(STREET, cars, [task("a", 3, take=4), task("b", 1)], depots=(Depot(0), Depot(4)))
    assert sorted((r.vehicle, r.acts[-1].task) for r in planned(asked).routes) == [("far", "a"), ("near", "b")]


def test_what_is_too_much_for_one_trip_is_loaded_in_two():
    tasks = [task("a", 1, amount=(6,)), task("b", 2, amount=(6,))]
    once = planned(problem(STREET, [car(trips=1)], tasks))
    twice = planned(problem(STREET, [car(trips=2)], tasks))
    assert (len(once.unassigned), once.unassigned[0].code) == (1, "all-full")
    assert [act.what for act in twice.routes[0].acts] == ["take", "give", "take", "give"]


def test_a_pair_is_taken_before_it_is_given_by_one_vehicle():
    asked = problem(STREET, [car(start=4, end=None), car("w", 0, None)], [task("p", 1, take=3), task("q", 3, take=2)])
    for route in planned(asked).routes:
        assert len(route.acts) % 2 == 0


def test_of_two_windows_either_will_do():
    late = (Window(0, 50), Window(400, 500))
    asked = problem(STREET, [car(opens=100)], [task("a", 1, windows=late)])
    assert planned(asked).unassigned == ()


def test_goods_aboard_are_delivered_by_their_vehicle_and_collected_ones_ride_home():
    there = task("a", 3, take=None, aboard="v")
    back = task("c", 0, take=2)
    asked = problem(STREET, [car(start=1, load=(1,)), car("w")], [there, back])
    by = {act.task: route.vehicle for route in planned(asked).routes for act in route.acts}
    assert by["a"] == "v"


REASONS = [
    ([], task("a", 1), Reason("a", "no-vehicle")),
    ([car()], task("a", 1, skills=frozenset({"stairs"})), Reason("a", "skill")),
    ([car(temperatures=frozenset({"ambient"}))], task("a", 1, temperature="frozen"), Reason("a", "temperature")),
    ([car(zone=frozenset({0, 2}))], task("a", 1), Reason("a", "zone")),
    ([car(), car("w", capacity=(20,))], task("a", 1, amount=(25,)), Reason("a", "capacity", "w", over=5, dimension=0)),
    ([car(reach=1500)], task("a", 4), Reason("a", "range", "v", over=500)),
    ([car(closes=1999)], task("a", 4), Reason("a", "shift", "v", late=1)),
    ([car(hours=1900)], task("a", 4), Reason("a", "shift", "v", late=100)),
    (
        [car(opens=60), car("w", opens=30)],
        task("a", 1, windows=(Window(0, 120),)),
        Reason("a", "time-window", "w", late=10),
    ),
    ([car()], task("a", 1, take=None, aboard="lost"), Reason("a", "gone", "lost")),
]


@pytest.mark.parametrize(("cars", "asked", "reason"), REASONS, ids=[reason.code for *_, reason in REASONS])
def test_every_unassigned_says_why(cars, asked, reason):
    assert planned(problem(STREET, cars, [asked])).unassigned == (reason,)


def test_one_who_is_full_says_who_would_be_least_late():
    due = (Window(0, 100),)
    asked = problem(
        STREET, [car()], [task("a", 1, windows=due, priority=5), task("b", 2, take=2, windows=(Window(0, 210),))]
    )
    assert planned(asked).unassigned == ()
    tight = problem(line(0, 100, -100), [car()], [task("a", 1, windows=due, priority=5), task("b", 2, windows=due)])
    assert planned(tight).unassigned == (Reason("b", "all-full", "v", late=200),)


def test_within_its_grace_a_task_is_rather_late_than_left():
    due = (Window(0, 100),)
    tasks = [task("a", 1, windows=due, priority=5), task("b", 2, windows=due, grace=250)]
    assert planned(problem(line(0, 100, -100), [car()], tasks)).unassigned == ()


def test_what_matters_more_is_left_out_last():
    due = (Window(0, 100),)
    tasks = [task("a", 1, windows=due, priority=1), task("b", 2, windows=due, priority=2)]
    assert [reason.task for reason in planned(problem(line(0, 100, -100), [car()], tasks)).unassigned] == ["a"]


def test_acts_under_way_stay_first_and_what_they_take_up_is_delivered():
    asked = problem(
        STREET,
        [car(start=1, locked=acts("+a"), reach=900), car("w")],
        [task("a", 3, take=2), task("b", 1)],
    )
    found = planned(asked)
    (route,) = [route for route in found.routes if route.vehicle == "v"]
    assert route.acts[:1] == acts("+a") and acts("-a")[0] in route.acts


def test_a_promised_vehicle_is_changed_only_for_enough():
    told = (Route("v", acts("+a", "-a")), Route("w", acts("+b", "-b")))
    tasks = [task("a", 1, promised="v"), task("b", 2, promised="w")]
    small = problem(STREET, [car(), car("w")], tasks, current=told, change=10)
    large = msgspec.structs.replace(small, change=1000)
    assert (planned(small).moved, planned(large).moved) == (1, 0)
    assert planned(large).routes == told


def test_a_lost_vehicle_s_stops_go_to_others_and_the_rest_stays():
    told = (Route("v", acts("+a", "-a")), Route("w", acts("+b", "-b")))
    tasks = [task("a", 1, promised="v"), task("b", 2, promised="w")]
    asked = problem(STREET, [car("w")], tasks, current=told, change=1000)
    found = repaired(asked)
    assert (check(asked, found), found.unassigned, len(found.routes[0].acts)) == ([], (), 4)


def test_more_kinds_of_vehicles_than_fit_into_memory_are_planned_by_insertion(monkeypatch):
    from lilong.fields.delivery.rules.routing import solver

    monkeypatch.setattr(solver, "MATRIX_BYTES", 1)
    assert planned(problem(STREET, [car()], [task("a", 1), task("b", 2)])).unassigned == ()


WRONG = [
    problem(STREET, [car(), car()], []),
    problem(STREET, [car()], [task("a", 1), task("a", 2)]),
    problem(STREET, [car()], [task("a", 9)]),
    problem(STREET, [car()], [task("a", 1, take=None)]),
    problem(STREET, [car(start=9)], []),
    problem(STREET, [car(matrix=3)], []),
]


@pytest.mark.parametrize("asked", WRONG)
def test_a_problem_that_contradicts_itself_is_refused(asked):
    with pytest.raises(ValueError, match=r"\w"):
        plan(asked, 0.0)


def test_a_release_holds_the_loading_back():
    asked = problem(STREET, [car()], [task("a", 1, release=500, windows=(Window(0, 590),))])
    assert planned(asked).unassigned == (Reason("a", "time-window", "v", late=10),)
    assert planned(problem(STREET, [car()], [task("a", 1, release=500, windows=(Window(0, 600),))])).unassigned == ()


def test_the_time_to_load_is_spent_once_a_stop():
    asked = problem(STREET, [car(closes=1000)], [task("a", 1), task("b", 1)], depots=(Depot(0, 800),))
    assert planned(asked).unassigned == ()
    assert Visit(1).service == 0
