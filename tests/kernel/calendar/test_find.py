"""What is free, by examples and against a model that looks at every second."""

from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Invalid
from lilong.kernel.calendar import queries, services
from lilong.kernel.calendar.drafts import Opening
from lilong.kernel.calendar.rules.opening import Window
from lilong.kernel.calendar.rules.slots import Busy, free_slots
from lilong.kernel.parties.actor import SYSTEM
from tests.kernel.calendar.rooms import HOUR, MONDAY, a_draft, a_room, statuses, wanted


def found(resources: list[UUID] | str, hours: float, **more: object) -> list[tuple[str, int]]:
    slots = queries.find(resources, MONDAY, MONDAY + hours * HOUR, **more)
    return [(f"{slot.start:%H:%M}-{slot.end:%H:%M}", slot.free) for slot in slots]


@pytest.mark.django_db
def test_slots_with_what_is_free_of_them():
    room = a_room(capacity=3)
    rules = [
        Opening(start="08:00", end="10:00", slot_seconds=3600),
        Opening(start="10:00", end="11:00", slot_seconds=1800, capacity=1),
    ]
    services.set_opening(SYSTEM, resource=room, rules=rules)
    assert queries.openings(room) == rules
    assert statuses(a_draft(room, units=2), a_draft(room, MONDAY + 2 * HOUR, MONDAY + 2.5 * HOUR)) == ["created"] * 2
    services.hold(SYSTEM, **wanted(a_draft(room, MONDAY + HOUR)))
    assert found([room], 24) == [("00:00-01:00", 1), ("01:00-02:00", 2), ("02:30-03:00", 1)]
    assert found([room], 24, units=2) == [("01:00-02:00", 2)]
    assert found([room], 24, seconds=3600) == [("00:00-01:00", 1), ("01:00-02:00", 2)]
    assert found([room], 24, seconds=7200) == [("00:00-02:00", 1)]
    assert found([room], 1.5) == [("00:00-01:00", 1)]
    assert found([ids.uuid7()], 24) == found([], 24) == found("nothing", 24) == []


@pytest.mark.django_db
def test_a_step_and_no_rules_at_all():
    stepped, free = a_room(step_seconds=1800, kind="a"), a_room(capacity=2, kind="b")
    assert statuses(a_draft(stepped), a_draft(free), a_draft(stepped, MONDAY + HOUR / 4)) == [
        "created", "created", "outside-opening",
    ]  # fmt: skip
    assert found("a", 2) == [("01:00-01:30", 1), ("01:30-02:00", 1)]
    assert found("a", 3, seconds=5400) == [("01:00-02:30", 1), ("01:30-03:00", 1)]
    assert found("b", 2) == [("00:00-02:00", 1), ("01:00-02:00", 2)]
    assert found("b", 2, units=2) == [("01:00-02:00", 2)]
    assert found("b", 2, seconds=7200) == [("00:00-02:00", 1)]
    assert [len(queries.find("b", MONDAY, MONDAY + 72 * HOUR, units=2))] == [1]  # midnights do not cut it


@pytest.mark.django_db
def test_what_has_begun_is_left_out():
    room = a_room(step_seconds=3600)
    with clock.at(MONDAY + 1.5 * HOUR):
        assert found([room], 4) == [("02:00-03:00", 1), ("03:00-04:00", 1)]
        assert found([room], 1) == []


@pytest.mark.django_db
def test_every_slot_found_can_be_booked_and_then_is_not_found():
    room = a_room(capacity=2, buffer_seconds=600)
    rule = Opening(start="08:00", end="20:00", slot_seconds=1200)
    services.set_opening(SYSTEM, resource=room, rules=[rule])
    for _ in range(2):
        for slot in queries.find([room], MONDAY, MONDAY + 6 * HOUR):
            services.book_many([a_draft(room, slot.start, slot.end)])
    assert found([room], 6) == []
    made = queries.bookings(room, MONDAY, MONDAY + 6 * HOUR)
    assert len(made) == 18
    for lane in (0, 1):
        mine = [b for b in made if b.lanes == (lane,)]
        assert all(b.start - a.end >= timedelta(seconds=600) for a, b in pairwise(mine))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("bad", "pointer"),
    [({"end": MONDAY}, "/end"), ({"end": MONDAY + timedelta(days=93)}, "/end"), ({"seconds": 0}, "/seconds"),
     ({"units": 0}, "/units"), ({"start": MONDAY.replace(tzinfo=None)}, "/start"),
     ({"resources": [ids.uuid7()] * 201}, "/resources")],
)  # fmt: skip
def test_bad_questions(bad: dict, pointer: str):
    with pytest.raises(Invalid) as refused:
        queries.find(**({"resources": "room", "start": MONDAY, "end": MONDAY + HOUR} | bad))
    assert [v.pointer for v in refused.value.violations] == [pointer]


BUSY = st.builds(
    lambda lane, at, long: Busy(lane, at, at + long), st.integers(0, 3), st.integers(-9, 40), st.integers(1, 12)
)


@given(st.lists(BUSY, max_size=12), st.integers(1, 4), st.integers(1, 6), st.integers(0, 3), st.integers(1, 3))
def test_gridded_slots_against_a_model(busy: list[Busy], capacity: int, grid: int, buffer: int, times: int):
    window = Window(0, 40, grid, capacity)
    expected = []
    for at in range(0, 40 - grid * times + 1, grid):
        until = at + grid * times
        free = [
            n
            for n in range(capacity)
            if not any(b.lane == n and b.start < until + buffer and at < b.until for b in busy)
        ]
        if free:
            expected.append((at, until, len(free)))
    more = {"start": 0, "end": 40, "seconds": grid * times, "step": 0, "buffer": buffer, "units": 1, "limit": 99}
    assert free_slots([window], busy, **more) == expected


@given(st.lists(BUSY, max_size=12), st.integers(1, 4), st.integers(0, 3), st.integers(1, 3))
def test_free_stretches_against_a_model(busy: list[Busy], capacity: int, buffer: int, units: int):
    """A stretch is given if it is a longest one of some lane, with as many lanes as are free throughout."""

    def is_free(lane: int, second: int) -> bool:
        return not any(b.lane == lane and b.start - buffer <= second < b.until for b in busy)

    gaps = set()
    for lane in range(capacity):
        at = 0
        while at < 40:
            until = at
            while until < 40 and is_free(lane, until):
                until += 1
            if until > at:
                gaps.add((at, until))
            at = until + 1
    expected = []
    for at, until in sorted(gaps):
        free = sum(all(is_free(lane, second) for second in range(at, until)) for lane in range(capacity))
        if free >= units:
            expected.append((at, until, free))
    more = {"start": 0, "end": 40, "seconds": None, "step": 0, "buffer": buffer, "units": units, "limit": 99}
    assert free_slots([Window(-5, 20, 0, capacity), Window(20, 50, 0, capacity)], busy, **more) == expected


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["book", "hold", "release", "tick"]), st.integers(0, 20), st.integers(1, 8), st.integers(1, 3)
    ),
    max_size=25,
)


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS, st.integers(1, 3), st.integers(0, 2))
def test_any_sequence_against_a_model(steps: list[tuple[str, int, int, int]], capacity: int, buffer: int):
    """The model: for each lane the stretches taken; a booking takes the lowest lanes that are free of it."""
    room = a_room(capacity=capacity, buffer_seconds=buffer * 60)
    taken: dict[UUID, tuple[int, int, tuple[int, ...], int | None]] = {}  # start, end, lanes, minute the hold ends
    minute, begun = 0, clock.now()

    def lanes_free(start: int, end: int) -> list[int]:
        alive = [(s, e, lanes) for s, e, lanes, ends in taken.values() if ends is None or ends > minute]
        return [
            n
            for n in range(capacity)
            if not any(n in lanes and s < end + buffer and start < e + buffer for s, e, lanes in alive)
        ]

    for kind, start, length, units in steps:
        with clock.at(begun + timedelta(minutes=minute)):
            if kind == "tick":
                minute += length
            elif kind == "release":
                known = sorted(taken)
                if known:
                    id = known[start % len(known)]
                    ends = taken[id][3]
                    if ends is None or ends > minute:
                        services.release(SYSTEM, id=id)
                        del taken[id]
            else:
                draft = a_draft(
                    room, MONDAY + timedelta(minutes=start), MONDAY + timedelta(minutes=start + length), units=units
                )
                free = lanes_free(start, start + length)
                do = services.hold if kind == "hold" else services.book
                more = {"seconds": 300} if kind == "hold" else {}
                try:
                    made = do(SYSTEM, **wanted(draft), **more)
                except Exception as problem:
                    assert getattr(problem, "code", problem) == ("too-many-units" if units > capacity else "slot-taken")
                    assert len(free) < units
                else:
                    assert made.lanes == tuple(free[:units])
                    taken[draft.id] = (start, start + length, made.lanes, minute + 5 if kind == "hold" else None)
