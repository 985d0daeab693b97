"""What must not reach anybody: the cold chain or a recall stops a shipment, and lets it go on once somebody has looked."""

from uuid import UUID

from django.db import transaction

from lilong.fields.delivery.events.shipments import ShipmentStopped
from lilong.fields.delivery.models import Shipment
from lilong.fields.delivery.rules import roles, states
from lilong.fields.delivery.services import steps
from lilong.kernel.base.problems import Forbidden, invalid
from lilong.kernel.parties.actor import SYSTEM, Actor

EXCURSION = "excursion"
WHY = (EXCURSION, "recall", "damaged", "customs", "office")


@transaction.atomic
def stop(actor: Actor, *, shipment: UUID, reason: str) -> Shipment:
    """From now on it is handed to nobody but the carrier itself; on its way back it may go. Again: the same answer.

    The carrier's office and the house (an excursion) may. Raises Missing, Invalid `/reason`; a shipment that is over stays.
    """
    found = steps.locked(shipment)
    steps.require_dispatcher(actor, found)
    if reason not in WHY:
        raise invalid("/reason", "one-of", ", ".join(WHY))
    if found.state in states.FINAL or found.stopped:
        return found
    return _set(actor, found, reason)


@transaction.atomic
def go_on(actor: Actor, *, shipment: UUID) -> Shipment:
    """It may be handed over again. The carrier's office; never the courier itself.

    After an excursion the shipper's quality people decide (`cold_decisions`), and the house lets it go on for them.
    """
    found = steps.locked(shipment)
    steps.require_dispatcher(actor, found)
    if found.stopped == EXCURSION and actor is not SYSTEM:
        raise Forbidden("not-yours", extra={"needs": list(roles.QUALITY)})
    return _set(actor, found, "") if found.stopped else found


def _set(actor: Actor, shipment: Shipment, reason: str) -> Shipment:
    shipment.stopped = reason
    shipment.save(update_fields=["stopped"])
    steps.tell(actor, shipment, ShipmentStopped(**steps.told(shipment), reason=reason))
    return shipment
