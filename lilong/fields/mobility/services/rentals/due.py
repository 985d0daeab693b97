"""What time brings: vehicles kept for who comes, who did not come, bookings that cannot be kept, vehicles that do not answer."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q

from lilong.fields.mobility.events.rentals import RentalLetDown, RentalMissed, RentalMoved
from lilong.fields.mobility.models import Rental, Vehicle
from lilong.fields.mobility.queries import finding
from lilong.fields.mobility.rules import rentals as rules
from lilong.fields.mobility.rules import tariffs
from lilong.fields.mobility.services import vehicle_states
from lilong.fields.mobility.services.licences import require_licence
from lilong.fields.mobility.services.rentals import driving, frame, money
from lilong.fields.mobility.services.rentals.booking import free_vehicle, place, tell_booked
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Problem
from lilong.kernel.calendar import services as calendar
from lilong.kernel.parties.actor import SYSTEM

_READY = ("available", "reserved")
log = structlog.get_logger("lilong.mobility.due")


def run() -> dict[str, int]:
    """Each minute; safe from any number of processes. How many of each there were."""
    return {
        "silent": _each(silent(), give_up),
        "rescued": _each(endangered(), rescue),
        "missed": _each(absent(), miss),
        "kept": _each(coming(), keep),
    }


def silent() -> list[UUID]:
    """Vehicles that were asked to open and did not answer in time."""
    since = clock.now() - timedelta(seconds=rules.UNLOCK_SECONDS)
    rows = Rental.objects.filter(state="unlocking", asked_at__lte=since)
    return list(rows.order_by("asked_at").values_list("id", flat=True))


def endangered() -> list[UUID]:
    """Bookings that begin soon (or have begun) with a car that is not there: somebody is late with it, or it is out of order."""
    soon = clock.now() + rules.RESCUE
    rows = Rental.objects.filter(state="booked", mode="car-share", start__lte=soon, end__gt=clock.now())
    out = Q(vehicle__trip__isnull=False) | ~Q(vehicle__state__in=_READY) | Q(vehicle__retired_at__isnull=False)
    found = rows.filter(out).select_related("vehicle").order_by("start", "id")
    return [row.id for row in found if _not_there(row, row.vehicle)]


def absent() -> list[UUID]:
    """Riders who did not come in time."""
    rows = Rental.objects.filter(state="booked", mode="car-share", start__lt=clock.now()).select_related("type")
    return [row.id for row in rows.order_by("start", "id") if _missed(row)]


def coming() -> list[UUID]:
    """Bookings that begin soon, whose car stands free."""
    soon = clock.now() + rules.COMING
    rows = Rental.objects.filter(state="booked", mode="car-share", start__lte=soon, end__gt=clock.now())
    return list(
        rows.filter(vehicle__state="available", vehicle__trip=None).order_by("start", "id").values_list("id", flat=True)
    )


@transaction.atomic
def give_up(rental: UUID) -> bool:
    """The vehicle did not say that it is open: the booking stands, and may be tried again."""
    row = frame.locked(SYSTEM, rental)
    if row.state != "unlocking" or row.id not in silent():
        return False
    driving.refused(row, "silent")
    return True


@transaction.atomic
def keep(rental: UUID) -> bool:
    """A booked car is shown to nobody any more and given to nobody else."""
    row = frame.locked(SYSTEM, rental)
    vehicle = vehicle_states.locked(row.vehicle_id)
    if row.state != "booked" or vehicle.state != "available" or vehicle.trip is not None:
        return False
    vehicle_states.move(vehicle, ["reservation_start"], trip=row.id)
    return True


@transaction.atomic
def miss(rental: UUID) -> bool:
    """Nobody came: the tariff's share is kept, the rest released, the car is for others again."""
    row = frame.locked(SYSTEM, rental)
    if row.state != "booked" or not _missed(row):
        return False
    if _not_there(row, row.vehicle):
        return _let_down(row, "vehicle-not-there")
    bill = tariffs.missing(finding.read_terms(row.tariff), row.quoted)
    row.state, row.total, row.ended_at = "no-show", bill.total, clock.now()
    row.owed = money.capture(row, bill.total)
    row.save(update_fields=["state", "total", "ended_at", "owed"])
    if bill.total:
        frame.receipt(row, bill)
    calendar.release(SYSTEM, id=row.id, reason="no-show")
    free_vehicle(row, "provider_cancellation")
    frame.tell(RentalMissed, row, row.vehicle, fee=bill.total)
    return True


@transaction.atomic
def rescue(rental: UUID) -> bool:
    """Another car, as good or better, nearby, at the price that was booked; else everything back and an apology."""
    row = frame.locked(SYSTEM, rental)
    if row.state != "booked" or not _not_there(row, row.vehicle):
        return False
    why = "late-return" if row.vehicle.trip is not None else "out-of-service"
    assert row.end is not None
    for far, vehicle in finding.substitutes(row.vehicle, row.start, row.end):
        if _moved(row, vehicle, far, why):
            return True
    if row.start > clock.now():
        return False  # there is still time: it may come back, or another may
    return _let_down(row, why)


def _moved(row: Rental, vehicle: Vehicle, far: int, why: str) -> bool:
    """Puts another car in place of the one booked; False where somebody was quicker."""
    new = Rental(
        id=ids.named("mobility", "instead", row.id),
        operator=row.operator,
        vehicle=vehicle,
        type=vehicle.type,
        mode=row.mode,
        rider=row.rider,
        tariff=row.tariff,
        state="booked",
        start=row.start,
        end=row.end,
        quoted=row.held - row.deposit,
        deposit=row.deposit,
        held=row.held,
        foreseen_m=row.foreseen_m,
        booked_at=clock.now(),
        replaces=row,
        body=b"",
    )
    try:
        with transaction.atomic():
            require_licence(row.rider, vehicle.type.licence_class, new.end or new.start)
            row.state, row.ended_at = "moved", clock.now()
            row.save(update_fields=["state", "ended_at"])
            new.save(force_insert=True)
            money.hold_instead(row, new)
            calendar.release(SYSTEM, id=row.id, reason="moved")
            place(new)
    except Conflict as refused:
        log.info("mobility-rescue-refused", rental=str(row.id), vehicle=str(vehicle.id), why=refused.code)
        row.state, row.ended_at = "booked", None
        return False
    frame.tell(RentalMoved, row, row.vehicle, replacement=new.id, to=vehicle.id, metres=far, why=why)
    tell_booked(SYSTEM, new, vehicle)
    return True


def _let_down(row: Rental, why: str) -> bool:
    row.state, row.total, row.ended_at = "let-down", 0, clock.now()
    row.save(update_fields=["state", "total", "ended_at"])
    money.release(row)
    money.apologise(row, row.operator.apology)
    calendar.release(SYSTEM, id=row.id, reason="let-down")
    free_vehicle(row, "provider_cancellation")
    frame.tell(RentalLetDown, row, row.vehicle, apology=row.operator.apology, why=why)
    return True


def _not_there(row: Rental, vehicle: Vehicle) -> bool:
    """Somebody else has the car beyond his own time, or nobody can have it. Who still has time is not late."""
    if vehicle.trip is None:
        return vehicle.state not in _READY or vehicle.retired_at is not None
    if vehicle.trip == row.id:
        return False
    other = Rental.objects.filter(id=vehicle.trip).values_list("end", flat=True).first()
    return other is None or other <= clock.now()


def _missed(row: Rental) -> bool:
    assert row.end is not None
    return clock.now() >= min(row.end, row.start + timedelta(seconds=row.type.reserve_seconds))


def _each(rentals: list[UUID], act: Callable[[UUID], bool]) -> int:
    """One transaction each: what one is refused touches no other."""
    done = 0
    for id in rentals:
        try:
            done += act(id)
        except Problem as refused:
            log.warning("mobility-due-refused", rental=str(id), act=act.__name__, why=refused.code)
    return done
