"""Courses, their updates, and which message is new."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lilong.fields.delivery.rules import vda5050 as rules
from lilong.fields.delivery.rules.local_map import located, placed
from lilong.fields.delivery.rules.vda5050 import Act, Course, Spot

NOW = datetime(2030, 4, 8, 4, tzinfo=UTC)


def spots(*ids: str) -> list[Spot]:
    """Ten metres from one to the next; those in capitals have an action."""
    return [
        Spot(id=id, x_mm=10_000 * n, y_mm=0, map="m", acts=(Act(id=f"act-{id}", kind="pick"),) if id.isupper() else ())
        for n, id in enumerate(ids)
    ]


def sequences(course: Course) -> tuple[list[int], list[int]]:
    return [node.sequence for node in course.nodes], [edge.sequence for edge in course.edges]


def released(course: Course) -> str:
    return "".join(node.id for node in course.nodes if node.released)


def test_a_course_numbers_nodes_and_edges_and_releases_the_first_stops():
    made = rules.course(spots("s", "A", "b", "C", "D"), stops=1)
    assert sequences(made) == ([0, 2, 4, 6, 8], [1, 3, 5, 7])
    assert (released(made), made.base_end) == ("sA", 2)
    assert [edge.released for edge in made.edges] == [True, False, False, False]
    assert [edge.length_mm for edge in made.edges] == [10_000] * 4
    assert rules.faults(made) == []


def test_an_update_starts_at_the_decision_point_with_its_contents():
    before = rules.course(spots("s", "A", "b", "C", "D"), stops=1)
    after = rules.extended(before, stops=1)
    part = rules.update(before, after)
    assert released(after) == "sAbC"
    assert sequences(part) == ([2, 4, 6, 8], [3, 5, 7])
    assert part.nodes[0] == before.nodes[1]
    assert rules.faults(part) == []
    whole = rules.extended(after, stops=5)
    assert released(whole) == "sAbCD"
    assert rules.extended(whole, stops=1) == whole


def test_a_new_horizon_keeps_the_base_and_its_numbers():
    before = rules.course(spots("s", "A", "b", "C"), stops=1)
    after = rules.reshaped(before, [Spot(id="X", x_mm=0, y_mm=50_000, map="m")])
    assert [node.id for node in after.nodes] == ["s", "A", "X"]
    assert sequences(rules.update(before, after)) == ([2, 4], [3])
    assert rules.reshaped(before, []).nodes == before.nodes[:2]


def test_the_base_cannot_be_changed():
    before = rules.course(spots("s", "A", "B"), stops=2)
    other = rules.course(spots("s", "C", "B"), stops=2)
    with pytest.raises(ValueError, match="base"):
        rules.update(before, other)


@pytest.mark.parametrize("ids", [(), ("A", "A")])
def test_no_course_without_nodes_or_to_itself(ids: tuple[str, ...]):
    with pytest.raises(ValueError, match="node"):
        rules.course(spots(*ids), stops=1)


def test_faults_of_a_course_are_named():
    from msgspec.structs import replace

    good = rules.course(spots("s", "A", "B"), stops=1)
    a, b, c = good.nodes
    assert rules.faults(replace(good, edges=good.edges[:1])) == ["edges-are-nodes-minus-one"]
    assert rules.faults(replace(good, nodes=(replace(a, released=False), b, c))) == [
        "first-node-released",
        "nothing-released-after-the-horizon",
    ]
    assert rules.faults(replace(good, nodes=(a, replace(b, released=False), replace(c, released=True)))) == [
        "nothing-released-after-the-horizon",
        "edge-released-with-its-nodes",
    ]
    assert rules.faults(replace(good, nodes=(a, replace(b, sequence=3), c))) == [
        "nodes-even-edges-odd",
        "sequence-rises",
    ]
    assert rules.faults(replace(good, nodes=(a, b, replace(c, id="Z")))) == ["edges-join-nodes"]
    assert rules.faults(replace(good, nodes=(a, b, replace(c, acts=b.acts)))) == ["action-ids-differ"]


@given(st.lists(st.booleans(), min_size=1, max_size=12), st.lists(st.integers(1, 3), max_size=8))
def test_updates_of_any_course_stitch_together_to_the_whole(stops: list[bool], steps: list[int]):
    ids = [f"{'N' if stop else 'n'}{place}" for place, stop in enumerate(stops)]
    held = rules.course(spots(*ids), stops=1)
    assert rules.faults(held) == []
    for step in steps:
        grown = rules.extended(held, stops=step)
        part = rules.update(held, grown)
        assert rules.faults(part) == []
        joined = [n for n in held.nodes if n.released][:-1] + list(part.nodes)
        assert joined == list(grown.nodes)
        held = grown


@pytest.mark.parametrize(
    ("header", "seconds", "found"),
    [
        (8, 1, "fresh"),
        (0, 1, "fresh"),  # it started over
        (7, 0, "duplicate"),
        (8, 0, "fresh"),
        (6, 0, "stale"),
        (9, -1, "stale"),
        (8, 301, "ahead"),
        (8, 300, "fresh"),
    ],
)
def test_which_message_is_new(header: int, seconds: int, found: str):
    assert rules.freshness((7, NOW), header, NOW + timedelta(seconds=seconds), NOW) == found
    assert rules.freshness(None, header, NOW + timedelta(seconds=min(seconds, 300)), NOW) == "fresh"


@given(st.integers(30_700_000, 31_900_000), st.integers(120_800_000, 122_200_000))
def test_the_local_map_goes_there_and_back(latitude: int, longitude: int):
    assert located(*placed(latitude, longitude)) == (latitude, longitude)


def test_the_local_map_measures_metres():
    from lilong.kernel.geo.points import Point, metres

    here, there = (31_230_400, 121_473_700), (31_240_000, 121_490_000)
    a, b = placed(*here), placed(*there)
    straight = ((a.x_mm - b.x_mm) ** 2 + (a.y_mm - b.y_mm) ** 2) ** 0.5 / 1000
    assert a == (0, 0)
    assert abs(straight - metres(Point.of_e6(*here), Point.of_e6(*there))) < 2
