"""Ending a trip without a key: the vehicle stands where it may, locked and switched off, and the price is captured."""

from uuid import UUID

from django.db import transaction

from lilong.fields.mobility.events.rentals import RentalEnded
from lilong.fields.mobility.models import Rental, Station, TripRule, Vehicle
from lilong.fields.mobility.queries import finding, zones
from lilong.fields.mobility.queries.trips import measured
from lilong.fields.mobility.queries.zones import Ask
from lilong.fields.mobility.rules import rentals as rules
from lilong.fields.mobility.rules import tariffs
from lilong.fields.mobility.rules.tariffs import Bill
from lilong.fields.mobility.services import vehicle_states
from lilong.fields.mobility.services.rentals import frame, money
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Violation
from lilong.kernel.base.words import Words
from lilong.kernel.calendar import services as calendar
from lilong.kernel.parties.actor import SYSTEM, Actor

_CLOSING = {"car-share": ("trip_stop", "trip_end"), "micromobility": ("trip_end",)}


@transaction.atomic
def end(actor: Actor, *, rental: UUID) -> Rental:
    """Ends a trip: captures its price, releases the rest of what was held, frees the vehicle, writes the receipt.

    The vehicle itself must have reported, not long ago, that it is locked and off, at a place where a trip may end (by the
    zones as they were when the trip began, or as they are now, whichever is kinder). Who works for the operator may end a
    trip without that. Ended already: the same answer.

    Raises Missing, Conflict: `wrong-state`, `vehicle-not-closed` (with `locked`, `engine_on`), `vehicle-silent`,
    `zone-forbids` (with zone, rule and the nearest place).
    """
    row = frame.locked(actor, rental, operator_may=True)
    if row.state == "ended":
        return row
    if row.state != "started" or row.started_at is None:
        raise Conflict("wrong-state", violations=[Violation(pointer="/rental", rule=row.state)])
    vehicle = vehicle_states.locked(row.vehicle_id)
    if actor.acts_for(row.rider):
        _require_closed(row, vehicle)
        station = _require_place(row, vehicle)
    else:
        station = _station_of(vehicle)
    _close(actor, row, vehicle, station)
    return row


def _require_closed(row: Rental, vehicle: Vehicle) -> None:
    """A vehicle that is not connected was locked by hand, and nothing is known of it."""
    if vehicle.device is None:
        return
    if vehicle.at is None or vehicle.at < clock.now() - rules.FRESH:
        raise Conflict("vehicle-silent", violations=[Violation(pointer="/rental", rule="fresh")])
    if vehicle.locked is not True or vehicle.engine_on:
        wrong = [Violation(pointer="/rental", rule="engine-off" if vehicle.engine_on else "locked")]
        extra = {"locked": vehicle.locked, "engine_on": vehicle.engine_on}
        raise Conflict("vehicle-not-closed", violations=wrong, extra=extra)


def _require_place(row: Rental, vehicle: Vehicle) -> Station | None:
    assert row.started_at is not None
    where = finding.place_of(vehicle)
    _, station = zones.for_ending(Ask.of(vehicle.type), row.started_at, where)
    home = vehicle.home if vehicle.type.return_constraint == "roundtrip_station" else None
    if home is not None and station != home:
        nearest = {"longitude": home.longitude_e6 / 1e6, "latitude": home.latitude_e6 / 1e6, "station": str(home.id)}
        wrong = [Violation(pointer="/position", rule="roundtrip_station")]
        extra = {"act": "end", "zone": None, "rule": "roundtrip_station", "nearest": nearest | {"name": home.name}}
        raise Conflict("zone-forbids", detail=str(Words.read(home.name)), violations=wrong, extra=extra)
    return station


def _station_of(vehicle: Vehicle) -> Station | None:
    if vehicle.latitude_e6 is None:
        return None
    return zones.Fence(Ask.of(vehicle.type)).station(finding.place_of(vehicle))


def _close(actor: Actor, row: Rental, vehicle: Vehicle, station: Station | None) -> None:
    now = clock.now()
    row.state, row.ended_at = "ended", now
    row.end_latitude_e6, row.end_longitude_e6 = vehicle.latitude_e6, vehicle.longitude_e6
    row.end_odometer_m, row.end_station = vehicle.odometer_m, station
    row.metres = _metres(row, vehicle)
    bill = bill_of(row)
    row.total = bill.total
    row.owed = money.capture(row, bill.total, keep_deposit=row.reports.filter(phase="end", damaged=True).exists())
    row.save()
    frame.receipt(row, bill)
    if row.end is not None:
        _give_time_back(row)
    TripRule.objects.filter(trip=row.id).delete()
    if vehicle.state == "non_contactable":
        vehicle_states.move(vehicle, ["comms_restored"])
    vehicle.trip, vehicle.station, vehicle.public = None, station, ids.uuid7()
    vehicle_states.move(vehicle, _CLOSING[vehicle.mode], trip=row.id)
    late = 0 if row.end is None else max(0, int((now - row.end).total_seconds()))
    frame.tell(
        RentalEnded,
        row,
        vehicle,
        actor=actor,
        seconds=bill.seconds,
        metres=row.metres,
        total=bill.total,
        owed=row.owed,
        late_seconds=late,
        driverless=vehicle.type.driverless,
    )


def bill_of(row: Rental) -> Bill:
    """What a trip costs that ended (or would end now): a car from its booking's start, a bike from when it opened."""
    until = max(row.ended_at or clock.now(), row.start)
    return tariffs.bill(finding.read_terms(row.tariff), row.start, until, row.metres, booked_until=row.end)


def _metres(row: Rental, vehicle: Vehicle) -> int:
    """By the odometer where it moved, else by the points that the vehicle reported."""
    driven = vehicle.odometer_m - (row.start_odometer_m or 0)
    if driven > 0:
        return driven
    return measured(vehicle.id, row.started_at or row.start, row.ended_at).metres


def _give_time_back(row: Rental) -> None:
    """The rest of the booking is for others, after the turnaround. A late one keeps what is still free of the next."""
    assert row.ended_at is not None and row.end is not None
    until = row.ended_at.replace(microsecond=0)
    if row.start < until < row.end:
        calendar.change_end(SYSTEM, id=row.id, end=until)
