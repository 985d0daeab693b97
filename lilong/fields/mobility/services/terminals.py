"""Terminals of JT/T 808: the operator awaits one, it registers and gets a code, and signs in with the code ever after."""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from lilong.fields.mobility.events.telemetry import TerminalDeregistered, TerminalOpened, TerminalRegistered
from lilong.fields.mobility.models import Terminal, Vehicle
from lilong.fields.mobility.models.telemetry import DATUMS
from lilong.fields.mobility.rules import roles
from lilong.fields.mobility.standard.jt808 import messages
from lilong.fields.mobility.standard.jt808.messages import Registration
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Missing, Unauthenticated, Violation, invalid
from lilong.kernel.events.services import emit
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties import services as parties_services
from lilong.kernel.parties.actor import SYSTEM, Actor

OPEN = timedelta(days=7)
_PHONE_MAX, _TERMINAL_MAX = 20, 30


class SignedIn(NamedTuple):
    """Whose terminal it is, and what its coordinates are in."""

    device: UUID
    vehicle: UUID
    datum: str


@transaction.atomic
def await_terminal(actor: Actor, *, vehicle: UUID, phone: str, terminal: str, datum: str = "wgs84") -> Terminal:
    """From now on, for a week, the terminal with this phone number and terminal id may register as the vehicle's; whatever
    was so before ends with the new registration. Again with the same: the window opens anew.

    Raises Missing, Forbidden, Invalid (`/phone`, `/terminal`, `/datum`), Conflict `no-device` (a vehicle without a device
    has no secret to give), `phone-taken`.
    """
    row = Vehicle.objects.select_for_update(no_key=True).filter(id=vehicle).first()
    if row is None or not actor.acts_for(row.operator_id, *roles.WORK):
        raise Missing("no-such-vehicle", violations=[Violation(pointer="/vehicle", rule="known")])
    actor.require_scope(roles.FLEET)
    if not (phone.isdecimal() and phone.isascii() and len(phone) <= _PHONE_MAX and phone.lstrip("0")):
        raise invalid("/phone", "digits")
    if not 1 <= len(terminal) <= _TERMINAL_MAX or not terminal.isascii() or not terminal.isprintable():
        raise invalid("/terminal", "format")
    if datum not in DATUMS:
        raise invalid("/datum", "one-of", ", ".join(DATUMS))
    if row.device is None:
        raise Conflict("no-device", violations=[Violation(pointer="/vehicle", rule="has-a-device")])
    phone = phone.lstrip("0")
    if Terminal.objects.filter(phone=phone).exclude(vehicle=row).exists():
        raise Conflict("phone-taken", violations=[Violation(pointer="/phone", rule="unique")])
    facts = {"phone": phone, "terminal": terminal, "datum": datum, "open_until": clock.now() + OPEN}
    Terminal.objects.filter(vehicle=row).exclude(device=row.device).delete()
    made, _ = Terminal.objects.update_or_create(device=row.device, defaults={"vehicle": row} | facts)
    emit(TerminalOpened(**_whose(made)), subject=made.device, actor=actor.party)
    return made


@transaction.atomic
def register(phone: str, asked: Registration) -> tuple[int, str]:
    """What 0x8100 answers: result and code. A terminal that lost the answer may ask again, until it has signed in."""
    row = Terminal.objects.select_for_update(of=("self",)).select_related("vehicle").filter(phone=phone).first()
    if row is None or asked.terminal != row.terminal:
        return messages.NO_SUCH_TERMINAL, ""
    if asked.colour and asked.plate != row.vehicle.plate:
        return messages.NO_SUCH_VEHICLE, ""
    if row.open_until is None or row.open_until < clock.now():
        return messages.TERMINAL_TAKEN, ""
    secret = parties_services.issue_device_secret(SYSTEM, device=row.device)
    row.registered_at = clock.now()
    row.save(update_fields=["registered_at"])
    emit(TerminalRegistered(**_whose(row)), subject=row.device, actor=row.device)
    return messages.REGISTERED, secret


@transaction.atomic
def sign_in(phone: str, code: str) -> SignedIn | None:
    """Whose terminal it is; None for a wrong code, for whatever reason. The first time closes the registration."""
    row = Terminal.objects.select_for_update(no_key=True).filter(phone=phone).first()
    if row is None:
        return None
    try:
        parties.actor_of_device(row.device, code)
    except Unauthenticated:
        return None
    row.open_until, row.seen_at = None, clock.now()
    row.save(update_fields=["open_until", "seen_at"])
    return SignedIn(row.device, row.vehicle_id, row.datum)


@transaction.atomic
def deregister(device: UUID) -> None:
    """It signs off for good: nobody knows the secret that it has from now on. The operator may await it anew."""
    row = Terminal.objects.select_for_update(no_key=True).select_related("vehicle").get(device=device)
    parties_services.issue_device_secret(SYSTEM, device=device)
    row.registered_at = None
    row.save(update_fields=["registered_at"])
    emit(TerminalDeregistered(**_whose(row)), subject=device, actor=device)


def _whose(row: Terminal) -> dict[str, UUID]:
    return {"device": row.device, "vehicle": row.vehicle_id, "operator": row.vehicle.operator_id}
