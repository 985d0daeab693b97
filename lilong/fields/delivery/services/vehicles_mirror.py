"""What a vehicle's state means for our books: its orders and actions mirror it, and each outcome is settled once."""

from uuid import UUID

from lilong.fields.delivery.events.vehicles import VehicleRecovered
from lilong.fields.delivery.models import ControlledVehicle, InstantAction, VehicleOrder, VehicleTask
from lilong.fields.delivery.rules import vda5050 as rules
from lilong.fields.delivery.services import vehicles_orders as orders
from lilong.fields.delivery.services import vehicles_settle as settle
from lilong.fields.delivery.standard.vda5050.reports import Done, State
from lilong.kernel.base import clock
from lilong.kernel.events.services import emit

# Errors that mean "I do not take this order" (2.1.0 section 6.6.4; 3.0.0 table of predefined errors).
REJECTIONS = (
    "validationError", "orderError", "orderUpdateError", "noRouteError", "VALIDATION_FAILURE", "INVALID_ORDER_ACTION",
    "UNSUPPORTED_PARAMETER", "INSUFFICIENT_MEMORY", "NO_ROUTE_TO_TARGET",
)  # fmt: skip
MINE = ("AUTOMATIC", "SEMIAUTOMATIC")  # modes in which master control is in charge


def take(vehicle: ControlledVehicle, state: State) -> None:
    """Brings the books up to a fresh state. `vehicle` is locked; its own columns are set already."""
    _instants(vehicle, state)
    _late_outcomes(vehicle, state)
    order = orders.open_order(vehicle)
    if order is not None:
        order.vehicle = vehicle
        _order(vehicle, order, state)
    _recover(vehicle, state)


def _order(vehicle: ControlledVehicle, order: VehicleOrder, state: State) -> None:
    if state.order != str(order.id):
        _other(vehicle, order, state)
        return
    changed = []
    if order.taken is None or state.update > order.taken:
        order.taken = min(state.update, order.update)
        changed.append("taken")
    if order.state == "sent":
        order.state = "running"
        changed.append("state")
        settle.begin(order)
    if state.last_sequence > order.last_sequence:
        order.last_sequence = state.last_sequence
        changed.append("last_sequence")
    if changed:
        order.save(update_fields=changed)
    _tasks(order, state.actions)
    settle.arrived(order)
    if order.state == "cancelling":
        return  # it ends with the cancelOrder action
    if _rejected(state, order):
        orders.end(order, "failed", why=_rejected(state, order))
        settle.given_up(order)
    elif not state.ahead and _all_ended(state, order):
        orders.end(order, "finished")
    else:
        orders.follow_run(order, vehicle)
        if order.state == "running":
            orders.go_on(order, vehicle)


def _other(vehicle: ControlledVehicle, order: VehicleOrder, state: State) -> None:
    """It shows another order or none: ours has not arrived yet, was refused, or the vehicle has forgotten it."""
    if _rejected(state, order):
        orders.end(order, "failed", why=_rejected(state, order))
        settle.given_up(order)
    elif order.taken is not None:
        orders.end(order, "lost", why="forgotten")  # it gets what is left of its run as a new order


def _tasks(order: VehicleOrder, actions: tuple[Done, ...]) -> None:
    """Each action's status; an end is an end, whatever comes later."""
    said = {done.id: done for done in actions}
    for task in order.tasks.select_related("shipment", "stop").order_by("sequence"):
        done = said.get(str(task.id))
        if done is None or task.state in rules.ENDED:
            continue
        status = "WITHDRAWN" if _never_tried(order, task, done) else done.status
        if status != task.state:
            task.state, task.result = status, done.result
            task.save(update_fields=["state", "result"])
        if status in rules.ENDED and task.settled_at is None:
            settle.settle(order, task)


def _never_tried(order: VehicleOrder, task: VehicleTask, done: Done) -> bool:
    """FAILED because the order was cancelled, or before it came there (somebody took it over): no attempt was made."""
    return done.status == "FAILED" and (order.state == "cancelling" or task.sequence > order.last_sequence)


def _late_outcomes(vehicle: ControlledVehicle, state: State) -> None:
    """Of an order that we gave up while the vehicle was silent: what it did all the same is true, and is settled now."""
    lost = _named(vehicle, state.order)
    if lost is None or lost.state not in ("lost", "cancelled", "failed"):
        return
    said = {done.id: done for done in state.actions if done.status in rules.ENDED}
    for task in lost.tasks.filter(settled_at=None).select_related("shipment", "stop").order_by("sequence"):
        done = said.get(str(task.id))
        if done is not None and done.status == "FINISHED":
            task.state, task.result = done.status, done.result
            task.save(update_fields=["state", "result"])
            settle.settle(lost, task)


def _named(vehicle: ControlledVehicle, order: str) -> VehicleOrder | None:
    id = _uuid(order)
    found = VehicleOrder.objects.filter(id=id, vehicle=vehicle).first() if id else None
    if found is not None:
        found.vehicle = vehicle
    return found


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _instants(vehicle: ControlledVehicle, state: State) -> None:
    said = {done.id: done for done in state.instant}
    for action in InstantAction.objects.filter(vehicle=vehicle, ended_at=None):
        done = said.get(str(action.id))
        if done is None or done.status == action.state:
            continue
        action.state = done.status
        if done.status in rules.ENDED:
            action.ended_at = clock.now()
        action.save(update_fields=["state", "ended_at"])
        if action.kind == "cancelOrder" and done.status in rules.ENDED:
            _cancelled(vehicle, action, state)


def _cancelled(vehicle: ControlledVehicle, action: InstantAction, state: State) -> None:
    """It stands still. FAILED means that there was nothing to cancel any more: the same for us."""
    order = action.order
    if order is not None:
        order.vehicle = vehicle
        _tasks(order, state.actions)
        orders.end(order, "cancelled")
        if order.why != orders.RUN_CHANGED:
            settle.given_up(order)


def _recover(vehicle: ControlledVehicle, state: State) -> None:
    """Back after silence: first it must have no order of ours any more, and say so; then it may get a new one."""
    if not vehicle.recovering:
        return
    waiting = InstantAction.objects.filter(vehicle=vehicle, kind="cancelOrder", ended_at=None).exists()
    busy = bool(state.ahead) or any(done.status not in rules.ENDED for done in _order_actions(vehicle, state))
    if busy and not waiting:
        orders.tell(vehicle, "cancelOrder", order=_named(vehicle, state.order))
    elif not busy and not waiting:
        since = vehicle.silent_at or clock.now()
        vehicle.recovering, vehicle.silent_at = False, None
        vehicle.save(update_fields=["recovering", "silent_at"])
        seconds = int((clock.now() - since).total_seconds())
        fact = VehicleRecovered(vehicle=vehicle.vehicle_id, carrier=vehicle.vehicle.carrier_id, seconds=seconds)
        emit(fact, subject=vehicle.vehicle_id)


def _order_actions(vehicle: ControlledVehicle, state: State) -> list[Done]:
    """Version 2 lists instant actions with the order's: those are not what keeps it busy."""
    ids = [found for found in map(_uuid, (done.id for done in state.actions)) if found is not None]
    told = {str(id) for id in InstantAction.objects.filter(vehicle=vehicle, id__in=ids).values_list("id", flat=True)}
    return [done for done in state.actions if done.id not in told]


def _all_ended(state: State, order: VehicleOrder) -> bool:
    """Nothing lies ahead and every action that is still wanted has ended; the last update has arrived, too."""
    if order.taken != order.update:
        return False
    return not order.tasks.exclude(state__in=(*rules.ENDED, "WITHDRAWN")).exists()


def _rejected(state: State, order: VehicleOrder) -> str:
    """The error by which it refuses what we sent last; '' if there is none."""
    for trouble in state.troubles:
        given = dict(trouble.references)
        if trouble.kind not in REJECTIONS or given.get("orderId") != str(order.id):
            continue
        if given.get("orderUpdateId", str(order.update)) == str(order.update) and order.taken != order.update:
            return trouble.kind
    return ""


def may_be_ordered(vehicle: ControlledVehicle) -> bool:
    """Whether it can get an order now: it talks, is in our hands, and nothing of an old order hangs on it."""
    return (
        vehicle.connection == "ONLINE"
        and vehicle.mode in MINE
        and not vehicle.held
        and not vehicle.recovering
        and vehicle.silent_at is None
        and not vehicle.charging
        and not vehicle.stopped
    )
