"""Setting up machines: the device and its place, its slots, loading lots into them, faults set right."""

from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction

from lilong.fields.market.drafts import MachineDraft
from lilong.fields.market.events.machines import MachineCleared, MachineRegistered
from lilong.fields.market.models import Lot, Machine, MachineSlot, Place, Product, SlotLot, StockPaper
from lilong.fields.market.rules import machines as rules
from lilong.fields.market.rules import roles
from lilong.fields.market.services import stock, unattended
from lilong.fields.market.standard import machine_protocol
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Gone, Missing, Violation, invalid
from lilong.kernel.base.words import Words
from lilong.kernel.events.services import emit
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.actor import SYSTEM, Actor


class Credentials(NamedTuple):
    """What is typed into a machine once: its user name and secret for MQTT, and the key it knows our commands by."""

    device: UUID
    secret: str
    house_key: str


@transaction.atomic
def register_machine(actor: Actor, draft: MachineDraft) -> Machine:
    """Makes a place a machine, with a device party of its own. The same draft again: the same answer.

    Raises Missing, Forbidden, Gone `place-closed`, Invalid, Conflict (`place-taken`, `id-taken`).
    """
    place = Place.objects.select_for_update().filter(id=draft.place).first()
    if place is None:
        raise Missing("no-such-place", violations=[Violation(pointer="/place", rule="known")])
    actor.require(place.owner, *roles.RANGE, scope=roles.WRITE)
    if place.kind not in rules.MACHINES:
        raise invalid("/place", "kind", ", ".join(rules.MACHINES))
    if place.closed_at:
        raise Gone("place-closed")
    if draft.coldest_mc is not None and draft.warmest_mc is not None and draft.coldest_mc >= draft.warmest_mc:
        raise invalid("/warmest_mc", "above-coldest")
    there = Machine.objects.filter(place=place).first()
    if there is not None:
        if (there.device, there.coldest_mc, there.warmest_mc) == (draft.id, draft.coldest_mc, draft.warmest_mc):
            return there
        raise Conflict("place-taken", violations=[Violation(pointer="/place", rule="one-machine")])
    name = Words.read(place.name)
    parties.create_device(SYSTEM, id=draft.id, name=name, owner=place.owner, kind=place.kind, district=place.district)
    made = Machine.objects.create(
        device=draft.id,
        place=place,
        seller=place.owner,
        coldest_mc=draft.coldest_mc,
        warmest_mc=draft.warmest_mc,
        registered_at=clock.now(),
    )
    emit(
        MachineRegistered(
            machine=made.device, place=place.id, seller=place.owner, kind=place.kind, district=place.district
        ),
        subject=made.device,
        actor=actor.party,
    )
    return made


@transaction.atomic
def issue_credentials(actor: Actor, *, machine: UUID) -> Credentials:
    """New credentials, shown this once; those before end. For managers of its owner."""
    found = locked(machine)
    require(actor, found, "manager")
    secret = parties.issue_device_secret(SYSTEM, device=found.device)
    return Credentials(found.device, secret, machine_protocol.public_key(settings.TOKEN_KEY))


@transaction.atomic
def set_slot(
    actor: Actor, *, machine: UUID, code: str, product: UUID | None, capacity: int, par: int | None = None
) -> MachineSlot:
    """Makes or changes a slot: its product, how many fit, how many a refill brings it to (all that fit).

    Raises Missing, Forbidden, Invalid, Conflict `slot-not-empty` when other goods are still in it.
    """
    par = capacity if par is None else par
    rules.check_layout(code, capacity, par)
    found = locked(machine)
    require(actor, found, *roles.RANGE)
    goods = None
    if product is not None:
        goods = Product.objects.filter(id=product, seller=found.seller, withdrawn_at=None).first()
        if goods is None:
            raise Missing("no-such-product", violations=[Violation(pointer="/product", rule="known")])
        if goods.unit != "piece":
            raise invalid("/product", "by-piece")
        unattended.keep_offers([goods])
    slot = MachineSlot.objects.filter(machine=found, code=code).first()
    if slot is None:
        return MachineSlot.objects.create(machine=found, code=code, product=goods, capacity=capacity, par=par)
    if slot.product_id != product:
        if unattended.counts([slot])[slot.pk][0]:
            raise Conflict("slot-not-empty", violations=[Violation(pointer="/product", rule="empty-first")])
        slot.loads.all().delete()
    slot.product, slot.capacity, slot.par = goods, capacity, par
    slot.save(update_fields=["product", "capacity", "par"])
    return slot


@transaction.atomic
def load(actor: Actor, *, id: UUID, machine: UUID, slot: str, lot: UUID, quantity: int, source: UUID) -> StockPaper:
    """Brings goods of a lot from another place into a slot. The same id with the same body: the same answer.

    Raises Missing, Forbidden, Invalid, Conflict (`slot-full`, `lot-in-another-slot`, and what `stock.transfer` raises).
    """
    found = locked(machine)
    require(actor, found, *roles.STOCK, scope=roles.MOVE)
    if not StockPaper.objects.filter(id=id).exists():
        _make_room(found, slot_of(found, slot), lot, quantity)
    paper = stock.transfer(actor, id=id, lot=lot, source=source, target=found.place_id, quantity=quantity)
    unattended.keep_offers([paper.lot.product])
    return paper


def _make_room(machine: Machine, slot: MachineSlot, lot: UUID, quantity: int) -> None:
    goods = Lot.objects.filter(id=lot, product__seller=machine.seller).first()
    if goods is None:
        raise Missing("no-such-lot", violations=[Violation(pointer="/lot", rule="known")])
    if goods.product_id != slot.product_id:
        raise invalid("/lot", "product-of-slot")
    there = unattended.counts([slot])[slot.pk][0]
    if there + quantity > slot.capacity:
        raise Conflict(
            "slot-full",
            violations=[Violation(pointer="/quantity", rule="fits", detail=str(slot.capacity - there))],
            extra={"room": slot.capacity - there},
        )
    made, _ = SlotLot.objects.get_or_create(machine=machine, lot=goods, defaults={"slot": slot, "since": clock.now()})
    if made.slot_id != slot.pk:
        if unattended.counts([made.slot])[made.slot_id][0]:
            raise Conflict("lot-in-another-slot", violations=[Violation(pointer="/lot", rule="one-slot")])
        made.slot = slot
        made.save(update_fields=["slot"])


@transaction.atomic
def clear_fault(actor: Actor, *, machine: UUID, slot: str | None = None) -> Machine:
    """A person has set it right: the slot sells again (or, without one, nobody need look any more)."""
    found = locked(machine)
    require(actor, found, *roles.STOCK)
    clear(found, slot_of(found, slot) if slot else None, actor.party)
    return found


def clear(machine: Machine, slot: MachineSlot | None, by: UUID) -> None:
    """The same, whoever says so. The caller has locked the machine."""
    if slot is not None:
        slot.fault = ""
        slot.save(update_fields=["fault"])
    else:
        machine.attention = ""
        machine.save(update_fields=["attention"])
    code = slot.code if slot else ""
    emit(
        MachineCleared(machine=machine.device, slot=code, district=machine.place.district),
        subject=machine.device,
        actor=by,
    )


def locked(machine: UUID) -> Machine:
    """The machine, locked: everything that changes it or settles by it comes one after another. Raises Missing."""
    found = Machine.objects.select_for_update(of=("self",)).select_related("place").filter(device=machine).first()
    if found is None:
        raise Missing("no-such-machine", violations=[Violation(pointer="/machine", rule="known")])
    return found


def slot_of(machine: Machine, code: str, pointer: str = "/slot") -> MachineSlot:
    found = MachineSlot.objects.select_related("product").filter(machine=machine, code=code).first()
    if found is None:
        raise Missing("no-such-slot", violations=[Violation(pointer=pointer, rule="known")])
    return found


def require(actor: Actor, machine: Machine, *wanted: str, scope: str = roles.WRITE) -> None:
    """Raises Missing for others' machines: they are not told of one another's."""
    actor.require_scope(scope)
    if not actor.acts_for(machine.seller, *wanted):
        raise Missing("no-such-machine", violations=[Violation(pointer="/machine", rule="known")])
