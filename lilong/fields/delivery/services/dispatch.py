"""What arrives now: given to a vehicle at once, in one transaction, by the cheapest insertion that keeps every promise.

The carrier's desk is locked first, then the shipment, then those on the vehicle's run; so of two dispatchers one gives it
away, and what the other gives to the same vehicle is measured with it. Couriers may refuse what is given to them; who does
not answer in time has refused. What nobody can take says why, and is tried again with more weight the longer it waits.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from lilong.fields.delivery.events.plans import OfferAnswered
from lilong.fields.delivery.models import RideOffer, Shipment, Stop, Unplaced, Vehicle
from lilong.fields.delivery.models.runs import STOP_OPEN
from lilong.fields.delivery.queries import fleet_now
from lilong.fields.delivery.queries.fleet_now import Snapshot
from lilong.fields.delivery.rules import fleets, states
from lilong.fields.delivery.rules.routing.board import Board
from lilong.fields.delivery.rules.routing.insertion import Offer, cheapest
from lilong.fields.delivery.rules.routing.problem import Reason, Route
from lilong.fields.delivery.rules.routing.reasons import explain
from lilong.fields.delivery.rules.routing.timeline import Ground
from lilong.fields.delivery.services import fleet, journey, routes, steps, stops
from lilong.fields.delivery.services.routes import Why
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Busy, Conflict, Missing, Problem, Violation
from lilong.kernel.events.services import emit
from lilong.kernel.parties.actor import SYSTEM, Actor

_AGAIN = 3  # looks, when a vehicle's run changes between two
_AT_ONCE = 50  # shipments that one round of `dispatch_waiting` gives away


class Given(NamedTuple):
    """Who brings a shipment and when it is there; or None and why not."""

    shipment: UUID
    vehicle: UUID | None
    eta: datetime | None
    reason: Reason | None = None


@transaction.atomic
def dispatch(actor: Actor, *, shipment: UUID, exclude: Iterable[UUID] = ()) -> Given:
    """Gives a shipment to a vehicle; one that has a vehicle already keeps it. Raises Missing, Forbidden, Conflict
    `wrong-step` (it is not there to be brought anywhere), `shipment-stopped`; Busy when its carrier's runs do not stand still.
    """
    row = Shipment.objects.filter(id=shipment).first()
    if row is None:
        raise steps.missing()
    steps.require_dispatcher(actor, row)
    routes.desk(row.carrier_id)
    return _give(actor, shipment, exclude, "dispatch")


def _give(actor: Actor, shipment: UUID, exclude: Iterable[UUID], why: str) -> Given:
    """The desk is locked."""
    found = steps.locked(shipment)
    standing = (
        Stop.objects.filter(shipment=shipment, kind="delivery", state__in=STOP_OPEN).select_related("run").first()
    )
    if standing is not None:
        return Given(shipment, standing.run.vehicle_id, standing.eta)
    steps.require_not_stopped(found)
    if found.state not in fleets.TASKS:
        states.require(found.state, states.OUT)
    barred = set(exclude) | _refused(shipment)
    for _ in range(_AGAIN):
        snap = fleet_now.live(found.carrier_id, [shipment], exclude=barred)
        offer, reason = _look(snap, found)
        if offer is None:
            assert reason is not None
            routes.unplaced(snap, [reason], actor.party)
            return Given(shipment, None, None, reason)
        if _stands(snap, offer):
            return _make(actor, snap, found, offer, why)
    raise Busy("runs-changing")


def _look(snap: Snapshot, shipment: Shipment) -> tuple[Offer | None, Reason | None]:
    """The best place for it, in time if anybody can be; else why there is none."""
    task = next((task for task in snap.problem.tasks if task.id == str(shipment.id)), None)
    if task is None:
        return None, Reason(str(shipment.id), "gone")
    board = Board(Ground(snap.problem), snap.problem.current)
    waited = int((snap.zero - shipment.requested_at).total_seconds())
    offer = cheapest(board, task, waiting=fleets.ageing(waited))
    if offer is None:
        offer = cheapest(board, task, grace=task.grace, waiting=fleets.ageing(waited))
    return (offer, None) if offer is not None else (None, explain(board, task))


def _stands(snap: Snapshot, offer: Offer) -> bool:
    """Holds the shipments on the vehicle's run; False if a step of one of them was faster."""
    mine = {stop.id: (act, stop.state) for act, stop in snap.stops.items() if str(stop.vehicle) == offer.vehicle}
    routes.hold(UUID(act.task) for act, _ in mine.values())
    now = dict(Stop.objects.filter(run__vehicle=offer.vehicle, state__in=STOP_OPEN).values_list("id", "state"))
    return {id: state for id, (_, state) in mine.items()} == {
        id: state for id, state in now.items() if id in mine
    } and (Vehicle.objects.filter(id=offer.vehicle, state__in=fleets.READY, removed_at=None).exists())


def _make(actor: Actor, snap: Snapshot, shipment: Shipment, offer: Offer, why: str) -> Given:
    routes.write(snap, [Route(offer.vehicle, offer.acts)], Why(why, actor.party))
    if shipment.state == states.REQUESTED:
        journey.accept(SYSTEM, shipment=shipment.id)
    car, now = snap.vehicles[offer.vehicle], clock.now()
    routes.end_offers([shipment.id])
    if car.kind in fleets.ANSWERS:
        RideOffer.objects.create(
            id=ids.uuid7(), shipment_id=shipment.id, vehicle=car, offered_at=now,
            expires_at=now + timedelta(seconds=fleets.ANSWER_SECONDS),
        )  # fmt: skip
    return Given(shipment.id, car.id, snap.moment(offer.done))


def _refused(shipment: UUID) -> set[UUID]:
    """Who refused it, or did not answer."""
    rows = RideOffer.objects.filter(shipment=shipment, state__in=["declined", "expired"])
    return set(rows.values_list("vehicle", flat=True))


@transaction.atomic
def accept(actor: Actor, *, shipment: UUID, vehicle: UUID) -> RideOffer:
    """The courier takes what was given to him. Again: the same answer. Raises Missing, Conflict `offer-over`."""
    _desk_of(actor, vehicle)
    offer = _offer(shipment, vehicle)
    if offer.state == "accepted":
        return offer
    if offer.state != "offered" or offer.expires_at <= clock.now():
        raise Conflict("offer-over", violations=[Violation(pointer="/shipment", rule="offered")])
    return _answered(actor, offer, "accepted")


@transaction.atomic
def decline(actor: Actor, *, shipment: UUID, vehicle: UUID) -> Given:
    """The courier refuses what was given to him, before he has the goods: somebody else gets it at once, if anybody can.

    Raises Missing, Conflict `offer-over`.
    """
    _desk_of(actor, vehicle)
    offer = _offer(shipment, vehicle)
    if offer.state in ("declined", "expired"):
        standing = (
            Stop.objects.filter(shipment=shipment, kind="delivery", state__in=STOP_OPEN).select_related("run").first()
        )
        return Given(shipment, standing.run.vehicle_id if standing else None, standing.eta if standing else None)
    if offer.state not in ("offered", "accepted"):
        raise Conflict("offer-over", violations=[Violation(pointer="/shipment", rule="offered")])
    return _taken_back(actor, offer, "declined")


def expire_due(limit: int = 100) -> int:
    """Who did not answer in time has refused: the next one gets it. Each its own transaction. Answers how many."""
    due = RideOffer.objects.filter(state="offered", expires_at__lte=clock.now()).order_by("expires_at", "id")
    return sum(_expire(id, carrier) for id, carrier in due.values_list("id", "shipment__carrier")[:limit])


@transaction.atomic
def _expire(id: UUID, carrier: UUID) -> bool:
    routes.desk(carrier)
    offer = RideOffer.objects.select_related("shipment").get(id=id)
    if offer.state != "offered" or offer.expires_at > clock.now():
        return False
    row = steps.locked(offer.shipment_id)
    his = Stop.objects.filter(shipment=row, run__vehicle=offer.vehicle_id, state__in=STOP_OPEN)
    if row.state not in (*states.WAITING, states.AT_DEPOT) or not his.exists():
        if row.vehicle_id == offer.vehicle_id:  # he has it already: that is an answer
            _answered(SYSTEM, offer, "accepted")
        else:
            routes.end_offers([row.id])
        return False
    _taken_back(SYSTEM, offer, "expired")
    return True


def dispatch_waiting(limit: int = _AT_ONCE) -> list[Given]:
    """Gives away what is on no run and due soon, or was taken on and lost its vehicle: the most urgent first.

    What found no place is tried again after a while. Each its own transaction; a problem of one is its own.
    """
    now = clock.now()
    soon = now + timedelta(seconds=fleets.AHEAD_SECONDS)
    lost = Q(state__in=[states.ACCEPTED, states.AT_DEPOT], earliest__lte=now + timedelta(seconds=fleets.LOST_SECONDS))
    waiting = Q(state__in=fleets.TASKS - fleets.ABOARD, latest__lte=soon) | lost
    open_ = Stop.objects.filter(kind="delivery", state__in=STOP_OPEN, shipment=OuterRef("id"))
    just = Unplaced.objects.filter(shipment=OuterRef("id"), at__gt=now - timedelta(seconds=fleets.RETRY_SECONDS))
    rows = Shipment.objects.filter(waiting, ~Exists(open_), ~Exists(just), stopped="")
    given = []
    for id in list(rows.order_by("latest", "requested_at", "id").values_list("id", flat=True)[:limit]):
        try:
            given.append(dispatch(SYSTEM, shipment=id))
        except Problem:
            continue  # called off, stopped or given away meanwhile
    return given


def _desk_of(actor: Actor, vehicle: UUID) -> None:
    row = Vehicle.objects.filter(id=vehicle, removed_at=None).first()
    if row is None:
        raise Missing("no-such-vehicle", violations=[Violation(pointer="/vehicle", rule="known")])
    fleet.may_drive(actor, row)
    routes.desk(row.carrier_id)


def _offer(shipment: UUID, vehicle: UUID) -> RideOffer:
    """The last one of this shipment to this vehicle; the shipment is locked. Raises Missing."""
    offer = RideOffer.objects.filter(shipment=shipment, vehicle=vehicle).order_by("-offered_at", "-id").first()
    if offer is None:
        raise Missing("no-such-offer", violations=[Violation(pointer="/shipment", rule="known")])
    steps.locked(shipment)
    offer.refresh_from_db()
    return offer


def _answered(actor: Actor, offer: RideOffer, answer: str) -> RideOffer:
    offer.state, offer.answered_at = answer, clock.now()
    offer.save(update_fields=["state", "answered_at"])
    fact = OfferAnswered(
        shipment=offer.shipment_id, carrier=offer.shipment.carrier_id, vehicle=offer.vehicle_id, answer=answer,
        seconds=max(0, int((offer.answered_at - offer.offered_at).total_seconds())),
    )  # fmt: skip
    emit(fact, subject=offer.shipment_id, actor=actor.party)
    return offer


def _taken_back(actor: Actor, offer: RideOffer, answer: str) -> Given:
    """Raises Conflict `wrong-step` once he has the goods."""
    row = Shipment.objects.get(id=offer.shipment_id)
    if row.state not in states.WAITING and row.state != states.AT_DEPOT:
        states.require(row.state, states.CANCELLED)
    _answered(actor, offer, answer)
    _end_stops(row)
    return _give(actor if actor.party != offer.vehicle_id else SYSTEM, row.id, (), "reassign")


def _end_stops(row: Shipment) -> None:
    vehicles = set(Stop.objects.filter(shipment=row, state__in=STOP_OPEN).values_list("run__vehicle", flat=True))
    stops.end(row.id, ["pickup", "delivery"], "withdrawn", clock.now())
    routes.withdraw_empty(vehicles)
