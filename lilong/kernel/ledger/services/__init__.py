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
    "batch",
    "close_account",
    "open_account",
    "open_accounts",
    "open_asset",
    "open_assets",
    "post",
    "post_all",
    "wallet",
]
