"""Handing over at the door: the proofs that are wanted, custody to the recipient, the fee by how well it went.

Contactless in both ways: the recipient needs no phone (a printed code, or a tag on the parcel that the robot scans), and
nobody needs to be there (photo and position). An unattended vehicle's compartment opens by the code typed on its keypad.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from lilong.fields.delivery.drafts import Spot
from lilong.fields.delivery.events import shipments as facts
from lilong.fields.delivery.models import Parcel, PickupCode, Shipment, Vehicle
from lilong.fields.delivery.rules import codes as code_rules
from lilong.fields.delivery.rules import fees, kinds, promises, states
from lilong.fields.delivery.rules.steps import happened
from lilong.fields.delivery.services import codes, money, proofs, steps, stops
from lilong.fields.delivery.services.keys import key
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Missing, Violation, invalid
from lilong.kernel.parties.actor import Actor


def deliver(
    actor: Actor,
    *,
    shipment: UUID,
    vehicle: UUID,
    code: str = "",
    tags: Sequence[str] = (),
    position: Spot | None = None,
    override_reason: str = "",
    at: datetime | None = None,
) -> Shipment:
    """The recipient has it. Again, by the same vehicle: the same answer.

    Raises Missing, Invalid `/code`, `/tags`, TooMany, Conflict `proof-needed` (with which), `outside-geofence`, `code-used`,
    `other-holder`, `shipment-stopped`, `wrong-step`. Not inside a transaction if there is a code: wrong ones are counted.
    """
    if code:
        check_code(actor, shipment=shipment, vehicle=vehicle, code=code)
    return hand_over(
        actor, shipment=shipment, vehicle=vehicle, code=code, tags=tags, position=position,
        override_reason=override_reason, at=at,
    )  # fmt: skip


def check_code(actor: Actor, *, shipment: UUID, vehicle: UUID, code: str) -> None:
    """Whether it is the shipment's code, unless that is delivered already. Outside transactions, as wrong ones are counted.

    Raises Missing for whoever has no business here, before anything is counted; Invalid `/code`, TooMany.
    """
    found = Shipment.objects.filter(id=shipment).first()
    if found is None:
        raise steps.missing()
    steps.carried_by(actor, found, vehicle)
    if found.state != states.DELIVERED:
        codes.check_door(shipment, code)


@transaction.atomic
def hand_over(
    actor: Actor,
    *,
    shipment: UUID,
    vehicle: UUID,
    code: str = "",
    tags: Sequence[str] = (),
    position: Spot | None = None,
    override_reason: str = "",
    at: datetime | None = None,
    compartment: bool = False,
) -> Shipment:
    """`deliver`, after a code was looked at. Part of the caller's transaction, if there is one. From a `compartment` that a
    code opened it is proved as it is from a locker's cell."""
    found = steps.locked(shipment)
    carrier = steps.carried_by(actor, found, vehicle)
    parcels = steps.parcels(found)
    if found.state == states.DELIVERED and found.vehicle_id == vehicle and found.bank_id is None:
        return found
    steps.require_not_stopped(found)
    steps.require_held_by(parcels, "vehicle", carrier.id)
    now = clock.now()
    moment = happened(at, now) if at else now
    if override_reason:
        proofs.require_override(actor, found, override_reason)
    passed = steps.advance(found, states.DELIVERED, moment, delivered_at=moment, vehicle=carrier)
    if code:
        codes.use_door(found.id, code, actor.party)
        proofs.entered(actor, found, moment, "locker" if compartment else "code")
    if tags:
        proofs.scan_tags(actor, found, parcels, list(tags), moment)
    proofs.stand_at_door(actor, found, carrier, moment, spot=position, override_reason=override_reason)
    evidence = proofs.require_all(found)
    _hand_over(actor, found, parcels, carrier, passed, moment, evidence)
    return found


def _hand_over(
    actor: Actor,
    found: Shipment,
    parcels: list[Parcel],
    vehicle: Vehicle,
    passed: tuple[str, ...],
    at: datetime,
    evidence: UUID | None,
) -> None:
    on_time = promises.is_on_time(at, found.latest)
    taken = fees.delivered(found.fee, found.service.late_percent, on_time=on_time)
    money.settle(found.id, found.carrier_id, found.fee, taken)
    steps.move(parcels, "recipient", found.recipient, at=at, by=actor.party, evidence=evidence)
    codes.end(found.id)
    stops.end(found.id, ["pickup", "delivery"], "done", at)
    steps.tell_passed(actor, found, passed, vehicle, at)
    whole = steps.whole(found)
    fact = facts.ShipmentDelivered(
        **steps.told(found), way="door", kind=vehicle.kind, unattended=vehicle.kind in kinds.UNATTENDED, on_time=on_time,
        minutes=steps.minutes(found, at), parcels=whole.parcels, lost=whole.lost, lines=whole.lines, missing=whole.missing,
        fee=taken,
    )  # fmt: skip
    steps.tell(actor, found, fact, at)


def open_compartment(actor: Actor, *, vehicle: UUID, code: str) -> Shipment:
    """Somebody typed a code on an unattended vehicle's keypad: what is his aboard is handed over. Once.

    The vehicle itself, or its carrier's office, may ask. Raises Missing, TooMany, Invalid `/code`.
    """
    found = Vehicle.objects.filter(id=vehicle, removed_at=None).first()
    if found is None or not (actor.party == vehicle or actor.acts_for(found.carrier_id, "manager", "dispatcher")):
        raise Missing("no-such-vehicle", violations=[Violation(pointer="/vehicle", rule="known")])
    codes.limit(vehicle)
    aboard = Shipment.objects.filter(parcels__holder=vehicle, parcels__holder_kind="vehicle").distinct()
    entered = code_rules.cleaned(code)
    digests = {code_rules.digest(key("codes"), id, entered): id for id in aboard.values_list("id", flat=True)}
    row = PickupCode.objects.filter(digest__in=list(digests), purpose=codes.DOOR, used_at=None, ended_at=None).first()
    if row is None:
        raise invalid("/code", "right-code")
    check_code(actor, shipment=row.shipment_id, vehicle=vehicle, code=code)
    return hand_over(actor, shipment=row.shipment_id, vehicle=vehicle, code=code, compartment=True)
