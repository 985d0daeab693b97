"""The feeds that change by the minute: what stands where. Nothing in them tells of a trip; see `privacy`."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from lilong.fields.mobility.standard.gbfs.privacy import coarse_pm, degrees
from lilong.fields.mobility.standard.gbfs.static import moment


def vehicle_status(
    rows: Sequence[Any], *, name: Callable[[UUID], str], plans: set[str], stations: set[str]
) -> dict[str, Any]:
    """In the order of the public ids, which tells nothing. A vehicle at a station is shown by its station alone."""
    made = [_vehicle(row, name(row.public), plans, stations) for row in rows]
    return {"vehicles": sorted(made, key=lambda vehicle: vehicle["vehicle_id"])}


def _vehicle(row: Any, id: str, plans: set[str], stations: set[str]) -> dict[str, Any]:
    if str(row.station_id) in stations:
        place: dict[str, Any] = {"station_id": str(row.station_id)}
    else:
        place = {"lat": degrees(row.latitude_e6), "lon": degrees(row.longitude_e6)}
    made = {
        "vehicle_id": id,
        "vehicle_type_id": str(row.type_id),
        "is_reserved": False,
        "is_disabled": row.state != "available",
        **place,
    }
    if row.type.max_range_m is not None:
        made["current_range_meters"] = row.type.max_range_m * coarse_pm(row.energy_pm) // 1000
    if row.type.propulsion_type not in ("human",):
        made["current_fuel_percent"] = coarse_pm(row.energy_pm) / 1000
    if row.type.return_constraint == "roundtrip_station" and str(row.home_id) in stations:
        made["home_station_id"] = str(row.home_id)
    if str(row.type.plan) in plans:
        made["pricing_plan_id"] = str(row.type.plan)
    return made


def station_status(
    rows: Sequence[Any], vehicles: Sequence[Any], parked: Mapping[UUID, int], *, now: datetime
) -> dict[str, Any]:
    """`parked`: everything that takes a place there, also what is reserved."""
    here: dict[UUID, list[Any]] = {}
    for vehicle in vehicles:
        if vehicle.station_id is not None:
            here.setdefault(vehicle.station_id, []).append(vehicle)
    return {"stations": [_station(row, here.get(row.id, []), parked.get(row.id, 0), now) for row in rows]}


def _station(row: Any, vehicles: Sequence[Any], parked: int, now: datetime) -> dict[str, Any]:
    good = [vehicle for vehicle in vehicles if vehicle.state == "available"]
    types: dict[str, int] = {}
    for vehicle in good:
        types[str(vehicle.type_id)] = types.get(str(vehicle.type_id), 0) + 1
    return {
        "station_id": str(row.id),
        "num_vehicles_available": len(good),
        "vehicle_types_available": [{"vehicle_type_id": id, "count": types[id]} for id in sorted(types)],
        "num_vehicles_disabled": len(vehicles) - len(good),
        "num_docks_available": max(0, row.capacity - parked),
        "num_docks_disabled": 0,
        "is_installed": True,
        "is_renting": True,
        "is_returning": True,
        "last_reported": moment(now),
    }
