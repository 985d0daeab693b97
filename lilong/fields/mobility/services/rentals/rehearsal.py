"""Weeks of rentals at once, for a demo city: the same rows, moves and facts that booking, opening and ending leave one by one.

What the calendar or a wallet refuses is left out. Vehicles must be free and in service; trips of a vehicle come in order.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from lilong.fields.mobility.events.rentals import RentalBooked, RentalEnded, RentalStarted
from lilong.fields.mobility.events.vehicles import VehicleMoved
from lilong.fields.mobility.models import Receipt, Rental, Tariff, Trip, Vehicle, VehicleEvent
from lilong.fields.mobility.queries.finding import lines_of, read_terms, tariff_of
from lilong.fields.mobility.rules import tariffs
from lilong.fields.mobility.rules import vehicle_states as states
from lilong.fields.mobility.rules.tariffs import Bill
from lilong.fields.mobility.services.rentals import money
from lilong.kernel.base import ids
from lilong.kernel.calendar import services as calendar
from lilong.kernel.calendar.drafts import BookingDraft
from lilong.kernel.events.services import Emission, emit_many
from lilong.kernel.geo.districts import district_of
from lilong.kernel.geo.points import Point
from lilong.kernel.ledger import services as ledger
from lilong.kernel.ledger.services import POSTED, Move

_OPEN = {"car-share": ("reservation_start", "reservation_stop", "trip_start"), "micromobility": ("trip_start",)}
_CLOSE = {"car-share": ("trip_stop", "trip_end"), "micromobility": ("trip_end",)}
_FARE = 0x300


class Past(NamedTuple):
    """A trip that was: booked from `start` (to before `booked_until`, a car), ended at `end` at the place `to`."""

    id: UUID
    vehicle: UUID
    rider: UUID
    booked_at: datetime
    start: datetime
    end: datetime
    booked_until: datetime | None
    metres: int
    to: Point


class _Done(NamedTuple):
    past: Past
    rental: Rental
    bill: Bill
    district: str


@transaction.atomic
def rehearse(trips: Sequence[Past]) -> int:
    """Answers how many of them there were in the end."""
    vehicles = Vehicle.objects.select_for_update(of=("self",), no_key=True).select_related("type", "operator")
    by_id = {row.id: row for row in vehicles.filter(id__in={trip.vehicle for trip in trips}).order_by("id")}
    prices = {row.type_id: tariff_of(row.type) for row in by_id.values()}
    taken = _paid(_with_time(trips, by_id), by_id, prices)
    Rental.objects.bulk_create([each.rental for each in taken])
    Receipt.objects.bulk_create([_receipt(each) for each in taken])
    Trip.objects.bulk_create([_trip(each) for each in taken])
    moved, facts = [], []
    for each in taken:
        facts += [*_facts(each), *_move(by_id[each.past.vehicle], each, moved)]
    VehicleEvent.objects.bulk_create(moved)
    Vehicle.objects.bulk_update(
        by_id.values(),
        [
            "state",
            "event",
            "state_at",
            "sequence",
            "latitude_e6",
            "longitude_e6",
            "district",
            "odometer_m",
            "at",
            "public",
        ],
    )
    emit_many(facts)
    return len(taken)


def _with_time(trips: Iterable[Past], vehicles: dict[UUID, Vehicle]) -> list[Past]:
    """Those that the cars' calendars had room for; bikes have none."""
    wanted = list(trips)
    cars = [trip for trip in wanted if vehicles[trip.vehicle].mode == "car-share"]
    drafts = [
        BookingDraft(id=t.id, resource=t.vehicle, start=t.start, end=t.end, party=t.rider, ref=t.id) for t in cars
    ]
    had = {outcome.id for outcome in calendar.book_many(drafts) if outcome.problem is None}
    return [trip for trip in wanted if trip.booked_until is None or trip.id in had]


def _paid(trips: Iterable[Past], vehicles: dict[UUID, Vehicle], prices: dict[UUID, Tariff]) -> list[_Done]:
    """Those whose riders had the money, with their bills."""
    done = []
    for trip in trips:
        vehicle = vehicles[trip.vehicle]
        tariff = prices[vehicle.type_id]
        plan = read_terms(tariff)
        bill = tariffs.bill(plan, trip.start, trip.end, trip.metres, booked_until=trip.booked_until)
        done.append(_Done(trip, _rental(trip, vehicle, tariff, bill, plan.deposit), bill, district_of(trip.to)))
    rentals = [each.rental for each in done]
    accounts = money.purses(rentals)
    moves = [
        Move(
            ids.child(row.id, _FARE),
            *accounts[row.rider, row.operator_id],
            row.total or 0,
            POSTED,
            ref=row.id,
            code="mobility.fare",
        )
        for row in rentals
        if row.total
    ]
    refused = {outcome.id for outcome in ledger.post(moves) if outcome.status != "created"}
    return [each for each in done if ids.child(each.rental.id, _FARE) not in refused]


def _rental(trip: Past, vehicle: Vehicle, tariff: Tariff, bill: Bill, deposit: int) -> Rental:
    return Rental(
        id=trip.id,
        operator=vehicle.operator,
        vehicle=vehicle,
        type=vehicle.type,
        mode=vehicle.mode,
        rider=trip.rider,
        tariff=tariff,
        state="ended",
        start=trip.start,
        end=trip.booked_until,
        quoted=bill.total,
        deposit=deposit,
        held=bill.total + deposit,
        booked_at=trip.booked_at,
        asked_at=trip.start,
        started_at=trip.start,
        ended_at=trip.end,
        end_latitude_e6=trip.to.latitude_e6,
        end_longitude_e6=trip.to.longitude_e6,
        metres=trip.metres,
        total=bill.total,
        body=b"",
    )


def _receipt(each: _Done) -> Receipt:
    row = each.rental
    return Receipt(
        id=ids.named("mobility", "receipt", row.id),
        trip=row.id,
        kind="rental",
        operator=row.operator,
        rider=row.rider,
        tariff=row.tariff,
        currency=row.tariff.currency,
        total=each.bill.total,
        lines=lines_of(each.bill),
        seconds=each.bill.seconds,
        metres=each.bill.metres,
        issued_at=each.past.end,
    )


def _trip(each: _Done) -> Trip:
    row = each.rental
    return Trip(
        id=row.id,
        operator=row.operator,
        vehicle=row.vehicle,
        kind="rental",
        started_at=each.past.start,
        ended_at=each.past.end,
        metres=row.metres,
    )


def _facts(each: _Done) -> list[Emission]:
    row, past = each.rental, each.past
    whose = {
        "rental": row.id, "operator": row.operator_id, "vehicle": row.vehicle_id, "mode": row.mode,
        "kind": row.type.form_factor, "district": row.vehicle.district,
    }  # fmt: skip
    there = whose | {"district": each.district}
    seconds = int(((past.booked_until or past.end) - past.start).total_seconds())
    ahead = int((past.start - past.booked_at).total_seconds())
    booked = RentalBooked(
        **whose, seconds=seconds, ahead_seconds=ahead, quoted=row.quoted, deposit=row.deposit, replaces=None
    )
    ended = RentalEnded(
        **there,
        seconds=each.bill.seconds,
        metres=row.metres,
        total=each.bill.total,
        owed=0,
        late_seconds=max(0, int((past.end - past.booked_until).total_seconds())) if past.booked_until else 0,
        driverless=False,
    )
    found = [Emission(booked, row.id, row.rider, past.booked_at)] if past.booked_until else []
    return [
        *found,
        Emission(RentalStarted(**whose, waited_seconds=2, late_seconds=0), row.id, None, past.start),
        Emission(ended, row.id, row.rider, past.end),
    ]


def _move(vehicle: Vehicle, each: _Done, made: list[VehicleEvent]) -> list[Emission]:
    """The vehicle from where it stood to where it stands now, by the events that the specification has for it."""
    facts = []
    for events, at in ((_OPEN[vehicle.mode], each.past.start), (_CLOSE[vehicle.mode], each.past.end)):
        if events is _CLOSE[vehicle.mode]:
            vehicle.latitude_e6, vehicle.longitude_e6 = each.past.to.latitude_e6, each.past.to.longitude_e6
            vehicle.district, vehicle.odometer_m = each.district, vehicle.odometer_m + each.past.metres
            vehicle.public = ids.uuid7()
        step = states.path(vehicle.mode, vehicle.state, events)[-1]
        made.append(
            VehicleEvent(
                id=ids.uuid7(), vehicle=vehicle, sequence=vehicle.sequence + 1, previous=vehicle.state, state=step.state,
                trip_state=step.trip_state, events=list(events), trips=[each.rental.id], at=at, recorded_at=at,
                latitude_e6=vehicle.latitude_e6, longitude_e6=vehicle.longitude_e6, energy_pm=vehicle.energy_pm,
                odometer_m=vehicle.odometer_m,
            )
        )  # fmt: skip
        fact = VehicleMoved(
            vehicle=vehicle.id, operator=vehicle.operator_id, mode=vehicle.mode, kind=vehicle.type.form_factor,
            number=vehicle.sequence + 1, previous=vehicle.state, state=step.state, events=list(events),
            seconds=int((at - vehicle.state_at).total_seconds()), district=vehicle.district, trip=each.rental.id,
        )  # fmt: skip
        facts.append(Emission(fact, vehicle.id, None, at))
        vehicle.state, vehicle.event, vehicle.state_at, vehicle.at = step.state, events[-1], at, at
        vehicle.sequence += 1
    return facts
