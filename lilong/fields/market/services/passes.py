"""Passes: what a member shows at the gate of an unmanned shop or a collection machine; short-lived, good for once."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings

from lilong.fields.market.models import Machine, MachineSession, Place
from lilong.fields.market.rules import machines as rules
from lilong.fields.market.standard.machine_protocol import Pass, pass_text, read_pass
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Missing, Violation, invalid
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.parties.actor import Actor


def issue(actor: Actor, *, place: UUID) -> str:
    """A pass for the actor at a place, for some seconds. For a shop the hold must be there already.

    Raises Missing, Forbidden, Conflict (`already-inside`, `insufficient-funds`).
    """
    actor.require_scope("orders:place")
    if actor.kind != "person":
        raise Forbidden("persons-only", violations=[Violation(pointer="/person", rule="kind")])
    found = Place.objects.filter(id=place, closed_at=None, kind__in=("unmanned-shop", "collection-point")).first()
    if found is None or not Machine.objects.filter(place=found).exists():
        raise Missing("no-such-place", violations=[Violation(pointer="/place", rule="has-gate")])
    if MachineSession.objects.filter(person=actor.party, state="open").exists():
        raise Conflict("already-inside")
    if found.kind == "unmanned-shop":
        wallet = ledger.wallet_of(actor.party)
        if wallet is None or wallet.available < rules.ENTRY_HOLD:
            there = wallet.available if wallet else 0
            raise Conflict("insufficient-funds", extra={"needed": rules.ENTRY_HOLD, "available": there})
    until = clock.now() + timedelta(seconds=rules.PASS_SECONDS)
    entry = Pass(id=ids.uuid7(), person=actor.party, place=place, until=int(until.timestamp()))
    return pass_text(entry, settings.TOKEN_KEY)


def checked(machine: Machine, token: str, people: int) -> Pass:
    """The pass shown at a machine's gate. Raises Invalid, Conflict (`pass-expired`, `pass-used`, `one-at-a-time`,
    `already-inside`)."""
    entry = read_pass(token, settings.TOKEN_KEY)
    if entry is None or entry.place != machine.place_id:
        raise invalid("/token", "pass")
    if entry.until < clock.now().timestamp():
        raise Conflict("pass-expired")
    if people != 1:
        raise Conflict("one-at-a-time", violations=[Violation(pointer="/people", rule="one")])
    if MachineSession.objects.filter(id=entry.id).exists():
        raise Conflict("pass-used")
    if MachineSession.objects.filter(person=entry.person, state="open").exists():
        raise Conflict("already-inside")
    return entry
