"""Making a vehicle of the fleet one that master control drives."""

from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from lilong.fields.delivery.events.vehicles import VehicleControlled
from lilong.fields.delivery.models import ControlledVehicle, Vehicle
from lilong.fields.delivery.rules import roles
from lilong.fields.delivery.rules.kinds import UNATTENDED
from lilong.fields.delivery.standard.vda5050 import topics
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Gone, Missing, Violation, invalid
from lilong.kernel.events.services import emit
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.actor import SYSTEM, Actor


class Credentials(NamedTuple):
    """What is typed into a vehicle once: user name and secret for MQTT, and the head of its topics."""

    device: UUID
    secret: str
    topics: str


@transaction.atomic
def control(
    actor: Actor, *, vehicle: UUID, manufacturer: str, serial: str, version: str = topics.V2
) -> ControlledVehicle:
    """Gives a vehicle its protocol names. Again the same: the same answer.

    Raises Missing, Forbidden, Gone, Invalid, Conflict (`id-taken`: it has other names; or another has these).
    """
    found = Vehicle.objects.select_for_update().filter(id=vehicle).first()
    if found is None:
        raise Missing("no-such-vehicle", violations=[Violation(pointer="/vehicle", rule="known")])
    actor.require(found.carrier_id, *roles.SET_UP, scope=roles.WRITE)
    for pointer, text in (("/manufacturer", manufacturer), ("/serial", serial)):
        if not topics.is_name(text):
            raise invalid(pointer, "pattern", "A-Z a-z 0-9 _ : -")
    if version not in topics.VERSIONS:
        raise invalid("/version", "one-of", ", ".join(topics.VERSIONS))
    if found.kind not in UNATTENDED:
        raise invalid("/vehicle", "one-of", ", ".join(UNATTENDED))
    if found.removed_at:
        raise Gone("closed")
    there = ControlledVehicle.objects.filter(vehicle=found).first()
    if there is not None:
        if (there.manufacturer, there.serial) == (manufacturer, serial):
            return there
        raise Conflict("id-taken", violations=[Violation(pointer="/vehicle", rule="unique")])
    if ControlledVehicle.objects.filter(manufacturer=manufacturer, serial=serial).exists():
        raise Conflict("id-taken", violations=[Violation(pointer="/serial", rule="unique")])
    made = ControlledVehicle.objects.create(
        vehicle=found, manufacturer=manufacturer, serial=serial, version=version, registered_at=clock.now()
    )
    fact = VehicleControlled(vehicle=found.id, carrier=found.carrier_id, kind=found.kind, version=version)
    emit(fact, subject=found.id, actor=actor.party)
    return made


@transaction.atomic
def issue_credentials(actor: Actor, *, vehicle: UUID) -> Credentials:
    """A new secret, shown this once; the one before ends. For managers of its carrier."""
    found = ControlledVehicle.objects.select_related("vehicle").filter(vehicle_id=vehicle).first()
    if found is None:
        raise Missing("no-such-vehicle", violations=[Violation(pointer="/vehicle", rule="known")])
    actor.require(found.vehicle.carrier_id, *roles.SET_UP, scope=roles.WRITE)
    secret = parties.issue_device_secret(SYSTEM, device=found.vehicle_id)
    head = topics.topic(found.version, found.manufacturer, found.serial, "")
    return Credentials(found.vehicle_id, secret, head.rstrip("/"))
