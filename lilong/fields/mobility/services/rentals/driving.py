"""Opening a vehicle, taking a bike at once, ending a trip. The vehicle's own word counts: it is open when it says so."""

from uuid import UUID

from django.db import transaction

from lilong.fields.mobility.events.rentals import RentalRefused, RentalStarted
from lilong.fields.mobility.models import Rental, Vehicle, VehicleCommand
from lilong.fields.mobility.queries import finding
from lilong.fields.mobility.queries.zones import Ask, Fence
from lilong.fields.mobility.rules import rentals as rules
from lilong.fields.mobility.services import turns, vehicle_commands, vehicle_states
from lilong.fields.mobility.services.licences import require_licence
from lilong.fields.mobility.services.rentals import frame, money, telling
from lilong.fields.mobility.services.rentals.booking import keeps, require_paid_up
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Violation
from lilong.kernel.geo.points import Point, metres
from lilong.kernel.parties.actor import Actor

_OPENING = {
    ("car-share", "available"): ("reservation_start", "reservation_stop", "trip_start"),
    ("car-share", "reserved"): ("reservation_stop", "trip_start"),
    ("micromobility", "available"): ("trip_start",),
    ("micromobility", "reserved"): ("trip_start",),
}


@transaction.atomic
def unlock(actor: Actor, *, id: UUID, rental: UUID, position: Point) -> Rental:
    """Asks a booked vehicle to open; it starts the trip when it has opened. Under way it opens the doors again.

    `id` is the command's: the same again does nothing more. Refused before the booking begins and after it ends, to
    everybody but its rider, and away from the vehicle.

    Raises Missing, Conflict: `too-early` (with `start`), `rental-over`, `vehicle-away` (with `metres`), `licence-needed`,
    `rental-running`, `vehicle-on-trip`, `vehicle-state`, `zone-forbids`, `id-taken`.
    """
    row = frame.locked(actor, rental)
    vehicle = vehicle_states.locked(row.vehicle_id)
    if row.state not in ("booked", "unlocking", "started"):
        raise Conflict("rental-over", violations=[Violation(pointer="/rental", rule=row.state)])
    if VehicleCommand.objects.filter(id=id, trip=row.id).exists():
        return row
    now = clock.now()
    if row.state == "booked" and now < row.start:
        wrong = [Violation(pointer="/rental", rule="begun")]
        raise Conflict("too-early", violations=wrong, extra={"start": row.start.isoformat()})
    if row.state != "started" and row.end is not None and now >= row.end:
        raise Conflict("rental-over", violations=[Violation(pointer="/rental", rule="ended")])
    _require_near(position, vehicle)
    if row.state != "started":
        require_licence(row.rider, row.type.licence_class, row.end or now)
        _require_alone(row, vehicle)
        Fence(Ask.of(vehicle.type)).require(finding.place_of(vehicle), "start", pointer="/rental")
        row.state, row.asked_at = "unlocking", now
        row.save(update_fields=["state", "asked_at"])
    _tell_to_open(row, vehicle, id)
    telling.changed(row.id, row.state)
    return row


@transaction.atomic
def take(actor: Actor, *, id: UUID, vehicle: UUID, position: Point) -> Rental:
    """Takes a bike or scooter now, by the minute. `id` is the rental's, and of the command to open.

    Raises as `unlock` and `book` do; `vehicle-taken` where somebody was quicker.
    """
    rider = frame.rider_of(actor)
    turns.wait_for("rental", id)
    known = Rental.objects.filter(id=id).first()
    if known is not None:
        if (known.rider, known.vehicle_id) == (rider, vehicle):
            return known
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    finding.vehicle_of(vehicle, "micromobility")
    bike, now = vehicle_states.locked(vehicle), clock.now()
    _require_near(position, bike)
    require_paid_up(rider)
    require_licence(rider, bike.type.licence_class, now)
    tariff = finding.tariff_of(bike.type)
    plan = finding.read_terms(tariff)
    row = Rental(
        id=id,
        operator=bike.operator,
        vehicle=bike,
        type=bike.type,
        mode=bike.mode,
        rider=rider,
        tariff=tariff,
        state="unlocking",
        start=now,
        quoted=plan.unlock,
        deposit=plan.deposit,
        held=plan.unlock + plan.deposit,
        booked_at=now,
        asked_at=now,
        body=b"",
    )
    _require_alone(row, bike)
    Fence(Ask.of(bike.type)).require(finding.place_of(bike), "start", pointer="/vehicle")
    row.save(force_insert=True)
    money.hold(row)
    _tell_to_open(row, bike, id)
    return row


@transaction.atomic
def lock(actor: Actor, *, id: UUID, rental: UUID) -> Rental:
    """Asks the vehicle to lock its doors: for a stop on the way, or before the end. Raises Missing, Conflict `wrong-state`."""
    row = frame.locked(actor, rental)
    if row.state != "started":
        raise Conflict("wrong-state", violations=[Violation(pointer="/rental", rule=row.state)])
    vehicle = vehicle_states.locked(row.vehicle_id)
    vehicle_commands.tell(vehicle, "lock", seconds=rules.UNLOCK_SECONDS, id=id, trip=row.id)
    return row


def answered(command: VehicleCommand) -> None:
    """A vehicle said what became of a command; the command is locked. Called in the transaction of its answer."""
    if command.kind not in ("unlock", "lock") or command.trip is None:
        return
    telling.answered(command.trip, command.kind, command.state)
    if command.kind == "lock":
        return
    row = Rental.objects.select_for_update(of=("self",)).select_related("type").filter(id=command.trip).first()
    if row is None or row.state != "unlocking":
        return
    if command.state == "done":
        start(row, vehicle_states.locked(row.vehicle_id))
    else:
        refused(row, command.answer or "refused")


def start(row: Rental, vehicle: Vehicle) -> None:
    """The vehicle is open: the trip begins. Both are locked."""
    if vehicle.state == "non_contactable":  # it has just spoken
        vehicle_states.move(vehicle, ["comms_restored"])
    way = _OPENING.get((vehicle.mode, vehicle.state))
    if way is None:
        if vehicle.device is not None:
            vehicle_commands.tell(vehicle, "lock", seconds=rules.UNLOCK_SECONDS, trip=row.id)
        refused(row, "vehicle-state")
        return
    now = clock.now()
    row.state, row.started_at = "started", now
    row.start_latitude_e6, row.start_longitude_e6 = vehicle.latitude_e6, vehicle.longitude_e6
    row.start_odometer_m, row.start_station_id = vehicle.odometer_m, vehicle.station_id
    if row.end is None:
        row.start = now  # a bike is paid for from when it opened
    row.save()
    vehicle.trip, vehicle.station = row.id, None
    vehicle_states.move(vehicle, way, trip=row.id)
    waited = int((now - (row.asked_at or now)).total_seconds())
    late = 0 if row.end is None else max(0, int((now - row.start).total_seconds()))
    frame.tell(RentalStarted, row, vehicle, waited_seconds=waited, late_seconds=late)


def refused(row: Rental, why: str) -> None:
    """The vehicle did not open: a booking stands and may be tried again, a bike is given back."""
    vehicle = row.vehicle
    if row.end is None:
        row.state, row.ended_at, row.total = "cancelled", clock.now(), 0
        money.release(row)
    else:
        row.state = "booked"
    row.save(update_fields=["state", "ended_at", "total"])
    frame.tell(RentalRefused, row, vehicle, why=why)


def _tell_to_open(row: Rental, vehicle: Vehicle, id: UUID) -> None:
    """A vehicle without a connection is opened by hand: the trip begins at once."""
    if vehicle.device is not None:
        vehicle_commands.tell(vehicle, "unlock", seconds=rules.UNLOCK_SECONDS, id=id, trip=row.id)
    elif row.state == "unlocking":
        start(row, vehicle)


def _require_near(position: Point, vehicle: Vehicle) -> None:
    far = metres(position, finding.place_of(vehicle))
    if far > rules.REACH_M:
        wrong = [Violation(pointer="/position", rule="near", detail=str(round(rules.REACH_M)))]
        raise Conflict("vehicle-away", violations=wrong, extra={"metres": round(far)})


def _require_alone(row: Rental, vehicle: Vehicle) -> None:
    """One vehicle a rider, one rider a vehicle; and the vehicle is in a state from which a trip can begin."""
    running = Rental.objects.filter(rider=row.rider, state__in=("unlocking", "started")).exclude(id=row.id).first()
    if running is not None:
        raise Conflict("rental-running", extra={"rental": str(running.id)})
    taken = Rental.objects.filter(vehicle=vehicle, state__in=("unlocking", "started")).exclude(id=row.id).exists()
    if taken or vehicle.trip is not None:
        raise Conflict("vehicle-taken" if row.end is None else "vehicle-on-trip")
    if vehicle.state == "reserved" and not keeps(vehicle, row.id):
        raise Conflict("vehicle-taken", violations=[Violation(pointer="/vehicle", rule="reserved")])
    if (vehicle.mode, vehicle.state) not in _OPENING:
        raise Conflict("vehicle-state", violations=[Violation(pointer="/vehicle", rule=vehicle.state)])
