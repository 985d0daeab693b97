"""What a controlled vehicle's own word means for the fleet: whether dispatchers may count on it."""

from lilong.fields.delivery.models import ControlledVehicle, Vehicle
from lilong.fields.delivery.services import vehicles_mirror as mirror
from lilong.fields.delivery.services import vehicles_orders as orders
from lilong.fields.delivery.standard.vda5050 import reports
from lilong.kernel.base import clock


def tell_state(vehicle: ControlledVehicle) -> None:
    """Keeps the fleet's state of it up to date; written only when it changes."""
    state = state_of(vehicle)
    Vehicle.objects.filter(id=vehicle.vehicle_id).exclude(state=state).update(state=state, state_at=clock.now())


def state_of(vehicle: ControlledVehicle) -> str:
    """silent, off, charging, fault, busy or idle."""
    if vehicle.silent_at is not None:
        return "silent"
    if vehicle.connection in ("", reports.OFFLINE, reports.HIBERNATING) or vehicle.held:
        return "off"
    if vehicle.charging:
        return "charging"
    fatal = any(trouble["level"] in ("FATAL", "CRITICAL") for trouble in vehicle.troubles)
    if fatal or vehicle.stopped or vehicle.mode not in mirror.MINE:
        return "fault"
    return "busy" if orders.open_order(vehicle) else "idle"
