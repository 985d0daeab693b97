"""Writing events: in the caller's transaction, once for an id, and never changed afterwards."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Invalid, Missing
from lilong.kernel.base.requests import request_id
from lilong.kernel.events import queries
from lilong.kernel.events.services import Emission, emit, emit_many, sequence, verify
from tests.kernel.events.city import LOT, LotReceived, LotSold, received

pytestmark = pytest.mark.django_db
ACTOR = ids.named("testing", "actor")
THEN = datetime(2020, 4, 8, 8, 0, 0, 123456, tzinfo=UTC)


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def test_an_event_is_read_back_as_it_was_emitted() -> None:
    token = request_id.set("request-1")
    with clock.at(THEN):
        id = emit(LotSold(lot=LOT, quantity=3, note='龙 "\\ \U0001f409'), subject=LOT, actor=ACTOR)
    request_id.reset(token)
    found = queries.by_id(id)
    assert (found.seq, found.id, found.type, found.version) == (None, id, "testing.lot.sold", 2)
    assert (found.subject, found.actor, found.at, found.request) == (LOT, ACTOR, THEN, "request-1")
    assert found.data == {"lot": str(LOT), "quantity": 3, "note": '龙 "\\ \U0001f409'}


def test_an_unknown_event_is_missing() -> None:
    with pytest.raises(Missing):
        queries.by_id(ids.uuid7())


def test_an_event_falls_with_the_transaction_of_its_change() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        received(1, 2)
        raise ZeroDivisionError
    assert (count("events_event"), count("events_outbox")) == (0, 0)


def test_the_same_event_again_is_recorded_once() -> None:
    id = ids.uuid7()
    first = Emission(LotReceived(lot=LOT, quantity=1), LOT, ACTOR, THEN, id)
    emit_many([first])
    emit_many([first, Emission(LotReceived(lot=LOT, quantity=2), LOT), first._replace(at=None)])
    emit_many([first._replace(id=None)] * 2)
    assert (count("events_event"), count("events_outbox")) == (4, 4)


@pytest.mark.parametrize(
    "change",
    [
        {"fact": LotReceived(lot=LOT, quantity=2)},
        {"fact": LotSold(lot=LOT, quantity=1)},
        {"subject": ACTOR},
        {"actor": None},
        {"at": datetime(2020, 4, 9, tzinfo=UTC)},
    ],
)
def test_the_same_id_with_another_body_is_a_conflict_and_writes_nothing(change: dict[str, object]) -> None:
    first = Emission(LotReceived(lot=LOT, quantity=1), LOT, ACTOR, THEN, ids.uuid7())
    emit_many([first])
    with pytest.raises(Conflict) as refusal, transaction.atomic():
        emit_many([Emission(LotReceived(lot=LOT, quantity=9), LOT), first._replace(**change)])  # type: ignore[arg-type]
    assert refusal.value.extra == {"event": str(first.id)}
    assert count("events_event") == 1


def test_two_bodies_for_one_id_in_one_batch_are_a_conflict() -> None:
    one = Emission(LotReceived(lot=LOT, quantity=1), LOT, None, None, ids.uuid7())
    with pytest.raises(Conflict), transaction.atomic():
        emit_many([one, one._replace(fact=LotReceived(lot=LOT, quantity=2))])
    assert count("events_event") == 0


def test_a_value_outside_its_type_is_refused_and_writes_nothing() -> None:
    with pytest.raises(Invalid):
        emit_many([Emission(LotReceived(lot=LOT, quantity=n), LOT) for n in (1, 1.5)])  # type: ignore[arg-type]
    assert count("events_event") == 0


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        emit(LotReceived(lot=LOT, quantity=1), subject=LOT, at=datetime(2020, 4, 8))  # noqa: DTZ001


@pytest.mark.parametrize("table", ["events_event", "events_leaf", "events_node", "events_head"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_database_refuses_to_change_what_is_recorded(table: str, statement: str) -> None:
    received(1, 2)
    sequence()
    column = {"events_event": "data = '{}'", "events_leaf": "seq = 9", "events_node": "level = 9"}
    with pytest.raises(IntegrityError, match=f"{table} is append-only"), connection.cursor() as cursor:
        cursor.execute(statement.format(table, column.get(table, "note = ''")))


def test_history_and_between_are_paged_in_order() -> None:
    moments = [datetime(2020, 4, day, tzinfo=UTC) for day in (8, 7, 9, 10)]
    made = [emit(LotReceived(lot=LOT, quantity=n), subject=LOT, at=moment) for n, moment in enumerate(moments)]
    emit(LotSold(lot=LOT, quantity=1), subject=ACTOR, at=moments[0])
    first = queries.history(LOT, size=3)
    rest = queries.history(LOT, size=3, cursor=first.next)
    assert [event.id for event in first.items + rest.items] == made
    assert rest.next == ""
    assert [event.id for event in queries.history(LOT, newest_first=True).items] == made[::-1]
    first = queries.between("testing.lot.received", moments[1], moments[3], size=2)
    rest = queries.between("testing.lot.received", moments[1], moments[3], size=2, cursor=first.next)
    assert [event.id for event in first.items] == [made[1], made[0]]
    assert [event.id for event in rest.items] == [made[2]]


def test_512_events_are_one_statement(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_num_queries(1):
        received(*range(1, 513))
    assert (count("events_event"), count("events_outbox")) == (512, 512)


@pytest.mark.parametrize("given", [True, False])
def test_many_events_are_written_as_one_is(given: bool) -> None:
    """With ids of the caller's and without: the two ways to the table."""
    notes = ['龙 "\\ \U0001f409', "\t\n\r\\N", "\\\\.", "", "{}", "%s", "\x7f\u2028"] * 5
    emissions = [
        Emission(
            LotSold(lot=LOT, quantity=n, note=note), LOT, ACTOR if n % 2 else None, THEN, ids.uuid7() if given else None
        )
        for n, note in enumerate(notes)
    ]
    token = request_id.set("r")
    emit_many(emissions)
    request_id.reset(token)
    found = queries.history(LOT, size=100).items
    assert [event.data for event in found] == [
        {"lot": str(LOT), "quantity": n, "note": note} for n, note in enumerate(notes)
    ]
    assert [event.actor for event in found] == [emission.actor for emission in emissions]
    assert {(event.type, event.version, event.at, event.request) for event in found} == {
        ("testing.lot.sold", 2, THEN, "r")
    }
    assert sequence() == len(notes)
    assert verify().ok


def test_a_raw_insert_does_not_bypass_the_outbox() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events_event (id, type, version, subject, occurred_at, data)"
            " VALUES (gen_random_uuid(), 'x.y', 1, gen_random_uuid(), now(), '{}')"
        )
    assert queries.waiting() == 1
