"""Buying at a vending machine: reserve, let it vend, settle by what was taken; silence and late reports included."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from lilong.fields.market.drafts import TakeDraft
from lilong.fields.market.events.machines import MachineFaulted, VendReleased, VendSettled
from lilong.fields.market.models import Machine, MachineMessage, MachineSlot, Purchase, PurchaseLine
from lilong.fields.market.rules import machines as rules
from lilong.fields.market.services import machine_outbox, unattended
from lilong.fields.market.services.disputes import open_dispute
from lilong.fields.market.services.machines import locked, slot_of
from lilong.fields.market.standard.machine_protocol import Closed, Vended
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Missing, Violation
from lilong.kernel.events.services import emit
from lilong.kernel.orders import services as orders
from lilong.kernel.orders.drafts import LineDraft, OrderDraft, Placed
from lilong.kernel.parties.actor import SYSTEM, Actor


@transaction.atomic
def reserve(actor: Actor, *, id: UUID, machine: UUID, lines: Sequence[TakeDraft]) -> Purchase:
    """Holds the money and the goods, and tells the machine to vend. The purchase's id is its order's.

    The same id with the same body: the same answer. Raises Missing, Invalid, Conflict (`machine-offline`,
    `machine-busy`, `slot-faulty`, `sold-out`, `price-changed`, `insufficient-funds`, `id-taken`).
    """
    rules.check_lines([(line.slot, line.quantity, line.price) for line in lines])
    found = locked(machine)
    known = Purchase.objects.filter(id=id).first()
    if known is not None:
        return _same(actor, known, lines)
    _require_ready(found)
    slots = [slot_of(found, line.slot, f"/lines/{n}/slot") for n, line in enumerate(lines)]
    _require_goods(slots, lines)
    offers = unattended.keep_offers([slot.product for slot in slots if slot.product])
    drafts = [
        LineDraft(offer=offers[slot.product_id], quantity=line.quantity, price=line.price)
        for slot, line in zip(slots, lines, strict=True)
    ]
    order = OrderDraft(id=id, buyer=actor.party, lines=drafts, place=found.place_id, channel=rules.VENDING)
    orders.place_one(actor, order, through=rules.GUARD)
    now = clock.now()
    made = _made(found, id, actor.party, now + timedelta(seconds=rules.VEND_SECONDS))
    PurchaseLine.objects.bulk_create(
        [
            PurchaseLine(purchase=made, n=n, slot=slot, offer=draft.offer, quantity=draft.quantity, price=draft.price)
            for n, (slot, draft) in enumerate(zip(slots, drafts, strict=True))
        ]
    )
    body = {"order": str(id), "lines": [{"slot": line.slot, "quantity": line.quantity} for line in lines]}
    machine_outbox.command(found, "vend", body, seconds=rules.VEND_SECONDS, subject=id)
    return made


def _same(actor: Actor, known: Purchase, lines: Sequence[TakeDraft]) -> Purchase:
    stood = [(line.slot.code, line.quantity, line.price) for line in known.lines.select_related("slot").order_by("n")]
    if known.buyer == actor.party and stood == [(line.slot, line.quantity, line.price) for line in lines]:
        return known
    raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])


def _require_ready(machine: Machine) -> None:
    if machine.place.kind != "vending-machine":
        raise Missing("no-such-machine", violations=[Violation(pointer="/machine", rule="vends")])
    if machine.place.closed_at or not rules.online(machine.seen_at, clock.now()):
        raise Conflict("machine-offline", violations=[Violation(pointer="/machine", rule="online")])
    if Purchase.objects.filter(machine=machine, state="reserved").exists():
        raise Conflict("machine-busy", violations=[Violation(pointer="/machine", rule="free")])


def _require_goods(slots: list[MachineSlot], lines: Sequence[TakeDraft]) -> None:
    have = unattended.counts(slots)
    for n, (slot, line) in enumerate(zip(slots, lines, strict=True)):
        if slot.fault:
            raise Conflict("slot-faulty", violations=[Violation(pointer=f"/lines/{n}/slot", rule="in-order")])
        available = have[slot.pk][1] if slot.product_id else 0
        if available < line.quantity:
            raise Conflict(
                "sold-out",
                violations=[Violation(pointer=f"/lines/{n}/quantity", rule="sold-out")],
                extra={"slot": slot.code, "available": available},
            )


def _made(machine: Machine, id: UUID, buyer: UUID, until: object) -> Purchase:
    try:
        with transaction.atomic():
            return Purchase.objects.create(
                id=id, machine=machine, buyer=buyer, reserved_at=clock.now(), expires_at=until
            )
    except IntegrityError:
        raise Conflict("machine-busy", violations=[Violation(pointer="/machine", rule="free")]) from None


def heard(machine: Machine, report: Vended | Closed) -> None:
    """A report about a purchase (journalled already, the machine locked): settles it once nothing of it is missing."""
    found = Purchase.objects.select_for_update().filter(id=report.order, machine=machine).first()
    if found is None:
        raise Missing("no-such-purchase", violations=[Violation(pointer="/order", rule="of-machine")])
    if isinstance(report, Vended):
        slot_of(machine, report.slot)
    elif found.parts is None:
        found.parts, found.jammed = sorted(set(report.parts)), list(report.jammed)
        found.save(update_fields=["parts", "jammed"])
        machine_outbox.done(machine, found.id)
    elif (found.parts, found.jammed) != (sorted(set(report.parts)), list(report.jammed)):
        raise Conflict("already-closed", violations=[Violation(pointer="/order", rule="once")])
    reports = _reports(found)
    if found.state in ("reserved", "released") and not rules.missing(found.parts, set(reports)):
        _settle(machine, found, {seq: reports[seq] for seq in found.parts})


def _reports(purchase: Purchase) -> dict[int, rules.Part]:
    rows = MachineMessage.objects.filter(
        machine=purchase.machine_id, kind="vended", subject=purchase.id, outcome="taken"
    ).values_list("seq", "body")
    return {seq: rules.Part(body["slot"], body["quantity"]) for seq, body in rows}


def _settle(machine: Machine, purchase: Purchase, reports: dict[int, rules.Part]) -> None:
    lines = list(purchase.lines.select_related("slot").order_by("n"))
    taken: dict[str, int] = {}
    for part in reports.values():
        taken[part.slot] = taken.get(part.slot, 0) + part.quantity
    charges, excess = rules.charged([rules.Charge(line.slot.code, line.quantity) for line in lines], taken)
    late = purchase.state == "released"
    if late:
        _charge_late(machine, purchase, lines, charges)
    elif any(charges):
        orders.complete(SYSTEM, id=purchase.id, actual=dict(enumerate(charges)), through=rules.GUARD)
        unattended.right_lots(
            purchase.id, machine.place_id, {line.slot.pk: n for line, n in zip(lines, charges, strict=True) if n}
        )
    else:
        orders.cancel(SYSTEM, id=purchase.id, reason="nothing-taken", through=rules.GUARD)
    _dispute_excess(machine, purchase, lines, excess)
    jams = [slot for slot in MachineSlot.objects.filter(machine=machine, code__in=purchase.jammed)]
    for slot in jams:
        fault(machine, slot, "jam")
    for line, charge in zip(lines, charges, strict=True):
        line.taken = charge
        line.save(update_fields=["taken"])
    purchase.state, purchase.settled_at = "late" if late else "settled", clock.now()
    purchase.save(update_fields=["state", "settled_at", "late_order"])
    fact = VendSettled(
        machine=machine.device, seller=machine.seller, district=machine.place.district,
        reserved=sum(line.quantity for line in lines), taken=sum(taken.values()), jams=len(jams), late=late,
    )  # fmt: skip
    emit(fact, subject=purchase.id, actor=machine.device)


def _charge_late(machine: Machine, purchase: Purchase, lines: list[PurchaseLine], charges: list[int]) -> None:
    """The money had been given back when the machine spoke: what was taken is ordered anew, at the price agreed."""
    wanted = [(line, n) for line, n in zip(lines, charges, strict=True) if n]
    if not wanted:
        return
    purchase.late_order = ids.named("market", "late", purchase.id)
    drafts = [LineDraft(offer=line.offer, quantity=n, price=line.price) for line, n in wanted]
    order = OrderDraft(
        id=purchase.late_order, buyer=purchase.buyer, lines=drafts, place=machine.place_id, channel=rules.VENDING
    )
    (answer,) = orders.place([order], through=rules.GUARD)
    if isinstance(answer, Placed):
        orders.complete(SYSTEM, id=order.id, through=rules.GUARD)
        unattended.right_lots(order.id, machine.place_id, {line.slot.pk: n for line, n in wanted})
        return
    purchase.late_order = None
    for line, n in wanted:
        open_dispute(
            machine, id=ids.named("market", "unpaid", purchase.id, line.n), kind="unpaid", slot=line.slot,
            buyer=purchase.buyer, order=purchase.id, quantity=n, amount=n * line.price, reason=answer.problem.code,
        )  # fmt: skip


def _dispute_excess(machine: Machine, purchase: Purchase, lines: list[PurchaseLine], excess: dict[str, int]) -> None:
    prices = {line.slot.code: line.price for line in lines}
    for code, quantity in excess.items():
        slot = slot_of(machine, code)
        open_dispute(
            machine, id=ids.named("market", "excess", purchase.id, code), kind="excess", slot=slot,
            buyer=purchase.buyer, order=purchase.id, quantity=quantity, amount=quantity * prices.get(code, 0),
        )  # fmt: skip


def fault(machine: Machine, slot: MachineSlot | None, code: str) -> None:
    """Takes a slot (or notes that somebody should look at the machine) out of order. The machine is locked."""
    if slot is not None:
        slot.fault = code
        slot.save(update_fields=["fault"])
    else:
        machine.attention = code
        machine.save(update_fields=["attention"])
    emit(
        MachineFaulted(
            machine=machine.device, slot=slot.code if slot else "", code=code, district=machine.place.district
        ),
        subject=machine.device,
        actor=machine.device,
    )


def release_silent() -> int:
    """Gives the money back where a machine has not reported in time, and asks for somebody to look; answers how many.

    Safe from any number of processes; what the machine's journal says later is settled then.
    """
    limit = clock.now() - timedelta(seconds=rules.SILENT_SECONDS)
    due = Purchase.objects.filter(state="reserved", expires_at__lt=limit).values_list("id", "machine_id")
    return sum(_release(id, machine) for id, machine in list(due))


@transaction.atomic
def _release(id: UUID, device: UUID) -> bool:
    machine = locked(device)
    found = Purchase.objects.select_for_update().get(id=id)
    if found.state != "reserved":
        return False
    orders.cancel(SYSTEM, id=id, reason="machine-silent", through=rules.GUARD)
    found.state, found.settled_at = "released", clock.now()
    found.save(update_fields=["state", "settled_at"])
    fault(machine, None, "silent")
    fact = VendReleased(machine=device, seller=machine.seller, district=machine.place.district)
    emit(fact, subject=id, actor=device)
    return True
