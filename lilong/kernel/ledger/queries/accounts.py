"""Accounts and what stands on them."""

from collections.abc import Collection, Iterable
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.utils.translation import gettext_lazy as _

from lilong.kernel.base.money import CNY
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.ledger.models import Account

_BIGINT_MAX = 2**63 - 1


class Balance(NamedTuple):
    """`available` = posted - held: what must not pass the floor. `incoming` is pending and not yet there."""

    posted: int
    held: int
    available: int
    incoming: int


class AccountView(msgspec.Struct, frozen=True, kw_only=True):
    """An account as its owner sees it. Amounts in the asset's smallest unit, `scale` digits of which are minor."""

    id: int
    owner: UUID
    purpose: str
    asset: int
    code: str
    kind: str
    unit: str
    scale: int
    floor: int | None
    posted: int
    held: int
    available: int
    incoming: int
    closed: bool


def balance(account: int) -> Balance:
    """Raises Missing if there is no such account."""
    found = balances([account])
    if not found:
        raise no_such_account(account)
    return found[account]


def balances(accounts: Iterable[int]) -> dict[int, Balance]:
    """Of those that exist, by account."""
    rows = Account.objects.filter(id__in=list(accounts)).values_list("id", "posted", "held", "incoming")
    return {id: Balance(posted, held, posted - held, incoming) for id, posted, held, incoming in rows}


def account_of(owner: UUID, asset: int, purpose: str) -> int | None:
    """The account's id, or None where none was opened."""
    return accounts_by([owner], asset, purpose).get(owner)


def accounts_by(owners: Collection[UUID], asset: int, purpose: str) -> dict[UUID, int]:
    """Account ids of many owners, of those who have one, by one statement."""
    rows = Account.objects.filter(owner__in=list(owners), asset=asset, purpose=purpose).values_list("owner", "id")
    return dict(rows)


def account(id: int) -> AccountView:
    """Raises Missing if there is no such account."""
    found = Account.objects.select_related("asset").filter(id=id).first() if 0 < id <= _BIGINT_MAX else None
    if found is None:
        raise no_such_account(id)
    return _view(found)


def accounts_of(owner: UUID) -> list[AccountView]:
    """Everything the owner has, oldest first."""
    return [_view(each) for each in Account.objects.select_related("asset").filter(owner=owner).order_by("id")]


def wallet_of(owner: UUID) -> AccountView | None:
    """The owner's spending money (CNY), or None where no wallet was opened."""
    found = Account.objects.select_related("asset").filter(owner=owner, asset__code=CNY, purpose="wallet").first()
    return _view(found) if found else None


def no_such_account(account: int) -> Missing:
    """The problem of a number that is no account, or not one of the reader's."""
    unknown = Violation(pointer="/account", rule="known", detail=str(account))
    return Missing("no-such-account", _("There is no such account."), violations=[unknown])


def _view(row: Account) -> AccountView:
    return AccountView(
        id=row.pk, owner=row.owner, purpose=row.purpose, asset=row.asset.pk, code=row.asset.code, kind=row.asset.kind,
        unit=row.asset.unit, scale=row.asset.scale, floor=row.floor, posted=row.posted, held=row.held,
        available=row.posted - row.held, incoming=row.incoming, closed=row.closed,
    )  # fmt: skip
