"""Reads of the ledger. None of them checks who asks: edges do, by the owner that `account` and `accounts_of` name."""

from lilong.kernel.ledger.queries.accounts import (
    AccountView,
    Balance,
    account,
    account_of,
    accounts_by,
    accounts_of,
    balance,
    balances,
    no_such_account,
    wallet_of,
)
from lilong.kernel.ledger.queries.audit import Difference, Trial, differences, trial_balance
from lilong.kernel.ledger.queries.history import Entry, moves, moves_between, moves_of, net_by_ref, statement

__all__ = [
    "AccountView",
    "Balance",
    "Difference",
    "Entry",
    "Trial",
    "account",
    "account_of",
    "accounts_by",
    "accounts_of",
    "balance",
    "balances",
    "differences",
    "moves",
    "moves_between",
    "moves_of",
    "net_by_ref",
    "no_such_account",
    "statement",
    "trial_balance",
    "wallet_of",
]
