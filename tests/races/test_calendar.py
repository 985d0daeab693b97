"""A hundred at one slot: real processes, real commits, nobody twice."""

from collections import Counter
from typing import Any

import pytest
from django.db import connection

from lilong.kernel.base import ids
from lilong.kernel.calendar import queries, services
from lilong.kernel.calendar.models import Booking, Unit
from lilong.kernel.events import queries as events
from lilong.kernel.parties.actor import SYSTEM
from tests.kernel.calendar.rooms import HOUR, MONDAY, a_draft, a_room, wanted
from tests.races.crowd import let_in

pytestmark = pytest.mark.usefixtures("fresh_database")

CROWD = 100


def crowd(scenario: str, *, crowd: int = CROWD, **arguments: Any) -> list[Any]:
    return let_in("tests.races.calendar_crowd", scenario, crowd=crowd, **arguments)


def slot() -> dict[str, str]:
    return {"start": MONDAY.isoformat(), "end": (MONDAY + HOUR).isoformat()}


def overlaps() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM calendar_booking a JOIN calendar_booking b ON a.unit = b.unit AND a.booking < b.booking"
            " AND a.start < b.busy_until AND b.start < a.busy_until"
            " WHERE a.state IN ('held', 'booked') AND b.state IN ('held', 'booked')"
        )
        return cursor.fetchone()[0]


@pytest.mark.parametrize("capacity", [1, 7])
def test_as_many_win_as_there_is_room_for(capacity: int):
    room = a_room(capacity=capacity)
    answers = Counter(answer if answer == "slot-taken" else "won" for answer in crowd("book", room=str(room), **slot()))
    assert answers == {"won": capacity, "slot-taken": CROWD - capacity}
    made = queries.bookings(room, MONDAY, MONDAY + HOUR)
    assert sorted(lane for one in made for lane in one.lanes) == list(range(capacity))
    assert [len(events.history(one.id).items) for one in made] == [1] * capacity


def test_one_booking_sent_a_hundred_times_is_one_booking():
    room, id = a_room(capacity=50), ids.uuid7()
    answers = crowd("book", room=str(room), id=str(id), party=str(ids.uuid7()), **slot())
    assert answers == [str(id)] * CROWD
    assert [one.id for one in queries.bookings(room, MONDAY, MONDAY + HOUR)] == [id]
    assert [event.type for event in events.history(id).items] == ["calendar.booked"]


def test_batches_over_many_rooms_neither_lock_each_other_out_nor_overlap():
    rooms = [a_room(capacity=n, buffer_seconds=60) for n in (1, 2, 3, 5)]
    answers = crowd("batch", rooms=[str(room) for room in rooms], start=MONDAY.isoformat(), seconds=7200)
    said = dict(pair for answer in answers for pair in answer["statuses"])
    assert len(said) == CROWD * len(rooms)
    assert set(said.values()) <= {"created", "slot-taken", "too-many-units"}
    stands = {str(id) for id in Booking.objects.values_list("booking", flat=True)}
    assert stands == {id for id, status in said.items() if status == "created"}
    assert len(stands) > len(rooms)
    assert overlaps() == 0


def test_the_database_lets_one_in_when_nobody_locks():
    room = a_room()
    unit, start = Unit.objects.get(resource=room).id, int(MONDAY.timestamp())
    answers = crowd("past_the_services", unit=unit, room=str(room), start=start, end=start + 3600)
    assert answers.count("created") == 1
    others = {answer.partition(":")[0] for answer in answers if answer != "created"}
    assert others <= {"IntegrityError", "OperationalError"}  # the latter: two that waited for each other
    assert Booking.objects.count() == 1


def test_a_hold_is_either_booked_or_expired():
    for turn in range(3):
        room = a_room(capacity=3)
        held = services.hold(SYSTEM, **wanted(a_draft(room, units=3)), seconds=600)
        assert held.held_until is not None
        answers = Counter(crowd("confirm_or_expire", crowd=20, id=str(held.id), at=held.held_until.isoformat()))
        state = queries.booking(SYSTEM, held.id).state
        told = [event.type for event in events.history(held.id).items]
        if state == "booked":
            assert (answers, told) == ({"booked": 10, "expired 0": 10}, ["calendar.booked"]), turn
        else:
            assert (answers, told) == (
                {"hold-expired": 10, "expired 1": 1, "expired 0": 9},
                ["calendar.expired"],
            ), turn
