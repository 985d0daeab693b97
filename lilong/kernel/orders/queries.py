"""Reads of orders. Whoever is neither buyer, seller nor staff is told that there is no such order."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q

from lilong.kernel.base.ids import child
from lilong.kernel.base.paging import SIZE_DEFAULT, Slice, page
from lilong.kernel.base.problems import Missing, Violation, invalid
from lilong.kernel.catalog import queries as catalog
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.orders import rules
from lilong.kernel.orders.drafts import LineView, OrderView, Placed
from lilong.kernel.orders.models import STATES, Line, Order, Refund
from lilong.kernel.parties.actor import Actor

OPEN_MAX = 1000
_CODES = {name: code for code, name in STATES.items()}


class Standing(NamedTuple):
    """An order that stands already: its answer and the fingerprint of its draft."""

    placed: Placed
    body: bytes


def standing(ids: Sequence[UUID]) -> dict[UUID, Standing]:
    """Which of `ids` stand, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, state, total, currency, placed_at, body FROM orders_order WHERE id = ANY(%s)", [list(ids)]
        )
        return {
            id: Standing(
                Placed(id=id, state=STATES[state], total=total, currency=currency, at=at, created=False), bytes(body)
            )
            for id, state, total, currency, at, body in cursor.fetchall()
        }


def order(actor: Actor, id: UUID) -> OrderView:
    """One order with its lines; Missing for others."""
    found = Order.objects.filter(id=id).first()
    if found is None or not sees(actor, found.buyer, found.seller):
        raise Missing("no-such-order", violations=[Violation(pointer="/id", rule="known")])
    return _views([found])[0]


def sees(actor: Actor, buyer: UUID, seller: UUID) -> bool:
    """Whether the actor may read an order between these two."""
    return (
        actor.staff
        or actor.acts_for(buyer, "manager", "buyer", "auditor")
        or actor.acts_for(seller, "manager", "clerk", "picker", "auditor")
    )


def orders_of(buyer: UUID, *, state: str = "", field: str = "", cursor: str = "", size: int = SIZE_DEFAULT) -> Slice:
    """A buyer's orders, newest first, as OrderViews. The caller has checked who asks."""
    return _page(Q(buyer=buyer), state, field, cursor, size)


def orders_for(
    seller: UUID,
    *,
    state: str = "",
    field: str = "",
    place: UUID | None = None,
    channels: Collection[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: str = "",
    size: int = SIZE_DEFAULT,
) -> Slice:
    """A seller's orders, newest first, as OrderViews; those of a place, of some channels, placed from `since` to before
    `until`, where given. The caller has checked who asks."""
    who = Q(seller=seller)
    if place is not None:
        who &= Q(place=place)
    if channels:
        who &= Q(channel__in=list(channels))
    if since is not None:
        who &= Q(placed_at__gte=since)
    if until is not None:
        who &= Q(placed_at__lt=until)
    return _page(who, state, field, cursor, size)


def placed_by_hour(seller: UUID, since: datetime, *, field: str, zone: str) -> list[tuple[datetime, int, int]]:
    """(hour by the wall clock of `zone`, orders, minor units) of a seller's orders placed since a moment, oldest first.

    Cancelled ones do not count; money is what was ordered, after completion what was paid and not given back. The caller
    has checked who asks.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT date_trunc('hour', placed_at AT TIME ZONE %s), count(*), "
            "sum(CASE WHEN state = 1 THEN total ELSE captured - refunded END) FROM orders_order "
            "WHERE seller = %s AND field = %s AND placed_at >= %s AND state <> 3 GROUP BY 1 ORDER BY 1",
            [zone, seller, field, since],
        )
        return [(hour, int(orders), int(amount)) for hour, orders, amount in cursor.fetchall()]


def open_orders(seller: UUID, *, field: str, size: int = OPEN_MAX) -> list[UUID]:
    """The ids of a seller's placed orders, oldest first, at most `size`. The caller has checked who asks."""
    rows = Order.objects.filter(seller=seller, state=_CODES["placed"], field=field).order_by("placed_at", "id")
    return list(rows.values_list("id", flat=True)[:size])


def takes(ids: Iterable[UUID]) -> dict[UUID, dict[int, list[tuple[int, int]]]]:
    """Order -> line -> (ledger account, units) it first took of or holds. The caller has checked who asks."""
    found: dict[UUID, dict[int, list[tuple[int, int]]]] = {}
    for id in ids:
        by_line = found.setdefault(id, {})
        for move in ledger.moves_between(child(id, rules.TAKE), child(id, rules.SETTLE - 1)):
            by_line.setdefault(rules.line_of(move.id), []).append((move.source, move.amount))
    return found


def orders_by(ids: Iterable[UUID]) -> dict[UUID, OrderView]:
    """Orders by id, with their lines. The caller has checked who asks."""
    return {view.id: view for view in _views(list(Order.objects.filter(id__in=list(ids))))}


def took_from(accounts: Sequence[int]) -> list[tuple[UUID, UUID, int]]:
    """Whom stock of these ledger accounts reached: (order, buyer, units), after what was put back. What a recall asks.

    Cancelled orders had everything put back and do not appear.
    """
    taken = {ref: -units for ref, units in ledger.net_by_ref(accounts).items() if units < 0}
    buyers = dict(Order.objects.filter(id__in=list(taken)).values_list("id", "buyer"))
    return [(id, buyers[id], units) for id, units in sorted(taken.items()) if id in buyers]


def refunds(id: UUID) -> list[Refund]:
    """An order's refunds, oldest first. The caller has checked who asks."""
    return list(Refund.objects.filter(order_id=id).order_by("at"))


def bought(buyer: UUID, offer: UUID) -> bool:
    """Whether the buyer has completed an order of this offer (a review asks)."""
    done = [_CODES[name] for name in ("completed", "part-refunded", "refunded")]
    return Line.objects.filter(order__buyer=buyer, order__state__in=done, offer=offer, actual__gt=0).exists()


def _page(who: Q, state: str, field: str, cursor: str, size: int) -> Slice:
    rows = Order.objects.filter(who)
    if state:
        if state not in _CODES:
            raise invalid("/state", "one-of", ", ".join(_CODES))
        rows = rows.filter(state=_CODES[state])
    if field:
        rows = rows.filter(field=field)
    found = page(rows, by=("-placed_at", "-id"), cursor=cursor, size=size)
    return Slice(items=_views(found.items), next=found.next)


def _views(orders: Sequence[Order]) -> list[OrderView]:
    lines: dict[UUID, list[Line]] = {}
    for line in Line.objects.filter(order__in=[each.id for each in orders]).order_by("order_id", "n"):
        lines.setdefault(line.order_id, []).append(line)
    terms = catalog.terms({line.offer for group in lines.values() for line in group})
    return [
        OrderView(
            id=each.id,
            buyer=each.buyer,
            seller=each.seller,
            field=each.field,
            channel=each.channel,
            state=STATES[each.state],
            currency=each.currency,
            total=each.total,
            held=each.held,
            captured=each.captured,
            refunded=each.refunded,
            place=each.place,
            booking=each.booking,
            use_on=each.use_on,
            note=each.note,
            placed_at=each.placed_at,
            changed_at=each.changed_at,
            lines=[_line(line, terms.get(line.offer)) for line in lines.get(each.id, [])],
        )
        for each in orders
    ]


def _line(line: Line, terms: "catalog.Terms | None") -> LineView:
    return LineView(
        n=line.n,
        offer=line.offer,
        title=terms.title if terms else "",
        unit=terms.unit if terms else "piece",
        quantity=line.quantity,
        price=line.price,
        per=line.per,
        amount=line.amount,
        actual=line.actual,
        refunded=line.refunded,
        replaces=line.replaces,
    )
