"""Posting: a batch of moves decided under locks and written by a handful of statements, whatever its size."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from lilong.kernel.base.problems import Conflict
from lilong.kernel.ledger.rules import TAKEN, Move, Outcome, Sheet
from lilong.kernel.ledger.services.sheets import Raced, read, write

_TRIES = 10
_TITLES = {
    "insufficient": _("There is not enough on the account."),
    "closed": _("The account is closed."),
    "expired": _("The time for this has passed."),
    "already-settled": _("This has been settled already."),
    "conflict": _("This id already stands for something else."),
}


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
            self._sheet = read(self._wanted, self._settles, self._ids)
        except BaseException as error:
            self._transaction.__exit__(type(error), error, error.__traceback__)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            try:
                write(self._sheet)
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
    for _try in range(_TRIES):
        try:
            with transaction.atomic(), Batch(accounts, settles, ids) as open_batch:
                outcomes = open_batch.run(moves)
            return outcomes
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
            title = _TITLES.get(first.status, _("The ledger refused this."))
            raise Conflict(f"ledger-{first.status}", title, extra=extra)
