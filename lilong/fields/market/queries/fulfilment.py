"""Reads of picking and delivery, for the seller: what waits, what is under way, and the way through the warehouse."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from lilong.fields.market.models import Fulfilment, Membership, PickedLine, PickWave, Stock
from lilong.fields.market.queries import products, wishes
from lilong.fields.market.queries.availability import availability
from lilong.fields.market.queries.products import ProductView
from lilong.fields.market.rules import fulfilment as rules
from lilong.fields.market.rules import roles
from lilong.fields.market.rules.fulfilment import PICKING, WAITING, Taken
from lilong.kernel.base.money import price_of
from lilong.kernel.base.problems import Conflict, Missing, Violation
from lilong.kernel.calendar import queries as calendar
from lilong.kernel.orders import queries as orders
from lilong.kernel.orders.drafts import LineView, OrderView
from lilong.kernel.parties.actor import Actor

GROUP_CHANNEL, CAMPAIGN_CHANNEL = "group", "community"
PROPOSALS = 6


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """How far an order is: `state` one of the steps, `due` the delivery window as (start, end)."""

    order: UUID
    state: str = WAITING
    picker: UUID | None = None
    wave: UUID | None = None
    due: tuple[datetime, datetime] | None = None
    started_at: datetime | None = None
    packed_at: datetime | None = None
    left_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str = ""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """An order in the queue with its way."""

    order: UUID
    placed_at: datetime
    place: UUID | None
    total: int
    lines: int
    way: Way


class PickLineView(msgspec.Struct, frozen=True, kw_only=True):
    """A line as its picker needs it: the lots to take from, what was found so far, what the buyer wants if it is gone."""

    line: LineView
    product: ProductView | None
    lots: list[Taken]
    wish: str
    picked: int | None
    scanned: bool
    most: int


class ListLine(msgspec.Struct, frozen=True, kw_only=True):
    """One stop on the way through the warehouse: a lot of a product, `units` of it in all, and for which orders."""

    product: ProductView
    lot: str
    best_before: date
    units: int
    orders: list[tuple[int, UUID, int]]


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """Goods that could stand in for a line: so many `units` of `product`, `amount` minor units in all."""

    product: ProductView
    units: int
    amount: int
    available: int


def may_see(actor: Actor, seller: UUID) -> None:
    """Raises Missing unless the actor works for the seller."""
    if not actor.acts_for(seller, *roles.STOCK, *roles.PAPERS):
        raise Missing("no-such-seller", violations=[Violation(pointer="/seller", rule="known")])


def require_to_pick(view: OrderView) -> None:
    """Raises Conflict unless the order is one that the seller's people pick now."""
    if view.state != "placed":
        raise Conflict(
            "wrong-state", violations=[Violation(pointer="/state", rule="one-of")], extra={"state": view.state}
        )
    if not to_pick([view]):
        raise Conflict("not-picked", violations=[Violation(pointer="/order", rule="picked-by-seller")])


def to_pick(views: Iterable[OrderView]) -> list[OrderView]:
    """Those that the seller's people pick: not what buyers take themselves, nor a campaign's, nor of open groups."""
    others = (*rules.SELF_SERVED, CAMPAIGN_CHANNEL)
    found = [view for view in views if view.channel not in others]
    grouped = [view.id for view in found if view.channel == GROUP_CHANNEL]
    firm = set(Membership.objects.filter(order__in=grouped, group__state="complete").values_list("order", flat=True))
    return [view for view in found if view.channel != GROUP_CHANNEL or view.id in firm]


def queue(actor: Actor, seller: UUID, *, place: UUID | None = None) -> list[Job]:
    """All that is to be picked or under way, what is due first (then what was placed first), at most 1000."""
    may_see(actor, seller)
    views = orders.orders_by(orders.open_orders(seller, field="market")).values()
    mine = to_pick(view for view in views if place is None or view.place == place)
    known = ways(mine)
    jobs = [
        Job(
            order=view.id,
            placed_at=view.placed_at,
            place=view.place,
            total=view.total,
            lines=sum(line.actual is None for line in view.lines),
            way=known[view.id],
        )
        for view in mine
    ]
    return sorted(jobs, key=lambda job: (job.way.due[0] if job.way.due else job.placed_at, job.placed_at, job.order))


def ways(views: Sequence[OrderView]) -> dict[UUID, Way]:
    """How far orders are; every order given is answered. The caller has checked who asks."""
    rows = {row.order: row for row in Fulfilment.objects.filter(order__in=[view.id for view in views])}
    return {view.id: _way(view, rows.get(view.id)) for view in views}


def way(view: OrderView) -> Way:
    return ways([view])[view.id]


def _way(view: OrderView, row: Fulfilment | None) -> Way:
    due = None
    if view.booking is not None:
        due = next(((b.start, b.end) for b in calendar.bookings_of(view.id) if b.id == view.booking), None)
    if row is None:
        return Way(order=view.id, due=due)
    names = ("state", "picker", "wave", "started_at", "packed_at", "left_at", "ended_at", "reason")
    return Way(order=view.id, due=due, **{name: getattr(row, name) for name in names})


def taken(ids: Iterable[UUID]) -> dict[UUID, dict[int, list[Taken]]]:
    """Order -> line -> the lots that the ledger took or holds for it, first to expire first."""
    found = orders.takes(ids)
    accounts = {account for lines in found.values() for takes in lines.values() for account, _ in takes}
    lots = {row.account: row.lot for row in Stock.objects.filter(account__in=accounts).select_related("lot")}
    return {
        id: {
            n: sorted(
                (
                    Taken(account=a, lot=lots[a].code, best_before=lots[a].best_before, units=units)
                    for a, units in takes
                    if a in lots
                ),
                key=lambda each: (each.best_before, each.lot),
            )
            for n, takes in lines.items()
        }
        for id, lines in found.items()
    }


def pick_lines(view: OrderView) -> list[PickLineView]:
    """An order's lines for its picker, in the order of the shelves; replaced ones are left out."""
    known = products.products_by_offer({line.offer for line in view.lines})
    lots, wanted = taken([view.id])[view.id], wishes.of_order(view.id)
    picked = {row.n: row for row in PickedLine.objects.filter(fulfilment=view.id)}
    found = [
        PickLineView(
            line=line,
            product=known.get(line.offer),
            lots=rules.up_to(line.quantity, lots.get(line.n, [])),
            wish=wanted.get(line.n, "match"),
            picked=picked[line.n].quantity if line.n in picked else None,
            scanned=line.n in picked and picked[line.n].scanned,
            most=_most(line, known.get(line.offer)),
        )
        for line in view.lines
        if line.actual is None
    ]
    return sorted(found, key=_shelf)


def _most(line: LineView, product: ProductView | None) -> int:
    return rules.most(line.quantity, product.tolerance_percent if product and line.unit == "g" else 0)


def _shelf(each: PickLineView) -> tuple[object, ...]:
    first = each.lots[0] if each.lots else None
    best_before, lot = (first.best_before, first.lot) if first else (date.max, "")
    if each.product is None:
        return (9, "", "", best_before, lot)
    return rules.shelf_order(each.product.temperature, each.product.category, each.product.name.zh, best_before, lot)


def wave(actor: Actor, seller: UUID, id: UUID) -> PickWave:
    """A wave of the seller; Missing for others."""
    may_see(actor, seller)
    found = PickWave.objects.filter(id=id, seller=seller).first()
    if found is None:
        raise Missing("no-such-wave", violations=[Violation(pointer="/id", rule="known")])
    return found


def in_wave(id: UUID) -> list[OrderView]:
    """A wave's orders as they stand, oldest first: their numbers on the list count from 1."""
    rows = Fulfilment.objects.filter(wave=id).order_by("placed_at", "order").values_list("order", flat=True)
    found = orders.orders_by(rows)
    return [found[order] for order in rows if order in found]


def pick_list(views: Sequence[OrderView]) -> list[ListLine]:
    """What to take from the shelves for these orders: by shelf and temperature, by lot, first to expire first."""
    known = products.products_by_offer({line.offer for view in views for line in view.lines})
    lots = taken([view.id for view in views])
    stops: dict[tuple[UUID, str], ListLine] = {}
    for number, view in enumerate(views, 1):
        for line in view.lines:
            if line.actual is not None or line.offer not in known or view.state != "placed":
                continue
            product = known[line.offer]
            for take in rules.up_to(line.quantity, lots[view.id].get(line.n, [])):
                empty = ListLine(product=product, lot=take.lot, best_before=take.best_before, units=0, orders=[])
                stop = stops.get((product.id, take.lot), empty)
                units = stop.units + take.units
                stops[product.id, take.lot] = msgspec.structs.replace(
                    stop, units=units, orders=[*stop.orders, (number, view.id, take.units)]
                )
    return sorted(
        stops.values(),
        key=lambda s: rules.shelf_order(
            s.product.temperature, s.product.category, s.product.name.zh, s.best_before, s.lot
        ),
    )


def proposals(actor: Actor, view: OrderView, n: int) -> list[Proposal]:
    """What could stand in for a line: goods of the same shelf that are there, nearest in price first, within what is held."""
    line = next((each for each in view.lines if each.n == n and each.actual is None), None)
    if line is None or view.place is None or view.captured:
        return []
    mine = products.products_by_offer([line.offer]).get(line.offer)
    if mine is None:
        return []
    rows = products.products_of(actor, view.seller, category=mine.category, size=100).items
    others = [row for row in rows if row.id != mine.id and row.state == "listed" and row.unit == mine.unit]
    there = availability([row.offer for row in others], view.place)
    room = view.held - view.total + line.amount
    found = []
    for row in others:
        amount = price_of(line.quantity, row.price, row.per)
        if amount <= room and there[row.offer].quantity >= line.quantity:
            units = there[row.offer].quantity
            found.append(Proposal(product=row, units=line.quantity, amount=amount, available=units))
    return sorted(found, key=lambda each: (abs(each.amount - line.amount), each.product.name.zh))[:PROPOSALS]


def in_hand(seller: UUID, picker: UUID) -> list[UUID]:
    """The orders that a picker is picking now, oldest first."""
    rows = Fulfilment.objects.filter(seller=seller, picker=picker, state=PICKING).order_by("started_at", "order")
    return list(rows.values_list("order", flat=True))
