from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing, Problem
from lilong.kernel.base.words import Words
from lilong.kernel.calendar import queries, services
from lilong.kernel.calendar.drafts import HOLD_MAX, Hours, Opening
from lilong.kernel.events import queries as events
from lilong.kernel.parties.actor import SYSTEM, Actor
from tests.kernel.calendar.rooms import HOUR, MONDAY, a_draft, a_room, resident, statuses, wanted

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def refused(code: str, draft: object, actor: Actor = SYSTEM) -> Problem:
    with pytest.raises(Problem) as caught:
        services.book(actor, **wanted(draft))
    assert caught.value.code == code
    return caught.value


def told(id: object) -> list[str]:
    return sorted(event.type for event in events.history(id).items)


def test_a_time_is_booked_once():
    room = a_room()
    draft = a_draft(room)
    made = services.book(SYSTEM, **wanted(draft))
    assert (made.id, made.state, made.start, made.end, made.lanes) == (draft.id, "booked", MONDAY, MONDAY + HOUR, (0,))
    problem = refused("slot-taken", a_draft(room))
    assert problem.status == 409
    assert queries.bookings(room, MONDAY, MONDAY + HOUR) == [made]


@pytest.mark.parametrize(
    ("start", "end", "status"),
    [
        (0, 60, "slot-taken"),  # the same
        (10, 20, "slot-taken"),  # inside
        (-10, 70, "slot-taken"),  # around
        (-10, 1, "slot-taken"),
        (59, 70, "slot-taken"),
        (60, 70, "created"),  # touching: half-open
        (-10, 0, "created"),
    ],
)
def test_intervals(start: int, end: int, status: str):
    room = a_room()
    assert statuses(a_draft(room)) == ["created"]
    assert statuses(a_draft(room, MONDAY + start * MINUTE, MONDAY + end * MINUTE)) == [status]


def test_the_lowest_free_lane_is_given_and_capacity_is_the_end():
    room = a_room(capacity=3)
    drafts = [a_draft(room) for _ in range(4)]
    assert statuses(*drafts) == ["created", "created", "created", "slot-taken"]
    services.release(SYSTEM, id=drafts[1].id)
    assert services.book(SYSTEM, **wanted(a_draft(room))).lanes == (1,)
    assert statuses(a_draft(room)) == ["slot-taken"]


def test_several_units_are_taken_together_or_not_at_all():
    room = a_room(capacity=5)
    made = services.book(SYSTEM, **wanted(a_draft(room, units=3)))
    assert (made.units, made.lanes) == (3, (0, 1, 2))
    assert statuses(a_draft(room, units=3), a_draft(room, units=2), a_draft(room)) == [
        "slot-taken",
        "created",
        "slot-taken",
    ]
    assert refused("too-many-units", a_draft(room, units=6)).violations[0].pointer == "/units"
    services.release(SYSTEM, id=made.id)
    (free,) = {slot.free for slot in queries.find([room], MONDAY, MONDAY + HOUR, seconds=3600)}
    assert free == 3


def test_turnaround_is_kept_before_and_after():
    room = a_room(buffer_seconds=900)
    assert statuses(a_draft(room)) == ["created"]
    end = MONDAY + HOUR
    assert statuses(
        a_draft(room, end, end + HOUR),
        a_draft(room, MONDAY - HOUR, MONDAY),
        a_draft(room, end + 15 * MINUTE, end + HOUR),
        a_draft(room, MONDAY - HOUR, MONDAY - 15 * MINUTE),
    ) == ["slot-taken", "slot-taken", "created", "created"]


def test_a_batch_of_many_orders_at_many_slots_touches_only_those_that_fail():
    rooms = [a_room(capacity=2) for _ in range(3)]
    hours = [MONDAY + n * HOUR for n in range(4)]
    drafts = [a_draft(room, hour) for hour in hours for room in rooms for _ in range(3)]
    bad = [a_draft(ids.uuid7()), a_draft(rooms[0], end=MONDAY - HOUR), a_draft(rooms[0], MONDAY - timedelta(days=9999))]
    answers = services.book_many([*bad, *drafts])
    assert [a.id for a in answers] == [d.id for d in [*bad, *drafts]]
    assert [a.status for a in answers] == ["unknown-resource", "invalid", "slot-in-the-past"] + [
        "created",
        "created",
        "slot-taken",
    ] * 12
    assert all((a.problem is None) == (a.status == "created") for a in answers)
    assert sum(len(queries.bookings(room, MONDAY, MONDAY + 4 * HOUR)) for room in rooms) == 24


def test_a_batch_costs_the_same_number_of_statements_whatever_its_size():
    def statements(count: int) -> int:
        room = a_room(capacity=count)
        with CaptureQueriesContext(connection) as seen:
            assert statuses(*[a_draft(room, MONDAY + n % 7 * HOUR) for n in range(count)]) == ["created"] * count
        return len(seen)

    assert statements(7) == statements(300) <= 14


def test_the_same_id_and_body_answers_the_same_and_another_body_is_a_conflict():
    room = a_room(capacity=2)
    draft = a_draft(room)
    assert statuses(draft, draft) == ["created", "exists"]
    assert statuses(draft) == ["exists"]
    assert services.book(SYSTEM, **wanted(draft)) == services.book(SYSTEM, **wanted(draft))
    assert statuses(a_draft(room, MONDAY + HOUR, id=draft.id)) == ["id-taken"]
    twins = [a_draft(room, MONDAY + 5 * HOUR, id=(id := ids.uuid7())), a_draft(room, MONDAY + 6 * HOUR, id=id)]
    assert statuses(*twins) == ["created", "id-taken"]
    assert len(queries.bookings(room, MONDAY, MONDAY + 9 * HOUR)) == 2
    elsewhere = MONDAY.astimezone(clock.CITY_ZONE)
    assert statuses(a_draft(room, elsewhere, id=draft.id, party=draft.party)) == ["exists"]


def test_a_taken_slot_comes_with_what_is_free_nearby():
    room = a_room()
    services.set_opening(SYSTEM, resource=room, rules=[Opening(start="08:00", end="12:00", slot_seconds=3600)])
    assert statuses(a_draft(room), a_draft(room, MONDAY + 2 * HOUR)) == ["created", "created"]
    found = refused("slot-taken", a_draft(room)).body()["alternatives"]
    assert [slot["start"] for slot in found] == ["2030-06-03T01:00:00Z", "2030-06-03T03:00:00Z", "2030-06-04T00:00:00Z"]
    assert found[0]["end"] == "2030-06-03T02:00:00Z"
    assert {(slot["resource"], slot["free"]) for slot in found} == {(str(room), 1)}
    free_room = a_room()
    assert statuses(a_draft(free_room)) == ["created"]
    found = refused("slot-taken", a_draft(free_room, end=MONDAY + 30 * MINUTE)).body()["alternatives"]
    assert [(slot["start"], slot["end"]) for slot in found] == [
        ("2030-06-03T01:00:00Z", "2030-06-03T01:30:00Z"),
        ("2030-06-03T01:30:00Z", "2030-06-03T02:00:00Z"),
        ("2030-06-03T02:00:00Z", "2030-06-03T02:30:00Z"),
    ]


def test_outside_opening_off_the_grid_closed_and_exceptional_days():
    room = a_room(capacity=4)
    hours = Opening(weekdays=(1,), start="08:00", end="10:00", slot_seconds=1800, capacity=2)
    services.set_opening(SYSTEM, resource=room, rules=[hours])
    half = 30 * MINUTE
    assert statuses(
        a_draft(room, MONDAY - half, MONDAY),
        a_draft(room, MONDAY + 10 * MINUTE, MONDAY + 40 * MINUTE),
        a_draft(room, MONDAY, MONDAY + 20 * MINUTE),
        a_draft(room, MONDAY + timedelta(days=1), MONDAY + timedelta(days=1) + half),
        a_draft(room, MONDAY, MONDAY + half),
        a_draft(room, MONDAY, MONDAY + HOUR),
        a_draft(room, MONDAY, MONDAY + half),
        a_draft(room, MONDAY + half, MONDAY + HOUR),
    ) == ["outside-opening"] * 4 + ["created", "created", "slot-taken", "created"]
    tuesday = (MONDAY + timedelta(days=1)).date()
    services.set_exception(SYSTEM, resource=room, day=tuesday, hours=[Hours(start="08:00", end="09:00")])
    services.set_exception(SYSTEM, resource=room, day=MONDAY.date(), closed=True)
    later = MONDAY + timedelta(days=1)
    assert statuses(a_draft(room, MONDAY, MONDAY + half), a_draft(room, later, later + 7 * MINUTE)) == [
        "outside-opening",
        "created",
    ]
    services.set_exception(SYSTEM, resource=room, day=MONDAY.date())
    assert statuses(a_draft(room, MONDAY + half, MONDAY + HOUR)) == ["slot-taken"]
    services.set_active(SYSTEM, resource=room, active=False)
    assert statuses(a_draft(room, MONDAY + HOUR)) == ["resource-closed"]
    assert queries.find([room], MONDAY, MONDAY + timedelta(days=8)) == []


def test_more_and_fewer_lanes():
    room = a_room(capacity=2)
    assert statuses(a_draft(room), a_draft(room)) == ["created", "created"]
    services.set_capacity(SYSTEM, resource=room, capacity=3)
    assert statuses(a_draft(room), a_draft(room)) == ["created", "slot-taken"]
    services.set_capacity(SYSTEM, resource=room, capacity=1)
    later = MONDAY + HOUR
    assert statuses(a_draft(room, later), a_draft(room, later)) == ["created", "slot-taken"]
    assert len(queries.bookings(room, MONDAY, MONDAY + HOUR)) == 3
    services.set_capacity(SYSTEM, resource=room, capacity=3)
    assert statuses(a_draft(room, later), a_draft(room, later), a_draft(room, later)) == [
        "created",
        "created",
        "slot-taken",
    ]


def test_a_hold_keeps_the_time_and_is_booked_by_its_id():
    room, party = a_room(), ids.uuid7()
    draft = a_draft(room, party=party)
    held = services.hold(resident(party), **wanted(draft), seconds=60)
    assert (held.state, held.held_until is not None) == ("held", True)
    assert services.hold(resident(party), **wanted(draft), seconds=60) == held
    assert statuses(a_draft(room)) == ["slot-taken"]
    assert told(held.id) == []
    made = services.book(resident(party), id=held.id)
    assert (made.state, made.held_until, made.lanes) == ("booked", None, held.lanes)
    assert services.book(resident(party), id=held.id) == made
    assert services.book(resident(party), **wanted(draft)) == made
    assert told(held.id) == ["calendar.booked"]
    with clock.at(clock.now() + timedelta(days=1)):
        assert services.expire_due() == 0
    assert queries.booking(SYSTEM, made.id).state == "booked"


def test_a_hold_that_ran_out_is_ended_by_the_next_who_asks():
    room = a_room()
    held = services.hold(SYSTEM, **wanted(a_draft(room)), seconds=60)
    other = a_draft(room)
    assert statuses(other) == ["slot-taken"]
    with clock.at(clock.now() + timedelta(seconds=61)):
        assert [slot.free for slot in queries.find([room], MONDAY, MONDAY + HOUR)] == [1]
        with pytest.raises(Conflict) as caught:
            services.book(SYSTEM, id=held.id)
        assert caught.value.code == "hold-expired"
        assert statuses(other, a_draft(room)) == ["created", "slot-taken"]
        assert queries.booking(SYSTEM, held.id).state == "expired"
        with pytest.raises(Conflict) as caught:
            services.book(SYSTEM, id=held.id)
        assert caught.value.code == "hold-expired"
    assert told(held.id) == ["calendar.expired"]


def test_the_job_ends_holds_in_steps():
    room = a_room(capacity=5)
    held = [services.hold(SYSTEM, **wanted(a_draft(room, units=n)), seconds=60 + n) for n in (1, 2)]
    kept = services.hold(SYSTEM, **wanted(a_draft(room)), seconds=HOLD_MAX)
    assert services.expire_due() == 0
    with clock.at(clock.now() + timedelta(seconds=120)):
        assert [services.expire_due(limit=1), services.expire_due(limit=1), services.expire_due()] == [1, 1, 0]
    assert [queries.booking(SYSTEM, one.id).state for one in [*held, kept]] == ["expired", "expired", "held"]
    assert [told(one.id) for one in [*held, kept]] == [["calendar.expired"], ["calendar.expired"], []]
    assert statuses(a_draft(room, units=4)) == ["created"]


def test_releasing_gives_the_time_back_once():
    room, party = a_room(), ids.uuid7()
    made = services.book(resident(party), **wanted(a_draft(room, party=party, ref=ids.uuid7())))
    gone = services.release(resident(party), id=made.id, reason="plans-changed")
    assert services.release(resident(party), id=made.id) == gone
    assert (gone.state, gone.lanes) == ("released", (0,))
    assert told(made.id) == ["calendar.booked", "calendar.released"]
    (event,) = [e for e in events.history(made.id).items if e.type == "calendar.released"]
    assert event.data == {
        "resource": str(room), "kind": "room", "owner": str(queries.resource(room).owner), "party": str(party), "district": "",
        "start": "2030-06-03T00:00:00Z", "end": "2030-06-03T01:00:00Z", "seconds": 3600, "units": 1, "ref": str(made.ref),
        "was": "booked", "reason": "plans-changed",
    }  # fmt: skip
    with pytest.raises(Conflict) as caught:
        services.book(resident(party), id=made.id)
    assert caught.value.code == "booking-released"
    assert statuses(a_draft(room)) == ["created"]
    assert [b.state for b in queries.bookings_of(made.ref)] == ["released"]


def test_residents_cannot_touch_each_others_bookings():
    owner = ids.uuid7()
    room, mine, theirs = a_room(owner=owner), resident(), resident()
    with pytest.raises(Forbidden):
        services.book(theirs, **wanted(a_draft(room, party=mine.party)))
    with pytest.raises(Forbidden):
        services.hold(theirs, **wanted(a_draft(room, party=mine.party)))
    with pytest.raises(Forbidden):
        narrow = Actor(party=mine.party, kind="person", scopes=frozenset({"orders:read"}))
        services.book(narrow, **wanted(a_draft(room, party=mine.party)))
    made = services.hold(mine, **wanted(a_draft(room, party=mine.party)))
    for intruder in (theirs, Actor(party=ids.uuid7(), kind="person", roles={ids.uuid7(): frozenset({"owner"})})):
        for act in (
            lambda a: services.release(a, id=made.id),
            lambda a: services.book(a, id=made.id),
            lambda a: queries.booking(a, made.id),
        ):
            with pytest.raises(Missing):
                act(intruder)
    assert queries.booking(mine, made.id).state == "held"
    clerk = Actor(party=ids.uuid7(), kind="person", roles={owner: frozenset({"clerk"})})
    assert services.book(clerk, id=made.id).state == "booked"
    assert services.release(clerk, id=made.id).state == "released"


def test_only_the_owner_changes_a_resource():
    owner = ids.uuid7()
    room, stranger = a_room(owner=owner), resident()
    with pytest.raises(Forbidden):
        services.create_resource(stranger, id=ids.uuid7(), owner=owner, kind="room", name=Words(en="Room"))
    for act in (
        lambda: services.set_opening(stranger, resource=room, rules=[]),
        lambda: services.set_exception(stranger, resource=room, day=MONDAY.date(), closed=True),
        lambda: services.set_capacity(stranger, resource=room, capacity=9),
        lambda: services.set_active(stranger, resource=room, active=False),
        lambda: queries.owned(stranger, room),
    ):
        with pytest.raises(Missing):
            act()
    assert queries.owned(Actor(party=owner, kind="organisation"), room).capacity == 1


def test_creating_a_resource_again():
    given = {"id": ids.uuid7(), "owner": ids.uuid7(), "kind": "car", "name": Words(zh="车"), "zone": "Europe/Berlin"}
    assert services.create_resource(SYSTEM, **given) == services.create_resource(SYSTEM, **given)
    with pytest.raises(Conflict) as caught:
        services.create_resource(SYSTEM, **given | {"capacity": 2})
    assert caught.value.code == "id-taken"
    assert statuses(a_draft(given["id"]), a_draft(given["id"])) == ["created", "slot-taken"]


@pytest.mark.parametrize(
    ("bad", "pointer"),
    [({"zone": "Mars/Olympus"}, "/zone"), ({"zone": "../etc/passwd"}, "/zone"), ({"zone": ""}, "/zone"),
     ({"capacity": 0}, "/capacity"), ({"capacity": 10_001}, "/capacity"), ({"step_seconds": -1}, "/step_seconds"),
     ({"buffer_seconds": 86_401}, "/buffer_seconds"), ({"kind": ""}, "/kind"), ({"name": Words()}, "/name"),
     ({"name": Words(en="x" * 201)}, "/name"), ({"name": Words(en="a\x00")}, "/name")],
)  # fmt: skip
def test_bad_resources(bad: dict, pointer: str):
    with pytest.raises(Invalid) as caught:
        a_room(**bad)
    assert [v.pointer for v in caught.value.violations] == [pointer]


@pytest.mark.parametrize(
    ("bad", "pointer", "rule"),
    [
        ({"end": MONDAY}, "/end", "after-start"),
        ({"end": MONDAY + timedelta(days=367)}, "/end", "max-length"),
        ({"start": MONDAY.replace(tzinfo=None), "end": MONDAY}, "/start", "time-zone"),
        ({"start": MONDAY + timedelta(microseconds=1), "end": MONDAY + HOUR}, "/start", "whole-seconds"),
        ({"start": datetime(1960, 1, 1, tzinfo=UTC), "end": MONDAY}, "/start", "range"),
        ({"end": datetime(2300, 1, 1, tzinfo=UTC)}, "/end", "range"),
        ({"units": 0}, "/units", "range"),
        ({"start": datetime(2020, 1, 1, tzinfo=UTC)}, "/start", "slot-in-the-past"),
    ],
)
def test_bad_bookings_change_nothing(bad: dict, pointer: str, rule: str):
    room = a_room()
    with pytest.raises(Invalid) as caught:
        services.book(
            SYSTEM, **wanted(a_draft(room)) | bad | ({} if "end" in bad else {"end": bad.get("start", MONDAY) + HOUR})
        )
    assert [(v.pointer, v.rule) for v in caught.value.violations] == [(pointer, rule)]
    assert queries.bookings(room, datetime(1970, 1, 2, tzinfo=UTC), MONDAY + 9 * HOUR) == []


def test_bad_holds_and_half_bookings():
    draft = wanted(a_draft(a_room()))
    for seconds in (0, HOLD_MAX + 1):
        with pytest.raises(Invalid):
            services.hold(SYSTEM, **draft, seconds=seconds)
    with pytest.raises(Invalid) as caught:
        services.book(SYSTEM, id=draft["id"], resource=draft["resource"])
    assert [v.pointer for v in caught.value.violations] == ["/start", "/end", "/party"]
    with pytest.raises(Missing):
        services.book(SYSTEM, id=ids.uuid7())


def test_the_database_itself_refuses_an_overlap_whoever_writes():
    room = a_room(capacity=2)
    assert statuses(a_draft(room)) == ["created"]
    copy = """
        INSERT INTO calendar_booking (booking, n, resource_id, unit, start, "end", busy_until, units, state, party, created_at, body)
        SELECT gen_random_uuid(), 0, resource_id, unit + %s, start + %s, "end" + %s, busy_until + %s, 1, %s, party, created_at, body
        FROM calendar_booking LIMIT 1
    """
    for state in ("booked", "held"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(copy, [0, 1800, 0, 0, state])
    for shift in ([0, 3600, 3600, 3600, "booked"], [1, 0, 0, 0, "booked"], [0, 0, 0, 0, "released"]):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(copy, shift)
    last = 2**33 - 1
    for start, busy in ((-1, 5), (5, 5), (5, last + 1)):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute('UPDATE calendar_booking SET start = %s, "end" = 5, busy_until = %s', [start, busy])
