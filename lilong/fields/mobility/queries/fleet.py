"""An operator's fleet as its people see it: vehicles, use, maintenance, charging, prices, zones, what was not believed.

Edges check who asks: these answer for any operator named.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from lilong.fields.mobility.models import (
    Charging,
    DamageReport,
    Maintenance,
    Rental,
    Ride,
    Station,
    Tariff,
    TrackQuarantine,
    Vehicle,
    VehicleEvent,
    VehicleType,
    Zone,
)
from lilong.kernel.base import clock
from lilong.kernel.base.paging import Slice, page
from lilong.kernel.base.problems import Missing, Violation

SORTS = ("plate", "-energy_pm", "energy_pm", "-state_at")
LOW_PM = 200
PLATE_MAX = 40


class Use(NamedTuple):
    """A day's use: seconds that vehicles were with riders, of the seconds that they could have been."""

    day: Any
    used: int
    could: int


def of(operator: UUID) -> QuerySet[Vehicle]:
    rows = Vehicle.objects.select_related("type", "station", "home")
    return rows.filter(operator=operator, retired_at=None)


def vehicles(
    operator: UUID, *, text: str = "", state: str = "", mode: str = "", sort: str = "", cursor: str = "", size: int = 50
) -> Slice:
    """Searched by plate, narrowed by state and mode, a page at a time."""
    rows = of(operator)
    if text:
        rows = rows.filter(plate__icontains=text[:PLATE_MAX])
    if state:
        rows = rows.filter(state=state)
    if mode:
        rows = rows.filter(mode=mode)
    by = sort if sort in SORTS else "plate"
    if by.endswith("energy_pm"):
        rows = rows.filter(energy_pm__isnull=False)
    return page(rows, by=(by, "id"), cursor=cursor, size=size)


def everything(operator: UUID) -> list[Vehicle]:
    """For the map and for export, by plate."""
    return list(of(operator).order_by("plate", "id"))


def vehicle(operator: UUID, id: UUID) -> Vehicle:
    """Raises Missing for another's."""
    found = of(operator).filter(id=id).first()
    if found is None:
        raise Missing("no-such-vehicle", violations=[Violation(pointer="/vehicle", rule="known")])
    return found


def counts(operator: UUID) -> dict[str, int]:
    """How many vehicles are in which state."""
    rows = of(operator).values_list("state").annotate(n=Count("id"))
    return dict(rows)


def events(vehicle: UUID) -> list[VehicleEvent]:
    """The last twenty changes of a vehicle's state."""
    return list(VehicleEvent.objects.filter(vehicle=vehicle).order_by("-sequence")[:20])


def use(operator: UUID, days: int = 14) -> list[Use]:
    """By day of the city, the oldest first: with riders (booked cars from their start) of all vehicle hours."""
    today = datetime.combine(clock.today(), datetime.min.time(), clock.CITY_ZONE)
    first, now = today - timedelta(days=days - 1), clock.now()
    spans = [*_rented(operator, first, now), *_ridden(operator, first, now)]
    fleet = of(operator).count()
    found = []
    for n in range(days):
        start = first + timedelta(days=n)
        end = min(start + timedelta(days=1), now)
        used = sum(max(0.0, (min(b, end) - max(a, start)).total_seconds()) for a, b in spans)
        found.append(Use(start.date(), round(used), round(fleet * (end - start).total_seconds())))
    return found


def _rented(operator: UUID, since: datetime, now: datetime) -> list[tuple[datetime, datetime]]:
    rows = Rental.objects.filter(operator=operator, started_at__isnull=False, started_at__lte=now)
    rows = rows.filter(Q(ended_at=None) | Q(ended_at__gte=since))
    return [(began, ended or now) for began, ended in rows.values_list("started_at", "ended_at")]


def _ridden(operator: UUID, since: datetime, now: datetime) -> list[tuple[datetime, datetime]]:
    rows = Ride.objects.filter(operator=operator, started_at__isnull=False, started_at__lte=now)
    rows = rows.filter(Q(ended_at=None) | Q(ended_at__gte=since))
    return [(began, ended or now) for began, ended in rows.values_list("started_at", "ended_at")]


def maintenance(operator: UUID, *, vehicle: UUID | None = None, days: int = 14) -> list[Maintenance]:
    """Open ones and those of the last days, by start."""
    rows = Maintenance.objects.select_related("vehicle").filter(vehicle__operator=operator)
    if vehicle is not None:
        rows = rows.filter(vehicle=vehicle)
    recent = clock.now() - timedelta(days=days)
    open_ = Q(done_at=None, cancelled_at=None)
    return list(rows.filter(open_ | Q(done_at__gte=recent)).order_by("done_at", "start")[:200])


def damages(operator: UUID) -> list[DamageReport]:
    """Damage that no maintenance was planned for yet, the newest first."""
    rows = DamageReport.objects.select_related("vehicle", "rental").filter(
        vehicle__operator=operator, damaged=True, maintenance=None
    )
    return list(rows.order_by("-reported_at")[:50])


def to_charge(operator: UUID) -> list[Vehicle]:
    """Electric vehicles with little in their battery that are not at a charger, the emptiest first."""
    rows = of(operator).filter(energy_pm__lte=LOW_PM).exclude(chargings__ended_at=None, chargings__isnull=False)
    return list(rows.order_by("energy_pm", "plate")[:200])


def charging(operator: UUID) -> list[Charging]:
    """At a charger now, the longest first."""
    rows = Charging.objects.select_related("vehicle", "station").filter(vehicle__operator=operator, ended_at=None)
    return list(rows.order_by("began_at"))


def stations(operator: UUID) -> list[Station]:
    return list(Station.objects.filter(operator=operator, closed_at=None).order_by("name", "id"))


def kinds(operator: UUID) -> list[VehicleType]:
    return list(VehicleType.objects.filter(operator=operator).order_by("mode", "id"))


def plans(operator: UUID) -> list[Tariff]:
    """The newest version of each price plan, also one that begins to count later."""
    rows = Tariff.objects.filter(operator=operator).order_by("plan", "-version").distinct("plan")
    return sorted(rows, key=lambda row: (row.mode, row.id))


def tariff(operator: UUID, plan: UUID) -> Tariff:
    """The newest version of a plan. Raises Missing for another's."""
    found = Tariff.objects.filter(operator=operator, plan=plan).order_by("-version").first()
    if found is None:
        raise Missing("no-such-plan", violations=[Violation(pointer="/plan", rule="known")])
    return found


def versions(plan: UUID) -> list[Tariff]:
    return list(Tariff.objects.filter(plan=plan).order_by("-version")[:20])


def zones(operator: UUID) -> list[Zone]:
    """The operator's that were not withdrawn, and the city's, which it cannot change."""
    rows = Zone.objects.filter(Q(operator=operator) | Q(operator=None), withdrawn_at=None)
    return list(rows.order_by(F("operator").asc(nulls_last=True), "precedence", "id"))


def zone(operator: UUID, zone: UUID) -> Zone:
    """The version that counts. Raises Missing for another's."""
    found = Zone.objects.filter(operator=operator, zone=zone, withdrawn_at=None).first()
    if found is None:
        raise Missing("no-such-zone", violations=[Violation(pointer="/zone", rule="known")])
    return found


def rentals(operator: UUID, cursor: str = "") -> Slice:
    rows = Rental.objects.select_related("vehicle", "type").filter(operator=operator)
    return page(rows, by=("-booked_at", "-id"), cursor=cursor, size=50)


def quarantined(operator: UUID, *, reason: str = "", cursor: str = "") -> Slice:
    """What vehicles said and nobody believed, the newest first."""
    rows = TrackQuarantine.objects.select_related("vehicle").filter(vehicle__operator=operator)
    if reason:
        rows = rows.filter(reason=reason)
    return page(rows, by=("-received_at", "-id"), cursor=cursor, size=50)


def reasons(operator: UUID) -> list[tuple[str, int]]:
    """Why points of the last week were not believed, the most frequent first."""
    since = clock.now() - timedelta(days=7)
    rows = TrackQuarantine.objects.filter(vehicle__operator=operator, received_at__gte=since)
    return list(rows.values_list("reason").annotate(n=Count("id")).order_by("-n", "reason"))
