"""What the recipient thinks of a delivery."""

from uuid import UUID

from django.db import transaction

from lilong.fields.delivery.events.shipments import ShipmentRated
from lilong.fields.delivery.models import Rating
from lilong.fields.delivery.rules import roles, states
from lilong.fields.delivery.services import steps
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Violation, invalid
from lilong.kernel.parties.actor import Actor

TEXT_MAX, STARS_MAX = 500, 5


@transaction.atomic
def rate(actor: Actor, *, shipment: UUID, stars: int, text: str = "") -> Rating:
    """Once, by the recipient, when it is over. The same again: the same answer.

    Raises Missing, Invalid `/stars`, `/text`, Conflict `wrong-step`, `already-reviewed`.
    """
    found = steps.locked(shipment)
    if not actor.acts_for(found.recipient):
        raise steps.missing()
    actor.require_scope(roles.SHIP)
    if isinstance(stars, bool) or not 1 <= stars <= STARS_MAX:
        raise invalid("/stars", "range", f"1..{STARS_MAX}")
    if len(text) > TEXT_MAX or "\0" in text:
        raise invalid("/text", "length", f"0..{TEXT_MAX}")
    if found.state not in (states.DELIVERED, states.RETURNED, states.LOST):
        raise Conflict("wrong-step", extra={"state": found.state})
    made, created = Rating.objects.get_or_create(
        shipment=found, defaults={"stars": stars, "text": text, "by": actor.party, "at": clock.now()}
    )
    if (made.stars, made.text) != (stars, text):
        raise Conflict("already-reviewed", violations=[Violation(pointer="/shipment", rule="once")])
    if created:
        steps.tell(actor, found, ShipmentRated(**steps.told(found), stars=stars))
    return made
