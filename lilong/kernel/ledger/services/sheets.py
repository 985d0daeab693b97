"""Sheets from the database and back: a sheet is read under locks by one round trip and written by another.

Several statements go in one string, each with a snapshot of its own (READ COMMITTED): Django's cursors bind parameters on
the client, which makes that possible. Arrays go as one text parameter: building it here takes a third of the time that a
list of values takes the driver. From `_COPY_FROM` moves on COPY is the faster way in, in spite of its round trips. Ids that
only pass through (`last`, and what is written) stay text: making a UUID of each costs more than deciding a move.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection
from django.utils.translation import gettext_lazy as _
from psycopg.errors import UniqueViolation

from lilong.kernel.base import clock
from lilong.kernel.base.arrays import numbers, uuids
from lilong.kernel.base.problems import Conflict, Violation
from lilong.kernel.ledger.rules import BALANCE_MAX, PENDING, Move, Sheet, Standing

_COPY_FROM = 256
_NONE = r"\N"

_MOVES = """SELECT id, source, target, amount, kind, of, 0, ref, code, expires_at
FROM ledger_move WHERE id = ANY(%s::uuid[])"""
_LOCK = """SELECT id, asset, floor, posted, held, incoming, closed, last::text
FROM ledger_account WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE"""
_SETTLED = "SELECT of FROM ledger_move WHERE of = ANY(%s::uuid[])"

_COLUMNS = "id, source, target, amount, at, expires_at, kind, of, ref, source_before, target_before, code"
_COPY = f"COPY ledger_move ({_COLUMNS}) FROM STDIN"
_INSERT = f"""INSERT INTO ledger_move ({_COLUMNS})
SELECT id, source, target, amount, %s, expires_at, kind, of, ref, source_before, target_before, code
FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[], %s::smallint[], %s::uuid[],
  %s::uuid[], %s::uuid[], %s::uuid[], %s::text[])
AS new(id, source, target, amount, expires_at, kind, of, ref, source_before, target_before, code)"""  # noqa: S608
_UPDATE = """UPDATE ledger_account AS account
SET posted = new.posted, held = new.held, incoming = new.incoming, last = new.last
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::uuid[]) AS new(id, posted, held, incoming, last)
WHERE account.id = new.id"""
_OPENED = "INSERT INTO ledger_deadline (move, expires_at) SELECT * FROM unnest(%s::uuid[], %s::timestamptz[])"
_MET = "DELETE FROM ledger_deadline WHERE move = ANY(%s::uuid[])"

Row = tuple[Any, ...]


class Raced(Conflict):
    """Another transaction wrote a move of the same id, or settled the same move, between our look and our write."""

    def __init__(self) -> None:
        super().__init__(
            "conflict",
            _("Somebody else was quicker. Please try again."),
            violations=[Violation(pointer="/id", rule="same-body")],
        )


def read(accounts: Iterable[int], settles: Collection[UUID], ids: Collection[UUID]) -> Sheet:
    """Locks the accounts, and those of the moves in `settles`, in the order of their ids; then reads what stands."""
    with connection.cursor() as cursor:
        originals: dict[UUID, Move] = {}
        if settles:
            (found,) = _ask(cursor, [(_MOVES, uuids(settles))])
            originals = {row[0]: Move._make(row) for row in found}
        wanted = set(accounts).union(*(move[1:3] for move in originals.values()))
        # The looks come after the lock: they see what those who held it before us committed.
        questions = [(_LOCK, numbers(id for id in wanted if 0 < id <= BALANCE_MAX))]
        questions += [(_MOVES, uuids(ids)), (_SETTLED, uuids(originals))] if ids or originals else []
        locked, *looks = _ask(cursor, questions)
    known, settled = looks or ((), ())
    return Sheet(
        {row[0]: Standing(*row[1:]) for row in locked},
        clock.now(),
        known={row[0]: Move._make(row) for row in known},
        originals=originals,
        settled=(of for (of,) in settled),
    )


def write(sheet: Sheet) -> None:
    """Writes the sheet's moves and what they made of the balances. Raises Raced where another was quicker."""
    if not sheet.kept:
        return
    rows, touched = _chained(sheet)
    try:
        with connection.cursor() as cursor, connection.wrap_database_errors:
            statements = [(_UPDATE, *_balances(sheet, touched)), *_deadlines(sheet)]
            if len(rows) < _COPY_FROM:
                statements.insert(0, (_INSERT, sheet.now, *_columns(rows)))
            else:
                _copy(cursor, rows, sheet.now)
            cursor.execute(
                ";".join(each[0] for each in statements), [value for each in statements for value in each[1:]]
            )
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            raise Raced from error
        raise


def _ask(cursor: Any, questions: list[tuple[str, str]]) -> list[list[Row]]:
    """The rows that each statement answers, all asked at once."""
    cursor.execute(";".join(statement for statement, _ in questions), [value for _, value in questions])
    answers = [cursor.fetchall()]
    while cursor.nextset():
        answers.append(cursor.fetchall())
    return answers


def _chained(sheet: Sheet) -> tuple[list[Row], list[int]]:
    """The rows to write, each naming the moves before it at its two accounts; and the accounts touched."""
    rows, touched = [], set()
    accounts = sheet.accounts
    for kept in sheet.kept.values():
        id, source, target, amount, kind, of, _link, ref, code, expires_at = kept.move
        left, right, name = accounts[source], accounts[target], id.hex
        rows.append((name, source, target, amount, expires_at, kind, of, ref, left.last, right.last, code))
        left.last = right.last = name
        touched.add(source)
        touched.add(target)
    return rows, sorted(touched)


def _columns(rows: list[Row]) -> Iterable[Any]:
    """The arrays of `_INSERT`, in its order."""
    names, sources, targets, amounts, expires, kinds, ofs, refs, befores, afters, codes = zip(*rows, strict=True)
    yield from (_texts(names), numbers(sources), numbers(targets), numbers(amounts), list(expires), numbers(kinds))
    yield from (uuids(ofs), uuids(refs), _texts(befores), _texts(afters), list(codes))


def _copy(cursor: Any, rows: list[Row], now: datetime) -> None:
    """COPY's text format: columns between tabs, `\\N` for none. Only `code` can hold anything to escape."""
    at, codes, lines = now.isoformat(), {row[-1]: _escaped(row[-1]) for row in rows}, []
    for name, source, target, amount, expires_at, kind, of, ref, before, after, code in rows:
        expires = expires_at.isoformat() if expires_at else _NONE
        lines.append(
            f"{name}\t{source}\t{target}\t{amount}\t{at}\t{expires}\t{kind}\t{of.hex if of else _NONE}\t"
            f"{ref.hex if ref else _NONE}\t{before or _NONE}\t{after or _NONE}\t{codes[code]}\n"
        )
    with cursor.copy(_COPY) as copy:
        copy.write("".join(lines))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _balances(sheet: Sheet, touched: list[int]) -> Iterable[str]:
    """The arrays of `_UPDATE`, in its order."""
    states = [sheet.accounts[id] for id in touched]
    yield numbers(touched)
    yield numbers(each.posted for each in states)
    yield numbers(each.held for each in states)
    yield numbers(each.incoming for each in states)
    yield _texts(each.last for each in states)


def _deadlines(sheet: Sheet) -> Iterable[tuple[Any, ...]]:
    """What the sheet changes about open moves that expire."""
    moves = [kept.move for kept in sheet.kept.values() if kept.move.kind]
    opened = [move for move in moves if move.kind == PENDING and move.expires_at and move.id not in sheet.settled]
    if opened:
        yield _OPENED, uuids(move.id for move in opened), [move.expires_at for move in opened]
    met = [move.of for move in moves if move.of in sheet.originals and sheet.originals[move.of].expires_at]
    if met:
        yield _MET, uuids(met)


def _texts(values: Iterable[str | None]) -> str:
    return f"{{{','.join([value or 'NULL' for value in values])}}}"
