"""Statements, moves by what they were for, and whether the books are right."""

import pytest
from django.db import connection

from lilong.kernel.base import ids
from lilong.kernel.base.problems import Invalid
from lilong.kernel.ledger import queries
from lilong.kernel.ledger.queries import history
from lilong.kernel.ledger.services import PENDING, POST, VOID, Move, post_all
from tests.kernel.ledger.books import Books, open_books


@pytest.fixture
def books(db: None) -> Books:
    return open_books()


def whole(account: int, size: int) -> list[queries.Entry]:
    """All pages of a statement, one after the other."""
    page = queries.statement(account, size=size)
    entries = page.items
    while page.next:
        page = queries.statement(account, size=size, cursor=page.next)
        entries += page.items
    return entries


def test_a_statement_runs_backwards_with_the_balance_after_each_move(books: Books) -> None:
    hold = Move(ids.uuid7(), books.full, books.empty, 50, PENDING, code="order.take")
    post_all([hold, Move(ids.uuid7(), books.full, books.credit, 10), Move(ids.uuid7(), 0, 0, 30, POST, of=hold.id)])
    post_all([Move(ids.uuid7(), books.credit, books.full, 4)])
    entries = queries.statement(books.full).items
    assert [(entry.kind, entry.change, entry.balance, entry.other) for entry in entries] == [
        ("posted", 4, 64, books.credit),
        ("post", -30, 60, books.empty),
        ("posted", -10, 90, books.credit),
        ("pending", 0, 100, books.empty),
        ("posted", 100, 100, books.world),
    ]
    assert [entry.amount for entry in entries] == [4, 30, 10, 50, 100]
    assert entries[1].of == hold.id


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_pages_of_a_statement_join_without_gap_or_repeat(books: Books, size: int) -> None:
    moves = [Move(ids.uuid7(), books.full, books.empty, n) for n in range(1, 7)]
    post_all(moves[:3])
    post_all(moves[3:])
    assert [entry.id for entry in whole(books.empty, size)] == [move.id for move in reversed(moves)]
    assert [entry.balance for entry in whole(books.empty, size)] == [21, 15, 10, 6, 3, 1]


def test_a_page_is_not_moved_by_what_arrives_meanwhile(books: Books) -> None:
    moves = [Move(ids.uuid7(), books.full, books.empty, 1) for _ in range(4)]
    post_all(moves)
    first = queries.statement(books.empty, size=2)
    post_all([Move(ids.uuid7(), books.full, books.empty, 9)])
    second = queries.statement(books.empty, size=2, cursor=first.next)
    assert [entry.id for entry in first.items + second.items] == [move.id for move in reversed(moves)]
    assert [entry.balance for entry in second.items] == [2, 1]
    assert second.next == ""


def test_a_cursor_of_another_account_shows_nothing_of_it(books: Books) -> None:
    post_all([Move(ids.uuid7(), books.full, books.empty, 1) for _ in range(3)])
    cursor = queries.statement(books.empty, size=1).next
    for bad in (cursor, "x", "..", f"{ids.uuid7().hex}.0", f"{ids.uuid7().hex}.x", "0" * 32):
        with pytest.raises(Invalid):
            queries.statement(books.stranger, cursor=bad)
    for size in (0, 101):
        with pytest.raises(Invalid):
            queries.statement(books.empty, size=size)


def test_an_untouched_account_has_an_empty_statement(books: Books) -> None:
    page = queries.statement(books.stranger)
    assert (page.items, page.next) == ([], "")


def test_moves_are_found_by_what_they_were_for(books: Books) -> None:
    order, other = ids.uuid7(), ids.uuid7()
    children = [Move(ids.child(order, n), books.full, books.empty, 1, ref=order) for n in (0, 1, ids.CHILDREN_MAX)]
    named = Move(ids.uuid7(), books.full, books.empty, 2, ref=order, code="tip")
    post_all([*children, named, Move(ids.uuid7(), books.full, books.empty, 3, ref=other)])
    assert queries.moves_of(order) == sorted([*children, named])
    assert queries.moves_between(children[0].id, children[1].id) == children[:2]
    assert queries.moves([named.id, ids.uuid7()]) == {named.id: named}


def test_moves_that_are_not_children_are_found_by_their_own_small_index(books: Books) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN (FORMAT JSON) " + history._BY_REF, [ids.uuid7()])
        assert "'Index Name': 'ledger_move_by_ref'" in str(cursor.fetchone()[0])


def test_a_recall_finds_what_left_by_order_after_all_that_came_back(books: Books) -> None:
    kept, voided, part, returned = (ids.uuid7() for _ in range(4))
    take = Move(ids.child(kept, 1), books.full, books.empty, 10, ref=kept)
    void = Move(ids.child(voided, 1), books.full, books.empty, 10, PENDING, ref=voided)
    less = Move(ids.child(part, 1), books.full, books.empty, 10, PENDING, ref=part)
    gone = Move(ids.child(returned, 1), books.full, books.empty, 10, ref=returned)
    post_all([take, void, less, gone])
    post_all(
        [Move(ids.child(voided, 2), 0, 0, 0, VOID, of=void.id), Move(ids.child(part, 2), 0, 0, 7, POST, of=less.id)]
    )
    post_all([Move(ids.child(returned, 2), books.empty, books.full, 10, ref=returned)])
    assert queries.net_by_ref([books.full]) == {kept: -10, part: -7}
    assert queries.net_by_ref([books.full, books.empty]) == {}
    assert queries.net_by_ref([]) == {}


def test_the_trial_balance_sums_each_asset(books: Books) -> None:
    post_all([Move(ids.uuid7(), books.full, books.empty, 40, PENDING), Move(ids.uuid7(), books.credit, books.empty, 5)])
    code = queries.account(books.full).code
    assert [trial for trial in queries.trial_balance() if trial.code == code] == [
        queries.Trial(code, debits=105, credits=105, held=40, incoming=40)
    ]


def test_a_forged_balance_is_named(books: Books) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_account SET posted = 1100 WHERE id = %s", [books.full])
    assert queries.differences() == [queries.Difference(books.full, stored=(1100, 0, 0), summed=(100, 0, 0))]


def test_a_statement_costs_the_same_however_long_the_history(books: Books) -> None:
    """Each line is a look-up by key: the plan reads as many rows as it shows."""
    post_all([Move(ids.uuid7(), books.world, books.full, 1) for _ in range(3000)])
    start = queries.statement(books.full, size=1).items[0].id
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN (ANALYZE, FORMAT JSON) " + history._CHAIN, {"account": books.full, "start": start, "limit": 20}
        )
        plan = str(cursor.fetchone()[0])
    assert "'Seq Scan'" not in plan
    assert "'Actual Rows': 20" in plan
