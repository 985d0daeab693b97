"""Telling those who watch a rental: that it changed, and where its vehicle is. A snapshot is whole, a message may be lost."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lilong.fields.mobility.models import Vehicle
from lilong.kernel import live

if TYPE_CHECKING:
    from lilong.fields.mobility.services.telemetry import Moved

RENTAL = "mobility.rental"  # kind of the live topic
APART = timedelta(seconds=5)  # a vehicle that moves is shown no oftener, by its own clock
_KNOWN_MAX = 10_000
_shown: dict[UUID, datetime] = {}  # rental: the last point that this process has shown


def changed(rental: UUID, state: str) -> None:
    live.publish(RENTAL, str(rental), {"state": state})


def answered(rental: UUID, command: str, outcome: str) -> None:
    """The vehicle said what became of what it was told."""
    live.publish(RENTAL, str(rental), {"command": command, "outcome": outcome})


def moved(moves: "Sequence[Moved]") -> None:
    """Vehicles of rentals are elsewhere. Only who has the vehicle, and its operator, watch the rental that it is on."""
    for vehicle, _readings in moves:
        if vehicle.trip is None or vehicle.mode == "passenger-services" or vehicle.at is None:
            continue
        last = _shown.get(vehicle.trip)
        if last is not None and vehicle.at - last < APART:
            continue
        if len(_shown) >= _KNOWN_MAX:
            _shown.clear()
        _shown[vehicle.trip] = vehicle.at
        live.publish(RENTAL, str(vehicle.trip), {"state": "started", "car": place_of(vehicle)})


def place_of(vehicle: Vehicle) -> dict[str, Any] | None:
    if vehicle.latitude_e6 is None or vehicle.longitude_e6 is None:
        return None
    return {"latitude_e6": vehicle.latitude_e6, "longitude_e6": vehicle.longitude_e6, "heading": vehicle.heading}
