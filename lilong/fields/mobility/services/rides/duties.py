"""Drivers and cars coming on line and going off; what a driver must have; where a car is, as its driver's phone says."""

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from lilong.fields.mobility.events.rides import DutyBegan, DutyEnded, PermitSeen
from lilong.fields.mobility.models import DriverPermit, Duty, Licence, Operator, Vehicle
from lilong.fields.mobility.models.duties import PERMIT_KINDS
from lilong.fields.mobility.rules import roles
from lilong.fields.mobility.services import vehicle_states
from lilong.fields.mobility.services.rides import frame, meters
from lilong.fields.mobility.services.rides.tariffs import MODE
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Missing, Violation, invalid
from lilong.kernel.events.services import emit
from lilong.kernel.geo.districts import district_of
from lilong.kernel.geo.points import Point
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.actor import SYSTEM, Actor

DRIVER = "driver"


@transaction.atomic
def see_permit(
    actor: Actor, *, id: UUID, operator: UUID, driver: UUID, kind: str, valid_from: date, valid_until: date
) -> DriverPermit:
    """An operator's manager has seen a driver's paper. The same id with the same body: the same answer.

    Raises Missing, Forbidden, Invalid, Conflict `id-taken`.
    """
    actor.require(operator, *roles.MANAGE, scope=roles.FLEET)
    _house(operator)
    if kind not in PERMIT_KINDS:
        raise invalid("/kind", "one-of", ", ".join(PERMIT_KINDS))
    if valid_until < valid_from:
        raise invalid("/valid_until", "not-before-the-start")
    if driver not in {member.person for member in parties.members(operator)}:
        raise Missing("no-such-party", violations=[Violation(pointer="/driver", rule="member")])
    body = {
        "operator_id": operator,
        "driver": driver,
        "kind": kind,
        "valid_from": valid_from,
        "valid_until": valid_until,
    }
    known = DriverPermit.objects.filter(id=id).first()
    if known is not None:
        if all(getattr(known, name) == value for name, value in body.items()):
            return known
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    made = DriverPermit.objects.create(id=id, seen_by=actor.party, seen_at=clock.now(), **body)
    emit(PermitSeen(operator=operator, kind=kind), subject=id, actor=actor.party)
    return made


@transaction.atomic
def revoke_permit(actor: Actor, *, id: UUID) -> DriverPermit:
    """It no longer counts: the driver goes off line now, or after the ride under way. Raises Missing, Forbidden."""
    found = DriverPermit.objects.filter(id=id).first()
    if found is None:
        raise Missing("no-such-permit", violations=[Violation(pointer="/permit", rule="known")])
    actor.require(found.operator_id, *roles.MANAGE, scope=roles.FLEET)
    if found.revoked_at is None:
        found.revoked_at = clock.now()
        found.save(update_fields=["revoked_at"])
    for duty in Duty.objects.select_for_update().filter(driver=found.driver, operator=found.operator_id, ended_at=None):
        leave(duty, "permit")
    return found


@transaction.atomic
def go_online(actor: Actor, *, id: UUID, vehicle: UUID, until: datetime | None = None) -> Duty:
    """A car begins to take rides: a driver with theirs, or a robotaxi by itself or its operator's desk.

    The same id: the same answer. Raises Missing, Forbidden, Invalid, Conflict (`papers-missing`, `on-duty`,
    `vehicle-state`, `no-plan`, `id-taken`).
    """
    known = Duty.objects.filter(id=id).first()
    if known is not None:
        if known.vehicle_id == vehicle and known.driver in (None, actor.party):
            return known
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    row = vehicle_states.locked(vehicle)
    driverless = row.type.driverless
    _require(actor, row, driverless)
    now = clock.now()
    if until is not None and until <= now:
        raise invalid("/until", "in-the-past")
    if row.type.plan is None:
        raise Conflict("no-plan", violations=[Violation(pointer="/vehicle", rule="has-plan")])
    if not driverless:
        _require_papers(actor.party, row.operator_id)
    made = Duty(
        id=id, operator_id=row.operator_id, vehicle=row, driver=None if driverless else actor.party, plan=row.type.plan,
        seats=row.type.seats, wheelchair=row.type.wheelchair, since=now, until=until,
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        raise Conflict("on-duty", violations=[Violation(pointer="/vehicle", rule="one-shift")]) from None
    if row.state == "non_operational":
        vehicle_states.move(row, ["service_start"], actor=actor)
    if row.state != "available":
        raise Conflict("vehicle-state", extra={"state": row.state})
    emit(DutyBegan(operator=row.operator_id, driverless=driverless, district=row.district), subject=row.id)
    return made


@transaction.atomic
def go_offline(actor: Actor, *, duty: UUID) -> Duty:
    """No more rides: now, or after the one under way. An open offer runs out by itself. Raises Missing."""
    found = Duty.objects.select_for_update(of=("self",)).select_related("vehicle").filter(id=duty).first()
    if found is None or not _may_end(actor, found):
        raise Missing("no-such-duty", violations=[Violation(pointer="/duty", rule="known")])
    return leave(found, "off-line")


def leave(duty: Duty, reason: str) -> Duty:
    """The locked duty ends as soon as it can."""
    if duty.state == "ended":
        return duty
    duty.leaving, duty.reason = True, reason
    if duty.state == "free":
        free(duty)
    else:
        duty.save(update_fields=["leaving", "reason"])
    return duty


def free(duty: Duty) -> None:
    """The locked duty has nothing to do: it waits for the next ride, or ends when it is leaving or over."""
    now = clock.now()
    if not duty.leaving and (duty.until is None or duty.until > now):
        duty.state = "free"
        duty.save(update_fields=["state", "missed"])
        return
    duty.state, duty.ended_at, duty.reason = "ended", now, duty.reason or "shift-over"
    duty.save(update_fields=["state", "ended_at", "reason", "missed", "leaving"])
    vehicle = vehicle_states.locked(duty.vehicle_id)
    if vehicle.state == "available":
        vehicle_states.move(vehicle, ["service_end"], actor=SYSTEM)
    fact = DutyEnded(
        operator=duty.operator_id, driverless=duty.driver is None, district=vehicle.district,
        seconds=round((now - duty.since).total_seconds()), reason=duty.reason,
    )  # fmt: skip
    emit(fact, subject=duty.vehicle_id)


@transaction.atomic
def here(actor: Actor, *, duty: UUID, place: Point, at: datetime | None = None, heading: int | None = None) -> Duty:
    """Where the driver's phone is: the car's place, and a point of the meter while a rider is in it.

    Of a car whose own unit reports, the unit's word counts. Raises Missing, Invalid, Conflict `duty-ended`.
    """
    actor.require_scope(frame.DRIVE)
    found = Duty.objects.select_related("vehicle").filter(id=duty).first()
    if found is None or found.driver is None or actor.party != found.driver:
        raise Missing("no-such-duty", violations=[Violation(pointer="/duty", rule="known")])
    if found.state == "ended":
        raise Conflict("duty-ended")
    now = clock.now()
    when = at or now
    if when.tzinfo is None or (when - now).total_seconds() > meters.AHEAD_SECONDS:
        raise invalid("/at", "not-in-the-future")
    district = district_of(place)
    if not district:
        raise invalid("/place", "in-the-city")
    if meters.reports(found.vehicle_id):
        return found
    ride = meters.point(found.vehicle_id, place, when)
    row = Vehicle.objects.select_for_update().get(id=found.vehicle_id)
    if row.at is None or row.at < when:
        row.latitude_e6, row.longitude_e6, row.at, row.district = place.latitude_e6, place.longitude_e6, when, district
        row.heading = heading if heading is not None else row.heading
        row.save(update_fields=["latitude_e6", "longitude_e6", "at", "district", "heading"])
    if ride is not None:
        meters.show(ride, row)
    return found


def papers(driver: UUID, operator: UUID) -> dict[str, date | None]:
    """By kind, until when a driver's licence and papers are good; None for what is missing or over."""
    today = clock.today()
    good: dict[str, date | None] = dict.fromkeys(("licence", *PERMIT_KINDS))
    licence = Licence.objects.filter(person=driver, state="verified", valid_until__gte=today).first()
    if licence is not None:
        good["licence"] = licence.valid_until
    seen = DriverPermit.objects.filter(driver=driver, operator=operator, revoked_at=None, valid_from__lte=today)
    for permit in seen.filter(valid_until__gte=today).order_by("valid_until"):
        good[permit.kind] = permit.valid_until
    return good


def _require(actor: Actor, vehicle: Vehicle, driverless: bool) -> None:
    """Raises Missing for others' vehicles, Forbidden for a driver's car without the role."""
    own = actor.kind == "device" and actor.party == vehicle.device
    if driverless:
        if not own and not actor.acts_for(vehicle.operator_id, *frame.DESK):
            raise Missing("no-such-vehicle", violations=[Violation(pointer="/vehicle", rule="known")])
        return
    actor.require_scope(frame.DRIVE)
    if actor.kind != "person" or not actor.acts_for(vehicle.operator_id, DRIVER):
        raise Missing("no-such-vehicle", violations=[Violation(pointer="/vehicle", rule="known")])


def _require_papers(driver: UUID, operator: UUID) -> None:
    lacking = [kind for kind, until in papers(driver, operator).items() if until is None]
    if lacking:
        raise Conflict(
            "papers-missing", violations=[Violation(pointer=f"/papers/{kind}", rule="valid") for kind in lacking]
        )


def _may_end(actor: Actor, duty: Duty) -> bool:
    own = actor.party in (duty.driver, duty.vehicle.device)
    return own or actor.acts_for(duty.operator_id, *frame.DESK)


def _house(operator: UUID) -> Operator:
    found = Operator.objects.filter(id=operator, closed_at=None).first()
    if found is None or MODE not in found.modes:
        raise Missing("no-such-operator", violations=[Violation(pointer="/operator", rule="known")])
    return found
