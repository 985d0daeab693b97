"""Six weeks of trade: deliveries, orders from baskets of real proportions, hand-overs, waste, the odd refund."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

from django.db import transaction

from lilong.fields.market.drafts import LotDraft, Refused
from lilong.fields.market.queries import availability
from lilong.fields.market.queries import stock as stocks
from lilong.fields.market.services import expiry, lots, stock
from lilong.kernel.base import clock, ids
from lilong.kernel.orders import queries as orders
from lilong.kernel.orders import services
from lilong.kernel.orders.drafts import LineDraft, OrderDraft, Placed, SlotDraft
from lilong.kernel.parties.actor import SYSTEM
from lilong.site.demo import city
from lilong.site.demo.people import Town
from lilong.site.demo.shops import Market, Shelf

BASKETS = Path(__file__).parent / "data" / "baskets.json"
HOURS = (9, 13, 18, 20)
ORDERS_A_DAY_FIRST, ORDERS_A_DAY_LAST = 44, 88
_PAR = ((5, 2), (10, 4), (30, 8), (10_000, 40))  # up to so many days of shelf life: so many units
CANCELLED, REFUNDED = 0.03, 0.02  # shares of orders
DAMAGED_A_ROUND = 3
RARE_FROM, RARE_DAYS = 2, 9
DELIVERY_EVERY_DAYS, WASTE_EVERY_DAYS = 3, 6


class Baskets:
    """Draws lines per order and shelves in the shares of real baskets."""

    def __init__(self, rng: Random, market: Market) -> None:
        shares = json.loads(BASKETS.read_text(encoding="utf-8"))
        self.rng, self.market = rng, market
        self.sizes = [int(size) for size in shares["lines_per_order"]]
        self.size_weights = list(shares["lines_per_order"].values())
        self.shelves = list(shares["shelves"])
        self.shelf_weights = list(shares["shelves"].values())

    def lines(self, chain: str) -> list[LineDraft]:
        (size,) = self.rng.choices(self.sizes, self.size_weights)
        shelves = self.rng.choices(self.shelves, self.shelf_weights, k=size)
        goods = {
            shelf.offer: shelf for shelf in (self.rng.choice(self.market.shelves[chain][each]) for each in shelves)
        }
        return [LineDraft(offer=g.offer, quantity=self._quantity(g), price=g.price) for g in goods.values()]

    def _favourite(self, shelves: list[Shelf]) -> Shelf:
        """The first of a shelf sell best (Zipf)."""
        return self.rng.choices(shelves, [1 / (1 + rank) for rank in range(len(shelves))])[0]

    def _quantity(self, shelf: Shelf) -> int:
        if shelf.unit == "g":
            return self.rng.choice((300, 400, 500, 500, 750, 1000))
        return self.rng.choice((1, 1, 1, 2, 2, 3))


def trade(
    rng: Random, town: Town, market: Market, end: datetime, days: int, scale: float, progress: Callable[[float], None]
) -> int:
    """Plays the `days` up to `end`; answers how many orders stand."""
    baskets, placed = Baskets(rng, market), 0
    waiting: list[UUID] = []
    for day in range(days + 1):
        morning = (end - timedelta(days=days - day)).astimezone(clock.CITY_ZONE).replace(hour=6, minute=0)
        if morning > end:
            break
        with clock.at(morning), transaction.atomic():
            if day % WASTE_EVERY_DAYS == 1:
                _throw_away(rng, town)
            if day % DELIVERY_EVERY_DAYS == 0:
                _deliver(rng, market, clock.today())
        for hour in HOURS:
            moment = morning.replace(hour=hour, minute=rng.randrange(60))
            if moment >= end:
                break
            with clock.at(moment), transaction.atomic():
                _hand_over(rng, waiting)
                waiting = _order(rng, town, market, baskets, round(scale * _orders_now(day, days)))
                placed += len(waiting)
        progress(day / days)
    with clock.at(end - timedelta(minutes=5)):
        return placed + len(_order(rng, town, market, baskets, max(4, round(30 * scale)), slots=True))


def _orders_now(day: int, days: int) -> float:
    """Orders for one of a day's hours; they grow over the weeks, and weekends are busier."""
    today = ORDERS_A_DAY_FIRST + (ORDERS_A_DAY_LAST - ORDERS_A_DAY_FIRST) * day / days
    return today / len(HOURS) * (1.3 if day % 7 in (5, 6) else 1.0)


def _deliver(rng: Random, market: Market, today: date) -> None:
    """What runs low is delivered: little of what spoils soon, more of what keeps."""
    drafts = []
    for chain, warehouses in market.warehouses.items():
        shelves = [shelf for group in market.shelves[chain].values() for shelf in group]
        for n, (place, _) in enumerate(warehouses):
            there = availability.availability([shelf.offer for shelf in shelves], place)
            for shelf in shelves:
                if n and shelf.rank >= RARE_FROM and shelf.shelf_life_days <= RARE_DAYS:
                    continue  # what spoils soon and is seldom asked for stands in the first warehouse only
                par = _par(shelf)
                if there[shelf.offer].quantity <= par // 3:
                    drafts.append(
                        LotDraft(
                            id=ids.uuid7(), product=shelf.product, place=place, quantity=par + rng.randrange(1 + par // 3),
                            lot_code=f"{today:%y%m%d}-{shelf.category[:3].upper()}", supplier="Demo growers",
                            best_before=today + timedelta(days=shelf.shelf_life_days),
                        )
                    )  # fmt: skip
    for start in range(0, len(drafts), 2000):
        for answer in lots.receive_lots(SYSTEM, drafts[start : start + 2000]):
            if isinstance(answer, Refused):
                raise answer.problem


def _par(shelf: Shelf) -> int:
    """Units a warehouse wants to have: about four days' sales of what spoils, a month's of what keeps."""
    units = next(units for days, units in _PAR if shelf.shelf_life_days <= days)
    return units * (600 if shelf.unit == "g" else 1)


def _order(rng: Random, town: Town, market: Market, baskets: Baskets, count: int, *, slots: bool = False) -> list[UUID]:
    """So many residents order at this moment; those answered with a refusal (sold out, out of money) go without."""
    drafts = []
    for _ in range(count):
        buyer, district = rng.choice(town.residents)
        chain, place = rng.choice(market.near(district))
        slot = _slot(rng, place) if slots else None
        drafts.append(OrderDraft(id=ids.uuid7(), buyer=buyer, place=place, lines=baskets.lines(chain), slot=slot))
    return [answer.id for answer in services.place(drafts) if isinstance(answer, Placed)]


def _slot(rng: Random, place: UUID) -> SlotDraft | None:
    free = [window for window in availability.windows(place) if window.free]
    if not free:
        return None
    window = rng.choice(free)
    return SlotDraft(resource=window.resource, start=window.start, end=window.end)


def _hand_over(rng: Random, waiting: list[UUID]) -> None:
    """What was ordered earlier is handed over as weighed; a few orders are cancelled, a few lines refunded."""
    for id, order in orders.orders_by(waiting).items():
        if rng.random() < CANCELLED:
            services.cancel(SYSTEM, id=id, reason="changed-mind")
            continue
        weighed = {line.n: line.quantity * rng.randrange(94, 101) // 100 for line in order.lines if line.unit == "g"}
        services.complete(SYSTEM, id=id, actual=weighed)
        if rng.random() < REFUNDED:
            line = order.lines[0]
            services.refund(
                SYSTEM, id=id, refund_id=ids.uuid7(), lines={line.n: max(1, line.quantity // 2)}, reason="quality"
            )


def _throw_away(rng: Random, town: Town) -> None:
    """What has expired is withdrawn from sale and booked as waste, with a little that was damaged."""
    expiry.withdraw_expired(clock.today())
    for chain in city.CHAINS:
        seller = town.chains[chain.key]
        for held in stocks.expired_stock(SYSTEM, seller):
            if held.available > 0:
                stock.book_waste(
                    SYSTEM, id=ids.uuid7(), lot=held.lot, place=held.place, quantity=held.available, reason="expired"
                )
        there = stocks.stock_at(SYSTEM, seller)
        for held in rng.sample(there, min(len(there), DAMAGED_A_ROUND)):
            if held.available > 0:
                stock.book_waste(SYSTEM, id=ids.uuid7(), lot=held.lot, place=held.place, quantity=1, reason="damaged")
