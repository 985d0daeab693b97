"""What the recipient still wants changed while it is on its way: where to put it down, and without meeting."""

from uuid import UUID

from django.db import transaction

from lilong.fields.delivery.models import Shipment
from lilong.fields.delivery.rules import proofs, roles, states
from lilong.fields.delivery.services import steps, watched
from lilong.kernel.base.problems import Conflict, invalid
from lilong.kernel.parties.actor import Actor

INSTRUCTIONS_MAX = 500


@transaction.atomic
def change_wishes(actor: Actor, *, shipment: UUID, instructions: str, contactless: bool) -> Shipment:
    """The recipient's word to the courier, as long as it is not delivered. The same again: the same answer.

    Wanting it contactless adds the proof that takes the place of a hand; it takes away none that the service or the value
    asks for. Raises Missing, Invalid `/instructions`, Conflict `wrong-step`.
    """
    found = steps.locked(shipment)
    if not actor.acts_for(found.recipient):
        raise steps.missing()
    actor.require_scope(roles.SHIP)
    if len(instructions) > INSTRUCTIONS_MAX or "\0" in instructions:
        raise invalid("/instructions", "length", f"0..{INSTRUCTIONS_MAX}")
    wanted = contactless or found.service.contactless
    if (found.instructions, found.contactless) == (instructions, wanted):
        return found
    if found.state not in (*states.WAITING, states.COLLECTED, states.AT_DEPOT, states.OUT, states.FAILED):
        raise Conflict("wrong-step", extra={"state": found.state})
    found.instructions, found.contactless = instructions, wanted
    found.proofs = proofs.needed(found.service.proofs, found.value, contactless=wanted)
    found.save(update_fields=["instructions", "contactless", "proofs"])
    watched.changed(found)
    return found
