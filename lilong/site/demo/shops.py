"""Grocers' front warehouses, products and first deliveries."""

import csv
from datetime import datetime
from pathlib import Path
from random import Random
from uuid import UUID

import msgspec

from lilong.fields.market.drafts import PlaceDraft, ProductDraft, Refused
from lilong.fields.market.rules import gtin
from lilong.fields.market.services import places, products, traders
from lilong.kernel.base import ids
from lilong.kernel.base.districts import BY_SLUG, SLUGS
from lilong.kernel.base.words import Words
from lilong.kernel.calendar.drafts import Opening
from lilong.kernel.parties.actor import SYSTEM
from lilong.site.demo import city
from lilong.site.demo.people import Town

GOODS = Path(__file__).parent / "data" / "goods.csv"
WINDOW_SECONDS = 7200
WINDOW_CAPACITY = 24
PREFIX = 690_202_000_000  # the GS1 China range; the item numbers behind it are the demo's own


class Shelf(msgspec.Struct, frozen=True):
    """A product of a chain as the demo trades it. `rank`: its place in its category, the best seller first."""

    product: UUID
    offer: UUID
    category: str
    unit: str
    price: int
    shelf_life_days: int
    rank: int


class Market(msgspec.Struct):
    """Warehouses by chain (with the districts they serve), and each chain's shelves by category."""

    warehouses: dict[str, list[tuple[UUID, tuple[str, ...]]]]
    shelves: dict[str, dict[str, list[Shelf]]]

    def near(self, district: str) -> list[tuple[str, UUID]]:
        """(chain, warehouse) that serve a district."""
        return [(chain, id) for chain, group in self.warehouses.items() for id, serves in group if district in serves]


def open_shops(rng: Random, town: Town, end: datetime) -> Market:
    warehouses, shelves = {}, {}
    for n, chain in enumerate(city.CHAINS):
        seller = town.chains[chain.key]
        traders.set_trader(
            SYSTEM, organisation=seller, legal_name=chain.name.zh, tax_number=chain.tax_number, street="南京东路 100 号",
            city="上海", postal_code="200001",
        )  # fmt: skip
        warehouses[chain.key] = [_warehouse(chain, seller, slug, n) for slug in SLUGS[2 * n :: 4]]
        shelves[chain.key] = _shelves(chain, seller, n)
    return Market(warehouses, shelves)


def _warehouse(chain: city.Chain, seller: UUID, slug: str, n: int) -> tuple[UUID, tuple[str, ...]]:
    """One for every four districts of the list, standing in the first of them."""
    at = SLUGS.index(slug)
    serves = tuple(SLUGS[(at + step) % len(SLUGS)] for step in range(4))
    latitude, longitude = city.CENTRES_E6[slug]
    district = BY_SLUG[slug].name
    name = Words(
        en=f"{chain.name.en}, {district.en}",
        zh=f"{chain.name.zh}·{district.zh}仓",
        ko=f"{chain.name.ko} {district.ko}점",
    )
    id = ids.named("demo", "place", chain.key, slug)
    places.open_place(
        SYSTEM,
        PlaceDraft(id=id, owner=seller, kind="front-warehouse", name=name, district=slug, serves=serves,
                   address=f"{district.zh}中心路 {10 + at} 号", latitude_e6=latitude, longitude_e6=longitude),
    )  # fmt: skip
    hours = [Opening(start="08:00", end="22:00", slot_seconds=WINDOW_SECONDS)]
    places.open_slots(SYSTEM, place=id, openings=hours, capacity=WINDOW_CAPACITY)
    return id, serves


def _shelves(chain: city.Chain, seller: UUID, n: int) -> dict[str, list[Shelf]]:
    with GOODS.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    drafts = [_product(chain, seller, row, n * len(rows) + k) for k, row in enumerate(rows)]
    found: dict[str, list[Shelf]] = {}
    for draft, answer in zip(drafts, products.register_products(SYSTEM, drafts), strict=True):
        if isinstance(answer, Refused):
            raise answer.problem
        shelves = found.setdefault(draft.category, [])
        shelves.append(
            Shelf(draft.id, answer.offer, draft.category, draft.unit, draft.price, draft.shelf_life_days, len(shelves))
        )
    return found


def _product(chain: city.Chain, seller: UUID, row: dict[str, str], number: int) -> ProductDraft:
    body = f"{PREFIX + number:012d}"
    loose = row["unit"] == "g"
    return ProductDraft(
        id=ids.named("demo", "product", chain.key, row["en"]),
        seller=seller,
        code=f"{row['category'][:3].upper()}-{number:04d}",
        name=Words(en=row["en"], zh=row["zh"], ko=row["ko"]),
        category=row["category"],
        price=max(10, int(row["price"]) * chain.factor // 1000 * 10),
        unit="g" if loose else "piece",
        per=int(row["per"]),
        gtin="" if loose else body + str(gtin.check_digit(body)),
        brand="" if loose else chain.name.en,
        shelf_life_days=int(row["shelf_life_days"]),
        temperature=row["temperature"] or None,  # type: ignore[arg-type]
        emoji=row["emoji"],
    )
