"""A shipment on its way: accepted, collected, at a depot, out, failed, going back, back, lost, called off.

Every step locks the shipment, goes where its table allows, hands the parcels over in the books, settles what money there is
to settle and tells it, in one transaction. Said again by whom it was said, it answers the same. What is handed to the
recipient is in `delivering`, to lockers in `lockers`.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from lilong.fields.delivery.events import shipments as facts
from lilong.fields.delivery.models import Attempt, Depot, Parcel, Shipment, Vehicle
from lilong.fields.delivery.rules import fees, kinds, roles, states
from lilong.fields.delivery.rules.steps import happened
from lilong.fields.delivery.services import codes, lockers, money, steps, stops
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Missing, Violation, invalid
from lilong.kernel.calendar.services import release
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.parties.actor import SYSTEM, Actor

REASON_MAX = 200


@transaction.atomic
def accept(actor: Actor, *, shipment: UUID) -> Shipment:
    """The carrier takes it on. Raises Missing, Forbidden, Conflict `wrong-step`."""
    found = steps.locked(shipment)
    steps.require_dispatcher(actor, found)
    if found.state != states.ACCEPTED:
        now = clock.now()
        steps.advance(found, states.ACCEPTED, now)
        steps.tell(actor, found, facts.ShipmentAccepted(**steps.told(found)), now)
    return found


@transaction.atomic
def collect(actor: Actor, *, shipment: UUID, vehicle: UUID, at: datetime | None = None) -> Shipment:
    """The courier or vehicle has the parcels, from their sender. One of two who come for it gets it.

    Raises Missing, Conflict `taken-by-other`, `wrong-step`, `temperature-unfit`.
    """
    found = steps.locked(shipment)
    carrier = steps.carried_by(actor, found, vehicle)
    parcels = steps.parcels(found)
    if found.state not in states.WAITING:
        _require_same(found, parcels, states.COLLECTED, carrier)
        return found
    _require_fit(found, carrier)
    moment = _when(at)
    passed = steps.advance(found, states.COLLECTED, moment, vehicle=carrier)
    steps.move(parcels, "vehicle", carrier.id, at=moment, by=actor.party, place=found.depot_id)
    stops.end(found.id, ["pickup"], "done", moment)
    steps.tell_passed(actor, found, passed, carrier, moment)
    return found


@transaction.atomic
def bring_to_depot(actor: Actor, *, shipment: UUID, vehicle: UUID, depot: UUID, at: datetime | None = None) -> Shipment:
    """The parcels lie at a depot of the carrier's. Raises Missing, Conflict `other-holder`, `wrong-step`."""
    found = steps.locked(shipment)
    carrier = steps.carried_by(actor, found, vehicle)
    place = Depot.objects.filter(id=depot, carrier=found.carrier_id).first()
    if place is None:
        raise Missing("no-such-depot", violations=[Violation(pointer="/depot", rule="known")])
    parcels = steps.parcels(found)
    if found.state == states.AT_DEPOT and all(each.holder == depot for each in parcels):
        return found
    steps.require_held_by(parcels, "vehicle", carrier.id)
    moment = _when(at)
    steps.advance(found, states.AT_DEPOT, moment)
    steps.move(parcels, "depot", depot, at=moment, by=actor.party, place=depot)
    stops.end(found.id, ["delivery"], "withdrawn", moment)
    steps.tell(actor, found, facts.ShipmentAtDepot(**steps.told(found), depot=depot), moment)
    return found


@transaction.atomic
def depart(actor: Actor, *, shipment: UUID, vehicle: UUID, at: datetime | None = None) -> Shipment:
    """It is out for delivery, loaded from the depot where it lies there. Raises as `collect` does, `shipment-stopped`."""
    found = steps.locked(shipment)
    carrier = steps.carried_by(actor, found, vehicle)
    parcels = steps.parcels(found)
    if found.state == states.OUT:
        _require_same(found, parcels, states.OUT, carrier)
        return found
    steps.require_not_stopped(found)
    moment = _when(at)
    if found.state == states.AT_DEPOT:
        _require_fit(found, carrier)
        steps.require_held_by(parcels, "depot", parcels[0].holder)
        steps.move(parcels, "vehicle", carrier.id, at=moment, by=actor.party, place=parcels[0].holder)
        stops.end(found.id, ["pickup"], "done", moment)
    steps.require_held_by(parcels, "vehicle", carrier.id)
    passed = steps.advance(found, states.OUT, moment, vehicle=carrier)
    if carrier.kind in kinds.UNATTENDED and found.bank_id is None and "code" not in found.proofs:
        codes.make(
            found, codes.DOOR, found.id, found.latest + timedelta(days=states.CODE_DAYS)
        )  # opens its compartment
    steps.tell_passed(actor, found, passed, carrier, moment)
    return found


@transaction.atomic
def fail(
    actor: Actor, *, shipment: UUID, vehicle: UUID, outcome: str, reason: str = "", at: datetime | None = None,
    id: UUID | None = None,
) -> Shipment:  # fmt: skip
    """An attempt failed; after as many as the carrier makes, it goes back. The same `id` again: the same answer.

    Raises Invalid `/outcome`, `/reason`; Missing; Conflict `other-holder`, `wrong-step`.
    """
    found = steps.locked(shipment)
    carrier = steps.carried_by(actor, found, vehicle)
    if outcome not in kinds.OUTCOMES:
        raise invalid("/outcome", "one-of", ", ".join(kinds.OUTCOMES))
    _check_reason(reason, required=False)
    if id is not None and Attempt.objects.filter(id=id, shipment=found).exists():
        return found
    steps.require_held_by(steps.parcels(found), "vehicle", carrier.id)
    moment = _when(at)
    passed = steps.advance(found, states.FAILED, moment)
    Attempt.objects.create(
        id=id or ids.uuid7(), shipment=found, vehicle=carrier, outcome=outcome, reason=reason.strip(), at=moment,
        by=actor.party,
    )  # fmt: skip
    attempts = found.attempts.count()
    stops.end(found.id, ["delivery"], "failed", moment)
    steps.tell_passed(actor, found, passed, carrier, moment)
    fact = facts.ShipmentFailed(
        **steps.told(found), outcome=outcome, attempts=attempts, kind=carrier.kind,
        unattended=carrier.kind in kinds.UNATTENDED,
    )  # fmt: skip
    steps.tell(actor, found, fact, moment)
    if attempts >= found.carrier.attempts:
        lockers.begin_return(actor, found, "attempts")
    return found


@transaction.atomic
def send_back(actor: Actor, *, shipment: UUID, reason: str) -> Shipment:
    """The carrier's office decides that it goes back. Raises Missing, Forbidden, Invalid, Conflict `wrong-step`."""
    found = steps.locked(shipment)
    steps.require_dispatcher(actor, found)
    _check_reason(reason, required=True)
    if found.state != states.RETURNING:
        stops.end(found.id, ["delivery"], "withdrawn", clock.now())
        lockers.begin_return(actor, found, "office")
    return found


@transaction.atomic
def hand_back(actor: Actor, *, shipment: UUID, vehicle: UUID, at: datetime | None = None) -> Shipment:
    """The sender has it again; what the carrier keeps of the fee is by why it could not be delivered (`rules.fees`)."""
    found = steps.locked(shipment)
    carrier = steps.carried_by(actor, found, vehicle)
    parcels = steps.parcels(found)
    if found.state == states.RETURNED and found.vehicle_id == vehicle:
        return found
    steps.require_held_by(parcels, "vehicle", carrier.id)
    moment = _when(at)
    steps.advance(found, states.RETURNED, moment, vehicle=carrier)
    taken = _settle_return(found)
    steps.move(parcels, "sender", found.shipper, at=moment, by=actor.party, place=found.depot_id)
    whole = steps.whole(found)
    fact = facts.ShipmentReturned(**steps.told(found), fee=taken, lines=whole.lines, missing=whole.missing)
    steps.tell(actor, found, fact, moment)
    return found


def _settle_return(found: Shipment) -> int:
    """What the carrier got in the end: what was taken when it came into a locker, or the returned part."""
    known = ledger.moves([ids.child(found.id, money.SHARE), ids.child(found.id, money.SETTLED)])
    if known:
        share = known.get(ids.child(found.id, money.SHARE))
        return share.amount if share else 0
    last = found.attempts.order_by("-at").first()
    taken = fees.returned(found.fee, last.outcome if last else "")
    money.settle(found.id, found.carrier_id, found.fee, taken)
    return taken


@transaction.atomic
def lose(actor: Actor, *, shipment: UUID, reason: str, parcels: list[UUID] | None = None) -> Shipment:
    """Parcels (all of it by default) are lost, says the carrier's office. What is left of the shipment goes on; if nothing
    is, the fee is free again. Raises Missing, Forbidden, Invalid, Conflict `wrong-step`."""
    found = steps.locked(shipment)
    steps.require_dispatcher(actor, found)
    _check_reason(reason, required=True)
    if found.state == states.LOST:
        return found
    states.require(found.state, states.LOST)
    there = steps.parcels(found)
    gone = [each for each in there if parcels is None or each.id in parcels]
    if not gone:
        raise invalid("/parcels", "known")
    now = clock.now()
    if len(gone) == len(there) and not ledger.moves([ids.child(found.id, money.SETTLED)]):
        money.settle(found.id, found.carrier_id, found.fee, 0)
    for stay in found.stays.filter(state__in=["reserved", "occupied"], parcel__in=[each.id for each in gone]):
        lockers.cells.give_up(stay, "released")
    steps.move(gone, kinds.LOST_HOLDER, found.carrier_id, at=now, by=actor.party)
    for each in gone:
        steps.tell(actor, found, facts.ParcelLost(**steps.told(found), parcel=each.id, line=each.line), now)
    if len(gone) == len(there):
        steps.advance(found, states.LOST, now)
        codes.end(found.id)
        stops.end(found.id, ["pickup", "delivery"], "withdrawn", now)
        lines = sorted({each.line for each in gone if each.line is not None})
        steps.tell(actor, found, facts.ShipmentLost(**steps.told(found), lines=lines), now)
    return found


@transaction.atomic
def find_again(actor: Actor, *, shipment: UUID, vehicle: UUID) -> Shipment:
    """What was lost turned up: it goes back to who sent it. Raises Missing, Forbidden, Conflict `wrong-step`."""
    found = steps.locked(shipment)
    steps.require_dispatcher(actor, found)
    carrier = steps.carried_by(actor, found, vehicle)
    lockers.begin_return(actor, found, "found")
    lost = list(Parcel.objects.filter(shipment=found, holder_kind=kinds.LOST_HOLDER).order_by("number"))
    steps.move(lost, "vehicle", carrier.id, at=clock.now(), by=actor.party)
    return found


@transaction.atomic
def cancel(actor: Actor, *, shipment: UUID, reason: str) -> Shipment:
    """Calls it off while the sender still has it: by who sends, pays or receives it, or by the carrier's office.

    The fee, the place in the calendar and the cells are free again. Against somebody who collects at that moment one wins.
    Raises Missing, Invalid, Conflict `wrong-step`.
    """
    found = steps.locked(shipment)
    parties = {found.shipper, found.payer, found.recipient}
    if any(actor.acts_for(each, *roles.SHIPPER, "buyer") for each in parties):
        actor.require_scope(roles.SHIP)
    else:
        steps.require_dispatcher(actor, found)
    _check_reason(reason, required=True)
    if found.state == states.CANCELLED:
        return found
    now = clock.now()
    steps.advance(found, states.CANCELLED, now)
    money.settle(found.id, found.carrier_id, found.fee, 0)
    if found.slot is not None:
        release(SYSTEM, id=found.slot, reason="cancelled")
    lockers.release_all(found)
    codes.end(found.id)
    stops.end(found.id, ["pickup", "delivery"], "withdrawn", now)
    steps.tell(actor, found, facts.ShipmentCancelled(**steps.told(found), reason="called-off"), now)
    return found


def _when(at: datetime | None) -> datetime:
    now = clock.now()
    return happened(at, now) if at else now


def _require_fit(shipment: Shipment, vehicle: Vehicle) -> None:
    """Raises Conflict `temperature-unfit`: what must stay cold goes only with who keeps it cold."""
    if shipment.temperature not in vehicle.temperatures:
        raise Conflict(
            "temperature-unfit",
            violations=[Violation(pointer="/vehicle", rule="temperature")],
            extra={"temperature": shipment.temperature},
        )


def _require_same(shipment: Shipment, parcels: list[Parcel], wanted: str, vehicle: Vehicle) -> None:
    """The step was done: by this vehicle, then it is the same answer; by another, Conflict `taken-by-other`."""
    aboard = all((each.holder_kind, each.holder) == ("vehicle", vehicle.id) for each in parcels)
    if shipment.state == wanted and aboard:
        return
    if shipment.state in states.UNDER_WAY and not aboard:
        raise Conflict("taken-by-other", violations=[Violation(pointer="/vehicle", rule="holds-it")])
    states.require(shipment.state, wanted)


def _check_reason(reason: str, *, required: bool) -> None:
    if (required and not reason.strip()) or len(reason) > REASON_MAX or "\0" in reason:
        raise invalid("/reason", "length", f"1..{REASON_MAX}")
