"""Corrections and endings: a posted move is taken back by a reversal, a pending one that was forgotten expires."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.ledger import queries
from lilong.kernel.ledger.rules import CREATED, EXPIRE, REVERSE, Move
from lilong.kernel.ledger.services.posting import post, post_all

EXPIRE_LIMIT = 1000


def reverse(moves: Sequence[UUID]) -> list[Move]:
    """Takes posted moves back, whole, all of them or none, the last one first; returns the reversals in that order.

    A move is reversed once; the same call again changes nothing. Raises Missing for an unknown move, Conflict if what it
    brought has been spent since (`ledger-insufficient`) or if it is no posted move (`ledger-unknown-pending`: reverse the
    POST of a pending move, or VOID it).
    """
    with transaction.atomic():
        found = queries.moves(moves)
        unknown = [id for id in moves if id not in found]
        if unknown:
            raise Missing("no-such-move", _("There is no such move."), violations=[_unknown(unknown[0])])
        reversals = [_reversal(found[id]) for id in reversed(moves)]
        post_all(reversals)
    return reversals


def expire_due(limit: int = EXPIRE_LIMIT) -> int:
    """Releases up to `limit` pending moves past their `expires_at`, by EXPIRE moves; returns how many.

    Reads open ones only. Safe from any number of processes.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT move FROM ledger_deadline WHERE expires_at <= %s ORDER BY expires_at, move LIMIT %s",
            [clock.now(), limit],
        )
        due = [move for (move,) in cursor.fetchall()]
    pending = queries.moves(due)
    outcomes = post([_expiry(pending[id]) for id in due])
    return sum(outcome.status == CREATED for outcome in outcomes)


def _unknown(move: UUID) -> Violation:
    return Violation(pointer="/moves", rule="known", detail=str(move))


def _reversal(move: Move) -> Move:
    id = ids.named("ledger", "reverse", move.id)
    return Move(id, move.target, move.source, move.amount, REVERSE, of=move.id, ref=move.ref, code=move.code)


def _expiry(pending: Move) -> Move:
    id = ids.named("ledger", "expire", pending.id)
    return Move(id, pending.source, pending.target, 0, EXPIRE, of=pending.id, ref=pending.ref, code=pending.code)
