"""Any sequence of batches, against the oracle: same answers, same balances, and the books are right throughout."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from lilong.kernel.base import clock, ids
from lilong.kernel.ledger import queries
from lilong.kernel.ledger.services import (
    EXPIRE,
    PENDING,
    POST,
    POSTED,
    REVERSE,
    VOID,
    Move,
    batch,
    expire_due,
    open_accounts,
    open_asset,
    post,
    sheets,
)
from tests.kernel.ledger.oracle import Oracle

UNKNOWN = 2**40
amounts = st.one_of(st.integers(1, 60), st.sampled_from([0, -1, 2**62, 2**62 + 1]))
UNSHRUNK = [Phase.reuse, Phase.generate]  # shrinking over a database takes minutes and tells little more
links = st.sampled_from([0, 0, 0, 1, 2])


class Books(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.now = datetime(2020, 2, 1, tzinfo=UTC)
        with clock.at(self.now + timedelta(days=30)):
            expire_due()  # what earlier examples left
        owner = ids.uuid7()
        self.oracle = Oracle({})
        for name, floors in (("a", (None, 0, 0, -25)), ("b", (None, 0))):
            asset = open_asset(f"{name}-{owner}", kind="stock", unit="piece")
            opened = open_accounts([(owner, asset, str(n), floor) for n, floor in enumerate(floors)])
            self.oracle.accounts |= {account: (asset, floor) for account, floor in zip(opened, floors, strict=True)}
        self.places = [*self.oracle.accounts, UNKNOWN]
        self.said: list[Move] = []

    def _move(self, data: Any) -> Move:
        """A move of any kind: mostly sensible ones, some of them wrong, some said before, some nearly."""
        draw = data.draw
        what = draw(st.sampled_from(["posted"] * 4 + ["pending"] * 3 + ["settle"] * 4 + ["reverse", "again", "other"]))
        link = draw(links)
        if what in ("again", "other") and self.said:
            move = draw(st.sampled_from(self.said))._replace(link=link)
            return move if what == "again" else move._replace(code="other")
        if what in ("settle", "reverse") and self.said:
            wanted = PENDING if what == "settle" else draw(st.sampled_from([POSTED, POST]))
            of = draw(st.sampled_from([move for move in self.said if move.kind == wanted] or self.said))
            return self._ending(draw, of, link, what == "reverse")
        source, target = draw(st.sampled_from(self.places[:4])), draw(st.sampled_from(self.places))
        kind = PENDING if what == "pending" else POSTED
        expires_at = self.now + timedelta(hours=draw(st.integers(0, 3))) if kind and draw(st.booleans()) else None
        return Move(ids.uuid7(), source, target, draw(amounts), kind, link=link, expires_at=expires_at)

    def _ending(self, draw: Any, of: Move, link: int, reverse: bool) -> Move:
        if reverse:
            pending = next(
                move for move in self.said if move.id == (of.of or of.id)
            )  # a POST may leave its accounts out
            return Move(ids.uuid7(), pending.target, pending.source, of.amount, REVERSE, of=of.id, link=link)
        kind = draw(st.sampled_from([POST, POST, VOID, EXPIRE]))
        amount = draw(st.integers(0, max(of.amount, 1) + 1)) if kind == POST else 0
        sides = (0, 0) if draw(st.booleans()) else (of.source, of.target)
        return Move(ids.uuid7(), *sides, amount, kind, of=of.id, link=link)

    @rule(data=st.data(), size=st.integers(1, 8))
    def several(self, data: Any, size: int) -> None:
        moves = []
        for _ in range(size):
            moves.append(self._move(data))
            self.said.append(moves[-1])
        with clock.at(self.now):
            outcomes = post(moves)
        assert [outcome.id for outcome in outcomes] == [move.id for move in moves]
        assert [outcome.status for outcome in outcomes] == self.oracle.post(moves, self.now)

    @rule(data=st.data())
    def and_back(self, data: Any) -> None:
        """What a batch took and gave back within itself never was."""
        kept = self._move(data)._replace(link=0, of=None, kind=POSTED, expires_at=None)
        mistake = Move(ids.uuid7(), self.places[0], self.places[3], data.draw(st.integers(1, 50)))
        with clock.at(self.now), batch(accounts=self.places, ids=[kept.id]) as open_batch:
            if open_batch.add([mistake]) is None:
                open_batch.retract([mistake])
            refused = open_batch.add([kept])
        said = self.oracle.post([kept], self.now)[0]
        assert (refused.status if refused else "taken") == ("taken" if said in ("created", "exists") else said)
        self.said.append(kept)

    @rule(hours=st.integers(1, 2))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def sweep(self) -> None:
        due = self.oracle.due(self.now)
        with clock.at(self.now):
            assert expire_due() == due
        for move in [each for each in self.oracle._open() if each.expires_at and each.expires_at <= self.now]:
            assert self.oracle.post([Move(ids.uuid7(), 0, 0, 0, EXPIRE, of=move.id)], self.now) == ["created"]

    @invariant()
    def balances_agree(self) -> None:
        expected = {
            account: queries.Balance(posted := self.oracle.posted(account), held := self.oracle.held(account),
                                     posted - held, self.oracle.incoming(account))
            for account in self.oracle.accounts
        }  # fmt: skip
        assert queries.balances(self.oracle.accounts) == expected

    def teardown(self) -> None:
        assert [trial for trial in queries.trial_balance() if trial.debits != trial.credits] == []
        assert [trial for trial in queries.trial_balance() if trial.held != trial.incoming] == []
        assert queries.differences() == []


@pytest.mark.parametrize("copy_from", [1, 256])
def test_the_ledger_answers_as_the_model_does(db: None, monkeypatch: pytest.MonkeyPatch, copy_from: int) -> None:
    """Both ways of writing: from one move on by COPY, and small batches by INSERT."""
    monkeypatch.setattr(sheets, "_COPY_FROM", copy_from)
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=35,
            stateful_step_count=25,
            deadline=None,
            phases=UNSHRUNK,
            suppress_health_check=list(HealthCheck),
        ),
    )
