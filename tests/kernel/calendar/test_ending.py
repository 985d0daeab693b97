"""Moving the end of a booking."""

from datetime import datetime, timedelta

import pytest

from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Problem
from lilong.kernel.calendar import queries, services
from lilong.kernel.calendar.drafts import Booking, Opening
from lilong.kernel.events import queries as events
from lilong.kernel.parties.actor import SYSTEM, Actor
from tests.kernel.calendar.rooms import HOUR, MONDAY, a_draft, a_room, resident, statuses, wanted

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def booked(room: object, start: datetime = MONDAY, end: datetime = MONDAY + HOUR) -> Booking:
    return services.book(SYSTEM, **wanted(a_draft(room, start, end)))


def refused(id: object, end: datetime, actor: Actor = SYSTEM) -> Problem:
    with pytest.raises(Problem) as caught:
        services.change_end(actor, id=id, end=end)
    return caught.value


def test_a_booking_lasts_longer_where_nobody_comes_next():
    room = a_room()
    made = booked(room)
    booked(room, MONDAY + 3 * HOUR, MONDAY + 4 * HOUR)
    after = services.change_end(SYSTEM, id=made.id, end=MONDAY + 3 * HOUR)
    assert (after.start, after.end, after.lanes) == (MONDAY, MONDAY + 3 * HOUR, (0,))
    assert queries.bookings(room, MONDAY, MONDAY + HOUR) == [after]
    assert statuses(a_draft(room, MONDAY + 2 * HOUR, MONDAY + 3 * HOUR)) == ["slot-taken"]
    (moved,) = [event.data for event in events.history(made.id).items if event.type == "calendar.moved"]
    assert (moved["seconds"], moved["was"], moved["end"]) == (10_800, "2030-06-03T01:00:00Z", "2030-06-03T03:00:00Z")


def test_it_says_how_long_it_is_free_less_the_turnaround():
    room = a_room(buffer_seconds=900)
    made = booked(room)
    booked(room, MONDAY + 2 * HOUR, MONDAY + 3 * HOUR)
    problem = refused(made.id, MONDAY + 2 * HOUR - 14 * MINUTE)
    assert (problem.code, problem.extra["free_until"]) == ("slot-taken", "2030-06-03T01:45:00Z")
    assert services.change_end(SYSTEM, id=made.id, end=MONDAY + 2 * HOUR - 15 * MINUTE).end == MONDAY + 105 * MINUTE


def test_given_back_early_the_rest_is_free_after_the_turnaround():
    room = a_room(buffer_seconds=600)
    made = booked(room)
    services.change_end(SYSTEM, id=made.id, end=MONDAY + 20 * MINUTE)
    assert statuses(a_draft(room, MONDAY + 29 * MINUTE, MONDAY + 40 * MINUTE)) == ["slot-taken"]
    assert statuses(a_draft(room, MONDAY + 30 * MINUTE, MONDAY + 40 * MINUTE)) == ["created"]


def test_the_end_it_has_changes_nothing():
    made = booked(a_room())
    assert services.change_end(SYSTEM, id=made.id, end=made.end) == made
    assert [event.type for event in events.history(made.id).items] == ["calendar.booked"]


def test_another_lane_in_the_way_is_none():
    room = a_room(capacity=2)
    first, second = booked(room), booked(room)
    booked(room, MONDAY + HOUR, MONDAY + 2 * HOUR)  # lane 0 again
    assert services.change_end(SYSTEM, id=second.id, end=MONDAY + 2 * HOUR).lanes == (1,)
    assert refused(first.id, MONDAY + 2 * HOUR).extra["free_until"] == "2030-06-03T01:00:00Z"


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (MONDAY, "invalid"),
        (MONDAY - HOUR, "invalid"),
        (MONDAY + timedelta(days=367), "invalid"),
        ((MONDAY + HOUR).replace(tzinfo=None), "invalid"),
        (MONDAY + timedelta(seconds=90, microseconds=5), "invalid"),
        (MONDAY + 12 * HOUR, "outside-opening"),
    ],
)
def test_ends_that_cannot_be(end: datetime, code: str):
    room = a_room()
    services.set_opening(SYSTEM, resource=room, rules=[Opening(start="08:00", end="18:00")])
    assert refused(booked(room).id, end).code == code


def test_what_is_not_booked_has_no_end_to_move():
    room = a_room()
    made = booked(room)
    services.release(SYSTEM, id=made.id)
    assert refused(made.id, MONDAY + 2 * HOUR).code == "booking-released"
    with clock.at(MONDAY - HOUR):
        held = services.hold(SYSTEM, **wanted(a_draft(room)))
        assert refused(held.id, MONDAY + 2 * HOUR).code == "not-booked"
    assert refused(ids.uuid7(), MONDAY).code == "unknown-booking"


def test_strangers_know_of_no_booking():
    assert refused(booked(a_room()).id, MONDAY + 2 * HOUR, resident()).code == "unknown-booking"
