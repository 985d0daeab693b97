"""What machines say, taken in once: one transaction a message, with the journal that makes it so."""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec
import structlog
from django.db import transaction

from lilong.fields.market.models import Machine, MachineMessage, MachineSession
from lilong.fields.market.services import machine_outbox, recycling, unmanned, vending
from lilong.fields.market.services.machines import clear, slot_of
from lilong.fields.market.standard import machine_protocol as protocol
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Problem
from lilong.kernel.devices.inbox import Letter, Message

TAKEN = "taken"
_REFUSE_SECONDS = 30
_AHEAD = timedelta(minutes=5)  # a clock further ahead would silence all heartbeats after it

log = structlog.get_logger("lilong.market.machines")


class Heard(NamedTuple):
    """What became of a message: the number to acknowledge (None: nothing to), and 'taken', 'duplicate', or why not."""

    ack: int | None
    outcome: str


def take_in(messages: list[Message]) -> list[Letter]:
    """Messages of machines as the lane hands them over; answers receipts: the machine may forget what has a number."""
    receipts = []
    for message in messages:
        if message.device is None:
            continue
        heard = take(message.device, message.payload)
        if heard.outcome not in (TAKEN, "duplicate"):
            log.info("machine-message-refused", device=str(message.device), seq=heard.ack, why=heard.outcome)
        if heard.ack is not None:
            subject = protocol.down_subject(message.device, "ack")
            receipts.append(Letter(subject, msgspec.json.encode({"seq": heard.ack})))
    return receipts


@transaction.atomic
def take(device: UUID, payload: bytes) -> Heard:
    """Takes one message of a device in. Never raises for what it says: a refused report changes nothing but the journal.

    `device` is who the broker let publish it. Each number counts once: the same again is only acknowledged again, the
    same number with another body is refused and marks the machine.
    """
    machine = Machine.objects.select_for_update(of=("self",)).select_related("place").filter(device=device).first()
    if machine is None:
        return Heard(None, "no-such-machine")
    try:
        report = protocol.read_report(payload)
    except msgspec.DecodeError:
        _look_at(machine, "unreadable")
        return Heard(None, "unreadable")
    _seen(machine, report)
    if isinstance(report, protocol.Hello):
        machine_outbox.again(machine)
        return Heard(None, TAKEN)
    if isinstance(report, protocol.Heartbeat):
        return Heard(None, TAKEN)
    return Heard(report.seq, _numbered(machine, report))


def _numbered(machine: Machine, report: protocol.Numbered) -> str:
    body = protocol.body_of(report)
    there = MachineMessage.objects.filter(machine=machine, seq=report.seq).first()
    if there is not None:
        if there.body == body:
            return "duplicate"
        _look_at(machine, "sequence-reused")
        return "sequence-reused"
    made = MachineMessage.objects.create(
        machine=machine,
        seq=report.seq,
        kind=body["type"],
        subject=getattr(report, "order", None) or getattr(report, "session", None),
        body=body,
        outcome=TAKEN,
        received_at=clock.now(),
    )
    try:
        with transaction.atomic():
            _act(machine, report)
    except Problem as problem:
        made.outcome = problem.code[:60]
        made.save(update_fields=["outcome"])
        if isinstance(report, protocol.Enter):
            machine_outbox.command(machine, "refuse", {"seq": report.seq, "why": problem.code}, seconds=_REFUSE_SECONDS)
    return made.outcome


def _act(machine: Machine, report: protocol.Numbered) -> None:
    match report:
        case protocol.Vended() | protocol.Closed():
            vending.heard(machine, report)
        case protocol.Enter():
            unmanned.enter(machine, report)
        case protocol.Moved() | protocol.Exit():
            unmanned.heard(machine, report)
        case protocol.Weighed():
            recycling.weighed(machine, report)
            _after_weighing(machine, report)
        case protocol.Bin():
            recycling.bin_reported(machine, report)
        case protocol.Fault():
            vending.fault(machine, slot_of(machine, report.slot) if report.slot else None, report.code)
        case protocol.Cleared():
            clear(machine, slot_of(machine, report.slot) if report.slot else None, machine.device)


def _after_weighing(machine: Machine, report: protocol.Weighed) -> None:
    """A weighing may be what an exit was waiting for."""
    session = MachineSession.objects.get(id=report.session)
    if session.state == "open" and session.parts is not None:
        unmanned.close_if_complete(machine, session)


def _seen(machine: Machine, report: protocol.AnyReport) -> None:
    """The machine lives. Its own clock decides which temperature is the newer, ours whether it is online."""
    machine.seen_at = clock.now()
    changed = ["seen_at"]
    newer = machine.heard_at is None or report.at >= machine.heard_at
    if isinstance(report, protocol.Heartbeat) and newer and report.at <= clock.now() + _AHEAD:
        machine.heard_at, machine.temperature_mc = report.at, report.temperature_mc
        changed += ["heard_at", "temperature_mc"]
    machine.save(update_fields=changed)


def _look_at(machine: Machine, why: str) -> None:
    if machine.attention != why:
        vending.fault(machine, None, why)
