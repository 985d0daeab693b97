"""What nobody says: orders to idle vehicles, messages that were lost, vehicles that fell silent. Run every second."""

import asyncio
import contextlib
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import QuerySet

from lilong.fields.delivery.events.vehicles import VehicleSilent
from lilong.fields.delivery.models import ControlledVehicle, InstantAction, Run, VehicleOrder
from lilong.fields.delivery.services import vehicles_fleet as fleet
from lilong.fields.delivery.services import vehicles_mirror as mirror
from lilong.fields.delivery.services import vehicles_orders as orders
from lilong.fields.delivery.services import vehicles_settle as settle
from lilong.fields.delivery.standard.vda5050.reports import HIBERNATING, OFFLINE
from lilong.kernel.base import clock
from lilong.kernel.events.loop import Line
from lilong.kernel.events.services import emit

SILENT = timedelta(seconds=45)  # a state comes at least every 30 seconds (2.1.0 section 6.10)
EVERY_SECONDS = 1.0

log = structlog.get_logger("lilong.delivery.vehicles")


async def run(stop: asyncio.Event) -> None:
    """Until told to stop (a loop of the role `relay`). Any number may run: locked rows are passed over."""
    line = Line("delivery-vehicles")
    try:
        while not stop.is_set():
            try:
                await line.run(tick)
            except Exception:
                log.exception("vehicles-watch-failed")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), EVERY_SECONDS)
    finally:
        await line.close()


def tick() -> None:
    """One vehicle a transaction."""
    for id in list(_all().values_list("vehicle_id", flat=True)):
        _one(id)


@transaction.atomic
def _one(id: object) -> None:
    vehicle = (
        ControlledVehicle.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("vehicle__home")
        .filter(vehicle_id=id)
        .first()
    )
    if vehicle is None or vehicle.heard_at is None:
        return
    if vehicle.heard_at < clock.now() - SILENT:
        if vehicle.silent_at is None and not _excused(vehicle):
            silent(vehicle)
        return
    _repeat_instants(vehicle)
    fleet.tell_state(vehicle)
    order = orders.open_order(vehicle)
    if vehicle.silent_at is not None:
        return
    if order is not None:
        _tend(vehicle, order)
    elif vehicle.orders.filter(give_back=True).exists():
        settle.give_back(vehicle.vehicle_id, "order-ended")
    else:
        _next_run(vehicle)


def _tend(vehicle: ControlledVehicle, order: VehicleOrder) -> None:
    """Follows its run; what the vehicle does not show to have is said again."""
    order.vehicle = vehicle
    if order.state == "running":
        orders.follow_run(order, vehicle)
    if order.taken == order.update or order.sent_at > clock.now() - orders.AGAIN:
        return
    if order.tries < orders.TRIES_MAX:
        orders.say_again(order, vehicle)
    elif order.taken is None:
        orders.end(order, "failed", why="not-taken")
        settle.given_up(order)


def silent(vehicle: ControlledVehicle) -> None:
    """Given up: what it has not picked up goes to others; what is aboard stays with it, to be recovered."""
    now = clock.now()
    assert vehicle.heard_at is not None
    seconds = int((now - vehicle.heard_at).total_seconds())
    vehicle.silent_at, vehicle.recovering = now, True
    vehicle.save(update_fields=["silent_at", "recovering"])
    order = orders.open_order(vehicle)
    if order is not None:
        order.vehicle = vehicle
        orders.end(order, "lost", why="silent")
    fleet.tell_state(vehicle)
    given_back, aboard = settle.give_back(vehicle.vehicle_id, "silent")
    fact = VehicleSilent(
        vehicle=vehicle.vehicle_id,
        carrier=vehicle.vehicle.carrier_id,
        seconds=seconds,
        given_back=given_back,
        aboard=aboard,
    )
    emit(fact, subject=vehicle.vehicle_id)
    log.warning("vehicle-silent", vehicle=str(vehicle.vehicle_id), seconds=seconds)


def _excused(vehicle: ControlledVehicle) -> bool:
    """It signed off, or sleeps, with nothing to do: nobody waits for it."""
    return vehicle.connection in (OFFLINE, HIBERNATING) and orders.open_order(vehicle) is None


def _repeat_instants(vehicle: ControlledVehicle) -> None:
    """What does not show in its state is said again, a few times."""
    due = clock.now() - orders.AGAIN
    for action in InstantAction.objects.filter(vehicle=vehicle, ended_at=None, state="sent", sent_at__lt=due):
        if action.tries < orders.TRIES_MAX or action.kind == "cancelOrder":
            action.tries, action.sent_at = min(action.tries + 1, 30_000), clock.now()
            action.save(update_fields=["tries", "sent_at"])
            orders.send_instant(vehicle, action)
        else:
            action.state, action.ended_at = "unanswered", clock.now()
            action.save(update_fields=["state", "ended_at"])


def _next_run(vehicle: ControlledVehicle) -> None:
    if not mirror.may_be_ordered(vehicle):
        return
    runs = Run.objects.filter(vehicle_id=vehicle.vehicle_id, state__in=["planned", "under-way"]).order_by("starts_at")
    for run in runs.filter(starts_at__lte=clock.now() + timedelta(minutes=1)):
        if orders.send_run(vehicle, run) is not None:
            return


def _all() -> QuerySet[ControlledVehicle]:
    return ControlledVehicle.objects.filter(vehicle__removed_at=None).exclude(heard_at=None).order_by("vehicle_id")
