"""Posting: a batch of moves decided under locks and written by a handful of statements, whatever its size."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from psycopg.errors import UniqueViolation

from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Violation
from lilong.kernel.ledger.rules import BALANCE_MAX, PENDING, TAKEN, Move, Outcome, Sheet, Standing

_BODY = "id, source, target, amount, kind, of, 0, ref, code, expires_at"
_LOCK = """SELECT id, asset, floor, posted, held, incoming, closed, last
FROM ledger_account WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE"""
_UPDATE = """UPDATE ledger_account AS account
SET posted = new.posted, held = new.held, incoming = new.incoming, last = new.last
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::uuid[]) AS new(id, posted, held, incoming, last)
WHERE account.id = new.id"""
_COPY = """COPY ledger_move (id, source, target, amount, at, expires_at, kind, of, ref, source_before, target_before, code)
FROM STDIN (FORMAT BINARY)"""
_COPY_TYPES = (
    "uuid",
    "int8",
    "int8",
    "int8",
    "timestamptz",
    "timestamptz",
    "int2",
    "uuid",
    "uuid",
    "uuid",
    "uuid",
    "text",
)
_TRIES = 10


class Raced(Conflict):
    """Another transaction wrote a move of the same id, or settled the same move, between our look and our write."""

    def __init__(self) -> None:
        super().__init__("conflict", violations=[Violation(pointer="/id", rule="same-body")])


class Batch:
    """Accounts locked in id order, with what they hold; moves are decided here and written on leaving.

    `accounts`: those that moves will touch; `settles`: the moves that `of` will name (their accounts are locked too);
    `ids`: moves that may stand already (without them, a move that stands makes leaving raise Conflict, undoing all).
    Its own transaction, or part of the caller's; then an exception on leaving must end the caller's as well.
    """

    def __init__(
        self, accounts: Iterable[int] = (), settles: Collection[UUID] = (), ids: Collection[UUID] = ()
    ) -> None:
        self._wanted = set(accounts)
        self._settles = settles
        self._ids = ids
        self._transaction: AbstractContextManager[Any] = nullcontext()
        self._sheet: Sheet

    def __enter__(self) -> "Batch":
        if not connection.in_atomic_block:
            self._transaction = transaction.atomic()
        self._transaction.__enter__()
        try:
            self._sheet = self._read()
        except BaseException as error:
            self._transaction.__exit__(type(error), error, error.__traceback__)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            try:
                _write(self._sheet)
            except BaseException as failure:
                self._transaction.__exit__(type(failure), failure, failure.__traceback__)
                raise
        self._transaction.__exit__(kind, error, trace)

    def available(self, account: int) -> int:
        """Posted less held, moves of this batch included. KeyError for an account that was not named or is not there."""
        return self._sheet.accounts[account].available

    def add(self, moves: Sequence[Move]) -> Outcome | None:
        """Takes all of `moves` or none. None: taken; else the first refusal."""
        return self._sheet.add(moves)

    def run(self, moves: Sequence[Move]) -> list[Outcome]:
        """Decides each move (or group of linked ones) on its own feet, in order."""
        return self._sheet.run(moves)

    def retract(self, moves: Sequence[Move]) -> None:
        """Takes back moves added in this batch. ValueError, with nothing changed, if later ones rely on them."""
        self._sheet.retract(moves)

    def _read(self) -> Sheet:
        with connection.cursor() as cursor:
            originals = _moves(cursor, self._settles)
            wanted = self._wanted | {side for move in originals.values() for side in (move.source, move.target)}
            cursor.execute(_LOCK, [_numbers(id for id in wanted if 0 < id <= BALANCE_MAX)])
            accounts = {row[0]: Standing(*row[1:]) for row in cursor.fetchall()}
            # Only now, as later statements see what those who held the locks before us committed.
            known = _moves(cursor, self._ids)
            settled = _settled(cursor, originals)
        return Sheet(accounts, clock.now(), known=known, originals=originals, settled=settled)


def batch(accounts: Iterable[int] = (), settles: Collection[UUID] = (), ids: Collection[UUID] = ()) -> Batch:
    """A Batch on these accounts: `with batch(accounts=[...]) as b`."""
    return Batch(accounts, settles, ids)


def post(moves: Sequence[Move]) -> list[Outcome]:
    """Decides and writes `moves`, in order; one outcome for each. A refused move changes nothing and raises nothing.

    The same id with the same body answers `exists`, with another body `conflict`; a refused id may be tried again.
    One transaction, or part of the caller's, which should then post once only: locks are taken in order of the accounts
    within a call, not across calls.
    """
    if not moves:
        return []
    accounts = {side for move in moves for side in (move.source, move.target)}
    settles = {move.of for move in moves if move.of is not None}
    ids = [move.id for move in moves]
    for _ in range(_TRIES):
        try:
            with transaction.atomic(), Batch(accounts, settles, ids) as open_batch:
                return_value = open_batch.run(moves)
            return return_value
        except Raced:  # whoever was quicker has committed: the next look sees it
            continue
    raise Raced


def post_all(moves: Sequence[Move]) -> None:
    """Posts all of `moves` or none; raises Conflict, whose code is `ledger-` and the first refusal's code."""
    with transaction.atomic():
        refused = [outcome for outcome in post(moves) if outcome.status not in TAKEN]
        if refused:
            first = next((each for each in refused if each.status != "linked"), refused[0])
            extra = {"move": str(first.id)} | ({} if first.available is None else {"available": first.available})
            raise Conflict(f"ledger-{first.status}", extra=extra)


def _moves(cursor: Any, ids: Collection[UUID]) -> dict[UUID, Move]:
    if not ids:
        return {}
    cursor.execute(f"SELECT {_BODY} FROM ledger_move WHERE id = ANY(%s::uuid[])", [_uuids(ids)])  # noqa: S608
    return {row[0]: Move._make(row) for row in cursor.fetchall()}


def _settled(cursor: Any, ids: Collection[UUID]) -> list[UUID]:
    if not ids:
        return []
    cursor.execute("SELECT of FROM ledger_move WHERE of = ANY(%s::uuid[])", [_uuids(ids)])
    return [of for (of,) in cursor.fetchall()]


def _write(sheet: Sheet) -> None:
    if not sheet.kept:
        return
    rows, touched = _chained(sheet)
    try:
        with connection.cursor() as cursor, connection.wrap_database_errors:
            with cursor.copy(_COPY) as copy:
                copy.set_types(_COPY_TYPES)
                for row in rows:
                    copy.write_row(row)
            states = [sheet.accounts[id] for id in touched]
            columns = [
                _numbers(touched),
                _numbers(each.posted for each in states),
                _numbers(each.held for each in states),
                _numbers(each.incoming for each in states),
                _uuids(each.last for each in states if each.last),
            ]
            cursor.execute(_UPDATE, columns)
            _write_deadlines(cursor, sheet)
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            raise Raced from error
        raise


def _chained(sheet: Sheet) -> tuple[list[tuple[Any, ...]], list[int]]:
    """The rows to write, each naming the moves before it at its two accounts; and the accounts touched."""
    rows, touched = [], set()
    accounts, now = sheet.accounts, sheet.now
    for kept in sheet.kept.values():
        id, source, target, amount, kind, of, _, ref, code, expires_at = kept.move
        left, right = accounts[source], accounts[target]
        rows.append((id, source, target, amount, now, expires_at, kind, of, ref, left.last, right.last, code))
        left.last = right.last = id
        touched.add(source)
        touched.add(target)
    return rows, sorted(touched)


def _write_deadlines(cursor: Any, sheet: Sheet) -> None:
    moves = [kept.move for kept in sheet.kept.values()]
    opened = [move for move in moves if move.kind == PENDING and move.expires_at and move.id not in sheet.settled]
    if opened:
        cursor.execute(
            "INSERT INTO ledger_deadline (move, expires_at) SELECT * FROM unnest(%s::uuid[], %s::timestamptz[])",
            [_uuids(move.id for move in opened), [move.expires_at for move in opened]],
        )
    met = [move.of for move in moves if move.of in sheet.originals and sheet.originals[move.of].expires_at]
    if met:
        cursor.execute("DELETE FROM ledger_deadline WHERE move = ANY(%s::uuid[])", [_uuids(met)])


# Arrays go as one text parameter: building it here takes a third of the time that a list of values takes the driver.
def _numbers(values: Iterable[int]) -> str:
    return f"{{{','.join(map(str, values))}}}"


def _uuids(values: Iterable[UUID]) -> str:
    return f"{{{','.join([value.hex for value in values])}}}"
