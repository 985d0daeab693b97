"""What `post` and Batch answer, and what the database itself refuses."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Missing
from lilong.kernel.ledger import queries
from lilong.kernel.ledger.services import (
    EXPIRE,
    PENDING,
    POST,
    POSTED,
    REVERSE,
    VOID,
    Move,
    Outcome,
    batch,
    close_account,
    expire_due,
    post,
    post_all,
    reverse,
    sheets,
)
from tests.kernel.ledger.books import Books, open_books

pytestmark = pytest.mark.django_db
NOON = datetime(2020, 2, 1, 12, tzinfo=UTC)


@pytest.fixture
def books(db: None) -> Books:
    return open_books()


def held_up(books: Books, amount: int = 40, **more: object) -> Move:
    move = Move(ids.uuid7(), books.full, books.empty, amount, PENDING, **more)  # type: ignore[arg-type]
    assert post([move]) == [Outcome(move.id, "created")]
    return move


REFUSALS: dict[str, tuple[str, Callable[[Books], Move]]] = {
    "amount 0": ("amount", lambda b: Move(uuid4(), b.full, b.empty, 0)),
    "negative amount": ("amount", lambda b: Move(uuid4(), b.full, b.empty, -1)),
    "amount over 2^62": ("amount", lambda b: Move(uuid4(), b.world, b.empty, 2**62 + 1)),
    "fraction": ("amount", lambda b: Move(uuid4(), b.full, b.empty, 1.5)),  # type: ignore[arg-type]
    "truth": ("amount", lambda b: Move(uuid4(), b.full, b.empty, True)),
    "under the floor": ("insufficient", lambda b: Move(uuid4(), b.full, b.empty, 101)),
    "under a floor below zero": ("insufficient", lambda b: Move(uuid4(), b.credit, b.empty, 51)),
    "unknown source": ("unknown-account", lambda b: Move(uuid4(), 2**50, b.empty, 1)),
    "unknown target": ("unknown-account", lambda b: Move(uuid4(), b.full, 2**50, 1)),
    "no account number at all": ("unknown-account", lambda b: Move(uuid4(), b.full, -(2**70), 1)),
    "another asset": ("asset-differs", lambda b: Move(uuid4(), b.full, b.stranger, 1)),
    "to itself": ("same-account", lambda b: Move(uuid4(), b.full, b.full, 1)),
    "pending born dead": (
        "expired",
        lambda b: Move(uuid4(), b.full, b.empty, 1, PENDING, expires_at=clock.now() - timedelta(seconds=1)),
    ),
    "unknown kind": ("kind", lambda b: Move(uuid4(), b.full, b.empty, 1, 9)),
    "posted with a pending": ("kind", lambda b: Move(uuid4(), b.full, b.empty, 1, of=uuid4())),
    "posted that expires": ("kind", lambda b: Move(uuid4(), b.full, b.empty, 1, expires_at=NOON)),
    "post of nothing": ("kind", lambda b: Move(uuid4(), b.full, b.empty, 1, POST)),
    "post of an unknown": ("unknown-pending", lambda b: Move(uuid4(), b.full, b.empty, 1, POST, of=uuid4())),
    "post of other accounts": (
        "unknown-pending",
        lambda b: Move(uuid4(), b.full, b.credit, 1, POST, of=held_up(b).id),
    ),
    "post above pending": ("amount", lambda b: Move(uuid4(), 0, 0, 41, POST, of=held_up(b).id)),
    "post of 0": ("amount", lambda b: Move(uuid4(), 0, 0, 0, POST, of=held_up(b).id)),
    "void of something": ("amount", lambda b: Move(uuid4(), 0, 0, 40, VOID, of=held_up(b).id)),
    "expire before its time": ("kind", lambda b: Move(uuid4(), 0, 0, 0, EXPIRE, of=held_up(b).id)),
    "reverse of a pending": (
        "unknown-pending",
        lambda b: Move(uuid4(), b.empty, b.full, 40, REVERSE, of=held_up(b).id),
    ),
    "reverse of an unknown": ("unknown-pending", lambda b: Move(uuid4(), b.empty, b.full, 40, REVERSE, of=uuid4())),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_bad_move_is_refused_by_its_code_and_changes_nothing(books: Books, name: str) -> None:
    code, make = REFUSALS[name]
    bad = make(books)
    before = queries.balances(books[2:])
    assert [outcome.status for outcome in post([bad])] == [code]
    assert queries.balances(books[2:]) == before
    assert queries.moves([bad.id]) == {}


def test_insufficient_says_what_there_was(books: Books) -> None:
    first, second = Move(ids.uuid7(), books.full, books.empty, 70), Move(ids.uuid7(), books.full, books.empty, 31)
    assert post([first, second]) == [Outcome(first.id, "created"), Outcome(second.id, "insufficient", 30)]


def test_a_floor_is_reached_exactly(books: Books) -> None:
    assert post([Move(id := ids.uuid7(), books.credit, books.empty, 50)]) == [Outcome(id, "created")]
    assert queries.balance(books.credit) == queries.Balance(posted=-50, held=0, available=-50, incoming=0)


def test_the_largest_amount_fits_and_sums_beyond_a_bigint_are_refused(books: Books) -> None:
    moves = [Move(ids.uuid7(), books.world, books.empty, 2**62) for _ in range(3)]
    assert [outcome.status for outcome in post(moves)] == ["created", "amount", "amount"]
    assert queries.balance(books.empty).posted == 2**62


def test_incoming_counts_towards_what_a_bigint_holds(books: Books) -> None:
    moves = [Move(ids.uuid7(), books.world, books.empty, 2**62, PENDING) for _ in range(2)]
    assert [outcome.status for outcome in post(moves)] == ["created", "amount"]


def test_the_same_again_exists_and_another_body_conflicts(books: Books) -> None:
    move = Move(ids.uuid7(), books.full, books.empty, 10, ref=ids.uuid7(), code="order.take")
    others = [
        move._replace(source=books.world),
        move._replace(target=books.credit),
        move._replace(amount=11),
        move._replace(kind=PENDING),
        move._replace(of=ids.uuid7()),
        move._replace(ref=None),
        move._replace(code="waste"),
        move._replace(expires_at=NOON),
    ]
    statuses = [outcome.status for outcome in post([move, move, *others])]
    assert statuses == ["created", "exists"] + ["conflict"] * len(others)
    assert [outcome.status for outcome in post([move, *others])] == ["exists"] + ["conflict"] * len(others)
    assert queries.balance(books.empty).posted == 10


@pytest.mark.parametrize("copy_from", [1, 256])
def test_every_part_of_a_move_is_kept_as_it_was_said(
    books: Books, monkeypatch: pytest.MonkeyPatch, copy_from: int
) -> None:
    monkeypatch.setattr(sheets, "_COPY_FROM", copy_from)
    codes = ["", "waste", "\\N", "\\.", "a\tb", "a\nb", "a\rb", "\\t", '"', "'", "{a,b}", "NULL", "里弄", " x "]
    soon = clock.now() + timedelta(hours=1, microseconds=7)
    moves = [Move(ids.uuid7(), books.full, books.empty, 1, code=code, ref=ids.uuid7()) for code in codes]
    moves.append(Move(ids.uuid7(), books.full, books.empty, 1, PENDING, expires_at=soon))
    moves.append(Move(ids.uuid7(), books.full, books.empty, 1, POST, of=moves[-1].id))
    post_all(moves)
    assert queries.moves([move.id for move in moves]) == {move.id: move for move in moves}
    assert {outcome.status for outcome in post(moves)} == {"exists"}


def test_a_move_that_stands_is_recognised_whatever_came_after(books: Books) -> None:
    move = Move(ids.uuid7(), books.full, books.empty, 100)
    post_all([move, Move(ids.uuid7(), books.empty, books.world, 100)])
    close_account(books.full)
    assert post([move]) == [Outcome(move.id, "exists")]


def test_a_refused_id_may_be_tried_again(books: Books) -> None:
    move = Move(ids.uuid7(), books.empty, books.credit, 5)
    assert post([move]) == [Outcome(move.id, "insufficient", 0)]
    post_all([Move(ids.uuid7(), books.full, books.empty, 5)])
    assert post([move]) == [Outcome(move.id, "created")]


def test_linked_moves_stand_or_fall_together(books: Books) -> None:
    def three(last: int, link: int) -> list[Move]:
        return [Move(ids.uuid7(), books.full, books.empty, amount, link=link) for amount in (10, 20, last)]

    fall, stand, alone = three(1000, 1), three(30, 2), Move(ids.uuid7(), books.full, books.empty, 40)
    statuses = [outcome.status for outcome in post([*fall, *stand, alone])]
    assert statuses == ["linked", "linked", "insufficient", "created", "created", "created", "created"]
    assert queries.balance(books.full).posted == 0
    again = [outcome.status for outcome in post([fall[0], stand[0]._replace(link=1), fall[2]])]
    assert again == ["insufficient", "exists", "linked"]


def test_two_phases_hold_then_capture_less_and_release_the_rest(books: Books) -> None:
    move = held_up(books, 60)
    assert queries.balance(books.full) == queries.Balance(posted=100, held=60, available=40, incoming=0)
    assert queries.balance(books.empty) == queries.Balance(posted=0, held=0, available=0, incoming=60)
    assert post([Move(ids.uuid7(), books.full, books.credit, 41)])[0].status == "insufficient"
    settle = Move(ids.uuid7(), 0, 0, 45, POST, of=move.id)
    assert post([settle, settle]) == [Outcome(settle.id, "created"), Outcome(settle.id, "exists")]
    assert post([settle._replace(source=books.full, target=books.empty)]) == [Outcome(settle.id, "exists")]
    assert queries.balance(books.full) == queries.Balance(posted=55, held=0, available=55, incoming=0)
    assert queries.balance(books.empty) == queries.Balance(posted=45, held=0, available=45, incoming=0)
    assert post([Move(ids.uuid7(), 0, 0, 0, VOID, of=move.id)])[0].status == "already-settled"


def test_void_releases_all(books: Books) -> None:
    move = held_up(books, 60)
    post_all([Move(ids.uuid7(), 0, 0, 0, VOID, of=move.id)])
    assert queries.balance(books.full) == queries.Balance(posted=100, held=0, available=100, incoming=0)
    assert queries.balance(books.empty) == queries.Balance(posted=0, held=0, available=0, incoming=0)


def test_a_pending_move_may_be_settled_in_the_batch_that_makes_it(books: Books) -> None:
    hold = Move(ids.uuid7(), books.full, books.empty, 60, PENDING, expires_at=clock.now() + timedelta(hours=1))
    post_all([hold, Move(ids.uuid7(), 0, 0, 50, POST, of=hold.id)])
    assert queries.balance(books.empty).posted == 50
    with clock.at(clock.now() + timedelta(hours=2)):
        assert expire_due() == 0


def test_past_its_moment_a_pending_move_cannot_be_posted_and_the_job_releases_it(books: Books) -> None:
    with clock.at(NOON):
        mine = held_up(books, 30, expires_at=NOON + timedelta(minutes=10), ref=ids.uuid7())
        later = held_up(books, 20, expires_at=NOON + timedelta(minutes=30))
    with clock.at(NOON + timedelta(minutes=10)):
        assert post([Move(ids.uuid7(), 0, 0, 30, POST, of=mine.id)])[0].status == "expired"
        assert expire_due() == 1
        assert expire_due() == 0
    assert queries.balance(books.full) == queries.Balance(posted=100, held=20, available=80, incoming=0)
    assert [entry.kind for entry in queries.statement(books.full).items] == ["expire", "pending", "pending", "posted"]
    with clock.at(NOON + timedelta(minutes=29)):
        assert post([Move(ids.uuid7(), 0, 0, 20, POST, of=later.id)])[0].status == "created"
    with clock.at(NOON + timedelta(days=1)):
        assert expire_due() == 0


def test_the_job_goes_on_where_it_stopped(books: Books) -> None:
    with clock.at(NOON):
        for minutes in range(1, 6):
            held_up(books, 1, expires_at=NOON + timedelta(minutes=minutes))
    with clock.at(NOON + timedelta(hours=1)):
        assert [expire_due(limit=2) for _ in range(4)] == [2, 2, 1, 0]


def test_a_reversal_takes_back_whole_and_once(books: Books) -> None:
    first = Move(ids.uuid7(), books.full, books.empty, 70, code="waste")
    second = Move(ids.uuid7(), books.empty, books.credit, 70)
    post_all([first, second])
    assert [move.of for move in reverse([first.id, second.id])] == [second.id, first.id]
    reverse([first.id, second.id])
    assert [queries.balance(account).posted for account in (books.full, books.empty, books.credit)] == [100, 0, 0]
    assert [entry.kind for entry in queries.statement(books.full).items] == ["reverse", "posted", "posted"]


def test_a_reversal_needs_the_amount_to_be_there(books: Books) -> None:
    move = Move(ids.uuid7(), books.full, books.empty, 70)
    post_all([move, Move(ids.uuid7(), books.empty, books.credit, 1)])
    with pytest.raises(Conflict) as raised:
        reverse([move.id])
    assert (raised.value.code, raised.value.extra["available"]) == ("ledger-insufficient", 69)
    with pytest.raises(Missing):
        reverse([ids.uuid7()])
    with pytest.raises(Conflict) as raised:
        reverse([held_up(books, 10).id])
    assert raised.value.code == "ledger-unknown-pending"


def test_post_all_writes_all_or_nothing(books: Books) -> None:
    good, bad = Move(ids.uuid7(), books.full, books.empty, 70), Move(ids.uuid7(), books.full, books.empty, 70)
    with pytest.raises(Conflict) as raised:
        post_all([good, bad])
    assert (raised.value.code, raised.value.extra) == ("ledger-insufficient", {"move": str(bad.id), "available": 30})
    assert queries.moves([good.id, bad.id]) == {}
    post_all([])


def test_a_batch_shows_what_is_left_and_takes_all_or_none(books: Books) -> None:
    with batch(accounts=[books.full, books.empty]) as open_batch:
        assert open_batch.available(books.full) == 100
        assert open_batch.add([Move(ids.uuid7(), books.full, books.empty, 60)]) is None
        assert open_batch.available(books.full) == 40
        over = Move(ids.uuid7(), books.full, books.empty, 31)
        assert open_batch.add([Move(ids.uuid7(), books.full, books.empty, 10), over]) == Outcome(
            over.id, "insufficient", 30
        )
        assert open_batch.available(books.full) == 40
        not_locked = Move(ids.uuid7(), books.world, books.empty, 1)
        assert open_batch.add([not_locked]) == Outcome(not_locked.id, "unknown-account")
        with pytest.raises(KeyError):
            open_batch.available(books.world)
    assert queries.balances(books[3:5]) == {
        books.full: queries.Balance(posted=40, held=0, available=40, incoming=0),
        books.empty: queries.Balance(posted=60, held=0, available=60, incoming=0),
    }


def test_leaving_a_batch_by_an_exception_writes_nothing(books: Books) -> None:
    move = Move(ids.uuid7(), books.full, books.empty, 60)
    with pytest.raises(RuntimeError), batch(accounts=[books.full, books.empty]) as open_batch:
        open_batch.add([move])
        raise RuntimeError
    assert queries.moves([move.id]) == {}
    assert queries.balance(books.full).posted == 100


def test_a_batch_that_was_not_told_of_a_standing_move_conflicts_on_leaving(books: Books) -> None:
    move = Move(ids.uuid7(), books.full, books.empty, 1)
    post_all([move])
    with pytest.raises(Conflict), transaction.atomic(), batch(accounts=[books.full, books.empty]) as open_batch:
        assert open_batch.add([move]) is None
    with batch(accounts=[books.full, books.empty], ids=[move.id]) as open_batch:
        assert open_batch.add([move]) is None
        assert open_batch.add([move._replace(amount=2)]) == Outcome(move.id, "conflict")
    assert queries.balance(books.full).posted == 99


def test_what_was_retracted_never_was(books: Books) -> None:
    first = Move(ids.uuid7(), books.full, books.empty, 60)
    second = Move(ids.uuid7(), books.full, books.empty, 30)
    with batch(accounts=[books.full, books.empty]) as open_batch:
        open_batch.add([first])
        open_batch.add([second])
        open_batch.retract([first])
        assert open_batch.available(books.full) == 70
    assert sorted(queries.moves([first.id, second.id])) == [second.id]
    assert [entry.id for entry in queries.statement(books.empty).items] == [second.id]


def test_what_others_rely_on_cannot_be_retracted(books: Books) -> None:
    brings = Move(ids.uuid7(), books.full, books.empty, 60)
    spends = Move(ids.uuid7(), books.empty, books.credit, 50)
    hold = Move(ids.uuid7(), books.full, books.empty, 10, PENDING)
    with batch(accounts=[books.full, books.empty, books.credit]) as open_batch:
        open_batch.add([brings, spends, hold, Move(ids.uuid7(), 0, 0, 0, VOID, of=hold.id)])
        for relied_on in (brings, hold):
            with pytest.raises(ValueError, match="later move"):
                open_batch.retract([relied_on])
        assert open_batch.available(books.empty) == 10
    assert queries.differences() == []


def test_a_closed_account_takes_no_new_move(books: Books) -> None:
    with pytest.raises(Conflict):
        close_account(books.full)
    hold = held_up(books, 100)
    with pytest.raises(Conflict):
        close_account(books.empty)
    post_all([Move(ids.uuid7(), 0, 0, 100, POST, of=hold.id)])
    close_account(books.full)
    close_account(books.full)
    assert post([Move(ids.uuid7(), books.empty, books.full, 1)])[0].status == "closed"
    assert post([Move(ids.uuid7(), books.full, books.empty, 1, POSTED)])[0].status == "closed"
    with pytest.raises(Missing):
        close_account(2**50)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_move SET amount = amount + 1",
        "UPDATE ledger_move SET code = code",
        "DELETE FROM ledger_move",
        "TRUNCATE ledger_move",
    ],
)
def test_the_database_refuses_to_change_a_move(books: Books, statement: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert queries.differences() == []


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE ledger_account SET posted = -1 WHERE id = %(full)s", "ledger_account_floor"),
        ("UPDATE ledger_account SET held = 101 WHERE id = %(full)s", "ledger_account_floor"),
        ("UPDATE ledger_account SET held = -1 WHERE id = %(world)s", "ledger_account_held"),
        ("UPDATE ledger_account SET incoming = -1 WHERE id = %(full)s", "ledger_account_incoming"),
        ("UPDATE ledger_asset SET kind = 'air' WHERE id = %(asset)s", "ledger_asset_kind"),
    ],
)
def test_the_database_keeps_the_floors(books: Books, statement: str, constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, books._asdict())


def test_the_database_lets_a_pending_move_be_settled_once(books: Books) -> None:
    hold = held_up(books)
    post_all([Move(ids.uuid7(), 0, 0, 40, POST, of=hold.id)])
    with (
        pytest.raises(IntegrityError, match="ledger_move_settled_once"),
        transaction.atomic(),
        connection.cursor() as c,
    ):
        c.execute(
            "INSERT INTO ledger_move (id, source, target, amount, at, kind, of, code) VALUES (%s, %s, %s, 40, now(), 2, %s, '')",
            [ids.uuid7(), books.full, books.empty, hold.id],
        )
