"""The ledger over HTTP and in the admin: mine only, and nothing to change."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from lilong.kernel.base import clock, ids
from lilong.kernel.ledger import jobs, queries
from lilong.kernel.ledger.services import PENDING, Move, corrections, post_all, top_up, wallet
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties import services, tokens
from lilong.kernel.parties.actor import SYSTEM, Actor
from tests.kernel.ledger.books import open_books
from tests.kernel.parties.city import again, firm, person

pytestmark = pytest.mark.django_db


def get(path: str, actor: Actor | None, **query: Any) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {tokens.issue(actor)}"} if actor else {}
    response = Client().get(f"/api/ledger/{path}", query_params=query, headers=headers)
    return response.status_code, response.json()


def rich(amount: int = 100_00) -> tuple[Actor, int]:
    someone = person()
    return someone, top_up(SYSTEM, id=ids.uuid7(), owner=someone.party, amount=amount)


def test_my_wallet_is_empty_until_money_comes_in() -> None:
    me = person()
    nothing = {"account": None, "currency": "CNY", "scale": 2, "posted": 0, "held": 0, "available": 0, "incoming": 0}
    assert get("wallet", me) == (200, nothing)
    account = top_up(SYSTEM, id=ids.uuid7(), owner=me.party, amount=12_34)
    assert get("wallet", me) == (200, nothing | {"account": account, "posted": 12_34, "available": 12_34})


def test_my_accounts_and_the_statement_of_one_page_by_page() -> None:
    me, account = rich()
    shop = wallet(ids.uuid7())
    post_all([Move(ids.uuid7(), account, shop, n, code="order.pay") for n in (1, 2, 3)])
    status, mine = get("accounts", me)
    assert (status, [each["id"] for each in mine], mine[0]["available"]) == (200, [account], 99_94)
    assert get(f"accounts/{account}", me) == (200, mine[0])
    status, first = get(f"accounts/{account}/moves", me, size=3)
    assert (status, [each["change"] for each in first["items"]]) == (200, [-3, -2, -1])
    status, second = get(f"accounts/{account}/moves", me, size=3, cursor=first["next"])
    assert (status, [each["change"] for each in second["items"]], second["next"]) == (200, [100_00], "")


def test_others_find_nothing_and_are_not_told_what_there_is() -> None:
    me, (_, account) = person(), rich()
    _, unknown = get(f"accounts/{2**50}", me)
    for path in (f"accounts/{account}", f"accounts/{account}/moves"):
        status, problem = get(path, me)
        assert (status, problem["type"], problem["title"]) == (404, unknown["type"], unknown["title"])
    owner = queries.account(account).owner
    for path in ("wallet", "accounts"):
        assert get(path, me, owner=owner)[0] == 404
        assert get(path, me, owner=ids.uuid7())[0] == 404


def test_a_firm_s_books_are_open_to_those_who_keep_them() -> None:
    boss, clerk, picker = person(), person(), person()
    shop = firm(boss)
    services.add_member(again(boss), organisation=shop, person=clerk.party, roles=["clerk"])
    services.add_member(again(boss), organisation=shop, person=picker.party, roles=["picker"])
    account = top_up(SYSTEM, id=ids.uuid7(), owner=shop, amount=5)
    statuses = [get(f"accounts/{account}/moves", again(who))[0] for who in (boss, clerk, picker)]
    assert statuses == [200, 200, 404]
    assert [get("wallet", again(who), owner=shop)[0] for who in (boss, clerk, picker)] == [200, 200, 404]


def test_an_operator_says_why_and_the_owner_sees_it() -> None:
    owner, account = rich()
    operator = person(staff=True)
    status, problem = get(f"accounts/{account}/moves", operator)
    assert (status, problem["errors"][0]["pointer"]) == (422, "/why")
    assert get(f"accounts/{account}/moves", operator, why="complaint about a charge")[0] == 200
    assert [(each.reader, each.what) for each in access(owner.party)] == [(operator.party, f"statement {account}")]


def access(subject: UUID) -> list[Any]:
    return list(parties.access_log(subject).items)


def test_who_is_not_signed_in_or_lacks_the_scope_is_refused() -> None:
    me, account = rich()
    narrow = me.narrowed(frozenset({"orders:place"}))
    for path in ("wallet", "accounts", f"accounts/{account}", f"accounts/{account}/moves"):
        assert get(path, None)[0] == 401
        assert get(path, narrow)[0] == 403


@pytest.mark.parametrize(
    ("query", "pointer"), [({"size": 0}, "/size"), ({"size": 101}, "/size"), ({"cursor": "x"}, "/cursor")]
)
def test_bad_input_names_its_field(query: dict[str, Any], pointer: str) -> None:
    me, account = rich()
    status, problem = get(f"accounts/{account}/moves", me, **query)
    assert (status, problem["errors"][0]["pointer"]) == (422, pointer)


@pytest.mark.parametrize("number", [0, 2**63, 2**70])
def test_numbers_that_are_no_account_are_missing(number: int) -> None:
    assert get(f"accounts/{number}", person())[0] == 404


def test_the_admin_shows_and_changes_nothing(admin_client: Client) -> None:
    books = open_books()
    move = Move(ids.uuid7(), books.full, books.empty, 1)
    post_all([move])
    for path in ("asset", "account", "move"):
        assert admin_client.get(f"/admin/ledger/{path}/").status_code == 200
        assert admin_client.get(f"/admin/ledger/{path}/add/").status_code == 403
    assert admin_client.get("/admin/ledger/move/", {"q": str(move.id)}).status_code == 200
    assert admin_client.get(f"/admin/ledger/move/{move.id}/change/").status_code == 200
    assert admin_client.post(f"/admin/ledger/move/{move.id}/delete/", {"post": "yes"}).status_code == 403
    assert admin_client.post(f"/admin/ledger/account/{books.full}/change/", {"posted": 5}).status_code == 403


def test_the_job_goes_on_until_nothing_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    books, past = open_books(), datetime(2020, 2, 1, tzinfo=UTC)
    with clock.at(past - timedelta(hours=1)):
        post_all([Move(ids.uuid7(), books.full, books.empty, 1, PENDING, expires_at=past) for _ in range(5)])
    monkeypatch.setattr(corrections.expire_due, "__defaults__", (2,))
    assert jobs.expire_due(timestamp=0) == 5
    assert queries.balance(books.full) == queries.Balance(posted=100, held=0, available=100, incoming=0)
