"""Reading and writing the state of a batch, set-based. One writer at a time: the follower's cursor is locked."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection

from lilong.plan.rules.contributions import Key
from lilong.plan.rules.fold import BEGINNING, Cell, State

_KEYS = "unnest(%s::text[], %s::text[], %s::date[], %s::text[]) AS k (indicator, part, month, slice)"
_CELLS = f"""
SELECT c.indicator, c.part, c.month, c.slice, c.value, c.events, c.parties
FROM {_KEYS} JOIN plan_cell c USING (indicator, part, month, slice)
"""  # noqa: S608 (constants only)
_USES = """
SELECT u.indicator, u.part, u.month, u.slice, u.value, u.uses
FROM unnest(%s::text[], %s::text[], %s::date[], %s::text[], %s::text[]) AS k (indicator, part, month, slice, value)
JOIN plan_use u USING (indicator, part, month, slice, value)
"""
_PUT_CELLS = """
INSERT INTO plan_cell (indicator, part, month, slice, value, events, parties)
SELECT * FROM unnest(%s::text[], %s::text[], %s::date[], %s::text[], %s::bigint[], %s::bigint[], %s::text[])
ON CONFLICT (indicator, part, month, slice)
DO UPDATE SET value = excluded.value, events = excluded.events, parties = excluded.parties
"""
_PUT_USES = """
INSERT INTO plan_use (indicator, part, month, slice, value, uses)
SELECT * FROM unnest(%s::text[], %s::text[], %s::date[], %s::text[], %s::text[], %s::bigint[])
ON CONFLICT (indicator, part, month, slice, value) DO UPDATE SET uses = excluded.uses
"""
_PUT_SOURCES = """
INSERT INTO plan_source (type, month, seq) SELECT * FROM unnest(%s::text[], %s::date[], %s::bigint[])
ON CONFLICT DO NOTHING
"""
_PUT_RESTATEMENTS = """
INSERT INTO plan_restatement (seq, event, at, indicator, part, month, before, after)
SELECT * FROM unnest(%s::bigint[], %s::uuid[], %s::timestamptz[], %s::text[], %s::text[], %s::date[],
                     %s::bigint[], %s::bigint[])
"""


def definitions() -> str:
    """The fingerprint of the definitions that the stored numbers were computed with; '' before the first."""
    rows = _rows("SELECT definitions FROM plan_progress")
    return rows[0][0] if rows else ""


def empty(definitions: str) -> None:
    """Removes every number."""
    with connection.cursor() as cursor:
        for table in ("plan_cell", "plan_use", "plan_source", "plan_restatement", "plan_progress"):
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 (TRUNCATE would keep readers out until the commit)
        cursor.execute(
            "INSERT INTO plan_progress (id, latest, definitions) VALUES (1, %s, %s)", [BEGINNING, definitions]
        )


def read(keys: Collection[Key], uses: Collection[tuple[Key, str]]) -> State:
    """What the batch starts from."""
    state = State(cells={}, uses={})
    for *key, value, events, parties in _rows(_CELLS, _columns(keys, 4)) if keys else ():
        state.cells[Key(*key)] = Cell(value, events, parties.split())
    wanted = [(*key, value) for key, value in uses]
    for *key, value, used in _rows(_USES, _columns(wanted, 5)) if wanted else ():
        state.uses[Key(*key), value] = used
    latest = _rows("SELECT latest FROM plan_progress")
    if latest:
        state.latest = latest[0][0]
    return state


def write(state: State) -> None:
    """What the batch leaves behind: all that was read and changed is written back."""
    cells = [(*key, c.value, c.events, " ".join(c.parties)) for key, c in sorted(state.cells.items())]
    uses = [(*key, value, used) for (key, value), used in sorted(state.uses.items())]
    with connection.cursor() as cursor:
        for statement, rows, width in (
            (_PUT_CELLS, cells, 7),
            (_PUT_USES, uses, 6),
            (_PUT_SOURCES, sorted(state.sources), 3),
            (_PUT_RESTATEMENTS, state.restatements, 8),
        ):
            if rows:
                cursor.execute(statement, _columns(rows, width))
        cursor.execute("UPDATE plan_progress SET latest = %s WHERE id = 1", [state.latest])


def _columns(rows: Collection[Sequence[Any]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


def _rows(statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
