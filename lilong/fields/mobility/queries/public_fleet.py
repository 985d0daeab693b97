"""What everybody may know of an operator's fleet: what can be rented where and for how much. Nothing here tells of a trip."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from lilong.fields.mobility.models import Operator, ServiceAlert, Station, Tariff, Vehicle, VehicleType, Zone
from lilong.kernel.base import clock
from lilong.kernel.base.words import Words
from lilong.kernel.parties import queries as parties

MODES = ("car-share", "micromobility")  # what is shared; cars that are hailed are not looked for on a map
SHOWN = ("available", "non_operational")  # reserved, driven, lost: not to be seen by anybody


class System(NamedTuple):
    """An operator that shares vehicles."""

    operator: Operator
    name: Words


def systems() -> list[System]:
    """All of them, in the order of their ids."""
    rows = list(Operator.objects.filter(closed_at=None, modes__overlap=list(MODES)).order_by("id"))
    names = parties.parties([row.id for row in rows])
    return [System(row, names[row.id].name) for row in rows]


def system(operator: UUID) -> System | None:
    row = Operator.objects.filter(id=operator, closed_at=None, modes__overlap=list(MODES)).first()
    return System(row, parties.party(row.id).name) if row else None


def kinds(operator: UUID) -> list[VehicleType]:
    return list(VehicleType.objects.filter(operator=operator, mode__in=MODES).order_by("id"))


def stations(operator: UUID) -> list[Station]:
    return list(Station.objects.filter(operator=operator, closed_at=None).order_by("id"))


def vehicles(operator: UUID) -> list[Vehicle]:
    """Those that stand somewhere for everybody: nobody has them, wants them, or has just left them somewhere unknown."""
    rows = Vehicle.objects.filter(
        operator=operator, mode__in=MODES, state__in=SHOWN, trip=None, retired_at=None, latitude_e6__isnull=False
    )
    return list(rows.select_related("type", "station", "home"))


def parked(operator: UUID) -> dict[UUID, int]:
    """How many vehicles stand at each station, whoever may have them: they take the places."""
    rows = Vehicle.objects.filter(operator=operator, station__isnull=False, retired_at=None).exclude(
        state__in=("removed", "on_trip", "elsewhere", "missing")
    )
    counts: dict[UUID, int] = {}
    for station in rows.values_list("station_id", flat=True):
        counts[station] = counts.get(station, 0) + 1
    return counts


def plans(operator: UUID) -> list[Tariff]:
    """The version of each price plan that counts for what is rented now."""
    rows = Tariff.objects.filter(operator=operator, mode__in=MODES, valid_from__lte=clock.now())
    return list(rows.order_by("plan", "-version").distinct("plan"))


def zones(operator: UUID) -> list[Zone]:
    """The operator's and the city's that count now or will, in the order in which their rules count."""
    now = clock.now()
    rows = Zone.objects.filter(
        Q(operator=operator) | Q(operator=None), Q(valid_until=None) | Q(valid_until__gt=now), withdrawn_at=None
    )
    shared = rows.filter(Q(modes=[]) | Q(modes__overlap=list(MODES)))
    return list(shared.order_by("precedence", "id"))


def alerts(operator: UUID, now: datetime | None = None) -> list[ServiceAlert]:
    """Those that are not over."""
    now = now or clock.now()
    rows = ServiceAlert.objects.filter(Q(end=None) | Q(end__gt=now), operator=operator, withdrawn_at=None)
    return list(rows.order_by("id"))
