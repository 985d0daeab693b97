"""What orders must know of offers: lean reads, one SQL statement each."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.db import connection

from lilong.kernel.base.arrays import uuids
from lilong.kernel.base.words import Words

_words = msgspec.json.Decoder(Words)
_TERMS = """
SELECT id, field, seller, unit, price, per, currency, settle, released_at, closes_at, limit_per_buyer,
       tolerance_percent, state, stocked, place_bound, version, guard, title::text
FROM catalog_offer WHERE id = ANY(%s::uuid[])
"""
_SUPPLIES = """
SELECT offer_id, place, account, sink, use_by FROM catalog_supply
WHERE open AND offer_id = ANY(%s){at}
ORDER BY offer_id, use_by NULLS LAST, rank, account
"""

_STOCKED = """
SELECT wanted.offer, supply.place, wanted.place IS NULL, supply.account, supply.sink, supply.use_by, stock.posted - stock.held
FROM unnest(%s::uuid[], %s::uuid[]) AS wanted(offer, place)
JOIN catalog_supply supply ON supply.offer_id = wanted.offer AND (wanted.place IS NULL OR supply.place = wanted.place)
JOIN ledger_account stock ON stock.id = supply.account
WHERE supply.open AND stock.posted > stock.held
ORDER BY wanted.offer, wanted.place, supply.use_by NULLS LAST, supply.rank, supply.account
"""


class Terms(NamedTuple):
    """What an order must know of an offer."""

    id: UUID
    field: str
    seller: UUID
    unit: str
    price: int
    per: int
    currency: str
    settle: str
    released_at: datetime | None
    closes_at: datetime | None
    limit_per_buyer: int | None
    tolerance_percent: int
    state: str
    stocked: bool
    place_bound: bool
    version: int
    guard: str
    title: Words


class SupplyRow(NamedTuple):
    """Ledger accounts an offer can be taken from (`account`) and into (`sink`) at a place, until `use_by`."""

    offer: UUID
    place: UUID
    account: int
    sink: int
    use_by: date | None


class StockRow(NamedTuple):
    """A supply with something in it: `anywhere` marks that it answers a pair without a place."""

    offer: UUID
    place: UUID
    anywhere: bool
    account: int
    sink: int
    use_by: date | None
    available: int


def terms(ids: Iterable[UUID]) -> dict[UUID, Terms]:
    """The terms of those of `ids` that exist, whatever their state, in one statement."""
    wanted = list(ids)
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_TERMS, [uuids(wanted)])
        return {row[0]: Terms._make((*row[:-1], _words.decode(row[-1]))) for row in cursor.fetchall()}


def supplies(offers: Iterable[UUID], places: Collection[UUID] | None = None) -> list[SupplyRow]:
    """The open supplies of `offers` at `places` (None: anywhere), by offer, then first expiring, then rank."""
    wanted = list(offers)
    if not wanted or (places is not None and not places):
        return []
    with connection.cursor() as cursor:
        if places is None:
            cursor.execute(_SUPPLIES.format(at=""), [wanted])
        else:
            cursor.execute(_SUPPLIES.format(at=" AND place = ANY(%s)"), [wanted, list(places)])
        return [SupplyRow(*row) for row in cursor.fetchall()]


def stocked(pairs: Collection[tuple[UUID, UUID | None]]) -> list[StockRow]:
    """Where offers are in stock, for pairs of (offer, place or None for anywhere), in the order they are to be taken.

    What is available is a glance without a lock: whoever takes must look again.
    """
    if not pairs:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_STOCKED, [uuids(offer for offer, _ in pairs), uuids(place for _, place in pairs)])
        return [StockRow(*row) for row in cursor.fetchall()]
