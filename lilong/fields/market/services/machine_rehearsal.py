"""Machines played through for a demo: every step by the real services, the machine's part by the reports it would send."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from lilong.fields.market.drafts import MachineDraft, TakeDraft
from lilong.fields.market.models import Machine, MachineMessage, MachineSession
from lilong.fields.market.services import machine_inbox, machines, passes, vending
from lilong.fields.market.standard import machine_protocol as protocol
from lilong.kernel.base import clock, ids
from lilong.kernel.parties.actor import Actor

_COLDEST_MC, _WARMEST_MC, _NOW_MC = 0, 8_000, 4_200


def set_up(
    owner: Actor,
    *,
    id: UUID,
    place: UUID,
    loads: Sequence[tuple[str, UUID, UUID, int]] = (),
    source: UUID | None = None,
) -> Machine:
    """A machine at a place with goods in it: `loads` are (slot, product, lot, pieces), fetched from the place `source`."""
    made = machines.register_machine(
        owner, MachineDraft(id=id, place=place, coldest_mc=_COLDEST_MC, warmest_mc=_WARMEST_MC)
    )
    for slot, product, lot, quantity in loads:
        machines.set_slot(owner, machine=id, code=slot, product=product, capacity=max(12, quantity))
        if source is not None:
            paper = ids.named("market", "rehearsal", id, slot, lot)
            machines.load(owner, id=paper, machine=id, slot=slot, lot=lot, quantity=quantity, source=source)
    beat(id)
    return made


def beat(machine: UUID) -> None:
    """The machine says that it lives."""
    _say(machine, protocol.Heartbeat(at=clock.now(), temperature_mc=_NOW_MC))


def buy(
    buyer: Actor, *, id: UUID, machine: UUID, slot: str, quantity: int, price: int, comes: int | None = None
) -> str:
    """A purchase at a vending machine: `comes` pieces of it come (all), else the slot jams. Answers its state."""
    beat(machine)
    lines = [TakeDraft(slot=slot, quantity=quantity, price=price)]
    sale = vending.reserve(buyer, id=id, machine=machine, lines=lines)
    there = quantity if comes is None else comes
    parts = []
    if there:
        seq = _next(machine)
        _say(machine, protocol.Vended(at=clock.now(), seq=seq, order=id, slot=slot, quantity=there))
        parts.append(seq)
    jammed = [slot] if there < quantity else []
    _say(machine, protocol.Closed(at=clock.now(), seq=_next(machine), order=id, parts=parts, jammed=jammed))
    sale.refresh_from_db()
    return sale.state


def visit(
    person: Actor, *, machine: UUID, place: UUID, takes: Sequence[tuple[str, int]], minutes: int = 6
) -> UUID | None:
    """A visit to an unmanned shop, taking (slot, pieces). Answers its order, None where nothing was taken."""
    session = _enter(person, machine, place)
    with clock.at(clock.now() + timedelta(minutes=minutes)):
        parts = []
        for slot, quantity in takes:
            seq = _next(machine)
            _say(machine, protocol.Moved(at=clock.now(), seq=seq, session=session, slot=slot, quantity=quantity))
            parts.append(seq)
        _leave(machine, session, parts)
    return MachineSession.objects.values_list("order", flat=True).get(id=session)


def recycle(person: Actor, *, machine: UUID, place: UUID, weights: Sequence[tuple[protocol.Material, int]]) -> None:
    """Material handed in at a collection machine, as (kind, grams)."""
    session, parts = _enter(person, machine, place), []
    for material, grams in weights:
        seq = _next(machine)
        _say(machine, protocol.Weighed(at=clock.now(), seq=seq, session=session, material=material, grams=grams))
        parts.append(seq)
    _leave(machine, session, parts)


def _enter(person: Actor, machine: UUID, place: UUID) -> UUID:
    token = passes.issue(person, place=place)
    _say(machine, protocol.Enter(at=clock.now(), seq=_next(machine), token=token))
    return MachineSession.objects.values_list("id", flat=True).get(person=person.party, state="open")


def _leave(machine: UUID, session: UUID, parts: list[int]) -> None:
    _say(machine, protocol.Exit(at=clock.now(), seq=_next(machine), session=session, parts=parts))


def _next(machine: UUID) -> int:
    last = MachineMessage.objects.filter(machine=machine).order_by("-seq").values_list("seq", flat=True).first()
    return (last or 0) + 1


def _say(machine: UUID, report: protocol.AnyReport) -> None:
    machine_inbox.take(machine, protocol.written(report))
