"""Stock by age, what it is worth, and what runs low: for the seller."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

import msgspec
from django.db.models import Sum

from lilong.fields.market.models import Product, StockPaper
from lilong.fields.market.queries import availability, products, sales, stock
from lilong.fields.market.queries.products import ProductView
from lilong.fields.market.queries.stock import StockView
from lilong.fields.market.rules import prices
from lilong.fields.market.rules.ageing import BUCKETS, SOON_DAYS, bucket
from lilong.kernel.base import clock
from lilong.kernel.parties.actor import Actor

SALES_DAYS = 14
LOW_DAYS = 2


class AgedLot(msgspec.Struct, frozen=True, kw_only=True):
    """A lot at a place with its `value` in fen at list price."""

    stock: StockView
    product: ProductView
    bucket: str
    value: int


class Age(msgspec.Struct, frozen=True, kw_only=True):
    """How many lots are in a bucket, and their value in fen."""

    code: str
    lots: int
    value: int


class Low(msgspec.Struct, frozen=True, kw_only=True):
    """A product of which `available` units are left, which last `days` at the last fortnight's pace (None: none sold)."""

    product: ProductView
    available: int
    days: float | None


def aged(actor: Actor, seller: UUID, *, place: UUID | None = None) -> list[AgedLot]:
    """A seller's stock with value and age, first to expire first. Missing for others."""
    rows = stock.stock_at(actor, seller, place=place)
    known = {p.id: p for p in products.views(Product.objects.filter(id__in={row.product for row in rows}))}
    return [
        AgedLot(
            stock=row,
            product=known[row.product],
            bucket=bucket(row.days_left),
            value=prices.value_at(row.on_hand, known[row.product].price, known[row.product].per),
        )
        for row in rows
    ]


def ages(lots: list[AgedLot]) -> list[Age]:
    """The buckets in order, empty ones too."""
    return [
        Age(
            code=each.code,
            lots=sum(lot.bucket == each.code for lot in lots),
            value=sum(lot.value for lot in lots if lot.bucket == each.code),
        )
        for each in BUCKETS
    ]


def soon(lots: list[AgedLot]) -> list[AgedLot]:
    """Those that expire within three days, or have."""
    return [lot for lot in lots if lot.stock.days_left <= SOON_DAYS]


def waste(actor: Actor, seller: UUID, since: date) -> dict[date, int]:
    """Value written off by day since `since`, in fen at list price of that day; what was undone has gone off again."""
    stock.papers(actor, seller, size=1)  # asks who reads
    start = datetime.combine(since, time(), clock.CITY_ZONE)
    rows = StockPaper.objects.filter(lot__product__seller=seller, kind="waste", at__gte=start)
    found: dict[date, int] = {}
    for at, value in rows.values_list("at", "value"):
        day = at.astimezone(clock.CITY_ZONE).date()
        found[day] = found.get(day, 0) + value
    return found


def received(seller: UUID, since: date) -> int:
    """Value taken in since `since`, in fen. The caller has checked who asks."""
    start = datetime.combine(since, time(), clock.CITY_ZONE)
    rows = StockPaper.objects.filter(lot__product__seller=seller, kind="receipt", at__gte=start)
    return int(rows.aggregate(value=Sum("value"))["value"] or 0)


def low(seller: UUID, *, size: int = 8) -> list[Low]:
    """What sells and is nearly gone: the shortest supply first. The caller has checked who asks."""
    since = clock.today() - timedelta(days=SALES_DAYS)
    offers = dict(Product.objects.filter(seller=seller, withdrawn_at=None).values_list("offer", "id"))
    sold: dict[UUID, int] = {}
    for _day, offer, _orders, units, _amount in sales.by_day(list(offers), since):
        sold[offer] = sold.get(offer, 0) + units
    there = availability.availability_anywhere(sold)
    pace = {offer: units / SALES_DAYS for offer, units in sold.items() if units > 0}
    short = sorted((there[offer].quantity / pace[offer], offer) for offer in pace)
    wanted = [(days, offer) for days, offer in short if days < LOW_DAYS][:size]
    known = {p.offer: p for p in products.views(Product.objects.filter(offer__in=[offer for _, offer in wanted]))}
    return [Low(product=known[offer], available=there[offer].quantity, days=days) for days, offer in wanted]


def top(seller: UUID, since: date) -> tuple[list[tuple[str, int]], list[tuple[ProductView, int, int]]]:
    """What was ordered since a day: (category, fen) and (product, units, fen), most money first. The caller has checked."""
    offers = dict(Product.objects.filter(seller=seller).values_list("offer", "category"))
    units: dict[UUID, int] = {}
    money: dict[UUID, int] = {}
    for _day, offer, _orders, quantity, amount in sales.by_day(list(offers), since):
        units[offer] = units.get(offer, 0) + quantity
        money[offer] = money.get(offer, 0) + amount
    categories: dict[str, int] = {}
    for offer, amount in money.items():
        categories[offers[offer]] = categories.get(offers[offer], 0) + amount
    first = sorted(money, key=lambda offer: -money[offer])[:8]
    known = {p.offer: p for p in products.views(Product.objects.filter(offer__in=first))}
    ranked = sorted(categories.items(), key=lambda pair: -pair[1])
    return ranked, [(known[offer], units[offer], money[offer]) for offer in first]
