"""Reads of controlled vehicles: by protocol names, what a device may say and hear, how vehicles are."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import QuerySet

from lilong.fields.delivery.models import ControlledVehicle, Parcel, VehicleOrder
from lilong.fields.delivery.models.control import ORDER_OPEN
from lilong.fields.delivery.rules import roles
from lilong.fields.delivery.rules.local_map import MAP, located
from lilong.fields.delivery.standard.vda5050 import topics
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.devices.grants import Grants
from lilong.kernel.parties.actor import Actor


class TaskView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    shipment: UUID
    kind: str
    sequence: int
    state: str
    problem: str


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """An order of a vehicle: `taken` is the update it has, `base_end` the last node it may drive to."""

    id: UUID
    vehicle: UUID
    run: UUID | None
    state: str
    update: int
    taken: int | None
    last_sequence: int
    base_end: int
    nodes: int
    why: str
    tasks: list[TaskView]


class ControlView(msgspec.Struct, frozen=True, kw_only=True):
    """How a controlled vehicle is. Positions in millionths of a degree, charge in thousandths."""

    vehicle: UUID
    carrier: UUID
    manufacturer: str
    serial: str
    version: str
    connection: str
    heard_at: datetime | None
    silent_at: datetime | None
    recovering: bool
    mode: str
    driving: bool
    paused: bool
    stopped: str
    charging: bool
    charge_permille: int | None
    latitude_e6: int | None
    longitude_e6: int | None
    heading: int | None
    loads: list[str] | None
    troubles: list[dict[str, Any]]
    refused: int
    order: OrderView | None


def grants(device: UUID) -> Grants:
    """Of a controlled vehicle exactly its own topics, in both versions' trees; of any other device nothing."""
    found = ControlledVehicle.objects.filter(vehicle_id=device).first()
    if found is None:
        return Grants()
    return Grants(
        publish=[
            topics.subject(v, found.manufacturer, found.serial, name) for v in topics.VERSIONS for name in topics.UP
        ],
        subscribe=[
            topics.subject(v, found.manufacturer, found.serial, name) for v in topics.VERSIONS for name in topics.DOWN
        ],
    )


def vehicle(actor: Actor, id: UUID) -> ControlView:
    """For people of its carrier, itself and staff. Raises Missing, also where it is not theirs to know."""
    found = ControlledVehicle.objects.select_related("vehicle").filter(vehicle_id=id).first()
    if found is None or not _may_look(actor, found):
        raise Missing("no-such-vehicle", violations=[Violation(pointer="/id", rule="known")])
    return _view(found)


def vehicles(actor: Actor, carrier: UUID) -> list[ControlView]:
    """All of a carrier's. Raises Forbidden."""
    if not actor.staff:
        actor.require(carrier, *roles.LOOK)
    return [_view(found) for found in _of(carrier)]


def watched(actor: Actor | None, id: str) -> dict[str, Any]:
    """The snapshot of the live topic of a vehicle, for those who may see it. Raises Missing."""
    try:
        found = UUID(id)
    except ValueError:
        found = None
    if actor is None or found is None:
        raise Missing("no-such-vehicle", violations=[Violation(pointer="/id", rule="known")])
    seen = vehicle(actor, found)
    battery = None if seen.charge_permille is None else seen.charge_permille // 10
    return {
        "at": seen.heard_at.isoformat() if seen.heard_at else None,
        "latitude_e6": seen.latitude_e6,
        "longitude_e6": seen.longitude_e6,
        "heading": seen.heading,
        "driving": seen.driving,
        "battery_percent": battery,
    }


class Aboard(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel in a vehicle that fell silent: somebody has to fetch it, or the vehicle to come back."""

    vehicle: UUID
    parcel: UUID
    shipment: UUID
    since: datetime
    latitude_e6: int | None
    longitude_e6: int | None


def to_recover(actor: Actor, carrier: UUID) -> list[Aboard]:
    """All parcels aboard silent vehicles of a carrier, with where each was last seen. Raises Forbidden."""
    if not actor.staff:
        actor.require(carrier, *roles.LOOK)
    silent = _of(carrier).exclude(silent_at=None)
    return [
        Aboard(
            vehicle=found.vehicle_id,
            parcel=parcel.id,
            shipment=parcel.shipment_id,
            since=found.silent_at,
            latitude_e6=found.vehicle.latitude_e6,
            longitude_e6=found.vehicle.longitude_e6,
        )
        for found in silent
        if found.silent_at is not None
        for parcel in Parcel.objects.filter(holder_kind="vehicle", holder=found.vehicle_id).order_by(
            "shipment", "number"
        )
    ]


def order(actor: Actor, id: UUID) -> OrderView:
    """Raises Missing."""
    found = VehicleOrder.objects.select_related("vehicle__vehicle").filter(id=id).first()
    if found is None or not _may_look(actor, found.vehicle):
        raise Missing("no-such-order", violations=[Violation(pointer="/id", rule="known")])
    return order_view(found)


def order_view(found: VehicleOrder) -> OrderView:
    nodes = found.course["nodes"]
    return OrderView(
        id=found.id,
        vehicle=found.vehicle_id,
        run=found.run_id,
        state=found.state,
        update=found.update,
        taken=found.taken,
        last_sequence=found.last_sequence,
        base_end=max(node["sequence"] for node in nodes if node["released"]),
        nodes=len(nodes),
        why=found.why,
        tasks=[
            TaskView(
                id=task.id,
                shipment=task.shipment_id,
                kind=task.kind,
                sequence=task.sequence,
                state=task.state,
                problem=task.problem,
            )
            for task in found.tasks.order_by("sequence")
        ],
    )


def _of(carrier: UUID) -> QuerySet[ControlledVehicle]:
    return (
        ControlledVehicle.objects.select_related("vehicle")
        .filter(vehicle__carrier_id=carrier, vehicle__removed_at=None)
        .order_by("manufacturer", "serial")
    )


def _may_look(actor: Actor, found: ControlledVehicle) -> bool:
    carrier = found.vehicle.carrier_id
    return actor.staff or actor.party == found.vehicle_id or actor.acts_for(carrier, *roles.LOOK)


def _view(found: ControlledVehicle) -> ControlView:
    open_order = found.orders.filter(state__in=ORDER_OPEN).first()
    latitude, longitude = (
        located(found.x_mm, found.y_mm)
        if found.map == MAP and found.x_mm is not None and found.y_mm is not None
        else (None, None)
    )
    return ControlView(
        vehicle=found.vehicle_id,
        carrier=found.vehicle.carrier_id,
        manufacturer=found.manufacturer,
        serial=found.serial,
        version=found.version,
        connection=found.connection,
        heard_at=found.heard_at,
        silent_at=found.silent_at,
        recovering=found.recovering,
        mode=found.mode,
        driving=found.driving,
        paused=found.paused,
        stopped=found.stopped,
        charging=found.charging,
        charge_permille=found.charge_permille,
        latitude_e6=latitude,
        longitude_e6=longitude,
        heading=None if found.theta_mrad is None else heading(found.theta_mrad),
        loads=found.loads,
        troubles=found.troubles,
        refused=found.refused,
        order=order_view(open_order) if open_order else None,
    )


def heading(theta_mrad: int) -> int:
    """Degrees clockwise from north, of thousandths of a radian counter-clockwise from east."""
    return round(90 - theta_mrad * 0.05729577951308232) % 360
