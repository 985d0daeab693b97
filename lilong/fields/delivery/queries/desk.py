"""A carrier's office at a glance: its fleet on the map, what is open, routes as they stand, how punctual it was."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Count, F, Q
from django.db.models.functions import TruncDate

from lilong.fields.delivery.models import ColdRecord, Depot, LockerBank, Run, Shipment, Stop, Vehicle
from lilong.fields.delivery.rules import roles, states
from lilong.kernel.base import clock
from lilong.kernel.base.words import Words
from lilong.kernel.parties.actor import Actor

STOP_OPEN = ("planned", "arrived")


class StopAt(msgspec.Struct, frozen=True, kw_only=True):
    """An open stop, for the map and the plan board."""

    id: UUID
    shipment: UUID
    kind: str
    latitude_e6: int
    longitude_e6: int
    earliest: datetime
    latest: datetime
    eta: datetime | None
    state: str
    number: int
    late: bool


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """One vehicle's run: the board's row."""

    vehicle: UUID
    name: Words
    kind: str
    state: str
    run: UUID | None
    run_state: str
    starts_at: datetime | None
    ends_at: datetime | None
    metres: int
    stops: list[StopAt]


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """What is open now, by state, and what calls for somebody."""

    by_state: dict[str, int]
    late: int
    stopped: int
    due_soon: int
    vehicles: dict[str, int]


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """What was delivered on a day of the city's, and how much of it in time."""

    day: date
    delivered: int
    on_time: int


class Cold(msgspec.Struct, frozen=True, kw_only=True):
    """A shipment under the cold chain with an excursion, or one whose record is open."""

    shipment: UUID
    profile: str
    state: str
    verdict: str
    complete: bool
    mkt_mc: int | None
    max_mc: int | None
    out_seconds: int
    covered_permille: int
    start: datetime


def require(actor: Actor, carrier: UUID) -> None:
    """Raises Forbidden for who does not work in the carrier's office."""
    actor.require(carrier, *roles.LOOK)


def lanes(actor: Actor, carrier: UUID) -> list[Lane]:
    """Every vehicle with the run it is on or does next, those with stops first."""
    require(actor, carrier)
    cars = list(Vehicle.objects.filter(carrier=carrier, removed_at=None).order_by("kind", "id"))
    runs: dict[UUID, Run] = {}
    for run in Run.objects.filter(vehicle__in=cars, state__in=["planned", "under-way"]).order_by("starts_at", "id"):
        if run.vehicle_id not in runs or run.state == "under-way":
            runs[run.vehicle_id] = run
    stops: dict[UUID, list[Stop]] = defaultdict(list)
    for stop in Stop.objects.filter(run__in=list(runs.values()), state__in=STOP_OPEN).order_by("sequence"):
        stops[stop.run_id].append(stop)
    found = [_lane(car, runs.get(car.id), stops) for car in cars]
    return sorted(found, key=lambda lane: (not lane.stops, lane.state in ("off", "fault", "silent"), lane.kind))


def _lane(car: Vehicle, run: Run | None, stops: dict[UUID, list[Stop]]) -> Lane:
    rows = stops.get(run.id, []) if run else []
    same = ("id", "kind", "latitude_e6", "longitude_e6", "earliest", "latest", "eta", "state")
    return Lane(
        vehicle=car.id, name=Words.read(car.name), kind=car.kind, state=car.state, run=run.id if run else None,
        run_state=run.state if run else "", starts_at=run.starts_at if run else None, ends_at=run.ends_at if run else None,
        metres=run.metres if run else 0,
        stops=[
            StopAt(
                shipment=row.shipment_id, number=n, late=bool(row.eta and row.eta > row.latest),
                **{name: getattr(row, name) for name in same},
            )
            for n, row in enumerate(rows, 1)
        ],
    )  # fmt: skip


def opened(actor: Actor, carrier: UUID) -> Open:
    require(actor, carrier)
    rows = Shipment.objects.filter(carrier=carrier, state__in=states.OPEN)
    by_state = dict(rows.values_list("state").annotate(n=Count("id")))
    soon = clock.now() + timedelta(minutes=30)
    cars = Vehicle.objects.filter(carrier=carrier, removed_at=None)
    return Open(
        by_state=by_state, late=rows.filter(late_at__isnull=False).exclude(state=states.IN_LOCKER).count(),
        stopped=rows.exclude(stopped="").count(),
        due_soon=rows.filter(latest__lte=soon).exclude(state=states.IN_LOCKER).count(),
        vehicles=dict(cars.values_list("state").annotate(n=Count("id"))),
    )  # fmt: skip


def punctual(actor: Actor, carrier: UUID, since: date) -> list[Day]:
    """Delivered, and delivered in time, by day of the city's."""
    require(actor, carrier)
    start = datetime.combine(since, datetime.min.time(), clock.CITY_ZONE)
    rows = Shipment.objects.filter(carrier=carrier, delivered_at__gte=start)
    rows = rows.annotate(day=TruncDate("delivered_at", tzinfo=clock.CITY_ZONE)).values("day").order_by("day")
    counted = rows.annotate(n=Count("id"), good=Count("id", filter=Q(delivered_at__lte=F("latest"))))
    found = {row["day"]: (row["n"], row["good"]) for row in counted}
    days = [since + timedelta(days=n) for n in range((clock.today() - since).days + 1)]
    return [Day(day=day, delivered=found.get(day, (0, 0))[0], on_time=found.get(day, (0, 0))[1]) for day in days]


def places(carrier: UUID) -> list[tuple[str, UUID, Words, int, int]]:
    """(kind, id, name, latitude_e6, longitude_e6) of a carrier's depots and lockers."""
    rows: list[tuple[str, Any]] = [("depot", row) for row in Depot.objects.filter(carrier=carrier, closed_at=None)]
    rows += [("locker", row) for row in LockerBank.objects.filter(carrier=carrier, closed_at=None)]
    return [(kind, row.id, Words.read(row.name), row.latitude_e6, row.longitude_e6) for kind, row in rows]


def cold(actor: Actor, carrier: UUID) -> list[Cold]:
    """What is or was out of its limits, those that wait for a decision first; at most two hundred."""
    require(actor, carrier)
    rows = ColdRecord.objects.filter(shipment__carrier=carrier).filter(Q(verdict="excursion") | Q(state="open"))
    found = sorted(rows.order_by("-start")[:200], key=lambda row: (row.state != "stopped", row.verdict != "excursion"))
    same = tuple(name for name in Cold.__struct_fields__ if name != "shipment")
    return [Cold(shipment=row.shipment_id, **{name: getattr(row, name) for name in same}) for row in found]
