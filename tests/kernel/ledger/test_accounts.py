"""Opening assets and accounts; wallets and money from outside."""

import pytest

from lilong.kernel.base import ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing, Problem
from lilong.kernel.events import queries as events
from lilong.kernel.ledger import queries
from lilong.kernel.ledger.services import (
    AssetDraft,
    bank,
    open_account,
    open_accounts,
    open_asset,
    open_assets,
    top_up,
    wallet,
)
from lilong.kernel.parties.actor import SYSTEM, Actor

pytestmark = pytest.mark.django_db


def test_an_asset_is_opened_once_for_its_code() -> None:
    first, again, other = open_assets(
        [("LOT-1", "stock", "piece"), AssetDraft("LOT-1", "stock", "piece", 0), ("LOT-2", "stock", "g", 0)]
    )
    assert first == again == open_asset("LOT-1", kind="stock", unit="piece")
    assert first != other
    for draft in (("LOT-1", "seat", "piece"), ("LOT-1", "stock", "g"), ("LOT-1", "stock", "piece", 2)):
        with pytest.raises(Conflict):
            open_assets([draft])


def test_money_has_its_currency_s_digits() -> None:
    cny = open_asset("CNY", kind="money", unit="CNY")
    assert cny == open_asset("CNY", kind="money", unit="CNY", scale=2)
    open_account(ids.uuid7(), open_asset("KRW", kind="money", unit="KRW"), "wallet")
    assert open_asset("KRW", kind="money", unit="KRW", scale=0) != cny


@pytest.mark.parametrize(
    ("draft", "pointer"),
    [
        (("", "stock", "piece"), "/0/code"),
        (("a\0b", "stock", "piece"), "/0/code"),
        (("AIR", "air", "piece"), "/0/kind"),
        (("AIR", "stock", "piece", 19), "/0/scale"),
        (("AIR", "stock", "piece", -1), "/0/scale"),
    ],
)
def test_a_bad_asset_is_refused(draft: tuple[str, str, str], pointer: str) -> None:
    with pytest.raises(Invalid) as raised:
        open_assets([draft])
    assert [violation.pointer for violation in raised.value.violations] == [pointer]


def test_an_account_is_opened_once_for_owner_asset_and_purpose() -> None:
    owner, asset = ids.uuid7(), open_asset("LOT-1", kind="stock", unit="piece")
    first, second, again = open_accounts(
        [(owner, asset, "shelf", 0), (owner, asset, "world", None), (owner, asset, "shelf", 0)]
    )
    assert first == again == open_account(owner, asset, "shelf")
    assert second == open_account(owner, asset, "world", floor=None)
    assert queries.account_of(owner, asset, "shelf") == first
    assert queries.account_of(owner, asset, "cellar") is None
    assert queries.accounts_by([owner, ids.uuid7()], asset, "shelf") == {owner: first}
    assert [account.purpose for account in queries.accounts_of(owner)] == ["shelf", "world"]
    assert open_accounts([]) == []


def test_an_account_with_another_floor_is_a_conflict() -> None:
    owner, asset = ids.uuid7(), open_asset("LOT-1", kind="stock", unit="piece")
    open_account(owner, asset, "shelf", floor=-5)
    for floor in (0, None):
        with pytest.raises(Conflict):
            open_account(owner, asset, "shelf", floor=floor)
    with pytest.raises(Conflict):
        open_accounts([(owner, asset, "cellar", 0), (owner, asset, "cellar", None)])


def test_a_bad_account_is_refused() -> None:
    owner, asset = ids.uuid7(), open_asset("LOT-1", kind="stock", unit="piece")
    bad: dict[str, tuple[int, str, int | None]] = {
        "/0/floor": (asset, "shelf", 1),
        "/0/purpose": (asset, "", 0),
        "/asset": (2**30, "shelf", 0),
    }
    for pointer, (which, purpose, floor) in bad.items():
        with pytest.raises(Invalid) as raised:
            open_account(owner, which, purpose, floor=floor)
        assert [violation.pointer for violation in raised.value.violations] == [pointer]


def test_unknown_accounts_are_missing() -> None:
    for unknown in (0, -1, 2**50, 2**70):
        with pytest.raises(Missing):
            queries.account(unknown)
    with pytest.raises(Missing):
        queries.balance(2**50)
    with pytest.raises(Missing):
        queries.statement(2**50)
    assert queries.balances([2**50]) == {}


def test_a_top_up_fills_the_wallet_once_and_says_so() -> None:
    owner, id = ids.uuid7(), ids.uuid7()
    before = queries.balance(bank()).posted
    account = top_up(SYSTEM, id=id, owner=owner, amount=50_00)
    assert account == top_up(SYSTEM, id=id, owner=owner, amount=50_00) == wallet(owner)
    assert queries.balance(account).posted == 50_00
    assert queries.balance(bank()).posted == before - 50_00
    recorded = events.by_id(id)
    assert recorded is not None
    assert (recorded.type, recorded.subject) == ("ledger.topped-up", owner)
    assert recorded.data == {"move": str(id), "owner": str(owner), "amount": 50_00, "currency": "CNY"}
    view = queries.wallet_of(owner)
    assert view is not None
    assert (view.id, view.code, view.scale, view.available) == (account, "CNY", 2, 50_00)
    assert queries.wallet_of(ids.uuid7()) is None


def test_a_top_up_with_another_body_is_a_conflict() -> None:
    owner, id = ids.uuid7(), ids.uuid7()
    top_up(SYSTEM, id=id, owner=owner, amount=50_00)
    for other in ({"owner": owner, "amount": 50_01}, {"owner": ids.uuid7(), "amount": 50_00}):
        with pytest.raises(Conflict):
            top_up(SYSTEM, id=id, **other)  # type: ignore[arg-type]
    assert queries.balance(wallet(owner)).posted == 50_00


@pytest.mark.parametrize("amount", [0, -1, 10**10 + 1, 2**70, 1.5, True])
def test_a_bad_top_up_is_refused(amount: int) -> None:
    owner = ids.uuid7()
    with pytest.raises(Invalid) as raised:
        top_up(SYSTEM, id=ids.uuid7(), owner=owner, amount=amount)
    assert [violation.pointer for violation in raised.value.violations] == ["/amount"]
    assert queries.accounts_of(owner) == []


@pytest.mark.parametrize(
    "more", [{}, {"staff": True, "scopes": frozenset({"orders:place"})}, {"scopes": frozenset({"ledger:top-up"})}]
)
def test_residents_cannot_make_money(more: dict[str, object]) -> None:
    me = Actor(party=ids.uuid7(), kind="person", **more)  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        top_up(me, id=ids.uuid7(), owner=me.party, amount=1)
    assert queries.accounts_of(me.party) == []


def test_an_operator_may_top_up() -> None:
    operator = Actor(party=ids.uuid7(), kind="person", staff=True)
    try:
        account = top_up(operator, id=ids.uuid7(), owner=operator.party, amount=1)
    except Problem as problem:
        pytest.fail(str(problem.body()))
    assert queries.balance(account).posted == 1
