"""Per-buyer limits of offers, exact under concurrency without a lock of their own.

A batch reads what each buyer has taken, decides, and adds with an upsert that answers the true total. If another batch
was quicker and the total is over the limit, the whole batch is undone and tried again.
"""

from typing import Any
from uuid import UUID

from django.db import connection

from lilong.kernel.base.problems import Conflict, Problem, Violation
from lilong.kernel.orders.services.candidate import Candidate


class Overtaken(Exception):
    """Another batch took from the same limit meanwhile."""


class Quotas:
    """What limited offers' buyers had taken (`before`) and take in this batch (`taken`), by (offer, buyer)."""

    def __init__(self) -> None:
        self.limits: dict[UUID, int] = {}
        self.before: dict[tuple[UUID, UUID], int] = {}
        self.taken: dict[tuple[UUID, UUID], int] = {}


def read(orders: list[Candidate], terms: dict[UUID, Any]) -> Quotas:
    quotas = Quotas()
    quotas.limits = {offer: term.limit_per_buyer for offer, term in terms.items() if term.limit_per_buyer is not None}
    if not quotas.limits:
        return quotas
    pairs = {
        (line.offer, order.buyer)
        for order in orders
        if not order.problem
        for line in order.lines
        if line.offer in quotas.limits
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT offer, buyer, taken FROM orders_quota "
            "JOIN unnest(%s::uuid[], %s::uuid[]) AS wanted(offer, buyer) USING (offer, buyer)",
            [[offer for offer, _ in pairs], [buyer for _, buyer in pairs]],
        )
        quotas.before = {(offer, buyer): taken for offer, buyer, taken in cursor.fetchall()}
    return quotas


def take(order: Candidate, quotas: Quotas) -> Problem | None:
    """Counts the order's lines against their limits; all or nothing."""
    if not quotas.limits:
        return None
    wanted = _wanted(order, quotas)
    for offer, quantity in wanted.items():
        key = (offer, order.buyer)
        left = quotas.limits[offer] - quotas.before.get(key, 0) - quotas.taken.get(key, 0)
        if quantity > left:
            n = next(n for n, line in enumerate(order.lines) if line.offer == offer)
            rule = Violation(pointer=f"/lines/{n}/quantity", rule="limit-per-buyer", detail=str(quotas.limits[offer]))
            return Conflict("over-limit", violations=[rule], extra={"offer": str(offer), "left": max(0, left)})
    for offer, quantity in wanted.items():
        quotas.taken[offer, order.buyer] = quotas.taken.get((offer, order.buyer), 0) + quantity
    return None


def give_back(order: Candidate, quotas: Quotas) -> None:
    """Undoes `take` of an order that failed after it."""
    for offer, quantity in _wanted(order, quotas).items():
        quotas.taken[offer, order.buyer] -= quantity


def write(quotas: Quotas) -> None:
    """Adds what was taken; raises Overtaken if a limit no longer holds (the upsert waits for whoever was quicker)."""
    taken = sorted((offer, buyer, quantity) for (offer, buyer), quantity in quotas.taken.items() if quantity)
    if not taken:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO orders_quota AS quota (offer, buyer, taken) "
            "SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[]) "
            "ON CONFLICT (offer, buyer) DO UPDATE SET taken = quota.taken + excluded.taken RETURNING offer, taken",
            [list(column) for column in zip(*taken, strict=True)],
        )
        if any(total > quotas.limits[offer] for offer, total in cursor.fetchall()):
            raise Overtaken


def release(order_buyer: UUID, quantities: dict[UUID, int]) -> None:
    """Gives a buyer's limits back (a cancelled order, by offer)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orders_quota AS quota SET taken = greatest(0, quota.taken - back.quantity) "
            "FROM unnest(%s::uuid[], %s::bigint[]) AS back(offer, quantity) WHERE quota.offer = back.offer AND quota.buyer = %s",
            [list(quantities), list(quantities.values()), order_buyer],
        )


def _wanted(order: Candidate, quotas: Quotas) -> dict[UUID, int]:
    wanted: dict[UUID, int] = {}
    if quotas.limits:
        for line in order.lines:
            if line.offer in quotas.limits:
                wanted[line.offer] = wanted.get(line.offer, 0) + line.quantity
    return wanted
