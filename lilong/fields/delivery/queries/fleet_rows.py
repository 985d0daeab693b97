"""The rows that planning looks at, as lean as they can be read: a dispatcher waits for them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from lilong.fields.delivery.models import Parcel, Run, ServiceLevel, Shipment, Stop, Vehicle
from lilong.fields.delivery.models.runs import STOP_OPEN
from lilong.fields.delivery.rules import fleets, kinds

RUN_OPEN = ("planned", "under-way")
_CAR = (
    "kind", "state", "capacity_g", "capacity_ml", "capacity_parcels", "range_m", "speed_kmh", "temperatures", "skills", "zones",
    "shift", "latitude_e6", "longitude_e6", "position_at", "battery_percent", "carrier", "home",
)  # fmt: skip
_SHIPMENT = (
    "carrier", "state", "depot", "shipper", "service", "from_latitude_e6", "from_longitude_e6", "to_latitude_e6",
    "to_longitude_e6", "district", "earliest", "latest", "weight_g", "volume_ml", "temperature", "skills",
)  # fmt: skip
_STOP = (
    "id", "run", "shipment", "kind", "sequence", "state", "latitude_e6", "longitude_e6", "leg_seconds", "leg_metres",
)  # fmt: skip


class Span(NamedTuple):
    """Which time is looked at. `today`: vehicles are where they are; else they are at home and their runs not begun."""

    begins: datetime
    ends: datetime
    today: bool


class OpenStop(NamedTuple):
    """A stop to come, and on whose run."""

    id: UUID
    run: UUID
    shipment: UUID
    kind: str
    sequence: int
    state: str
    latitude_e6: int
    longitude_e6: int
    leg_seconds: int
    leg_metres: int
    vehicle: UUID


class Held(NamedTuple):
    """A parcel: of which shipment, who has it, what it takes."""

    shipment: UUID
    kind: str
    holder: UUID
    grams: int
    millilitres: int


def vehicles(carrier: UUID, *, depot: UUID | None, exclude: Sequence[UUID]) -> list[Vehicle]:
    """Those that can be counted on, by id."""
    rows = Vehicle.objects.filter(carrier=carrier, removed_at=None).exclude(state__in=fleets.DOWN)
    rows = rows.filter(home=depot) if depot else rows
    return list(rows.exclude(id__in=exclude).only(*_CAR).order_by("id"))


def runs(carrier: UUID, span: Span) -> QuerySet[Run]:
    """The open runs of a time."""
    found = Run.objects.filter(vehicle__carrier=carrier, state__in=RUN_OPEN, starts_at__lt=span.ends)
    return found if span.today else found.filter(starts_at__gte=span.begins)


def stops(of: QuerySet[Run]) -> tuple[dict[UUID, Run], list[OpenStop]]:
    """These runs by id, and their open stops in the order in which each vehicle makes them."""
    known = {run.id: run for run in of}
    found = [
        OpenStop(*row, vehicle=known[row[1]].vehicle_id)
        for row in Stop.objects.filter(run__in=of, state__in=STOP_OPEN).values_list(*_STOP)
        if row[1] in known
    ]
    found.sort(key=lambda stop: (known[stop.run].starts_at, stop.run, stop.sequence))
    return known, found


def on(of: QuerySet[Run]) -> QuerySet[Stop]:
    """The shipments with open stops on these runs."""
    return Stop.objects.filter(run__in=of, state__in=STOP_OPEN).values("shipment")


def due(span: Span, depot: UUID | None) -> Q:
    """What a span's plan is about; today also what is overdue."""
    overdue = timedelta(days=1) if span.today else timedelta()
    found = Q(earliest__lt=span.ends, latest__gte=span.begins - overdue)
    return found & Q(depot=depot) if depot else found


def shipments(carrier: UUID, wanted: Q) -> QuerySet[Shipment]:
    """Those that have to be brought somewhere, by id."""
    rows = Shipment.objects.filter(wanted, carrier=carrier, state__in=fleets.TASKS, stopped="")
    return rows.only(*_SHIPMENT).order_by("id")


def elsewhere(carrier: UUID, of: QuerySet[Run]) -> QuerySet[Stop]:
    """Open stops on other runs than these: their shipments are planned already, for another time."""
    return Stop.objects.filter(run__vehicle__carrier=carrier, state__in=STOP_OPEN).exclude(run__in=of)


def parcels(of: QuerySet[Shipment], carrier: UUID, *, today: bool) -> list[Held]:
    """The parcels of these shipments; today also all that are on the carrier's vehicles. Lost ones are not there."""
    wanted = Q(shipment__in=of.order_by().values("id"))
    if today:
        cars = Vehicle.objects.filter(carrier=carrier, removed_at=None).values("id")
        wanted |= Q(holder_kind="vehicle", holder__in=cars)
    rows = Parcel.objects.filter(wanted).exclude(holder_kind=kinds.LOST_HOLDER)
    return [
        Held(shipment, kind, holder, grams, max(1, length * width * height // 1000))
        for shipment, kind, holder, grams, length, width, height in rows.values_list(
            "shipment", "holder_kind", "holder", "weight_g", "length_mm", "width_mm", "height_mm"
        )
    ]


def rapid(carrier: UUID) -> set[UUID]:
    """The services that promise a time after the order, not a window."""
    return set(ServiceLevel.objects.filter(carrier=carrier, seconds__isnull=False).values_list("id", flat=True))
