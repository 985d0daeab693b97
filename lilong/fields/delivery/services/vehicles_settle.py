"""What actions of vehicles mean for shipments: a pick collects, a drop delivers, a failure is an attempt that failed.

Each outcome is settled once, through the services that people use, as the vehicle itself. What the books refuse (it was
cancelled meanwhile, a proof is missing) is kept with the task, for the carrier's office to look at.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import F

from lilong.fields.delivery.models import Parcel, Run, Shipment, VehicleOrder, VehicleTask
from lilong.fields.delivery.models.runs import STOP_OPEN
from lilong.fields.delivery.rules import states
from lilong.fields.delivery.services import delivering, journey, lockers, planning, stops
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Problem
from lilong.kernel.parties.actor import SYSTEM, Actor

_RUN_OPEN = ("planned", "under-way")


def actor_of(vehicle: UUID) -> Actor:
    """The vehicle itself, as the broker let it in."""
    return Actor(party=vehicle, kind="device")


def settle(order: VehicleOrder, task: VehicleTask) -> None:
    """Puts the end of an action into the books."""
    vehicle = order.vehicle_id
    try:
        with transaction.atomic():
            if task.state == "FINISHED":
                _picked(vehicle, task) if task.kind == "pick" else _dropped(vehicle, task)
            else:
                _failed(vehicle, task)
    except Problem as problem:
        task.problem = problem.code[:40]
        withdraw([task.shipment_id], vehicle)  # nothing is left to drive there for; people have to look at it
    task.settled_at = clock.now()
    task.save(update_fields=["problem", "settled_at"])


def arrived(order: VehicleOrder) -> None:
    """It stands at stops of its order."""
    here = order.tasks.filter(sequence__lte=order.last_sequence, stop__state="planned").values_list(
        "shipment", flat=True
    )
    for shipment in list(here):
        stops.arrived(shipment, order.vehicle_id, clock.now())


def begin(order: VehicleOrder) -> None:
    """Its run is under way, unless the vehicle has another that is."""
    run = order.run
    if run is None or run.state != "planned":
        return
    if Run.objects.filter(vehicle=run.vehicle_id, state="under-way").exists():
        return
    run.state, run.started_at = "under-way", clock.now()
    run.save(update_fields=["state", "started_at"])


def given_up(order: VehicleOrder) -> None:
    """What is not aboard is to go to others: the watch sees to it, in a transaction that locks the carrier's desk first.

    A vehicle that refused an order, or never took it, gets no other until people have looked at it.
    """
    order.give_back = True
    order.save(update_fields=["give_back"])
    if order.state == "failed":
        order.vehicle.held = True
        order.vehicle.save(update_fields=["held"])


def give_back(vehicle: UUID, why: str) -> tuple[int, int]:
    """Gives to others what a vehicle has not aboard. Answers how many shipments those were, and how many are aboard: their
    stops stay its own, as nobody else can deliver them. Its state in the fleet is set before."""
    VehicleOrder.objects.filter(vehicle_id=vehicle, give_back=True).update(give_back=False)
    given = planning.reassign(SYSTEM, vehicle=vehicle, why=why)
    aboard = Parcel.objects.filter(holder_kind="vehicle", holder=vehicle).values("shipment").distinct().count()
    return len(given), aboard


def withdraw(shipments: Iterable[UUID], vehicle: UUID) -> None:
    """These shipments' open stops on runs of the vehicle are over; the runs count a change."""
    now = clock.now()
    for shipment in shipments:
        runs = Run.objects.filter(vehicle=vehicle, stops__shipment=shipment, stops__state__in=STOP_OPEN).distinct()
        touched = list(runs.values_list("id", flat=True))
        if touched:
            stops.end(shipment, ["pickup", "delivery"], "withdrawn", now)
            Run.objects.filter(id__in=touched, state__in=_RUN_OPEN).update(version=F("version") + 1)


def _picked(vehicle: UUID, task: VehicleTask) -> None:
    actor, shipment = actor_of(vehicle), task.shipment_id
    if Shipment.objects.values_list("state", flat=True).get(id=shipment) == states.AT_DEPOT:
        journey.depart(actor, shipment=shipment, vehicle=vehicle)
    else:
        journey.collect(actor, shipment=shipment, vehicle=vehicle)


def _dropped(vehicle: UUID, task: VehicleTask) -> None:
    """Into the locker, or to the recipient. Whoever typed the code on its keypad has it already: the same answer."""
    actor, shipment = actor_of(vehicle), Shipment.objects.get(id=task.shipment_id)
    if shipment.state == states.RETURNING:
        journey.hand_back(actor, shipment=shipment.id, vehicle=vehicle)
    elif shipment.bank_id is not None:
        lockers.put_in(actor, shipment=shipment.id, vehicle=vehicle)
    else:
        delivering.deliver(actor, shipment=shipment.id, vehicle=vehicle)


def _failed(vehicle: UUID, task: VehicleTask) -> None:
    """A drop that failed is an attempt; after a pick that failed the goods are still where they were, for others to fetch."""
    if task.kind == "pick":
        withdraw([task.shipment_id], vehicle)
    elif task.shipment.state not in (states.DELIVERED, states.IN_LOCKER):
        journey.fail(
            actor_of(vehicle),
            shipment=task.shipment_id,
            vehicle=vehicle,
            outcome="other",
            reason=task.result,
            id=task.id,
        )
