"""Orders to vehicles: made of a run's open stops, grown as the vehicle goes, said again when lost, cancelled."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from lilong.fields.delivery.events.vehicles import VehicleOrdered, VehicleOrderEnded
from lilong.fields.delivery.models import ControlledVehicle, InstantAction, Run, Stop, VehicleOrder, VehicleTask
from lilong.fields.delivery.models.control import ORDER_OPEN
from lilong.fields.delivery.models.runs import STOP_OPEN
from lilong.fields.delivery.queries.courses import KINDS, load_type_of, spots_of, start_of
from lilong.fields.delivery.rules import vda5050 as rules
from lilong.fields.delivery.rules.vda5050 import Act, Course
from lilong.fields.delivery.services import vehicles_said as says
from lilong.fields.delivery.standard.vda5050 import said
from lilong.kernel.base import clock, ids
from lilong.kernel.events.services import emit

AHEAD = 2  # stops in the base: the one it is at and the one after, so that it need not wait for us
AGAIN = timedelta(seconds=5)
TRIES_MAX = 6
RUN_CHANGED = "run-changed"


def open_order(vehicle: ControlledVehicle) -> VehicleOrder | None:
    return VehicleOrder.objects.filter(vehicle=vehicle, state__in=ORDER_OPEN).first()


def send_run(vehicle: ControlledVehicle, run: Run) -> VehicleOrder | None:
    """An order for the open stops of a run; None where there is none. `vehicle` is locked and has no open order."""
    stops = _open_stops(run)
    if not stops:
        return None
    tasks = {stop.id: ids.uuid7() for stop in stops}
    made = ids.uuid7()
    spots = spots_of(start_of(vehicle), stops, tasks, load_type_of(vehicle))
    course = rules.course(spots, stops=AHEAD, max_speed_mm_s=_speed(vehicle))
    now = clock.now()
    document = said.order(says.header(vehicle, "order"), order=str(made), update=0, part=course)
    order = VehicleOrder.objects.create(
        id=made,
        vehicle=vehicle,
        run=run,
        run_version=run.version,
        course=_stored(course),
        sent=_stored(course),
        sent_at=now,
        made_at=now,
    )
    _make_tasks(order, stops, tasks, course)
    says.send(vehicle, "order", document)
    emit(
        VehicleOrdered(order=made, vehicle=vehicle.vehicle_id, carrier=vehicle.vehicle.carrier_id, stops=len(stops)),
        subject=made,
    )
    return order


def go_on(order: VehicleOrder, vehicle: ControlledVehicle) -> bool:
    """Grows the base when the vehicle needs it and has what was sent before; True if an update was sent."""
    if order.state not in ("sent", "running") or order.taken != order.update:
        return False
    before = course_of(order)
    if before.base_end == before.nodes[-1].sequence:
        return False
    done = sum(1 for task in order.tasks.all() if task.state in (*rules.ENDED, "WITHDRAWN"))
    stops_in_base = sum(1 for node in before.nodes if node.acts and node.released)
    if stops_in_base - done >= AHEAD:
        return False
    _send_update(order, vehicle, rules.extended(before, stops=AHEAD - (stops_in_base - done)))
    return True


def follow_run(order: VehicleOrder, vehicle: ControlledVehicle) -> None:
    """The run was planned anew: the horizon is replaced. If what it is to drop is in the base already, all is cancelled."""
    run = order.run
    if run is None or run.version == order.run_version or order.taken != order.update:
        return
    before = course_of(order)
    stops = _open_stops(run)
    tasks = {task.stop_id: task for task in order.tasks.exclude(state="WITHDRAWN")}
    wanted = {stop.id for stop in stops}
    base = {task.stop_id for task in tasks.values() if task.sequence <= before.base_end}
    if any(stop not in wanted for stop in base if tasks[stop].state not in rules.ENDED):
        cancel(vehicle, order, why=RUN_CHANGED)
        return
    ahead = [stop for stop in stops if stop.id not in base]
    new = {stop.id: ids.uuid7() for stop in ahead}
    order.run_version = run.version
    order.tasks.filter(sequence__gt=before.base_end).exclude(state__in=rules.ENDED).update(state="WITHDRAWN")
    end = next(node for node in before.nodes if node.sequence == before.base_end)
    spots = spots_of((end.x_mm, end.y_mm, end.map), ahead, new, load_type_of(vehicle))[1:]
    after = rules.reshaped(before, spots, max_speed_mm_s=_speed(vehicle))
    _make_tasks(order, ahead, new, after)
    _send_update(order, vehicle, after)


def say_again(order: VehicleOrder, vehicle: ControlledVehicle) -> None:
    """The vehicle does not show what was sent last: the same order and update, under a new header."""
    part = msgspec.convert(order.sent, Course)
    document = said.order(says.header(vehicle, "order"), order=str(order.id), update=order.update, part=part)
    order.tries += 1
    order.sent_at = clock.now()
    order.save(update_fields=["tries", "sent_at"])
    says.send(vehicle, "order", document)


def cancel(vehicle: ControlledVehicle, order: VehicleOrder, *, why: str, by: UUID | None = None) -> InstantAction:
    """Tells the vehicle to cancel; the order ends when the vehicle says that it has stopped."""
    there = order.instants.filter(kind="cancelOrder", ended_at=None).first()
    if there is not None:
        return there
    if order.state in ORDER_OPEN:
        order.state, order.why = "cancelling", why
        order.save(update_fields=["state", "why"])
    return tell(vehicle, "cancelOrder", order=order, by=by)


def tell(
    vehicle: ControlledVehicle,
    kind: str,
    *,
    parameters: tuple[tuple[str, str | float], ...] = (),
    order: VehicleOrder | None = None,
    by: UUID | None = None,
    id: UUID | None = None,
) -> InstantAction:
    """Sends an instant action and remembers it until the vehicle's state shows what became of it."""
    made = InstantAction.objects.create(
        id=id or ids.uuid7(),
        vehicle=vehicle,
        order=order,
        kind=kind,
        parameters=parameters,
        sent_at=clock.now(),
        by=by,
    )
    send_instant(vehicle, made)
    return made


def send_instant(vehicle: ControlledVehicle, action: InstantAction) -> None:
    blocking = "NONE" if action.kind in ("stateRequest", "factsheetRequest") else "HARD"
    parameters = tuple((key, value) for key, value in action.parameters)
    act = Act(id=str(action.id), kind=action.kind, blocking=blocking, parameters=parameters)
    document = said.instant_actions(says.header(vehicle, "instantActions"), [act])
    says.send(vehicle, "instantActions", document)


def end(order: VehicleOrder, outcome: str, *, why: str = "", at: datetime | None = None) -> None:
    """Closes an order once: tasks that the vehicle never ended are withdrawn."""
    if order.state not in ORDER_OPEN:
        return
    undone = order.tasks.exclude(state__in=(*rules.ENDED, "WITHDRAWN")).update(state="WITHDRAWN")
    done = order.tasks.filter(state="FINISHED").count()
    order.state, order.why, order.ended_at = outcome, (why or order.why)[:100], at or clock.now()
    order.save(update_fields=["state", "why", "ended_at"])
    order.instants.filter(ended_at=None).exclude(kind="cancelOrder").update(ended_at=order.ended_at, state="unanswered")
    emit(
        VehicleOrderEnded(
            order=order.id,
            vehicle=order.vehicle_id,
            carrier=order.vehicle.vehicle.carrier_id,
            outcome=outcome,
            why=order.why,
            done=done,
            undone=undone,
        ),
        subject=order.id,
    )


def course_of(order: VehicleOrder) -> Course:
    return msgspec.convert(order.course, Course)


def _send_update(order: VehicleOrder, vehicle: ControlledVehicle, after: Course) -> None:
    part = rules.update(course_of(order), after)
    order.update += 1
    order.course, order.sent, order.sent_at, order.tries = _stored(after), _stored(part), clock.now(), 1
    order.save(update_fields=["update", "course", "sent", "sent_at", "tries", "run_version"])
    document = said.order(says.header(vehicle, "order"), order=str(order.id), update=order.update, part=part)
    says.send(vehicle, "order", document)


def _open_stops(run: Run) -> list[Stop]:
    stops = run.stops.filter(state__in=STOP_OPEN).select_related("shipment").order_by("sequence")
    return list(stops)


def _make_tasks(order: VehicleOrder, stops: list[Stop], tasks: dict[UUID, UUID], course: Course) -> None:
    where = {act.id: node.sequence for node in course.nodes for act in node.acts}
    VehicleTask.objects.bulk_create(
        VehicleTask(
            id=tasks[stop.id],
            order=order,
            stop=stop,
            shipment_id=stop.shipment_id,
            kind=KINDS[stop.kind],
            sequence=where[str(tasks[stop.id])],
        )
        for stop in stops
    )


def _speed(vehicle: ControlledVehicle) -> int:
    return vehicle.vehicle.speed_kmh * 1_000_000 // 3600


def _stored(course: Course) -> object:
    return msgspec.to_builtins(course)
