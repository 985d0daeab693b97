"""The ledger over HTTP: what is mine, and what of it went where. Value moves through the rooms that trade it."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema

from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.ledger import queries
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request
from lilong.kernel.parties.services import record_access

SCOPE = "ledger:read"
ROLES = ("manager", "clerk", "auditor")  # who besides its owner may read an organisation's accounts

router = Router(tags=["ledger"], auth=ANY_CREDENTIAL)


class AccountOut(Schema):
    """An account. Amounts are integers in the asset's smallest unit; `scale` of their digits are minor."""

    id: int
    owner: UUID
    purpose: str
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


class WalletOut(Schema):
    """Spending money in fen. `account` is null until money first comes in."""

    account: int | None
    currency: str
    scale: int
    posted: int
    held: int
    available: int
    incoming: int


class StatementEntryOut(Schema):
    """One move at this account: `change` is what it did to `posted`, `balance` what was posted after it."""

    id: UUID
    at: datetime
    kind: str
    code: str
    other: int
    amount: int
    change: int
    balance: int
    of: UUID | None
    ref: UUID | None


class StatementOut(Schema):
    items: list[StatementEntryOut]
    next: str


@router.get("/wallet", response=WalletOut, summary="My wallet, or that of an organisation I act for")
def wallet(request: HttpRequest, owner: UUID | None = None, why: str = "") -> dict[str, object]:
    """Operators may read anybody's and say `why`; it enters the access log that the owner reads."""
    found = queries.wallet_of(_owner(request, owner, "wallet", why))
    if found is None:
        return {"account": None, "currency": "CNY", "scale": 2, "posted": 0, "held": 0, "available": 0, "incoming": 0}
    return {
        "account": found.id, "currency": found.code, "scale": found.scale, "posted": found.posted, "held": found.held,
        "available": found.available, "incoming": found.incoming,
    }  # fmt: skip


@router.get("/accounts", response=list[AccountOut], summary="My accounts, or those of an organisation I act for")
def accounts(request: HttpRequest, owner: UUID | None = None, why: str = "") -> list[queries.AccountView]:
    return queries.accounts_of(_owner(request, owner, "accounts", why))


@router.get("/accounts/{int:account}", response=AccountOut, summary="One account")
def one(request: HttpRequest, account: int, why: str = "") -> queries.AccountView:
    return _account(request, account, "account", why)


@router.get("/accounts/{int:account}/moves", response=StatementOut, summary="Its statement, newest first")
def statement(
    request: HttpRequest, account: int, cursor: str = "", size: int = Query(20, ge=1, le=100), why: str = ""
) -> object:
    found = _account(request, account, "statement", why)
    return queries.statement(found.id, cursor=cursor, size=size)


def _owner(request: HttpRequest, owner: UUID | None, what: str, why: str) -> UUID:
    actor = _reader(request)
    if owner is not None and not _may_read(actor, owner, what, why):
        raise Missing("no-such-party", violations=[Violation(pointer="/owner", rule="known", detail=str(owner))])
    return owner or actor.party


def _account(request: HttpRequest, account: int, what: str, why: str) -> queries.AccountView:
    """Missing for somebody else's as for none at all: which numbers exist is not told."""
    actor = _reader(request)
    found = queries.account(account)
    if not _may_read(actor, found.owner, f"{what} {account}", why):
        raise queries.no_such_account(account)
    return found


def _may_read(actor: Actor, owner: UUID, what: str, why: str) -> bool:
    if actor.acts_for(owner, *ROLES):
        return True
    if actor.staff:
        record_access(actor, subject=owner, what=what, why=why)
    return actor.staff


def _reader(request: HttpRequest) -> Actor:
    actor = actor_of_request(request)
    actor.require_scope(SCOPE)
    return actor
