"""The town that the order benchmarks trade in: sellers' stock and buyers' wallets, made through the services, in bulk."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from lilong.kernel.base import clock, ids
from lilong.kernel.base.words import Words
from lilong.kernel.catalog.drafts import OfferDraft, SupplyDraft
from lilong.kernel.catalog.services import put_offers, set_supplies
from lilong.kernel.ledger import services as ledger
from lilong.kernel.parties.actor import SYSTEM

BASKETS = Path(__file__).parent / "data" / "groceries.csv"
LINES_MAX = 8
_CHUNK = 2000


class Goods(NamedTuple):
    """An offer of the one seller, and its price in fen."""

    offer: UUID
    price: int


def baskets() -> list[list[str]]:
    """The real baskets, each cut to at most 8 lines."""
    with BASKETS.open(newline="", encoding="utf-8") as file:
        return [sorted({name.strip() for name in row if name.strip()})[:LINES_MAX] for row in csv.reader(file)]


def stock_up(names: Sequence[str], places: Sequence[UUID], *, quantity: int, lots: int = 2) -> list[Goods]:
    """An offer for each name, with `lots` lots of `quantity` pieces at each place."""
    seller = ids.uuid7()
    goods = [Goods(ids.uuid7(), 200 + 37 * n % 3000) for n in range(len(names))]
    put_offers(
        SYSTEM,
        [
            OfferDraft(id=each.offer, field="market", seller=seller, title=Words(en=name), price=each.price)
            for each, name in zip(goods, names, strict=True)
        ],
    )
    batches = [(each, lot) for each in goods for lot in range(lots)]
    assets = ledger.open_assets([(f"lot:{each.offer}:{lot}", "stock", "piece") for each, lot in batches])
    spots = [(each, place, lot, asset) for (each, lot), asset in zip(batches, assets, strict=True) for place in places]
    kinds = (("supplier", None), ("stock", 0), ("sold", 0))
    opened = ledger.open_accounts(
        [
            (seller, asset, f"stock:{place}" if purpose == "stock" else purpose, floor)
            for _, place, _, asset in spots
            for purpose, floor in kinds
        ]
    )
    accounts = [opened[n : n + 3] for n in range(0, len(opened), 3)]
    for start in range(0, len(accounts), _CHUNK):
        ledger.post_all(
            [
                ledger.Move(ids.uuid7(), source, stock, quantity, code="receive")
                for source, stock, _ in accounts[start : start + _CHUNK]
            ]
        )
    last_good = clock.today().replace(year=clock.today().year + 1)
    set_supplies(
        [
            SupplyDraft(offer=each.offer, place=place, account=stock, sink=sold, use_by=last_good, rank=lot)
            for (each, place, lot, _), (_, stock, sold) in zip(spots, accounts, strict=True)
        ]
    )
    return goods


def enrich(count: int, fen: int) -> list[UUID]:
    """`count` buyers with `fen` each in their wallets."""
    buyers = [ids.uuid7() for _ in range(count)]
    money = ledger.open_asset("CNY", kind="money", unit="CNY")
    bank = ledger.open_account(ids.named("bench", "bank"), money, "bank", floor=None)
    for start in range(0, count, _CHUNK):
        chunk = buyers[start : start + _CHUNK]
        wallets = ledger.open_accounts([(buyer, money, "wallet", 0) for buyer in chunk])
        ledger.post_all([ledger.Move(ids.uuid7(), bank, wallet, fen, code="top-up") for wallet in wallets])
    return buyers
