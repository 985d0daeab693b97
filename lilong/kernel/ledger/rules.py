"""Pure decisions of the ledger: which moves stand, given what the accounts hold. No I/O; integers throughout."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

POSTED, PENDING, POST, VOID, EXPIRE, REVERSE = range(6)
KIND_NAMES = ("posted", "pending", "post", "void", "expire", "reverse")
ASSET_KINDS = ("money", "stock", "seat", "unit", "cover", "credit", "coin", "vote")

AMOUNT_MAX = 2**62
BALANCE_MIN, BALANCE_MAX = -(2**63), 2**63 - 1  # what the database's bigint holds

CREATED, EXISTS = "created", "exists"
TAKEN = frozenset({CREATED, EXISTS})


class Move(NamedTuple):
    """An amount from one account to another of the same asset.

    `amount` > 0; for POST at most the pending amount (the rest is released), 0 for VOID and EXPIRE. Settlements (POST,
    VOID, EXPIRE) name the pending move in `of`, and its accounts, or 0 and 0. A REVERSE names the move it takes back
    whole, with source and target exchanged. Neighbours with the same non-zero `link` stand or fall together.
    """

    id: UUID
    source: int
    target: int
    amount: int
    kind: int = POSTED
    of: UUID | None = None
    link: int = 0
    ref: UUID | None = None
    code: str = ""
    expires_at: datetime | None = None


class Outcome(NamedTuple):
    """What became of a move: `created`, `exists` (the same stood already), or the code of its refusal."""

    id: UUID
    status: str
    available: int | None = None  # for 'insufficient': what there was


class Standing:
    """What an account holds, as the decision goes on. `floor` None: an outside world, without end.

    `last` names the newest move written here, for whoever writes the next.
    """

    __slots__ = ("asset", "closed", "floor", "held", "incoming", "last", "posted")

    def __init__(
        self,
        asset: int,
        floor: int | None = 0,
        posted: int = 0,
        held: int = 0,
        incoming: int = 0,
        closed: bool = False,
        last: str | None = None,
    ) -> None:
        self.asset = asset
        self.floor = floor
        self.posted = posted
        self.held = held
        self.incoming = incoming
        self.closed = closed
        self.last = last

    @property
    def available(self) -> int:
        return self.posted - self.held


class Kept(NamedTuple):
    """A move that stands, and by how much it changed `posted` and `held` of its source (its target: the opposite,
    and `incoming`)."""

    move: Move
    posted: int
    held: int


class Sheet:
    """Accounts, locked and read, on which moves are decided one after the other.

    `accounts` by id; `known`: moves that stand already, by id; `originals`: the moves that `of` names; `settled`: those
    of them that have been settled or reversed. `kept` collects what is to be written, in order.
    """

    def __init__(
        self,
        accounts: Mapping[int, Standing],
        now: datetime,
        *,
        known: Mapping[UUID, Move] | None = None,
        originals: Mapping[UUID, Move] | None = None,
        settled: Iterable[UUID] = (),
    ) -> None:
        self.accounts = dict(accounts)
        self.now = now
        self.known = dict(known or {})
        self.originals = dict(originals or {})
        self.settled = set(settled)
        self.kept: dict[UUID, Kept] = {}

    def run(self, moves: Sequence[Move]) -> list[Outcome]:
        """Decides each move (or group of linked ones) on its own feet, in order."""
        outcomes: list[Outcome] = []
        for link, group in groupby(moves, key=_link):
            if link:
                outcomes += self._linked(list(group))
            else:
                for move in group:
                    status = self._decide(move)
                    outcomes.append(Outcome(move[0], status, self._there(move) if status == "insufficient" else None))
        return outcomes

    def add(self, moves: Sequence[Move]) -> Outcome | None:
        """Takes all of `moves` or none. None: taken; else the first refusal."""
        return self._all(moves)[1]

    def retract(self, moves: Sequence[Move]) -> None:
        """Takes back moves that were added here and not yet written.

        Raises ValueError, having changed nothing, if later moves already rely on them.
        """
        taken = [move for move in moves if move.id in self.kept]
        gone = {move.id for move in taken}
        if any(kept.move.of in gone and kept.move.id not in gone for kept in self.kept.values() if kept.move.of):
            raise ValueError("a later move settles one of these")
        undone = [self.kept[move.id] for move in taken]
        self._undo(taken)
        if any(_below(self.accounts[kept.move.target]) for kept in undone):
            for kept in undone:
                self._keep(*kept)
            raise ValueError("later moves took from what these brought")

    def _all(self, moves: Sequence[Move]) -> tuple[list[Outcome], Outcome | None]:
        """All of `moves` or none: what became of each as far as it went, and the refusal that ended it."""
        taken: list[Move] = []
        outcomes: list[Outcome] = []
        for move in moves:
            status = self._decide(move)
            if status == CREATED:
                taken.append(move)
            elif status != EXISTS:
                refusal = Outcome(move.id, status, self._there(move) if status == "insufficient" else None)
                self._undo(taken)
                return outcomes, refusal
            outcomes.append(Outcome(move.id, status))
        return outcomes, None

    def _linked(self, moves: Sequence[Move]) -> list[Outcome]:
        outcomes, refusal = self._all(moves)
        if refusal is None:
            return outcomes
        n = len(outcomes)
        return [*map(self._fallen, moves[:n]), refusal, *map(self._fallen, moves[n + 1 :])]

    def _fallen(self, move: Move) -> Outcome:
        """What to say of a move whose link fell: one that stood before stands."""
        known = self.known.get(move.id)
        if known is None:
            return Outcome(move.id, "linked")
        return Outcome(move.id, EXISTS if self._same(known, move) else "conflict")

    def _there(self, move: Move) -> int:
        return self.accounts[move.source].available

    def _decide(self, move: Move) -> str:
        """Takes the move if it may stand. Everything is checked before anything changes."""
        known = self.known.get(move.id)
        if known is not None:
            return EXISTS if self._same(known, move) else "conflict"
        if move.kind == POSTED:
            return self._unfit(move) or self._fresh(move, 0)
        if move.kind == PENDING:
            if move.expires_at is not None and move.expires_at <= self.now:
                return "expired"
            return self._unfit(move) or self._hold(move)
        if move.kind == REVERSE:
            return self._reverse(move)
        return self._settle(move)

    def _unfit(self, move: Move) -> str:
        """What is wrong with a new move whatever the balances; '' if nothing."""
        if type(move.amount) is not int or not 0 < move.amount <= AMOUNT_MAX:
            return "amount"
        if move.kind < POST and (move.of is not None or (move.kind == POSTED and move.expires_at is not None)):
            return "kind"
        if move.source == move.target:
            return "same-account"
        source, target = self.accounts.get(move.source), self.accounts.get(move.target)
        if source is None or target is None:
            return "unknown-account"
        if source.asset != target.asset:
            return "asset-differs"
        return "closed" if source.closed or target.closed else ""

    def _fresh(self, move: Move, held: int) -> str:
        """A move whose source must have the amount: floors, and the bounds of what can be counted."""
        source, target, amount = self.accounts[move.source], self.accounts[move.target], move.amount
        left = source.posted - source.held - amount
        if source.floor is not None and left < source.floor:
            return "insufficient"
        if left < BALANCE_MIN or target.posted + target.incoming + amount > BALANCE_MAX:
            return "amount"
        self._keep(move, amount - held, held)
        return CREATED

    def _hold(self, move: Move) -> str:
        if max(self.accounts[move.source].held, self.accounts[move.target].incoming) + move.amount > BALANCE_MAX:
            return "amount"
        return self._fresh(move, move.amount)

    def _settle(self, move: Move) -> str:
        """POST, VOID or EXPIRE of a pending move. Its accounts cannot be closed and its amount is held: it fits."""
        if move.kind not in (POST, VOID, EXPIRE) or move.of is None or move.expires_at is not None:
            return "kind"
        pending = self._original(move)
        if pending is None or pending.kind != PENDING or (move.source, move.target) not in ((0, 0), pending[1:3]):
            return "unknown-pending"
        if pending.id in self.settled:
            return "already-settled"
        past = pending.expires_at is not None and pending.expires_at <= self.now
        if move.kind == POST and past:
            return "expired"
        if move.kind == EXPIRE and not past:
            return "kind"
        lowest, highest = (1, pending.amount) if move.kind == POST else (0, 0)
        if type(move.amount) is not int or not lowest <= move.amount <= highest:
            return "amount"
        self._keep(self._whole(move), move.amount, -pending.amount)
        self.settled.add(pending.id)
        return CREATED

    def _reverse(self, move: Move) -> str:
        """Takes a posted move back whole; the money must still be there."""
        original = self._original(move)
        if original is None or original.kind not in (POSTED, POST) or (move.target, move.source) != original[1:3]:
            return "unknown-pending"
        if original.id in self.settled:
            return "already-settled"
        if move.expires_at is not None:
            return "kind"
        if move.amount != original.amount:
            return "amount"
        status = self._unfit(move) or self._fresh(move, 0)
        if status == CREATED:
            self.settled.add(original.id)
        return status

    def _keep(self, move: Move, posted: int, held: int) -> None:
        self._apply(move, posted, held)
        self.kept[move.id] = Kept(move, posted, held)
        self.known[move.id] = move

    def _apply(self, move: Move, posted: int, held: int) -> None:
        source, target = self.accounts[move.source], self.accounts[move.target]
        source.posted -= posted
        source.held += held
        target.posted += posted
        target.incoming += held

    def _undo(self, moves: Sequence[Move]) -> None:
        for move in reversed(moves):
            kept = self.kept.pop(move.id)
            self._apply(kept.move, -kept.posted, -kept.held)
            del self.known[move.id]
            if move.of is not None:
                self.settled.discard(move.of)

    def _original(self, move: Move) -> Move | None:
        """The move that `of` names: one that stood before, or one of this sheet."""
        if move.of is None:
            return None
        kept = self.kept.get(move.of)
        return kept.move if kept else self.originals.get(move.of)

    def _whole(self, move: Move) -> Move:
        """A settlement with the accounts of its pending move where it left them out."""
        pending = None if move.source else self._original(move)
        return move._replace(source=pending.source, target=pending.target) if pending else move

    def _same(self, known: Move, move: Move) -> bool:
        whole = self._whole(move)
        return known[:6] == whole[:6] and known[7:] == whole[7:]  # all but `link`


def _below(account: Standing) -> bool:
    return account.floor is not None and account.available < account.floor


def _link(move: Move) -> int:
    return move.link
