"""What changes while it is looked at: shipments, their public links, a carrier's whole desk (live topics)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from lilong.fields.delivery.models import Carrier, Shipment, Vehicle
from lilong.fields.delivery.queries import tracking
from lilong.fields.delivery.rules import links, roles, states
from lilong.fields.delivery.services.keys import key
from lilong.kernel import live
from lilong.kernel.base.problems import Missing, Unauthenticated, Violation
from lilong.kernel.parties.actor import Actor

SHIPMENT, LINK, DESK = "delivery.shipment", "delivery.link", "delivery.desk"
E6 = 1_000_000


def register() -> None:
    live.register(SHIPMENT, _shipment)
    live.register(LINK, _link)
    live.register(DESK, _desk)


def changed(shipment: Shipment) -> None:
    """Its state (or what stops it) is another: its watchers, who has the link, and the carrier's desk look again."""
    told = {"state": shipment.state, "stopped": shipment.stopped}
    live.publish(SHIPMENT, str(shipment.id), told)
    live.publish(LINK, links.token(key("links"), shipment.id), {"state": shipment.state})
    live.publish(DESK, str(shipment.carrier_id), {"shipment": str(shipment.id)} | told)


def moved(vehicle: UUID) -> None:
    """A vehicle is elsewhere: told to its desk, and to those whose shipments are out with it."""
    row = Vehicle.objects.filter(id=vehicle, latitude_e6__isnull=False).first()
    if row is None or row.latitude_e6 is None or row.longitude_e6 is None:
        return
    where: dict[str, Any] = {"position": [row.longitude_e6 / E6, row.latitude_e6 / E6], "heading": row.heading}
    live.publish(DESK, str(row.carrier_id), {"vehicle": str(vehicle), "state": row.state} | where)
    for shipment in Shipment.objects.filter(vehicle=vehicle, state=states.OUT).select_related("vehicle"):
        live.publish(SHIPMENT, str(shipment.id), tracking.now(shipment))


def expected(shipment: UUID, eta: datetime) -> None:
    """It will be there at another time than was said."""
    live.publish(SHIPMENT, str(shipment), {"eta": eta.isoformat()})


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Missing("not-found") from None


def _shipment(actor: Actor | None, id: str) -> dict[str, Any]:
    if actor is None:
        raise Unauthenticated("sign-in")
    return tracking.now_of(actor, _uuid(id))


def _link(actor: Actor | None, id: str) -> dict[str, Any]:
    """For whoever has the link."""
    found = tracking.followed(id)
    return {"state": found.state, "eta": found.eta.isoformat() if found.eta else None}


def _desk(actor: Actor | None, id: str) -> dict[str, Any]:
    if actor is None:
        raise Unauthenticated("sign-in")
    carrier = Carrier.objects.filter(id=_uuid(id)).first()
    if carrier is None or not actor.acts_for(carrier.id, *roles.LOOK):
        raise Missing("no-such-carrier", violations=[Violation(pointer="/carrier", rule="known")])
    return {"carrier": id}
