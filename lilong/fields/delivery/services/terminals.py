"""What lockers' terminals and vehicles' keypads say, taken in: codes, tags, doors. Who says it is who the broker let in.

Refused reports change nothing and are answered; each is a savepoint of its own in the batch's transaction.
"""

from datetime import datetime
from uuid import UUID

import msgspec
import structlog
from django.db import transaction

from lilong.fields.delivery.models import LockerBank, LockerCell, LockerStay, Parcel
from lilong.fields.delivery.rules import codes as code_rules
from lilong.fields.delivery.services import banks, delivering, lockers, overdue, steps
from lilong.fields.delivery.services.keys import key
from lilong.fields.delivery.standard import locker_protocol as protocol
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Problem, invalid
from lilong.kernel.devices.inbox import Letter, Message
from lilong.kernel.parties.actor import SYSTEM, Actor

log = structlog.get_logger("lilong.delivery.terminals")


def take_lockers(messages: list[Message]) -> list[Letter]:
    """Reports of locker terminals. Answers refusals; doors are opened by letters of the outbox."""
    return [letter for message in messages if (letter := _take_locker(message)) is not None]


def take_keypads(messages: list[Message]) -> list[Letter]:
    """Codes typed on unattended vehicles. Answers which shipment's compartment opens, or why none does."""
    return [letter for message in messages if (letter := _take_keypad(message)) is not None]


def _take_locker(message: Message) -> Letter | None:
    bank = LockerBank.objects.filter(device=message.device, closed_at=None).first() if message.device else None
    if bank is None or bank.device is None:
        return None
    try:
        report = protocol.read(message.payload)
    except msgspec.DecodeError as error:
        log.info("locker-unreadable", device=str(bank.device), why=str(error)[:200])
        return None
    LockerBank.objects.filter(id=bank.id).update(seen_at=clock.now())
    try:
        _hear(bank, report)
    except Problem as problem:
        log.info("locker-refused", device=str(bank.device), why=problem.code)
        if isinstance(report, protocol.Code | protocol.Tag):
            return Letter(protocol.down(bank.device, "locker"), protocol.refusal(report.request, problem.code))
    return None


def _hear(bank: LockerBank, report: protocol.Door | protocol.Code | protocol.Tag | protocol.Here) -> None:
    match report:
        case protocol.Code():
            lockers.pick_up(_device(bank.device), bank=bank.id, code=report.code, request=report.request)
        case protocol.Tag():
            _scanned(bank, report.tag)
        case protocol.Door():
            door(_device(bank.device), bank=bank.id, cell=report.cell, said=report.door, at=report.at, full=report.full)


def _scanned(bank: LockerBank, tag: str) -> None:
    """A parcel's tag before the scanner: its shipment's cells open, if its courier is to put it in here."""
    parcel = (
        Parcel.objects.filter(tag_digest=code_rules.tag_digest(key("tags"), tag)).select_related("shipment").first()
    )
    if parcel is None or parcel.shipment.bank_id != bank.id or parcel.holder_kind != "vehicle":
        raise invalid("/tag", "to-this-locker")
    lockers.open_to_put_in(SYSTEM, shipment=parcel.shipment_id, vehicle=parcel.holder)


@transaction.atomic
def door(actor: Actor, *, bank: UUID, cell: int, said: str, at: datetime, full: bool | None = None) -> LockerCell:
    """The door of a cell moved. Opened for a code, what is inside is the recipient's; closed on something that was to be put
    in, it is in the locker; stuck, the cell is out of order and the parcel stays where it is in the books.

    The bank's terminal, or who may say that a cell is out of order. Raises Missing, Invalid.
    """
    found = lockers.cell_of(bank, cell)
    banks.require_near(actor, found.bank)
    if said not in ("opened", "closed", "stuck"):
        raise invalid("/door", "one-of", "opened, closed, stuck")
    moment = min(at, clock.now())
    stay = LockerStay.objects.filter(cell=found, state__in=["reserved", "occupied"], opening_at__isnull=False).first()
    if said == "stuck":
        _stuck(actor, found, stay)
    elif stay is not None and said == "opened" and stay.state == "occupied":
        lockers.door_opened(actor, stay, moment)
    elif stay is not None and said == "closed" and stay.state == "reserved" and full:
        _put_in(stay, moment)
    if said != "stuck":
        LockerCell.objects.filter(id=found.id).update(door="open" if said == "opened" else "closed", door_at=moment)
    return LockerCell.objects.get(id=found.id)


def _stuck(actor: Actor, cell: LockerCell, stay: LockerStay | None) -> None:
    banks.take_out_of_order(actor, cell=cell.id, reason="stuck")
    if stay is None:
        return
    shipment = steps.locked(stay.shipment_id)
    if stay.state == "occupied":  # its code was used in vain
        overdue.renew(shipment, list(shipment.stays.filter(state="occupied", opening_at__isnull=False)))
        return
    holder = steps.parcels(shipment)[0]
    if holder.holder_kind == "vehicle":  # the courier is given another cell at once
        lockers.open_to_put_in(SYSTEM, shipment=shipment.id, vehicle=holder.holder)


def _put_in(stay: LockerStay, at: datetime) -> None:
    """One cell is closed on its parcel; when all of the shipment are, it is in the locker."""
    shipment = steps.locked(stay.shipment_id)
    LockerStay.objects.filter(id=stay.id).update(put_in_at=at)
    if shipment.stays.filter(state="reserved", put_in_at=None).exists():
        return
    holder = steps.parcels(shipment)[0]
    if holder.holder_kind != "vehicle":
        raise Conflict("other-holder", extra={"holder": holder.holder_kind})
    lockers.put_in(SYSTEM, shipment=shipment.id, vehicle=holder.holder, at=at)


def _take_keypad(message: Message) -> Letter | None:
    if message.device is None:
        return None
    try:
        report = protocol.read(message.payload)
    except msgspec.DecodeError:
        return None
    if not isinstance(report, protocol.Code):
        return None
    subject = protocol.down(message.device, "keypad")
    try:
        opened = delivering.open_compartment(_device(message.device), vehicle=message.device, code=report.code)
    except Problem as problem:
        log.info("keypad-refused", device=str(message.device), why=problem.code)
        return Letter(subject, protocol.refusal(report.request, problem.code))
    return Letter(subject, protocol.opening([], opened.id, report.request))


def _device(id: UUID | None) -> Actor:
    """The device itself, as the broker knows it."""
    assert id is not None
    return Actor(party=id, kind="device")
