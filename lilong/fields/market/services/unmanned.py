"""An unmanned shop: in by a pass with money held, what was taken is charged on leaving, however one leaves."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from lilong.fields.market.events.machines import SessionClosed, SessionOpened
from lilong.fields.market.models import Dispute, Machine, MachineMessage, MachineSession, MachineSlot
from lilong.fields.market.rules import machines as rules
from lilong.fields.market.services import machine_outbox, passes, unattended
from lilong.fields.market.services.disputes import open_dispute
from lilong.fields.market.services.machines import locked, slot_of
from lilong.fields.market.services.vending import fault
from lilong.fields.market.standard.machine_protocol import Enter, Exit, Moved
from lilong.kernel.base import clock, ids
from lilong.kernel.base.money import CNY
from lilong.kernel.base.problems import Conflict, Gone, Missing, Violation, invalid
from lilong.kernel.catalog import queries as catalog
from lilong.kernel.events.services import emit
from lilong.kernel.ledger import queries as ledger_reads
from lilong.kernel.ledger import services as ledger
from lilong.kernel.ledger.services import PENDING, VOID, Move
from lilong.kernel.orders import queries as order_reads
from lilong.kernel.orders import services as orders
from lilong.kernel.orders.drafts import LineDraft, OrderDraft, Placed
from lilong.kernel.parties.actor import SYSTEM

_HOLD, _FREE = 0, 1  # the session's moves of money


def enter(machine: Machine, report: Enter) -> MachineSession:
    """Opens the gate to whoever shows a good pass, alone. The machine is locked. Raises what `passes.checked` does."""
    entry = passes.checked(machine, report.token, report.people)
    kind = machine.place.kind
    if kind == "vending-machine" or machine.place.closed_at:
        raise Conflict("no-gate")
    now = clock.now()
    try:
        with transaction.atomic():
            made = MachineSession.objects.create(
                id=entry.id,
                machine=machine,
                person=entry.person,
                held=rules.ENTRY_HOLD if kind == "unmanned-shop" else 0,
                opened_at=now,
                expires_at=now + timedelta(seconds=rules.STAY_SECONDS),
            )
    except IntegrityError:
        raise Conflict("already-inside") from None
    if made.held:
        _hold(machine, made)
    machine_outbox.command(machine, "open", {"session": str(made.id)}, seconds=rules.VEND_SECONDS, subject=made.id)
    emit(SessionOpened(machine=machine.device, kind=kind, district=machine.place.district), subject=made.id)
    return made


def _hold(machine: Machine, session: MachineSession) -> None:
    wallet, sales = _accounts(machine, session)
    move = Move(
        ids.child(session.id, _HOLD), wallet, sales, session.held, PENDING, ref=session.id, code="market.entry-hold"
    )
    (outcome,) = ledger.post([move])
    if outcome.status == "insufficient":
        raise Conflict("insufficient-funds", extra={"needed": session.held, "available": outcome.available})
    if outcome.status != "created":
        raise Conflict(f"ledger-{outcome.status}")


def _accounts(machine: Machine, session: MachineSession) -> tuple[int, int]:
    money = ledger.open_asset(CNY, kind="money", unit=CNY)
    wallet, sales = ledger.open_accounts([(session.person, money, "wallet", 0), (machine.seller, money, "sales", 0)])
    return wallet, sales


def heard(machine: Machine, report: Moved | Exit) -> None:
    """A report of a session (journalled already, the machine locked): settles it once nothing of it is missing."""
    session = MachineSession.objects.select_for_update().filter(id=report.session, machine=machine).first()
    if session is None:
        raise Missing("no-such-session", violations=[Violation(pointer="/session", rule="of-machine")])
    if session.opened_at + timedelta(seconds=rules.LATE_SECONDS) < clock.now():
        raise Gone("session-over")
    if isinstance(report, Moved):
        if not report.quantity:
            raise invalid("/quantity", "not-zero")
        slot = slot_of(machine, report.slot)
        if report.lot and not slot.loads.filter(lot__code=report.lot).exists():
            raise invalid("/lot", "in-slot")
    elif session.parts is None:
        session.parts = sorted(set(report.parts))
        session.save(update_fields=["parts"])
    elif session.parts != sorted(set(report.parts)):
        raise Conflict("already-closed", violations=[Violation(pointer="/session", rule="once")])
    if session.state == "open":
        close_if_complete(machine, session)
    else:
        _dispute_late(machine, session)


def close_if_complete(machine: Machine, session: MachineSession) -> None:
    """Ends an open session once the exit and every report that it names are there."""
    if not rules.missing(session.parts, set(_reports(session))):
        close(machine, session)


def _reports(session: MachineSession) -> dict[int, rules.Part]:
    rows = MachineMessage.objects.filter(machine=session.machine_id, subject=session.id, outcome="taken")
    return {
        seq: rules.Part(body.get("slot", ""), body.get("quantity", 0))
        for seq, body in rows.filter(kind__in=("moved", "weighed")).values_list("seq", "body")
    }


def _taken(machine: Machine, session: MachineSession) -> dict[str, int]:
    """By slot, what was taken and not put back, of all that has been reported."""
    net: dict[str, int] = {}
    for part in _reports(session).values():
        if part.slot:
            net[part.slot] = net.get(part.slot, 0) + part.quantity
    return {slot: quantity for slot, quantity in net.items() if quantity > 0}


def close(machine: Machine, session: MachineSession, *, timed_out: bool = False) -> None:
    """Ends a session: the hold goes, what was taken is ordered and paid, in one transaction."""
    taken = _taken(machine, session)
    slots = {slot.code: slot for slot in _slots(machine, taken)}
    if session.held:
        _charge(machine, session, [(slots[code], quantity) for code, quantity in sorted(taken.items())])
    session.state, session.closed_at = "timed-out" if timed_out else "closed", clock.now()
    session.save(update_fields=["state", "closed_at", "order"])
    machine_outbox.done(machine, session.id)
    if timed_out and session.held:
        fault(machine, None, "left-inside")
    fact = SessionClosed(
        machine=machine.device, kind=machine.place.kind, district=machine.place.district, order=session.order,
        pieces=sum(taken.values()), timed_out=timed_out,
    )  # fmt: skip
    emit(fact, subject=session.id, actor=machine.device)


def _slots(machine: Machine, codes: Iterable[str]) -> list[MachineSlot]:
    return list(MachineSlot.objects.select_related("product").filter(machine=machine, code__in=list(codes)))


def _charge(machine: Machine, session: MachineSession, taken: list[tuple[MachineSlot, int]]) -> None:
    """Frees the hold and places and completes one order for as much as stock and purse allow; the rest is disputed."""
    sold = [(slot, quantity) for slot, quantity in taken if slot.product]
    offers = unattended.keep_offers([slot.product for slot, _ in sold if slot.product])
    terms = catalog.terms(offers.values())
    _free(machine, session, list(offers.values()))
    wallet, _sales = _accounts(machine, session)
    have, prices = unattended.counts([slot for slot, _ in sold]), []
    for slot, quantity in sold:
        prices.append((quantity, terms[offers[slot.product_id]].price))
    funds = ledger_reads.balance(wallet).available
    parts = rules.affordable(prices, [have[slot.pk][1] for slot, _ in sold], funds)
    lines = [(slot, part, price) for (slot, _), part, (_, price) in zip(sold, parts, prices, strict=True) if part]
    if lines:
        _order(machine, session, lines, offers)
    charged = {slot.pk: part for slot, part, _ in lines} if session.order else {}
    for (slot, quantity), (_, price) in zip(sold, prices, strict=True):
        rest = quantity - charged.get(slot.pk, 0)
        if rest:
            open_dispute(
                machine, id=ids.named("market", "unpaid", session.id, slot.code), kind="unpaid", slot=slot,
                buyer=session.person, order=session.order, quantity=rest, amount=rest * price,
            )  # fmt: skip


def _free(machine: Machine, session: MachineSession, offers: list[UUID]) -> None:
    """Gives the hold back, with every account that the order will want locked in the ledger's own order."""
    wallet, sales = _accounts(machine, session)
    hold = ids.child(session.id, _HOLD)
    move = Move(ids.child(session.id, _FREE), wallet, sales, 0, VOID, of=hold, ref=session.id, code="market.entry-hold")
    supplied = catalog.supplies(offers, [machine.place_id]) if offers else []
    accounts = {wallet, sales} | {account for each in supplied for account in (each.account, each.sink)}
    with ledger.batch(accounts=accounts, settles=[hold]) as batch:
        refused = batch.add([move])
        if refused is not None:
            raise Conflict(f"ledger-{refused.status}")


def _order(
    machine: Machine, session: MachineSession, lines: list[tuple[MachineSlot, int, int]], offers: dict[UUID, UUID]
) -> None:
    id = ids.named("market", "visit", session.id)
    drafts = [LineDraft(offer=offers[slot.product_id], quantity=part, price=price) for slot, part, price in lines]
    order = OrderDraft(id=id, buyer=session.person, lines=drafts, place=machine.place_id, channel=rules.UNMANNED)
    (answer,) = orders.place([order], through=rules.GUARD)
    if not isinstance(answer, Placed):
        return
    orders.complete(SYSTEM, id=id, through=rules.GUARD)
    unattended.right_lots(id, machine.place_id, {slot.pk: part for slot, part, _ in lines})
    session.order = id


def _dispute_late(machine: Machine, session: MachineSession) -> None:
    """What the journal tells after the session was closed was not charged: the operator decides, by slot."""
    if not session.held:
        return
    for slot in _slots(machine, taken := _taken(machine, session)):
        known = _accounted(session, slot)
        more = taken[slot.code] - known
        if more > 0 and slot.product:
            price = catalog.terms([rules.offer_of(slot.product_id)])[rules.offer_of(slot.product_id)].price
            open_dispute(
                machine, id=ids.named("market", "late", session.id, slot.code, taken[slot.code]), kind="late",
                slot=slot, buyer=session.person, order=session.order, quantity=more, amount=more * price,
            )  # fmt: skip


def _accounted(session: MachineSession, slot: MachineSlot) -> int:
    """What of a slot was charged, or is in dispute already."""
    disputed = Dispute.objects.filter(machine=session.machine_id, buyer=session.person, slot=slot)
    ours = disputed.filter(order=session.order) if session.order else disputed.filter(opened_at__gte=session.opened_at)
    count = sum(ours.exclude(kind="contested").values_list("quantity", flat=True))
    if session.order:
        offer = rules.offer_of(slot.product_id) if slot.product_id else None
        view = order_reads.orders_by([session.order])[session.order]
        count += sum(line.actual or 0 for line in view.lines if line.offer == offer)
    return count


def close_overdue() -> int:
    """Ends sessions whose gate never told of an exit, by what has been reported; answers how many. Safe to run twice."""
    due = MachineSession.objects.filter(state="open", expires_at__lt=clock.now()).values_list("id", "machine_id")
    return sum(_close_overdue(id, machine) for id, machine in list(due))


@transaction.atomic
def _close_overdue(id: UUID, device: UUID) -> bool:
    machine = locked(device)
    session = MachineSession.objects.select_for_update().get(id=id)
    if session.state != "open":
        return False
    close(machine, session, timed_out=True)
    return True
