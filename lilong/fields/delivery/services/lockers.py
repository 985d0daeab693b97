"""Parcels in lockers: a cell reserved, put in, collected by code or taken back. Who has the parcel is in its custody.

A bank with a terminal opens its doors by command, and custody changes when a door says that it did; one without counts as
opened at once.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.db import transaction

from lilong.fields.delivery.events import shipments as facts
from lilong.fields.delivery.models import LockerBank, LockerCell, LockerStay, Parcel, PickupCode, Proof, Shipment
from lilong.fields.delivery.rules import codes as code_rules
from lilong.fields.delivery.rules import fees, promises, roles, states
from lilong.fields.delivery.rules.steps import happened
from lilong.fields.delivery.services import cells, codes, commands, money, steps, stops
from lilong.fields.delivery.services.keys import key
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Missing, Violation, invalid
from lilong.kernel.parties.actor import Actor

OPENING_MINUTES = 10  # how long an opened-for code waits for its door to say so


class CellsOpened(msgspec.Struct, frozen=True, kw_only=True):
    """Which cells were told to open for a shipment; `opened` when they count as opened already."""

    shipment: UUID
    cells: list[int]
    opened: bool


def reserve(shipment: Shipment, parcels: list[Parcel], earliest: datetime, latest: datetime) -> list[LockerStay]:
    """Cells from when the shipment may come until it has stayed as long as it may. Raises Conflict `no-free-cell`."""
    assert shipment.bank is not None
    now = clock.now().replace(microsecond=0)
    until = latest + timedelta(hours=shipment.bank.stay_hours)
    return cells.take(shipment, parcels, shipment.bank.id, max(now, earliest), until, {})


@transaction.atomic
def open_to_put_in(actor: Actor, *, shipment: UUID, vehicle: UUID) -> CellsOpened:
    """The courier stands at the bank: cells are free from now on (others, if those reserved are not), their doors open.

    Raises Missing, Conflict `wrong-step`, `other-holder`, `no-free-cell`, `shipment-stopped`.
    """
    found, parcels, bank = _before(actor, shipment, vehicle)
    stays = _ready(found, parcels, bank)
    if bank.device is not None:
        commands.open_cells(bank, [stay.cell for stay in stays])
    return CellsOpened(shipment=found.id, cells=sorted(stay.cell.number for stay in stays), opened=bank.device is None)


def _before(actor: Actor, shipment: UUID, vehicle: UUID) -> tuple[Shipment, list[Parcel], LockerBank]:
    found = steps.locked(shipment)
    carrier = steps.carried_by(actor, found, vehicle)
    steps.require_not_stopped(found)
    if found.bank_id is None:
        raise Conflict("no-locker", violations=[Violation(pointer="/shipment", rule="to-locker")])
    parcels = steps.parcels(found)
    steps.require_held_by(parcels, "vehicle", carrier.id)
    return found, parcels, cells.bank_of(found.bank_id)


def _ready(shipment: Shipment, parcels: list[Parcel], bank: LockerBank) -> list[LockerStay]:
    """Cells that are free and in order from now on: those made ready before, else new ones, the reserved if possible."""
    now = clock.now().replace(microsecond=0)
    stays = list(shipment.stays.filter(state="reserved").select_related("cell"))
    if stays and all(stay.opening_at is not None and _usable(stay) for stay in stays):
        return stays
    liked = {stay.parcel: stay.cell_id for stay in stays if stay.cell.out_at is None}
    for stay in stays:
        cells.give_up(stay, "released")
    until = now + timedelta(hours=bank.stay_hours)
    made = cells.take(shipment, parcels, bank.id, now, until, liked)
    shipment.stays.filter(state="reserved").update(opening_at=now)
    return made


def _usable(stay: LockerStay) -> bool:
    return stay.cell.out_at is None and stay.until > clock.now()


@transaction.atomic
def put_in(actor: Actor, *, shipment: UUID, vehicle: UUID, at: datetime | None = None) -> Shipment:
    """The parcels are in their cells: custody goes to the locker, the promise is kept or broken, the fee is taken, the
    recipient gets a code. Again: the same answer. Raises as `open_to_put_in` does."""
    found = steps.locked(shipment)
    if found.state == states.IN_LOCKER and found.vehicle_id == vehicle:
        steps.carried_by(actor, found, vehicle)
        return found
    found, parcels, bank = _before(actor, shipment, vehicle)
    carrier = steps.carried_by(actor, found, vehicle)
    now = clock.now()
    moment = happened(at, now) if at else now
    passed = steps.advance(found, states.IN_LOCKER, moment, delivered_at=moment)
    on_time = promises.is_on_time(moment, found.latest)
    taken = fees.delivered(found.fee, found.service.late_percent, on_time=on_time)
    money.settle(found.id, found.carrier_id, found.fee, taken)
    stays = {stay.parcel: stay for stay in _ready(found, parcels, bank)}
    proof = _proof(actor, found, moment)
    for parcel in parcels:
        stay = stays[parcel.id]
        steps.move([parcel], "cell", stay.cell_id, at=moment, by=actor.party, place=bank.id, evidence=proof)
        stay.state, stay.put_in_at = "occupied", moment
        stay.opening_at = None
        stay.save(update_fields=["state", "put_in_at", "opening_at"])
    codes.make(found, codes.LOCKER, bank.id, min(stay.until for stay in stays.values()))
    stops.end(found.id, ("pickup", "delivery"), "done", moment)
    steps.tell_passed(actor, found, passed, carrier, moment)
    fact = facts.ShipmentInLocker(
        **steps.told(found), bank=bank.id, vehicle=vehicle, kind=carrier.kind, on_time=on_time,
        minutes=steps.minutes(found, moment),
    )  # fmt: skip
    steps.tell(actor, found, fact, moment)
    return found


def pick_up(actor: Actor, *, bank: UUID, code: str, request: UUID) -> CellsOpened:
    """Somebody enters a code at the bank: its cells open. Once; the same `request` again is told the same.

    The bank's terminal, the recipient, or the carrier's office may ask. Raises Missing, TooMany, Invalid `/code` (also for one
    that is over), Conflict `shipment-stopped`.
    """
    found = LockerBank.objects.filter(id=bank).first()
    if found is None:
        raise Missing("no-such-bank", violations=[Violation(pointer="/bank", rule="known")])
    actor.require_scope(roles.CARRY if actor.kind == "device" else roles.SHIP)
    codes.limit(bank)
    digest = code_rules.digest(key("codes"), bank, code_rules.cleaned(code))
    row = PickupCode.objects.filter(place=bank, digest=digest, ended_at=None).select_related("shipment").first()
    if row is None or not _may_open(actor, found, row.shipment):
        raise invalid("/code", "right-code")
    return _pick_up(actor, found, row, request)


def _may_open(actor: Actor, bank: LockerBank, shipment: Shipment) -> bool:
    ours = bank.device is not None and actor.party == bank.device
    return ours or actor.acts_for(shipment.recipient) or actor.acts_for(bank.carrier_id, *roles.DISPATCH)


@transaction.atomic
def _pick_up(actor: Actor, bank: LockerBank, row: PickupCode, request: UUID) -> CellsOpened:
    shipment = steps.locked(row.shipment_id)
    steps.require_not_stopped(shipment)
    stays = list(shipment.stays.filter(cell__bank=bank, put_in_at__isnull=False).select_related("cell"))
    inside = [stay for stay in stays if stay.state == "occupied"]
    numbers = sorted({stay.cell.number for stay in inside or stays})
    first_time = row.used_at is None
    if (first_time and shipment.state != states.IN_LOCKER) or not codes.use(row, request):
        raise invalid("/code", "right-code")
    if not first_time:
        return CellsOpened(shipment=shipment.id, cells=numbers, opened=not inside)
    if bank.device is not None:
        LockerStay.objects.filter(id__in=[stay.id for stay in inside]).update(opening_at=clock.now())
        commands.open_cells(bank, [stay.cell for stay in inside])
        return CellsOpened(shipment=shipment.id, cells=numbers, opened=False)
    for stay in inside:
        _out(actor, shipment, stay, clock.now())
    return CellsOpened(shipment=shipment.id, cells=numbers, opened=True)


def door_opened(actor: Actor, stay: LockerStay, at: datetime) -> None:
    """The door of a cell opened for a code: what is in it is the recipient's. The shipment is locked here."""
    shipment = steps.locked(stay.shipment_id)
    stay.refresh_from_db()
    if stay.state == "occupied" and stay.opening_at is not None:
        _out(actor, shipment, stay, at)


def _out(actor: Actor, shipment: Shipment, stay: LockerStay, at: datetime) -> None:
    parcel = Parcel.objects.get(id=stay.parcel)
    steps.move([parcel], "recipient", shipment.recipient, at=at, by=actor.party, place=shipment.bank_id)
    cells.give_up(stay, "collected")
    if shipment.stays.filter(state="occupied").exists():
        return
    put_in = shipment.delivered_at or at
    steps.advance(shipment, states.DELIVERED, at)
    on_time = promises.is_on_time(put_in, shipment.latest)
    kind = shipment.vehicle.kind if shipment.vehicle else ""
    whole = steps.whole(shipment)
    fact = facts.ShipmentDelivered(
        **steps.told(shipment), way="locker", kind=kind, unattended=True, on_time=on_time,
        minutes=steps.minutes(shipment, put_in), parcels=whole.parcels, lost=whole.lost, lines=whole.lines,
        missing=whole.missing, fee=fees.delivered(shipment.fee, shipment.service.late_percent, on_time=on_time),
    )  # fmt: skip
    steps.tell(actor, shipment, fact, at)


@transaction.atomic
def take_back(actor: Actor, *, shipment: UUID, vehicle: UUID, reason: str = "overdue") -> Shipment:
    """The courier takes out what nobody came for (or what is stopped): it goes back to who sent it.

    Raises Missing, Conflict `wrong-step`, `not-overdue` (its time is not over and it is not stopped).
    """
    found = steps.locked(shipment)
    carrier = steps.carried_by(actor, found, vehicle)
    stays = list(found.stays.filter(state="occupied").select_related("cell"))
    if not stays:
        states.require(found.state, states.RETURNING)
        raise Conflict("wrong-step", extra={"state": found.state})
    if found.state == states.IN_LOCKER:
        if not found.stopped and min(stay.until for stay in stays) > clock.now():
            raise Conflict("not-overdue", violations=[Violation(pointer="/shipment", rule="overdue")])
        begin_return(actor, found, reason)
    inside = [parcel for parcel in steps.parcels(found) if parcel.holder_kind == "cell"]
    steps.move(inside, "vehicle", carrier.id, at=clock.now(), by=actor.party, place=found.bank_id)
    for stay in stays:
        cells.give_up(stay, "returned")
    found.vehicle = carrier
    found.save(update_fields=["vehicle"])
    return found


def begin_return(actor: Actor, shipment: Shipment, reason: str) -> None:
    """It is to go back; codes open nothing any more. The shipment is locked."""
    steps.advance(shipment, states.RETURNING, clock.now())
    codes.end(shipment.id)
    steps.tell(actor, shipment, facts.ShipmentReturning(**steps.told(shipment), reason=reason))


def _proof(actor: Actor, shipment: Shipment, at: datetime) -> UUID:
    return Proof.objects.create(id=ids.uuid7(), shipment=shipment, kind="locker", at=at, by=actor.party).id


def release_all(shipment: Shipment, state: str = "released") -> None:
    """Every open stay of a shipment ends. The shipment is locked."""
    for stay in shipment.stays.filter(state__in=["reserved", "occupied"]):
        cells.give_up(stay, state)


def cell_of(bank: UUID, number: int) -> LockerCell:
    found = LockerCell.objects.select_related("bank").filter(bank=bank, number=number).first()
    if found is None:
        raise Missing("no-such-cell", violations=[Violation(pointer="/cell", rule="known")])
    return found
