"""A small set of books to try things on."""

from typing import NamedTuple
from uuid import UUID

from lilong.kernel.base import ids
from lilong.kernel.ledger.services import Move, open_accounts, open_asset, post_all


class Books(NamedTuple):
    """One asset: `world` without floor, `full` with 100, `empty`, `credit` down to -50; and `stranger` of another asset."""

    owner: UUID
    asset: int
    world: int
    full: int
    empty: int
    credit: int
    stranger: int


def open_books() -> Books:
    owner = ids.uuid7()
    asset = open_asset(f"stock-{owner}", kind="stock", unit="piece")
    other = open_asset(f"other-{owner}", kind="stock", unit="piece")
    accounts = open_accounts(
        [
            (owner, asset, "world", None),
            (owner, asset, "full", 0),
            (owner, asset, "empty", 0),
            (owner, asset, "credit", -50),
            (owner, other, "stranger", 0),
        ]
    )
    books = Books(owner, asset, *accounts)
    post_all([Move(ids.uuid7(), books.world, books.full, 100)])
    return books
