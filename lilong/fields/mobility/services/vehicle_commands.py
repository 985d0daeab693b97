"""Telling vehicles what to do, over whatever line they have: written with the change it belongs to, obeyed once or not at all."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, get_args
from uuid import UUID

from django.db import transaction

from lilong.fields.mobility.models import Vehicle, VehicleCommand
from lilong.fields.mobility.standard import vehicle_protocol as protocol
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Violation
from lilong.kernel.devices import outbox

TYPES = get_args(protocol.CommandType)
ANSWER_MAX = 40

_watching: dict[str, Callable[[VehicleCommand], None]] = {}


def watch(name: str, answered: Callable[[VehicleCommand], None]) -> None:
    """`answered(command)` is called in the transaction in which a vehicle's answer is written, its row locked: `state` is
    `done` or `refused`. In an app's `ready()`."""
    _watching[name] = answered


@transaction.atomic
def tell(
    vehicle: Vehicle, kind: protocol.CommandType, body: dict[str, Any] | None = None, *, seconds: int,
    id: UUID | None = None, trip: UUID | None = None,
) -> VehicleCommand:  # fmt: skip
    """Part of the caller's transaction; for this field's services: asks for no permission. The same id again: once.

    Raises Conflict `no-device` for a vehicle that nobody can reach, `id-taken`.
    """
    assert kind in TYPES
    if vehicle.device is None:
        raise Conflict("no-device", violations=[Violation(pointer="/vehicle", rule="has-a-device")])
    now = clock.now()
    made, new = VehicleCommand.objects.get_or_create(
        id=id or ids.uuid7(),
        defaults={
            "vehicle": vehicle, "trip": trip, "kind": kind, "body": body or {}, "made_at": now,
            "expires_at": now + timedelta(seconds=seconds),
        },
    )  # fmt: skip
    if new:
        _send(made, vehicle.device)
    elif (made.vehicle_id, made.kind, made.body, made.trip) != (vehicle.id, kind, body or {}, trip):
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    return made


def again(device: UUID) -> None:
    """The vehicle is there again: what it was told, has not answered, and is still to do, is sent once more."""
    still = VehicleCommand.objects.filter(vehicle__device=device, state="sent", expires_at__gt=clock.now())
    for row in still.order_by("made_at"):
        _send(row, device)


@transaction.atomic
def answered(device: UUID, answer: protocol.Answer) -> None:
    """What became of a command, once. One that was not this vehicle's, or has been answered, changes nothing."""
    row = VehicleCommand.objects.select_for_update().filter(id=answer.command, vehicle__device=device).first()
    if row is None or row.state in ("done", "refused"):
        return
    row.state = "done" if answer.outcome == "done" else "refused"
    row.answer, row.answered_at = answer.why[:ANSWER_MAX], clock.now()
    row.save(update_fields=["state", "answer", "answered_at"])
    for told in _watching.values():
        told(row)


def expire() -> int:
    """Commands that nobody obeyed in time are over; answers how many."""
    return VehicleCommand.objects.filter(state="sent", expires_at__lte=clock.now()).update(state="expired")


def _send(row: VehicleCommand, device: UUID) -> None:
    command = protocol.Command(id=row.id, type=row.kind, body=row.body, expires_at=row.expires_at)
    outbox.send(protocol.down_subject(device, "command"), protocol.encode(command), expires_at=row.expires_at)
