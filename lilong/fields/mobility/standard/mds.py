"""MDS 2.0: the house's vehicles, events, trips and points as a regulator's client expects them (provider endpoints).

Where a rider goes is made coarse: whatever belongs to a trip is shown to a thousandth of a degree (about 100 m), which is
enough for planning streets and too little for a front door. What stands about is shown to the metre.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from lilong.kernel.base import ids

VERSION = "2.0.0"
MEDIA_TYPE = "application/vnd.mds+json;version=2.0"
MEDIA, SUPPORTED = "application/vnd.mds+json", ("2.0",)
NEAR, COARSE = 5, 3  # decimals of a degree
_PAYS = {"payment_type": "mobile_app", "fare_type": "meter_fare"}
_TRIP_TYPES = {"car-share": "private", "micromobility": "rider", "passenger-services": "private"}


def millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def hour(text: str) -> datetime | None:
    """The hour that 'YYYY-MM-DDTHH' names, UTC; None for anything else."""
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H").replace(tzinfo=UTC) if len(text) == 13 else None  # noqa: PLR2004
    except ValueError:
        return None


def location(latitude_e6: int, longitude_e6: int, *, trip: bool) -> dict[str, Any]:
    decimals = COARSE if trip else NEAR
    return {"lat": round(latitude_e6 / 1e6, decimals), "lng": round(longitude_e6 / 1e6, decimals)}


def vehicle(row: Any) -> dict[str, Any]:
    """`vehicle_attributes` asks for the year and colour of cars, which the house does not know: they are left out whole."""
    made = {key: value for key, value in (("make", row.type.make), ("model", row.type.model)) if value}
    return {
        "device_id": str(row.id),
        "provider_id": str(row.operator_id),
        "vehicle_id": row.plate,
        "vehicle_type": row.type.form_factor,
        "propulsion_types": [row.type.propulsion_type],
        **({"vehicle_attributes": made} if made and row.mode == "micromobility" else {}),
        **({"accessibility_attributes": ["wheelchair_accessible"]} if row.type.wheelchair else {}),
    }


def event(row: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "device_id": str(row.vehicle_id),
        "provider_id": str(row.vehicle.operator_id),
        "event_id": str(row.id),
        "vehicle_state": row.state,
        "event_types": row.events,
        "timestamp": millis(row.at),
        "publication_time": millis(row.recorded_at),
    }
    if row.latitude_e6 is not None:
        made["location"] = location(row.latitude_e6, row.longitude_e6, trip=bool(row.trips))
    else:
        made["event_geographies"] = [str(_city())]
    if row.trips:
        made["trip_ids"] = [str(id) for id in row.trips]
    return made | _energy(row.vehicle.type.propulsion_type, row.energy_pm)


def _city() -> UUID:
    """The geography of the whole city, for what has no place."""
    return ids.named("mobility", "geography", "city")


def _energy(propulsion: str, energy_pm: int | None) -> dict[str, int]:
    if energy_pm is None or propulsion == "human":
        return {}
    burns = propulsion.startswith(("combustion", "hybrid", "hydrogen"))
    return {"fuel_percent" if burns else "battery_percent": energy_pm // 10}


def status(vehicle_row: Any, last: Any) -> dict[str, Any]:
    """The last event, and where the vehicle was last."""
    row = vehicle_row
    telemetry = {
        "device_id": str(row.id),
        "provider_id": str(row.operator_id),
        "telemetry_id": telemetry_id(row.id, 0, 0, row.at or last.at),
        "timestamp": millis(row.at or last.at),
        "trip_ids": [str(row.trip)] if row.trip else None,
        "journey_id": None,
        "location": location(row.latitude_e6, row.longitude_e6, trip=row.trip is not None),
        **_energy(row.type.propulsion_type, row.energy_pm),
        **({"stop_id": str(row.station_id)} if row.station_id else {}),
    }
    return {
        "device_id": str(row.id),
        "provider_id": str(row.operator_id),
        "last_event": event(last),
        "last_telemetry": telemetry,
    }


def point(read: Any) -> dict[str, Any]:
    row = read.point
    place = location(row.latitude_e6, row.longitude_e6, trip=read.trip is not None)
    if row.speed_mms is not None:
        place["speed"] = row.speed_mms / 1000
    if row.heading is not None:
        place["heading"] = row.heading
    if row.accuracy_m is not None:
        place["horizontal_accuracy"] = row.accuracy_m
    return {
        "device_id": str(row.vehicle_id),
        "provider_id": str(read.operator),
        "telemetry_id": telemetry_id(row.vehicle_id, row.source, row.seq, row.at),
        "timestamp": millis(row.at),
        "trip_ids": [str(read.trip)] if read.trip else None,
        "journey_id": None,
        "location": place,
        **({"battery_percent": row.energy_pm // 10} if row.energy_pm is not None else {}),
    }


def telemetry_id(vehicle: UUID, source: int, seq: int, at: datetime) -> str:
    """The same point is always called the same."""
    return str(ids.named(vehicle, source, seq, millis(at)))


def trip(read: Any, *, published: datetime) -> dict[str, Any]:
    row, receipt = read.trip, read.receipt
    mode = row.vehicle.mode
    made: dict[str, Any] = {
        "provider_id": str(row.operator_id),
        "device_id": str(row.vehicle_id),
        "trip_id": str(row.id),
        "trip_type": [_TRIP_TYPES[mode]],
        "start_time": millis(row.started_at),
        "end_time": millis(row.ended_at),
        "start_location": location(row.start_latitude_e6, row.start_longitude_e6, trip=True),
        "end_location": location(row.end_latitude_e6, row.end_longitude_e6, trip=True),
        "duration": int((row.ended_at - row.started_at).total_seconds()),
        "distance": row.metres,
        "publication_time": millis(published),
    }
    if mode != "micromobility":
        how = "reservation_type" if mode == "car-share" else "hail_type"
        asked = {"requested_time": millis(read.asked_at), "quoted_trip_start_time": millis(row.started_at)}
        made["trip_attributes"] = {how: "app", "passenger_count": 1, **asked}
        made["fare_attributes"] = _PAYS
    if receipt is not None:
        made |= {"actual_cost": receipt.total, "standard_cost": receipt.total, "currency": receipt.currency}
    return made


def stop(read: Any, *, now: datetime) -> dict[str, Any]:
    row = read.station
    parked = sum(read.available.values()) + sum(read.disabled.values())
    return {
        "stop_id": str(row.id),
        "provider_id": str(row.operator_id),
        "name": row.name.get("en") or row.name.get("zh") or row.name.get("ko", ""),
        "last_updated": millis(now),
        "location": location(row.latitude_e6, row.longitude_e6, trip=False),
        "region_id": row.district,
        "status": {"is_installed": True, "is_renting": True, "is_returning": True},
        "capacity": {"other": row.capacity},
        "num_vehicles_available": read.available,
        "num_vehicles_disabled": read.disabled,
        "num_places_available": {"other": max(0, row.capacity - parked)},
        **({"address": row.address} if row.address else {}),
    }
