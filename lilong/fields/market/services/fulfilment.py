"""Picking, packing, handing over. One step is one transaction: the row of the order's way is locked first, then the order.

Every step asked for twice answers the same; of two pickers one has the order, the other is told so.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from lilong.fields.market.events import fulfilment as facts
from lilong.fields.market.models import Fulfilment, PickedLine
from lilong.fields.market.queries import fulfilment as queries
from lilong.fields.market.queries import products, wishes
from lilong.fields.market.rules import fulfilment as rules
from lilong.fields.market.rules import roles
from lilong.fields.market.rules.fulfilment import (
    DELIVERED,
    FAILED,
    HANDED_OVER,
    LOST,
    ON_THE_WAY,
    PACKED,
    PICKING,
    WAITING,
)
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Missing, Violation
from lilong.kernel.calendar import queries as calendar
from lilong.kernel.events.facts import Fact
from lilong.kernel.events.services import emit
from lilong.kernel.orders import queries as orders
from lilong.kernel.orders import services as order_services
from lilong.kernel.orders.drafts import LineView, OrderView
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.actor import Actor


@transaction.atomic
def start_picking(actor: Actor, *, order: UUID, wave: UUID | None = None) -> Fulfilment:
    """Takes a waiting order in hand. Raises Missing, Forbidden, Conflict (`picked-by-other`, `wrong-state`, `not-picked`:
    goods that are taken by the buyer himself, by a campaign's code, or only once a group is complete)."""
    view = seen(actor, order)
    queries.require_to_pick(view)
    made = Fulfilment(
        order=order, seller=view.seller, place=view.place, state=WAITING, placed_at=view.placed_at, due_at=_due(view)
    )
    Fulfilment.objects.bulk_create([made], ignore_conflicts=True)
    found = Fulfilment.objects.select_for_update().get(order=order)
    if found.state != WAITING:
        if found.picker == actor.party and found.state == PICKING:
            return found
        raise Conflict("picked-by-other", violations=[Violation(pointer="/order", rule="waiting")])
    found.state, found.picker, found.wave, found.started_at = PICKING, actor.party, wave, clock.now()
    found.save()
    waited = rules.seconds(view.placed_at, found.started_at)
    _tell(actor, view, facts.OrderPicking, waited_seconds=waited)
    return found


@transaction.atomic
def put_back(actor: Actor, *, order: UUID) -> Fulfilment:
    """The picker lets go of an order (a manager may for him): it waits again, what was picked of it is forgotten."""
    found, _ = _locked(actor, order, managers=True)
    if found.state == WAITING:
        return found
    rules.require_state(found.state, PICKING)
    found.picked.all().delete()
    found.state, found.picker, found.wave, found.started_at = WAITING, None, None, None
    found.save()
    return found


@transaction.atomic
def pick_line(actor: Actor, *, order: UUID, line: int, quantity: int, scan: str = "") -> PickedLine:
    """Reports what was found of a line: pieces, or grams as weighed (up to the tolerance); 0 for none at all.

    `scan` is what the scanner read: another product or another lot than the ledger holds is refused. A later report
    replaces an earlier one. Raises Invalid, Missing, Conflict (`other-goods`, `other-lot`, `not-yours`, `wrong-step`).
    """
    found, view = _locked(actor, order)
    rules.require_state(found.state, PICKING)
    wanted = _line(view, line)
    product = products.products_by_offer([wanted.offer]).get(wanted.offer)
    rules.require_picked(quantity, wanted.quantity, wanted.unit, product.tolerance_percent if product else 0)
    if scan:
        scanned = rules.read_scan(scan, clock.today())
        taken = queries.taken([order])[order].get(line, [])
        rules.require_right_goods(scanned, product.gtin if product else "", [each.lot for each in taken])
    picked, _ = PickedLine.objects.update_or_create(
        fulfilment=found,
        n=line,
        defaults={"quantity": quantity, "scanned": bool(scan), "by": actor.party, "at": clock.now()},
    )
    return picked


@transaction.atomic
def substitute_line(
    actor: Actor, *, order: UUID, line: int, offer: UUID, quantity: int, agreed: bool = False
) -> OrderView:
    """Puts other goods of the seller in a line's place, for no more than is held.

    The buyer's wish counts: 'refund' is never replaced (`buyer-wants-money-back`); 'ask' only when the buyer has `agreed`
    (`ask-the-buyer`). Raises what the lane's `amend` raises.
    """
    found, view = _locked(actor, order)
    rules.require_state(found.state, PICKING)
    wish = wishes.of_order(order).get(line, "match")
    if wish == "refund":
        raise Conflict("buyer-wants-money-back", violations=[Violation(pointer="/line", rule="wish")])
    if wish == "ask" and not agreed:
        raise Conflict("ask-the-buyer", violations=[Violation(pointer="/agreed", rule="wish")])
    _known(view, line)
    order_services.amend(actor, id=order, line=line, offer=offer, quantity=quantity)
    found.picked.filter(n=line).delete()
    return orders.order(actor, order)


@transaction.atomic
def pack(actor: Actor, *, order: UUID) -> Fulfilment:
    """Closes picking, once every line has been reported (Conflict `lines-open` names those that were not)."""
    found, view = _locked(actor, order)
    if found.state == PACKED:
        return found
    rules.require_state(found.state, PICKING)
    picked = dict(found.picked.values_list("n", "quantity"))
    left = [line.n for line in view.lines if line.actual is None and line.n not in picked]
    if left:
        raise Conflict("lines-open", violations=[Violation(pointer=f"/lines/{n}", rule="picked") for n in left])
    short = sum(picked[line.n] < line.quantity for line in view.lines if line.actual is None and line.unit != "g")
    found.state, found.packed_at = PACKED, clock.now()
    found.save()
    took = rules.seconds(found.started_at or found.packed_at, found.packed_at)
    _tell(actor, view, facts.OrderPacked, seconds=took, lines=len(picked), short=short)
    return found


@transaction.atomic
def dispatch(actor: Actor, *, order: UUID) -> Fulfilment:
    """A packed order leaves the warehouse; one that could not be delivered leaves again."""
    found, view = _locked(actor, order, anybody=True)
    if found.state == ON_THE_WAY:
        return found
    rules.require_state(found.state, PACKED, FAILED)
    found.state, found.left_at, found.reason = ON_THE_WAY, clock.now(), ""
    found.save()
    _tell(actor, view, facts.OrderDispatched)
    return found


@transaction.atomic
def deliver(actor: Actor, *, order: UUID) -> Fulfilment:
    """The goods are the buyer's: what was picked is captured, the rest of what is held is released.

    An order paid at once gets the money for what was not found back. From the warehouse's own counter it is `handed-over`.
    """
    found, view = _locked(actor, order, anybody=True, done=True)
    if found.state in rules.DONE:
        return found
    rules.require_state(found.state, PACKED, ON_THE_WAY)
    picked = dict(found.picked.values_list("n", "quantity"))
    actual = {line.n: picked[line.n] for line in view.lines if line.actual is None}
    _complete(actor, view, actual)
    found.state = DELIVERED if found.state == ON_THE_WAY else HANDED_OVER
    found.ended_at = clock.now()
    found.save()
    late = rules.seconds(found.due_at, found.ended_at) if found.due_at else 0
    _tell(
        actor,
        view,
        facts.OrderDelivered,
        way=found.state,
        seconds=rules.seconds(view.placed_at, found.ended_at),
        promised=found.due_at is not None,
        late_seconds=late,
    )
    return found


@transaction.atomic
def fail(actor: Actor, *, order: UUID, reason: str) -> Fulfilment:
    """Nobody was there, or the goods came to harm: the order comes back, to be tried again or cancelled."""
    found, view = _locked(actor, order, anybody=True)
    reason = rules.require_reason(reason)
    if found.state == FAILED:
        return found
    rules.require_state(found.state, ON_THE_WAY)
    found.state, found.reason = FAILED, reason
    found.save()
    _tell(actor, view, facts.OrderFailed)
    return found


@transaction.atomic
def lose(actor: Actor, *, order: UUID, reason: str) -> Fulfilment:
    """What was on its way is gone: the buyer has everything back, the goods stay sold, for they are not in stock again."""
    reason = rules.require_reason(reason)
    found = Fulfilment.objects.select_for_update().filter(order=order).first()
    if found is not None and found.state == LOST:
        seen(actor, order)
        return found
    found, view = _locked(actor, order, anybody=True)
    rules.require_state(found.state, ON_THE_WAY, FAILED)
    picked = dict(found.picked.values_list("n", "quantity"))
    _complete(actor, view, {line.n: picked[line.n] for line in view.lines if line.actual is None})
    gone = {line.n: left for line in orders.order(actor, order).lines if (left := (line.actual or 0) - line.refunded)}
    if gone:
        order_services.refund(actor, id=order, refund_id=ids.named("market.lost", order), lines=gone, reason="lost")
    found.state, found.reason, found.ended_at = LOST, reason, clock.now()
    found.save()
    _tell(actor, view, facts.OrderLost)
    return found


@transaction.atomic
def cancel_order(actor: Actor, *, order: UUID, reason: str) -> OrderView:
    """The seller cannot deliver: the order is undone whole. For managers and clerks. Raises what `cancel` raises."""
    view = seen(actor, order)
    actor.require(view.seller, *roles.RANGE, scope=roles.MOVE)
    order_services.cancel(actor, id=order, reason=rules.require_reason(reason))
    return orders.order(actor, order)


def seen(actor: Actor, order: UUID) -> OrderView:
    """A market order that the actor may handle for its seller; Missing for others."""
    view = orders.order(actor, order)
    if view.field != "market" or not actor.acts_for(view.seller, *roles.STOCK):
        raise Missing("no-such-order", violations=[Violation(pointer="/order", rule="known")])
    actor.require(view.seller, *roles.STOCK, scope=roles.MOVE)
    return view


def _locked(
    actor: Actor, order: UUID, *, managers: bool = False, anybody: bool = False, done: bool = False
) -> tuple[Fulfilment, OrderView]:
    """The way of an order that was begun, locked; for its picker alone unless `anybody` (or `managers`) may."""
    seen(actor, order)
    found = Fulfilment.objects.select_for_update().filter(order=order).first()
    if found is None:
        raise Conflict("wrong-step", violations=[Violation(pointer="/state", rule="one-of")], extra={"state": WAITING})
    view = orders.order(actor, order)
    if view.state != "placed" and not (done and found.state in rules.DONE):
        raise Conflict(
            "wrong-state", violations=[Violation(pointer="/state", rule="one-of")], extra={"state": view.state}
        )
    mine = found.picker in (actor.party, None) or (managers and actor.acts_for(found.seller, "manager"))
    if not anybody and not mine:
        raise Conflict("picked-by-other", violations=[Violation(pointer="/order", rule="picker")])
    return found, view


def _known(view: OrderView, n: int) -> LineView:
    found = next((line for line in view.lines if line.n == n), None)
    if found is None:
        raise Missing("no-such-line", violations=[Violation(pointer="/line", rule="known")])
    return found


def _line(view: OrderView, n: int) -> LineView:
    found = _known(view, n)
    if found.actual is not None:
        raise Conflict("already-replaced", violations=[Violation(pointer="/line", rule="standing")])
    return found


def _complete(actor: Actor, view: OrderView, actual: Mapping[int, int]) -> None:
    """Captures what was picked; what was paid at once is paid back where it was not found."""
    if view.captured != view.held or not view.held:
        order_services.complete(actor, id=view.id, actual=actual)
        return
    order_services.complete(actor, id=view.id)
    missing = {line.n: line.quantity - actual[line.n] for line in view.lines if line.n in actual}
    short = {n: units for n, units in missing.items() if units > 0}
    if short:
        refund = ids.named("market.short", view.id)
        order_services.refund(actor, id=view.id, refund_id=refund, lines=short, reason="not-found", restock=True)


def _due(view: OrderView) -> datetime | None:
    if view.booking is None:
        return None
    return next((each.end for each in calendar.bookings_of(view.id) if each.id == view.booking), None)


def _tell(actor: Actor, view: OrderView, fact: type[Fact], **more: Any) -> None:
    district = parties.districts({view.buyer}).get(view.buyer, "")
    told = {"order": view.id, "seller": view.seller, "place": view.place, "district": district}
    emit(fact(**told, **more), subject=view.id, actor=actor.party)
