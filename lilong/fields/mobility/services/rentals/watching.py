"""What rentals listen to (vehicles' answers to commands, where vehicles are), and who may watch one."""

from typing import Any
from uuid import UUID

from lilong.fields.mobility.models import Rental
from lilong.fields.mobility.queries import rentals
from lilong.fields.mobility.services import telemetry, vehicle_commands
from lilong.fields.mobility.services.rentals import driving, ending, fences, telling
from lilong.kernel import live
from lilong.kernel.base import clock
from lilong.kernel.parties.actor import Actor


def register() -> None:
    """Called when the app is ready."""
    vehicle_commands.watch("rentals", driving.answered)
    telemetry.watch("rental-fences", fences.heard)
    telemetry.watch("rental-places", telling.moved)
    live.register(telling.RENTAL, watch_rental)


def watch_rental(actor: Actor | None, id: str) -> dict[str, Any]:
    """A rental for its rider and who works for its operator. Raises Missing for everybody else."""
    try:
        uuid = UUID(id)
    except ValueError:
        raise rentals.missing() from None
    if actor is None:
        raise rentals.missing()
    return _snapshot(rentals.row(actor, uuid))


def _snapshot(row: Rental) -> dict[str, Any]:
    """Its state, money in fen, and the vehicle's place while it is the rider's; `minutes` of the trip so far."""
    under_way = row.state == "started" and row.started_at is not None
    until = row.ended_at or clock.now()
    return {
        "state": row.state,
        "start": row.start.isoformat(),
        "end": row.end.isoformat() if row.end else None,
        "minutes": int((until - row.started_at).total_seconds() // 60) if row.started_at else 0,
        "so_far": ending.bill_of(row).total if under_way else None,
        "total": row.total,
        "owed": row.owed,
        "locked": row.vehicle.locked if under_way else None,
        "car": telling.place_of(row.vehicle) if rentals.shows_vehicle(row) else None,
    }
