"""A small seller with stock and buyers with money, made through the services: what order tests start from."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from lilong.kernel.base import clock, ids
from lilong.kernel.base.words import Words
from lilong.kernel.catalog.drafts import OfferDraft, SupplyDraft
from lilong.kernel.catalog.services import put_offer, set_supplies
from lilong.kernel.ledger import queries as ledger_reads
from lilong.kernel.ledger import services as ledger
from lilong.kernel.orders.drafts import LineDraft, OrderDraft
from lilong.kernel.parties.actor import SYSTEM, Actor


class Stall(msgspec.Struct, frozen=True):
    """An offer, its seller and its lots' ledger accounts (stock, sold)."""

    offer: UUID
    seller: UUID
    place: UUID
    lots: tuple[tuple[int, int], ...]
    price: int
    per: int

    def stock(self) -> list[int]:
        return [ledger_reads.balance(account).available for account, _ in self.lots]

    def sold(self) -> list[int]:
        return [ledger_reads.balance(sink).posted for _, sink in self.lots]

    def sales(self) -> int:
        account = ledger_reads.account_of(self.seller, money(), "sales")
        return ledger_reads.balance(account).posted if account else 0

    def clerk(self) -> Actor:
        return Actor(party=ids.uuid7(), kind="person", roles={self.seller: frozenset({"clerk"})})

    def draft(self, buyer: UUID, quantity: int = 1, **changes: Any) -> OrderDraft:
        lines = changes.pop("lines", None) or [LineDraft(offer=self.offer, quantity=quantity, price=self.price)]
        return OrderDraft(**{"id": ids.uuid7(), "buyer": buyer, "lines": lines, "place": self.place} | changes)


def money() -> int:
    return ledger.open_asset("CNY", kind="money", unit="CNY", scale=2)


def a_stall(lots: Sequence[tuple[int, date | None]] = ((100, None),), *, price: int = 500, per: int = 1,
            seller: UUID | None = None, place: UUID | None = None, **terms: Any) -> Stall:  # fmt: skip
    """A listed offer with one lot for each (quantity, last good day)."""
    offer, seller, place = ids.uuid7(), seller or ids.uuid7(), place or ids.uuid7()
    put_offer(
        SYSTEM,
        OfferDraft(
            **{"id": offer, "field": "market", "seller": seller, "title": Words(en="Apple"), "price": price, "per": per}
            | terms
        ),
    )
    accounts = []
    for n, (quantity, use_by) in enumerate(lots):
        asset = ledger.open_asset(f"lot:{offer}:{n}", kind="stock", unit="piece")
        source, stock, sold = ledger.open_accounts(
            [(seller, asset, "supplier", None), (seller, asset, f"stock:{place}", 0), (seller, asset, "sold", 0)]
        )
        if quantity:
            ledger.post_all([ledger.Move(ids.uuid7(), source, stock, quantity, code="receive")])
        set_supplies([SupplyDraft(offer=offer, place=place, account=stock, sink=sold, use_by=use_by)])
        accounts.append((stock, sold))
    return Stall(offer, seller, place, tuple(accounts), price, per)


def a_buyer(fen: int = 100_000) -> UUID:
    buyer = ids.uuid7()
    account = ledger.wallet(buyer)
    if fen:
        ledger.top_up(SYSTEM, id=ids.uuid7(), owner=buyer, amount=fen)
    assert ledger_reads.balance(account).posted == fen
    return buyer


def purse(buyer: UUID) -> tuple[int, int]:
    """A buyer's posted money and how much of it is held."""
    found = ledger_reads.balance(ledger.wallet(buyer))
    return found.posted, found.held


def buying(buyer: UUID) -> Actor:
    return Actor(party=buyer, kind="person")


def in_days(days: int) -> date:
    return clock.today() + timedelta(days=days)
