"""The ledger as one would write it down in a page: every balance is summed anew from all moves that stand."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from lilong.kernel.ledger.services import EXPIRE, PENDING, POST, POSTED, REVERSE, VOID, Move


class Oracle:
    """`accounts`: asset and floor by id. `stood`: the moves that stand, in order."""

    def __init__(self, accounts: dict[int, tuple[int, int | None]]) -> None:
        self.accounts = accounts
        self.stood: dict[UUID, Move] = {}

    def post(self, moves: Sequence[Move], now: datetime) -> list[str]:
        statuses: list[str] = []
        for link, group in groupby(moves, key=lambda move: move.link):
            members = list(group)
            statuses += self._linked(members, now) if link else [self._one(move, now) for move in members]
        return statuses

    def posted(self, account: int) -> int:
        return sum(
            (move.target == account) * move.amount - (move.source == account) * move.amount
            for move in self.stood.values()
            if move.kind in (POSTED, POST, REVERSE)
        )

    def held(self, account: int) -> int:
        return sum(move.amount for move in self._open() if move.source == account)

    def incoming(self, account: int) -> int:
        return sum(move.amount for move in self._open() if move.target == account)

    def due(self, now: datetime) -> int:
        return sum(move.expires_at is not None and move.expires_at <= now for move in self._open())

    def _open(self) -> Iterable[Move]:
        return [move for move in self.stood.values() if move.kind == PENDING and move.id not in self._settled()]

    def _settled(self) -> set[UUID]:
        return {move.of for move in self.stood.values() if move.of}

    def _linked(self, moves: list[Move], now: datetime) -> list[str]:
        before = dict(self.stood)
        statuses = [self._one(move, now) for move in moves]
        fallen = next((n for n, status in enumerate(statuses) if status not in ("created", "exists")), None)
        if fallen is None:
            return statuses
        self.stood = before
        again = ["linked" if move.id not in before else self._repeat(move) for move in moves]
        return [statuses[fallen] if n == fallen else status for n, status in enumerate(again)]

    def _repeat(self, move: Move) -> str:
        known = self.stood[move.id]
        return "exists" if known._replace(link=0) == self._named(move)._replace(link=0) else "conflict"

    def _named(self, move: Move) -> Move:
        pending = self.stood.get(move.of) if move.of and not move.source else None
        return move._replace(source=pending.source, target=pending.target) if pending else move

    def _one(self, move: Move, now: datetime) -> str:
        if move.id in self.stood:
            return self._repeat(move)
        wrong = self._wrong_settlement(move, now) if move.of else self._wrong_move(move, now)
        if not wrong:
            self.stood[move.id] = self._named(move)
        return wrong or "created"

    def _wrong_move(self, move: Move, now: datetime) -> str:
        if move.expires_at and move.expires_at <= now:
            return "expired"
        if not 0 < move.amount <= 2**62:
            return "amount"
        if move.source == move.target:
            return "same-account"
        if not {move.source, move.target} <= self.accounts.keys():
            return "unknown-account"
        if self.accounts[move.source][0] != self.accounts[move.target][0]:
            return "asset-differs"
        return self._lacking(move)

    def _lacking(self, move: Move) -> str:
        """Under the floor, or beyond what a bigint counts."""
        floor = self.accounts[move.source][1]
        left = self.posted(move.source) - self.held(move.source) - move.amount
        if move.kind == PENDING and max(self.held(move.source), self.incoming(move.target)) + move.amount >= 2**63:
            return "amount"
        if floor is not None and left < floor:
            return "insufficient"
        there = self.posted(move.target) + self.incoming(move.target) + move.amount
        return "amount" if left < -(2**63) or there >= 2**63 else ""

    def _wrong_settlement(self, move: Move, now: datetime) -> str:
        assert move.of is not None
        original = self.stood.get(move.of)
        kinds = (POSTED, POST) if move.kind == REVERSE else (PENDING,)
        if original is None or original.kind not in kinds:
            return "unknown-pending"
        sides = (original.target, original.source) if move.kind == REVERSE else (original.source, original.target)
        if (move.source, move.target) != sides and (move.kind == REVERSE or (move.source, move.target) != (0, 0)):
            return "unknown-pending"
        if original.id in self._settled():
            return "already-settled"
        if move.kind == REVERSE:
            return "amount" if move.amount != original.amount else self._lacking(move)
        past = original.expires_at is not None and original.expires_at <= now
        if move.kind == POST:
            return "expired" if past else "" if 0 < move.amount <= original.amount else "amount"
        if move.kind == EXPIRE and not past:
            return "kind"
        return "amount" if move.kind in (VOID, EXPIRE) and move.amount else ""
