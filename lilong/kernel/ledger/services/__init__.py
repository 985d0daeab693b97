"""Every write of the ledger."""

from lilong.kernel.ledger.rules import (
    CREATED,
    EXISTS,
    EXPIRE,
    PENDING,
    POST,
    POSTED,
    REVERSE,
    TAKEN,
    VOID,
    Move,
    Outcome,
)
from lilong.kernel.ledger.services.accounts import (
    AssetDraft,
    close_account,
    open_account,
    open_accounts,
    open_asset,
    open_assets,
    wallet,
)
from lilong.kernel.ledger.services.corrections import expire_due, reverse
from lilong.kernel.ledger.services.money import bank, top_up
from lilong.kernel.ledger.services.posting import Batch, batch, post, post_all

__all__ = [
    "CREATED",
    "EXISTS",
    "EXPIRE",
    "PENDING",
    "POST",
    "POSTED",
    "REVERSE",
    "TAKEN",
    "VOID",
    "AssetDraft",
    "Batch",
    "Move",
    "Outcome",
    "bank",
    "batch",
    "close_account",
    "expire_due",
    "open_account",
    "open_accounts",
    "open_asset",
    "open_assets",
    "post",
    "post_all",
    "reverse",
    "top_up",
    "wallet",
]
