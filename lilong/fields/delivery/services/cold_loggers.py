"""Loggers of carriers: registered, and placed with a shipment's goods or in a vehicle."""

from typing import Any
from uuid import UUID

from django.db import transaction

from lilong.fields.delivery.models import Carrier, Logger, LoggerPlace, Vehicle
from lilong.fields.delivery.rules import roles, states
from lilong.fields.delivery.services import cold_records, steps
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Gone, Missing, Violation, invalid
from lilong.kernel.base.words import Words
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties import services as parties_services
from lilong.kernel.parties.actor import SYSTEM, Actor


@transaction.atomic
def add_logger(actor: Actor, *, id: UUID, carrier: UUID, name: Words) -> Logger:
    """Registers a logger and, if it is new, its device. The same again: the same answer. Raises Forbidden, Missing,
    Conflict `id-taken`."""
    found = _carrier(actor, carrier)
    there = Logger.objects.filter(id=id).first()
    if there is not None:
        if (there.carrier_id, there.name) == (carrier, name.stored()):
            return there
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    party = parties.parties([id]).get(id)
    if party is None:
        parties_services.create_device(
            SYSTEM, id=id, name=name, owner=carrier, kind="temperature-logger", district=found.district
        )
    elif id not in {device.id for device in parties.devices(carrier)}:
        raise Missing("no-such-party", violations=[Violation(pointer="/id", rule="known")])
    return Logger.objects.create(id=id, carrier=found, name=name.stored(), added_at=clock.now())


@transaction.atomic
def issue_secret(actor: Actor, *, logger: UUID) -> str:
    """The logger's password for MQTT, shown this once; the one before ends."""
    found = locked(logger)
    _carrier(actor, found.carrier_id)
    return parties_services.issue_device_secret(SYSTEM, device=logger)


@transaction.atomic
def place(
    actor: Actor, *, id: UUID, logger: UUID, shipment: UUID | None = None, vehicle: UUID | None = None
) -> LoggerPlace:
    """Puts a logger with a shipment's goods or into a vehicle; it leaves where it was. The same id again: the same answer.

    Raises Missing, Forbidden, Gone `closed`, Conflict (`wrong-step`: the goods are with the recipient; `id-taken`).
    """
    if (shipment is None) == (vehicle is None):
        raise invalid("/shipment", "shipment-or-vehicle")
    found = locked(logger)
    actor.require(found.carrier_id, *roles.DISPATCH, "courier", "picker", scope=roles.CARRY)
    there = LoggerPlace.objects.filter(id=id).first()
    if there is not None:
        if (there.logger_id, there.shipment_id, there.vehicle_id) == (logger, shipment, vehicle):
            return there
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    if found.removed_at is not None:
        raise Gone("closed")
    now = clock.now()
    target = _target(found, shipment, vehicle)
    LoggerPlace.objects.filter(logger=found, end=None).update(end=now)
    made = LoggerPlace.objects.create(id=id, logger=found, start=now, **target)
    if made.shipment is not None:
        cold_records.begin(made.shipment, now)
    return made


@transaction.atomic
def take_away(actor: Actor, *, logger: UUID) -> None:
    """It is with nothing any more."""
    found = locked(logger)
    actor.require(found.carrier_id, *roles.DISPATCH, "courier", "picker", scope=roles.CARRY)
    LoggerPlace.objects.filter(logger=found, end=None).update(end=clock.now())


def locked(id: UUID) -> Logger:
    found = Logger.objects.select_for_update(of=("self",)).filter(id=id).first()
    if found is None:
        raise Missing("no-such-item", violations=[Violation(pointer="/logger", rule="known")])
    return found


def _target(logger: Logger, shipment: UUID | None, vehicle: UUID | None) -> dict[str, Any]:
    if vehicle is not None:
        found = Vehicle.objects.filter(id=vehicle, carrier=logger.carrier_id, removed_at=None).first()
        if found is None:
            raise Missing("no-such-vehicle", violations=[Violation(pointer="/vehicle", rule="known")])
        return {"vehicle": found}
    assert shipment is not None
    goods = steps.locked(shipment)
    if goods.carrier_id != logger.carrier_id:
        raise steps.missing()
    if goods.state in states.FINAL:
        raise Conflict("wrong-step", extra={"state": goods.state})
    return {"shipment": goods}


def _carrier(actor: Actor, id: UUID) -> Carrier:
    found = Carrier.objects.filter(id=id, closed_at=None).first()
    if found is None:
        raise Missing("no-such-carrier", violations=[Violation(pointer="/carrier", rule="known")])
    actor.require(id, *roles.SET_UP, scope=roles.WRITE)
    return found
