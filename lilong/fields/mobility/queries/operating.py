"""What operators see of their fleet: who has what, how it is used, what was reported, what is planned."""

from datetime import datetime
from uuid import UUID

import msgspec
from django.db.models import Count

from lilong.fields.mobility.models import DamageReport, Maintenance, Rental, Vehicle
from lilong.fields.mobility.queries.rentals import RentalView, everything, paged, view
from lilong.fields.mobility.rules import roles
from lilong.kernel.base import clock, paging
from lilong.kernel.parties.actor import Actor


class VehicleReportView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    rental: UUID
    vehicle: UUID
    plate: str
    phase: str
    note: str
    damaged: bool
    photos: list[UUID]
    reported_at: datetime


class FleetUse(msgspec.Struct, frozen=True, kw_only=True):
    """How an operator's vehicles of a mode were used in a time: seconds that they were somebody's, of all there were."""

    mode: str
    vehicles: int
    trips: int
    seconds: int
    metres: int
    turnover: int
    possible_seconds: int


class MaintenanceView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    vehicle: UUID
    plate: str
    kind: str
    note: str
    start: datetime
    end: datetime
    begun_at: datetime | None
    done_at: datetime | None
    cancelled_at: datetime | None
    report: UUID | None


def rentals_for(actor: Actor, operator: UUID, *, state: str = "", cursor: str = "", size: int = 20) -> paging.Slice:
    """An operator's, newest first. Raises Forbidden."""
    actor.require(operator, *roles.RUN, scope=roles.FLEET)
    rows = everything().filter(operator=operator)
    return paged(rows.filter(state=state) if state else rows, cursor, size, rider=True)


def reports_for(actor: Actor, operator: UUID, *, damaged: bool = True, size: int = 100) -> list[VehicleReportView]:
    """What riders reported of an operator's vehicles, newest first. Raises Forbidden."""
    actor.require(operator, *roles.RUN, scope=roles.FLEET)
    rows = DamageReport.objects.filter(vehicle__operator=operator, damaged=damaged).select_related("vehicle")
    return [_report(row) for row in rows.prefetch_related("photos").order_by("-reported_at")[:size]]


def use(actor: Actor, operator: UUID, start: datetime, end: datetime) -> list[FleetUse]:
    """How the fleet was used between `start` and `end`, by mode. Raises Forbidden."""
    actor.require(operator, *roles.RUN, scope=roles.FLEET)
    span = int((end - start).total_seconds())
    fleet = Vehicle.objects.filter(operator=operator, retired_at=None).values("mode").annotate(n=Count("id"))
    rows = Rental.objects.filter(operator=operator, state="ended", started_at__lt=end, ended_at__gt=start)
    found = list(rows.values_list("mode", "started_at", "ended_at", "metres", "total"))
    return [
        FleetUse(
            mode=each["mode"],
            vehicles=each["n"],
            trips=sum(row[0] == each["mode"] for row in found),
            seconds=sum(_within(row[1], row[2], start, end) for row in found if row[0] == each["mode"]),
            metres=sum(row[3] for row in found if row[0] == each["mode"]),
            turnover=sum(row[4] or 0 for row in found if row[0] == each["mode"]),
            possible_seconds=each["n"] * span,
        )
        for each in fleet.order_by("mode")
    ]


def overdue(actor: Actor, operator: UUID) -> list[RentalView]:
    """Trips that go on beyond the end that was booked, the latest first. Raises Forbidden."""
    actor.require(operator, *roles.RUN, scope=roles.FLEET)
    rows = everything().filter(operator=operator, state="started", end__lt=clock.now()).order_by("end")
    return [view(row, whole=False, rider=True) for row in rows[:200]]


def maintenance_for(actor: Actor, operator: UUID) -> list[MaintenanceView]:
    """What is planned or under way, by start. Raises Forbidden."""
    actor.require(operator, *roles.RUN, scope=roles.FLEET)
    rows = Maintenance.objects.filter(vehicle__operator=operator, done_at=None, cancelled_at=None)
    return [planned(row) for row in rows.select_related("vehicle").order_by("start")[:200]]


def planned(row: Maintenance) -> MaintenanceView:
    names = ("id", "kind", "note", "start", "end", "begun_at", "done_at", "cancelled_at")
    return MaintenanceView(
        vehicle=row.vehicle_id,
        plate=row.vehicle.plate,
        report=row.report_id,
        **{name: getattr(row, name) for name in names},
    )


def _within(since: datetime | None, until: datetime | None, start: datetime, end: datetime) -> int:
    if since is None or until is None:
        return 0
    return max(0, int((min(until, end) - max(since, start)).total_seconds()))


def _report(row: DamageReport) -> VehicleReportView:
    return VehicleReportView(
        id=row.id,
        rental=row.rental_id,
        vehicle=row.vehicle_id,
        plate=row.vehicle.plate,
        phase=row.phase,
        note=row.note,
        damaged=row.damaged,
        photos=[photo.id for photo in row.photos.all()],
        reported_at=row.reported_at,
    )
