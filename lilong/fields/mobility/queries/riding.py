"""A resident's own rentals, rides and receipts, and what a page shows of a vehicle. Others' are Missing."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from lilong.fields.mobility.models import (
    Licence,
    Operator,
    Receipt,
    Rental,
    Ride,
    Station,
    Vehicle,
    VehicleCommand,
    Zone,
)
from lilong.fields.mobility.models.rentals import RUNNING
from lilong.fields.mobility.rules.rides import states
from lilong.kernel.base import clock
from lilong.kernel.base.paging import Slice, page
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.calendar import queries as calendar

SHORTEST = timedelta(minutes=1)  # the calendar rounds to its own seconds
HOURS = 48  # how far ahead a car's free times are drawn


class Stretch(NamedTuple):
    """A stretch of time, and whether the vehicle is free in it."""

    start: datetime
    end: datetime
    free: bool


def running(rider: UUID) -> list[Rental]:
    """Rentals that are booked or under way, the next first."""
    rows = Rental.objects.select_related("vehicle", "type").filter(rider=rider, state__in=RUNNING)
    return list(rows.order_by("start", "id"))


def owing(rider: UUID) -> list[Rental]:
    return list(Rental.objects.select_related("vehicle", "type").filter(rider=rider, owed__gt=0))


def open_ride(rider: UUID) -> Ride | None:
    """The ride that the person is waiting for or in."""
    return Ride.objects.select_related("quote", "vehicle").filter(rider=rider, state__in=states.OPEN).first()


def past_rentals(rider: UUID, cursor: str = "") -> Slice:
    """Rentals that are over, the newest first."""
    rows = Rental.objects.select_related("vehicle", "type").filter(rider=rider).exclude(state__in=RUNNING)
    return page(rows, by=("-booked_at", "-id"), cursor=cursor)


def past_rides(rider: UUID, cursor: str = "") -> Slice:
    """Rides that are over, the newest first."""
    rows = Ride.objects.select_related("quote", "vehicle").filter(rider=rider, state__in=sorted(states.CLOSED))
    return page(rows, by=("-requested_at", "-id"), cursor=cursor)


def has_receipt(trip: UUID) -> bool:
    return Receipt.objects.filter(trip=trip).exists()


def licences(person: UUID) -> list[Licence]:
    """What a person has handed in, the newest first."""
    return list(Licence.objects.filter(person=person).order_by("-submitted_at")[:10])


def waiting_licences(cursor: str = "") -> Slice:
    """For the city's desk: those to be looked at, the oldest first. Edges check that staff asks."""
    return page(Licence.objects.filter(state="submitted"), by=("submitted_at", "id"), cursor=cursor)


def vehicle(id: UUID) -> Vehicle:
    """A vehicle that can be rented, with kind, operator and station; also while somebody has it. Raises Missing."""
    rows = Vehicle.objects.select_related("type", "operator", "station", "home")
    found = rows.filter(id=id, retired_at=None, mode__in=("car-share", "micromobility")).first()
    if found is None:
        raise Missing("no-such-vehicle", violations=[Violation(pointer="/vehicle", rule="known")])
    return found


def times(vehicle: UUID, start: datetime, hours: int = HOURS) -> list[Stretch]:
    """Free and taken stretches of a shared car from `start` on, as its calendar has them."""
    end = start + timedelta(hours=hours)
    found, at = [], start
    for slot in calendar.find([vehicle], start, end):
        if slot.start - at >= SHORTEST:
            found.append(Stretch(at, slot.start, False))
        found.append(Stretch(at if slot.start - at < SHORTEST else slot.start, slot.end, True))
        at = slot.end
    if at < end:
        found.append(Stretch(at, end, False))
    return found


def zones_for(operator: UUID, mode: str) -> list[Zone]:
    """The operator's and the city's that count now, in the order in which their rules count."""
    now = clock.now()
    rows = Zone.objects.filter(
        Q(operator=operator) | Q(operator=None),
        Q(modes=[]) | Q(modes__contains=[mode]),
        Q(valid_until=None) | Q(valid_until__gt=now),
        withdrawn_at=None,
        valid_from__lte=now,
    )
    return list(rows.order_by("precedence", "id"))


def stations_of(operator: UUID) -> list[Station]:
    return list(Station.objects.filter(operator=operator, closed_at=None).order_by("id"))


def told(trip: UUID) -> VehicleCommand | None:
    """The last thing that a rental's vehicle was told."""
    return VehicleCommand.objects.filter(trip=trip).order_by("-made_at").first()


def operator(id: UUID) -> Operator:
    """Raises Missing."""
    found = Operator.objects.filter(id=id).first()
    if found is None:
        raise Missing("no-such-operator", violations=[Violation(pointer="/operator", rule="known")])
    return found
