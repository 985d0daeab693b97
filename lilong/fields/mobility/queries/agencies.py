"""What a regulator may read of fleets and trips. Where riders went is read here too: each reading is recorded for them to see."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Extract, Floor

from lilong.fields.mobility.models import Receipt, Rental, Ride, Station, TrackPoint, Trip, Vehicle, VehicleEvent
from lilong.fields.mobility.rules import roles
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties import refusals
from lilong.kernel.parties import services as parties_services
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.services import Access

SLOT_SECONDS = (
    30  # a whole city's hour has no pages in MDS: every second of it would be too much, and none of its business
)
AGENCIES = ("agency", "city")  # the kinds of organisation that regulate


def require_agency(actor: Actor) -> None:
    """Raises Forbidden unless an agency (by a key of its own, or one of its people) or an operator of the city asks, with
    a credential that reaches `mobility:mds`."""
    actor.require_scope(roles.MDS)
    if actor.staff or actor.kind == "system":
        return
    mine = {actor.party} if actor.kind == "organisation" else set(actor.roles)
    if not any(party.category in AGENCIES for party in parties.parties(mine).values()):
        raise refusals.staff_only()


def vehicles(*, after: UUID | None = None, limit: int) -> list[Vehicle]:
    """All known vehicles in the order of their ids; `after` is the last one seen."""
    rows = Vehicle.objects.filter(retired_at=None).select_related("type").order_by("id")
    return list((rows.filter(id__gt=after) if after else rows)[:limit])


def vehicle(id: UUID) -> Vehicle | None:
    return Vehicle.objects.filter(id=id, retired_at=None).select_related("type").first()


class Status(NamedTuple):
    """A vehicle with its last event."""

    vehicle: Vehicle
    event: VehicleEvent


def statuses(rows: Sequence[Vehicle]) -> list[Status]:
    """Of those that have been somewhere and something has happened to."""
    last = VehicleEvent.objects.filter(vehicle=OuterRef("id")).order_by("-sequence").values("id")[:1]
    pairs = Vehicle.objects.filter(id__in=[row.id for row in rows]).annotate(last=Subquery(last))
    ids = dict(pairs.values_list("id", "last"))
    events = VehicleEvent.objects.select_related("vehicle__type").in_bulk([id for id in ids.values() if id])
    return [
        Status(row, events[ids[row.id]]) for row in rows if ids.get(row.id) is not None and row.latitude_e6 is not None
    ]


def operating(start: datetime, end: datetime) -> bool:
    """Whether anything was in service at all: else there were no operations in that time."""
    return Vehicle.objects.filter(registered_at__lt=end).filter(Q(retired_at=None) | Q(retired_at__gte=start)).exists()


def events(start: datetime, end: datetime) -> list[VehicleEvent]:
    """All with their own moment from `start` to before `end`, in time."""
    return list(_events(start, end))


def events_page(start: datetime, end: datetime, *, after: UUID | None, limit: int) -> list[VehicleEvent]:
    """So many of them, from the one after the event `after`; one that there is not is as none."""
    rows, last = _events(start, end), VehicleEvent.objects.filter(id=after).first() if after else None
    if last is not None:
        same = Q(at=last.at)
        beyond = Q(vehicle__gt=last.vehicle_id) | Q(vehicle=last.vehicle_id, sequence__gt=last.sequence)
        rows = rows.filter(Q(at__gt=last.at) | (same & beyond))
    return list(rows[:limit])


def _events(start: datetime, end: datetime) -> QuerySet[VehicleEvent]:
    rows = VehicleEvent.objects.filter(at__gte=start, at__lt=end).select_related("vehicle__type")
    return rows.order_by("at", "vehicle", "sequence")


class TripRead(NamedTuple):
    """A trip with what it cost (None where nothing was charged)."""

    trip: Trip
    receipt: Receipt | None
    asked_at: datetime


def trips(actor: Actor, start: datetime, end: datetime) -> list[TripRead]:
    """Rentals' and rides' trips that ended from `start` to before `end`. Their riders can see who read them."""
    rows = Trip.objects.filter(ended_at__gte=start, ended_at__lt=end, start_latitude_e6__isnull=False)
    found = list(rows.exclude(kind="engine").select_related("vehicle__type").order_by("ended_at", "id"))
    riders = _asked(found)
    receipts = {row.trip: row for row in Receipt.objects.filter(trip__in=[row.id for row in found])}
    _record(actor, (riders[row.id][0] for row in found if row.id in riders), "trips", start)
    return [
        TripRead(row, receipts.get(row.id), riders[row.id][1] if row.id in riders else row.started_at) for row in found
    ]


class PointRead(NamedTuple):
    """A point, and the customer's trip that it was part of."""

    point: TrackPoint
    operator: UUID
    trip: UUID | None


def telemetry(actor: Actor, start: datetime, end: datetime) -> list[PointRead]:
    """Believed points from `start` to before `end`, of each vehicle the first in each half minute. Riders on the way then
    can see who read them."""
    slot = Floor(Extract("at", "epoch") / SLOT_SECONDS)
    rows_at = TrackPoint.objects.filter(at__gte=start, at__lt=end).annotate(slot=slot).select_related("vehicle")
    points = rows_at.order_by("vehicle_id", "slot", "at").distinct("vehicle_id", "slot")
    rows = Trip.objects.filter(started_at__lt=end).filter(Q(ended_at=None) | Q(ended_at__gte=start))
    under_way: dict[UUID, list[Trip]] = {}
    for row in rows.exclude(kind="engine").order_by("started_at"):
        under_way.setdefault(row.vehicle_id, []).append(row)
    found = [PointRead(point, point.vehicle.operator_id, _trip_at(under_way, point)) for point in points]
    touched = {read.trip for read in found if read.trip}
    riders = _asked([row for each in under_way.values() for row in each if row.id in touched])
    _record(actor, (rider for rider, _ in riders.values()), "telemetry", start)
    return found


def _trip_at(under_way: dict[UUID, list[Trip]], point: TrackPoint) -> UUID | None:
    for row in under_way.get(point.vehicle_id, ()):
        if row.started_at <= point.at and (row.ended_at is None or point.at <= row.ended_at):
            return row.id
    return None


def _asked(rows: Iterable[Trip]) -> dict[UUID, tuple[UUID, datetime]]:
    """Whose each trip is, and when it was asked for."""
    ids = [row.id for row in rows]
    found = {
        id: (rider, at) for id, rider, at in Rental.objects.filter(id__in=ids).values_list("id", "rider", "booked_at")
    }
    rides = Ride.objects.filter(id__in=ids).values_list("id", "rider", "requested_at")
    return found | {id: (rider, at) for id, rider, at in rides}


def _record(actor: Actor, riders: Iterable[UUID], what: str, hour: datetime) -> None:
    why = f"MDS 2.0 {what}, hour {hour:%Y-%m-%dT%H}"
    accesses = [Access(rider, f"mobility {what}", why) for rider in sorted(set(riders))]
    if accesses:
        parties_services.record_accesses(actor, accesses)


class StopRead(NamedTuple):
    """A station, and how many vehicles of each form stand there: free, and not to be had."""

    station: Station
    available: dict[str, int]
    disabled: dict[str, int]


def stops(id: UUID | None = None) -> list[StopRead]:
    rows = Station.objects.filter(closed_at=None).order_by("id")
    found = list(rows.filter(id=id) if id else rows)
    there = Vehicle.objects.filter(station__in=found, retired_at=None).exclude(
        state__in=("removed", "on_trip", "elsewhere")
    )
    counted = there.values("station", "state", "type__form_factor").annotate(many=Count("id"))
    counts: dict[tuple[UUID, bool], dict[str, int]] = {}
    for row in counted:
        group = counts.setdefault((row["station"], row["state"] == "available"), {})
        group[row["type__form_factor"]] = group.get(row["type__form_factor"], 0) + row["many"]
    return [StopRead(row, counts.get((row.id, True), {}), counts.get((row.id, False), {})) for row in found]
