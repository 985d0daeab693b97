"""Where machine and money do not agree: opened by the house, or by a buyer within a day; decided by the seller."""

from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from lilong.fields.market.events.machines import DisputeOpened, DisputeResolved
from lilong.fields.market.models import Dispute, Machine, MachineSession, MachineSlot, Purchase, SlotLot, Stock
from lilong.fields.market.rules import machines as rules
from lilong.fields.market.rules import roles
from lilong.fields.market.services import stock
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Missing, Violation, invalid
from lilong.kernel.events.services import emit
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.orders import queries as orders
from lilong.kernel.orders import services as ordering
from lilong.kernel.parties.actor import SYSTEM, Actor

DECISIONS = ("refunded", "refused", "written-off")


def open_dispute(
    machine: Machine, *, id: UUID, kind: str, slot: MachineSlot, buyer: UUID, order: UUID | None, quantity: int,
    amount: int, line: int | None = None, reason: str = "", by: Actor = SYSTEM,
) -> Dispute:  # fmt: skip
    """Part of the caller's transaction; the same id again is the same dispute."""
    made, created = Dispute.objects.get_or_create(
        id=id,
        defaults={
            "machine": machine, "order": order, "buyer": buyer, "kind": kind, "slot": slot, "line": line,
            "quantity": quantity, "amount": amount, "reason": reason, "opened_at": clock.now(),
        },
    )  # fmt: skip
    if created:
        emit(
            DisputeOpened(
                machine=machine.device, seller=machine.seller, order=order, kind=kind, quantity=quantity, amount=amount
            ),
            subject=id,
            actor=by.party,
        )
    return made


@transaction.atomic
def contest(actor: Actor, *, id: UUID, order: UUID, line: int, quantity: int, reason: str) -> Dispute:
    """The buyer says that so many pieces of a line were not taken, or were spoilt; within a day of the purchase.

    The same id with the same body: the same answer. Raises Missing (not the buyer's, or no machine's order), Invalid,
    Conflict (`too-late`, `already-contested`, `id-taken`).
    """
    rules.check_reason(reason)
    known = Dispute.objects.filter(id=id).first()
    if known is not None:
        same = (known.order, known.line, known.quantity, known.reason) == (order, line, quantity, reason)
        if same and actor.acts_for(known.buyer, "manager", "buyer"):
            return known
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    view = orders.order(actor, order)
    if not actor.acts_for(view.buyer, "manager", "buyer"):
        raise Missing("no-such-order", violations=[Violation(pointer="/order", rule="known")])
    machine = machine_of(order)
    found = next((each for each in view.lines if each.n == line), None)
    if found is None:
        raise invalid("/line", "unknown-line")
    most = (found.actual or 0) - found.refunded
    if not 1 <= quantity <= most:
        raise invalid("/quantity", "range", f"1..{most}")
    if view.changed_at + timedelta(seconds=rules.CONTEST_SECONDS) < clock.now():
        raise Conflict("too-late", violations=[Violation(pointer="/order", rule="within-a-day")])
    slot = _slot_of(machine, found.offer)
    amount = found.price * quantity // found.per
    try:
        with transaction.atomic():
            return open_dispute(
                machine, id=id, kind="contested", slot=slot, buyer=view.buyer, order=order, quantity=quantity,
                amount=amount, line=line, reason=reason, by=actor,
            )  # fmt: skip
    except IntegrityError:
        raise Conflict("already-contested", violations=[Violation(pointer="/line", rule="once")]) from None


@transaction.atomic
def resolve(actor: Actor, *, id: UUID, decision: str, restock: bool = False) -> Dispute:
    """The seller decides: `refunded` (money back; with `restock` the goods were never taken and are there still),
    `refused`, or `written-off` (goods gone unpaid, booked as waste by theft). Again the same: the same answer.

    Raises Missing for others, Invalid for a decision the kind does not allow, Conflict `already-resolved`.
    """
    if decision not in DECISIONS:
        raise invalid("/decision", "choice", ", ".join(DECISIONS))
    found = Dispute.objects.select_for_update(of=("self",)).select_related("machine", "slot").filter(id=id).first()
    actor.require_scope(roles.WRITE)
    if found is None or not actor.acts_for(found.machine.seller, *roles.RANGE):
        raise Missing("no-such-dispute", violations=[Violation(pointer="/id", rule="known")])
    if found.state != "open":
        if found.state == decision:
            return found
        raise Conflict("already-resolved", extra={"state": found.state})
    if decision == "refunded":
        if found.kind != "contested" or found.order is None or found.line is None:
            raise invalid("/decision", "nothing-was-paid")
        lines = {found.line: found.quantity}
        ordering.refund(
            SYSTEM, id=found.order, refund_id=found.id, lines=lines, reason="contested", restock=restock,
            through=rules.GUARD,
        )  # fmt: skip
    if decision == "written-off":
        if found.kind == "contested":
            raise invalid("/decision", "was-paid")
        _write_off(found)
    found.state, found.resolved_at, found.resolved_by = decision, clock.now(), actor.party
    found.save(update_fields=["state", "resolved_at", "resolved_by"])
    fact = DisputeResolved(
        machine=found.machine_id, seller=found.machine.seller, order=found.order, kind=found.kind,
        outcome=decision, amount=found.amount,  # type: ignore[arg-type]
    )  # fmt: skip
    emit(fact, subject=found.id, actor=actor.party)
    return found


def _write_off(dispute: Dispute) -> None:
    """As much as the books still have of the slot's lots; what a count has taken out already stays out."""
    left, place = dispute.quantity, dispute.machine.place_id
    for n, lot in enumerate(
        SlotLot.objects.filter(slot=dispute.slot).order_by("since", "id").values_list("lot_id", flat=True)
    ):
        account = Stock.objects.filter(lot=lot, place=place).values_list("account", flat=True).first()
        part = min(left, ledger.balance(account).available) if account else 0
        if part > 0:
            paper = ids.named("market", "written-off", dispute.id, n)
            stock.book_waste(SYSTEM, id=paper, lot=lot, place=place, quantity=part, reason="theft")
            left -= part


def machine_of(order: UUID) -> Machine:
    """The machine an order was made at. Raises Missing for other orders."""
    sale = Purchase.objects.select_related("machine").filter(id=order).first()
    sale = sale or Purchase.objects.select_related("machine").filter(late_order=order).first()
    visit = None if sale else MachineSession.objects.select_related("machine").filter(order=order).first()
    found = sale or visit
    if found is None:
        raise Missing("no-such-order", violations=[Violation(pointer="/order", rule="at-a-machine")])
    return found.machine


def _slot_of(machine: Machine, offer: UUID) -> MachineSlot:
    for slot in MachineSlot.objects.filter(machine=machine).exclude(product=None).order_by("code"):
        if rules.offer_of(slot.product_id) == offer:
            return slot
    raise Missing("no-such-slot", violations=[Violation(pointer="/line", rule="known")])
