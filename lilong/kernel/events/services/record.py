"""Writing events: one statement for any number, in the caller's transaction."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _
from psycopg.types.json import Jsonb

from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict
from lilong.kernel.base.requests import request_id
from lilong.kernel.events.facts import Fact, encoded

# One JSON text instead of arrays: the driver quotes it in one go, and the server reads it faster than eight arrays.
_INSERT = """
INSERT INTO events_event (id, type, version, subject, actor, occurred_at, data, request)
SELECT id, type, version, subject, actor, at, data, %s FROM json_to_recordset(%s) AS given (
  id uuid, type text, version smallint, subject uuid, actor uuid, at timestamptz, data jsonb
)
ON CONFLICT (id) DO NOTHING
"""
_COPY = (
    """COPY events_event (id, type, version, subject, actor, occurred_at, data, request) FROM STDIN (FORMAT BINARY)"""
)
_COPY_TYPES = ("uuid", "text", "int2", "uuid", "uuid", "timestamptz", "jsonb", "text")
_COPY_FROM = 16  # events at a time from which COPY beats INSERT
_SELECT = "SELECT id, type, version, subject, actor, occurred_at, data::text FROM events_event WHERE id = ANY(%s)"


class Emission(NamedTuple):
    """A fact to record: about whom or what (`subject`), caused by whom, when it happened (default: now).

    With an `id` of the caller's the same emission may be repeated: it is recorded once.
    """

    fact: Fact
    subject: UUID
    actor: UUID | None = None
    at: datetime | None = None
    id: UUID | None = None


class _Row(msgspec.Struct, frozen=True):
    id: UUID
    type: str
    version: int
    subject: UUID
    actor: UUID | None
    at: datetime
    data: msgspec.Raw

    def body(self) -> tuple[str, int, UUID, UUID | None]:
        return self.type, self.version, self.subject, self.actor


def emit(
    fact: Fact,
    *,
    subject: UUID,
    actor: UUID | None = None,
    at: datetime | None = None,
    id: UUID | None = None,
) -> UUID:
    """Records one fact in the caller's transaction and answers the event's id.

    Raises Conflict when `id` is taken by another event, Invalid when a field does not hold what it declares.
    """
    event = id or ids.uuid7()
    emit_many([Emission(fact, subject, actor, at, event)])
    return event


def emit_many(emissions: list[Emission]) -> None:
    """Records any number of facts by one statement: all of them or, with a Problem, none.

    An emission whose id is recorded already with the same body is passed over (the moment counts only where the caller
    gave one); with another body it raises Conflict.
    """
    if not emissions:
        return
    now = clock.now()
    rows = [_row(emission, now) for emission in emissions]
    if len(rows) >= _COPY_FROM and all(emission.id is None for emission in emissions):
        _copy(rows)  # nothing of the caller's to be repeated: the fast way
        return
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(_INSERT, [request_id.get() or None, msgspec.json.encode(rows).decode()])
        if cursor.rowcount < len(rows):
            _check_repeats(emissions, rows)


def _copy(rows: list[_Row]) -> None:
    request = request_id.get() or None
    with transaction.atomic(savepoint=False), connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.set_types(_COPY_TYPES)
        for row in rows:
            body = Jsonb(bytes(row.data), dumps=_as_it_is)
            copy.write_row((row.id, *row.body(), row.at, body, request))


def _as_it_is(data: bytes) -> bytes:
    return data


def _row(emission: Emission, now: datetime) -> _Row:
    declared, data = encoded(emission.fact)
    at = emission.at or now
    if at.tzinfo is None:
        raise ValueError("the moment of an event needs a time zone")
    return _Row(emission.id or ids.uuid7(), declared.name, declared.version, emission.subject, emission.actor, at, data)


def _check_repeats(emissions: list[Emission], rows: list[_Row]) -> None:
    """Compares every emission with what is recorded under its id: the rare path, taken when an id was there before."""
    with connection.cursor() as cursor:
        cursor.execute(_SELECT, [[row.id for row in rows]])
        recorded = {
            id: _Row(id, type, version, subject, actor, at, msgspec.Raw(data))
            for id, type, version, subject, actor, at, data in cursor.fetchall()
        }
    for emission, row in zip(emissions, rows, strict=True):
        there = recorded[row.id]
        same = (
            row.body() == there.body()
            and (emission.at is None or row.at == there.at)
            and msgspec.json.decode(row.data) == msgspec.json.decode(there.data)
        )
        if not same:
            raise Conflict("event-conflict", _("Another event has this id."), extra={"event": str(row.id)})
