"""Moves: an account's statement, and what was moved for something."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from lilong.kernel.base import ids
from lilong.kernel.base.paging import SIZE_DEFAULT, SIZE_MAX, Slice
from lilong.kernel.base.problems import invalid
from lilong.kernel.ledger import models
from lilong.kernel.ledger.queries.accounts import no_such_account
from lilong.kernel.ledger.rules import KIND_NAMES, POST, POSTED, REVERSE, Move

_FIELDS = ("id", "source", "target", "amount", "kind", "of", "ref", "code", "expires_at")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a statement: what one move changed at this account, and what was posted there after it.

    `amount` is the move's own; `change` is what it did to posted here (0 for pending, void and expire).
    """

    id: UUID
    at: datetime
    kind: str
    code: str
    other: int
    amount: int
    change: int
    balance: int
    of: UUID | None
    ref: UUID | None


def statement(account: int, *, cursor: str = "", size: int = SIZE_DEFAULT) -> Slice:
    """The account's moves as Entries, newest first, with the running balance.

    Each line costs one look-up, however long the history. Raises Missing for an unknown account, Invalid for a size
    outside 1..100 or a cursor that is not one of this account's.
    """
    if not 1 <= size <= SIZE_MAX:
        raise invalid("/size", "range", f"1..{SIZE_MAX}")
    found = models.Account.objects.filter(id=account).values_list("last", "posted").first()
    if found is None:
        raise no_such_account(account)
    start, posted = _position(cursor) if cursor else found
    rows = _chain(account, start, size + 1)
    if cursor and not rows:
        raise invalid("/cursor", "format")
    entries = []
    for move, at in rows[:size]:
        entry = _entry(account, move, at, posted)
        posted -= entry.change
        entries.append(entry)
    return Slice(items=entries, next=f"{rows[size][0].id.hex}.{posted}" if len(rows) > size else "")


def moves_of(ref: UUID) -> list[Move]:
    """The moves made for `ref`: those that are its children by id, and those that name it; by id."""
    children = moves_between(ids.child(ref, 0), ids.child(ref, ids.CHILDREN_MAX))
    with connection.cursor() as cursor:
        cursor.execute(_BY_REF, [ref])
        others = [_move(row) for row in cursor.fetchall()]
    return sorted(children + others, key=lambda move: move.id)


def moves_between(first: UUID, last: UUID) -> list[Move]:
    """The moves whose ids lie in this range (both ends count), by id: the children of one parent, or some of them."""
    rows = models.Move.objects.filter(id__range=(first, last)).order_by("id").values_list(*_FIELDS)
    return [_move(row) for row in rows]


def moves(wanted: Collection[UUID]) -> dict[UUID, Move]:
    """Moves by id, of those that stand."""
    rows = models.Move.objects.filter(id__in=list(wanted)).values_list(*_FIELDS)
    return {row[0]: _move(row) for row in rows}


def net_by_ref(accounts: Collection[int]) -> dict[UUID, int]:
    """What went in (positive) or out of these accounts, over all time, by what it was for: a recall's question.

    Posted amounts only: what was released, voided or put back has cancelled out (those at zero are left out). A
    settlement without a `ref` counts for that of its pending move.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NET_BY_REF, [list(accounts)])
        return dict(cursor.fetchall())


def _entry(account: int, move: Move, at: datetime, posted: int) -> Entry:
    leaves = move.source == account
    moved = move.amount if move.kind in (POSTED, POST, REVERSE) else 0
    return Entry(
        id=move.id, at=at, kind=KIND_NAMES[move.kind], code=move.code, other=move.target if leaves else move.source,
        amount=move.amount, change=-moved if leaves else moved, balance=posted, of=move.of, ref=move.ref,
    )  # fmt: skip


def _position(cursor: str) -> tuple[UUID, int]:
    """The move a page starts at, and what was posted after it."""
    head, _, tail = cursor.partition(".")
    try:
        return UUID(hex=head), int(tail)
    except ValueError:
        raise invalid("/cursor", "format") from None


def _chain(account: int, start: UUID | None, limit: int) -> list[tuple[Move, datetime]]:
    """Up to `limit` moves of the account backwards from `start`, which must be one of its own."""
    with connection.cursor() as cursor:
        cursor.execute(_CHAIN, {"account": account, "start": start, "limit": limit})
        return [(_move(row), row[-1]) for row in cursor.fetchall()]


def _move(row: tuple[Any, ...]) -> Move:
    return Move._make((*row[:6], 0, *row[6:9]))


_BY_REF = """
SELECT id, source, target, amount, kind, of, ref, code, expires_at FROM ledger_move
WHERE ref = %s AND substring(uuid_send(id), 1, 14) <> substring(uuid_send(ref), 1, 14)
"""

# OFFSET 0 keeps each step a look-up by key, whatever the planner believes about the table's size.
_CHAIN = """
WITH RECURSIVE chain AS (
  SELECT 1 AS n, move.* FROM ledger_move move
  WHERE id = %(start)s AND (source = %(account)s OR target = %(account)s)
  UNION ALL
  SELECT n + 1, before.* FROM chain CROSS JOIN LATERAL (
    SELECT * FROM ledger_move move
    WHERE move.id = CASE WHEN chain.source = %(account)s THEN chain.source_before ELSE chain.target_before END OFFSET 0
  ) before WHERE n < %(limit)s
)
SELECT id, source, target, amount, kind, of, ref, code, expires_at, at FROM chain ORDER BY n
"""

_NET_BY_REF = """
WITH RECURSIVE chain AS (
  SELECT account.id AS account, move.* FROM ledger_account account JOIN ledger_move move ON move.id = account.last
  WHERE account.id = ANY(%s)
  UNION ALL
  SELECT chain.account, before.* FROM chain CROSS JOIN LATERAL (
    SELECT * FROM ledger_move move
    WHERE move.id = CASE WHEN chain.source = chain.account THEN chain.source_before ELSE chain.target_before END OFFSET 0
  ) before
)
SELECT what.ref, sum(CASE WHEN source = account THEN -amount ELSE amount END)::bigint
FROM chain CROSS JOIN LATERAL (
  SELECT coalesce(chain.ref, (SELECT pending.ref FROM ledger_move pending WHERE pending.id = chain.of)) AS ref
) what
WHERE kind IN (0, 2, 5) AND what.ref IS NOT NULL
GROUP BY what.ref HAVING sum(CASE WHEN source = account THEN -amount ELSE amount END) <> 0
ORDER BY what.ref
"""
