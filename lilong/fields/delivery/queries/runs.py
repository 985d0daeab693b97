"""What a courier or vehicle is to do: its runs with their stops, and what it has aboard."""

from datetime import datetime
from uuid import UUID

import msgspec

from lilong.fields.delivery.models import Parcel, Run, Vehicle
from lilong.fields.delivery.queries.shipments import ShipmentView, views
from lilong.fields.delivery.rules import roles, states
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.parties.actor import Actor


class RunStopView(msgspec.Struct, frozen=True, kw_only=True):
    """A stop of a run, with the shipment it is for."""

    id: UUID
    kind: str
    shipment: UUID
    sequence: int
    latitude_e6: int
    longitude_e6: int
    earliest: datetime
    latest: datetime
    eta: datetime | None
    state: str
    arrived_at: datetime | None


class RunView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    vehicle: UUID
    depot: UUID | None
    state: str
    version: int
    starts_at: datetime
    ends_at: datetime | None
    metres: int
    stops: list[RunStopView]


class CourierDay(msgspec.Struct, frozen=True, kw_only=True):
    """All that a courier's phone needs to work without a connection: runs, their shipments, and what is aboard besides."""

    vehicle: UUID
    state: str
    runs: list[RunView]
    shipments: list[ShipmentView]
    aboard: list[UUID]


def today(actor: Actor, vehicle: UUID) -> CourierDay:
    """For the courier himself (or the vehicle), and for the carrier's office. Raises Missing."""
    row = Vehicle.objects.filter(id=vehicle, removed_at=None).first()
    if row is None or not (actor.party == vehicle or actor.acts_for(row.carrier_id, *roles.LOOK)):
        raise Missing("no-such-vehicle", violations=[Violation(pointer="/vehicle", rule="known")])
    runs = Run.objects.filter(vehicle=vehicle, state__in=["planned", "under-way"]).order_by("starts_at", "id")
    found = [run_view(run) for run in runs.prefetch_related("stops")]
    held = Parcel.objects.filter(holder=vehicle, holder_kind="vehicle").exclude(shipment__state__in=states.FINAL)
    aboard = sorted(set(held.values_list("shipment", flat=True)))
    wanted = {stop.shipment for run in found for stop in run.stops} | set(aboard)
    shipments = views(wanted)
    return CourierDay(
        vehicle=vehicle, state=row.state, runs=found, shipments=[shipments[id] for id in sorted(shipments)], aboard=aboard
    )  # fmt: skip


def run_view(run: Run) -> RunView:
    """A run with its stops in their order, those that were withdrawn left out."""
    same = ("id", "kind", "sequence", "latitude_e6", "longitude_e6", "earliest", "latest", "eta", "state", "arrived_at")
    stops = sorted((stop for stop in run.stops.all() if stop.state != "withdrawn"), key=lambda stop: stop.sequence)
    return RunView(
        id=run.id, vehicle=run.vehicle_id, depot=run.depot_id, state=run.state, version=run.version,
        starts_at=run.starts_at, ends_at=run.ends_at, metres=run.metres,
        stops=[RunStopView(shipment=stop.shipment_id, **{name: getattr(stop, name) for name in same}) for stop in stops],
    )  # fmt: skip
