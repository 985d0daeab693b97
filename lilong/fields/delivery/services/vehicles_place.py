"""Where a controlled vehicle is: in its own row, in the fleet's, and on the live topic of those who may see it."""

from datetime import datetime

from lilong.fields.delivery.models import ControlledVehicle, Vehicle
from lilong.fields.delivery.queries.vehicles import heading
from lilong.fields.delivery.rules.local_map import MAP, located
from lilong.fields.delivery.services import etas, watched
from lilong.fields.delivery.standard.vda5050.reports import Pose
from lilong.kernel import live

TOPIC = "delivery.vehicle"


def set_pose(vehicle: ControlledVehicle, pose: Pose) -> None:
    """Into the vehicle's row; saved by the caller. A vehicle that does not know where it is says nothing new."""
    if pose.known:
        vehicle.map, vehicle.x_mm, vehicle.y_mm, vehicle.theta_mrad = (
            pose.map[:100],
            pose.x_mm,
            pose.y_mm,
            pose.theta_mrad,
        )


def tell(vehicle: ControlledVehicle, at: datetime) -> None:
    """To the fleet and to those who watch; after the commit, and it may be lost there."""
    if vehicle.x_mm is None or vehicle.y_mm is None or vehicle.map != MAP:
        return
    latitude, longitude = located(vehicle.x_mm, vehicle.y_mm)
    battery = None if vehicle.charge_permille is None else vehicle.charge_permille // 10
    facing = heading(vehicle.theta_mrad or 0)
    Vehicle.objects.filter(id=vehicle.vehicle_id).update(
        latitude_e6=latitude, longitude_e6=longitude, heading=facing, position_at=at, battery_percent=battery
    )
    etas.keep(vehicle.vehicle_id)
    message = {
        "at": at.isoformat(), "latitude_e6": latitude, "longitude_e6": longitude, "heading": facing,
        "driving": vehicle.driving, "battery_percent": battery,
    }  # fmt: skip
    live.publish(TOPIC, str(vehicle.vehicle_id), message)
    watched.moved(vehicle.vehicle_id)
