"""What becomes of goods that an excursion stopped: a quality person decides, and says why."""

from uuid import UUID

from django.db import transaction

from lilong.fields.delivery.events.cold_chain import ColdDecided
from lilong.fields.delivery.models import ColdDecision, ColdNotice, ColdRecord
from lilong.fields.delivery.rules import roles
from lilong.fields.delivery.services import cold_records, steps, stopping
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Missing, Violation, invalid
from lilong.kernel.events.services import emit
from lilong.kernel.parties.actor import SYSTEM, Actor

REASON_MAX = 500
OUTCOMES = ("release", "destroy")


@transaction.atomic
def decide(actor: Actor, *, id: UUID, shipment: UUID, outcome: str, reason: str) -> ColdDecision:
    """Released goods may go on; what is to be destroyed goes to nobody but back. The same id again: the same answer.

    The goods are the shipper's: its quality people, pharmacists or managers decide, and nobody of the carrier's.
    Raises Missing, Forbidden, Invalid, Conflict (`wrong-step`: nothing waits for a decision; `id-taken`).
    """
    found = steps.locked(shipment)
    actor.require(found.shipper, *roles.QUALITY, scope=roles.SHIP)
    if outcome not in OUTCOMES:
        raise invalid("/outcome", "one-of", ", ".join(OUTCOMES))
    if not reason.strip() or len(reason) > REASON_MAX or "\0" in reason:
        raise invalid("/reason", "length", f"1..{REASON_MAX}")
    there = ColdDecision.objects.filter(id=id).first()
    if there is not None:
        if (there.record_id, there.outcome, there.reason) == (shipment, outcome, reason.strip()):
            return there
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    record = ColdRecord.objects.filter(shipment=found).first()
    if record is None or record.state != "stopped":
        raise Conflict("wrong-step", extra={"state": record.state if record else ""})
    made = ColdDecision.objects.create(
        id=id, record=record, outcome=outcome, reason=reason.strip(), by=actor.party, at=clock.now()
    )
    record.state = "released" if outcome == "release" else "destroyed"
    record.save(update_fields=["state"])
    if outcome == "release":
        stopping.go_on(SYSTEM, shipment=shipment)
    emit(ColdDecided(**cold_records.told(record, found), outcome=outcome), subject=found.id, actor=actor.party)
    return made


@transaction.atomic
def seen(actor: Actor, *, notice: int) -> None:
    """Whoever was told has opened it. Raises Missing."""
    found = ColdNotice.objects.filter(id=notice).first()
    if found is None or not (actor.party == found.party or actor.acts_for(found.party)):
        raise Missing("not-found", violations=[Violation(pointer="/notice", rule="known")])
    ColdNotice.objects.filter(id=notice, seen_at=None).update(seen_at=clock.now())
