"""Times in which a vehicle is not for riders, and charging."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from lilong.fields.mobility.events.rentals import MaintenanceEnded, MaintenancePlanned, VehicleCharged
from lilong.fields.mobility.models import Charging, DamageReport, Maintenance, Station, Vehicle
from lilong.fields.mobility.rules import fleet, roles
from lilong.fields.mobility.services import vehicle_states
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Missing, Violation, invalid
from lilong.kernel.calendar import services as calendar
from lilong.kernel.events.services import emit
from lilong.kernel.parties.actor import SYSTEM, Actor

KINDS = ("cleaning", "repair", "inspection", "charging")
LONGEST = timedelta(days=60)
_NOTE_MAX, _FULL = 500, 1000


@transaction.atomic
def plan(
    actor: Actor,
    *,
    id: UUID,
    vehicle: UUID,
    kind: str,
    start: datetime,
    end: datetime,
    note: str = "",
    report: UUID | None = None,
) -> Maintenance:
    """Plans a maintenance; a shared car's calendar is taken for it. Again: the same answer.

    Raises Missing, Forbidden, Invalid, Conflict `slot-taken` (with `alternatives`), `id-taken`.
    """
    row = _own(actor, vehicle)
    fleet.refuse(
        [
            ("/kind", "known", kind in KINDS),
            ("/note", "length", len(note) <= _NOTE_MAX and "\0" not in note),
            ("/start", "time-zone", start.tzinfo is not None and end.tzinfo is not None),
        ]
    )
    if not timedelta(0) < end - start <= LONGEST:
        raise invalid("/end", "after-start", str(LONGEST.days))
    known = Maintenance.objects.filter(id=id).first()
    if known is not None:
        if (known.vehicle_id, known.kind, known.start, known.end) == (row.id, kind, start, end):
            return known
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    if report is not None and not DamageReport.objects.filter(id=report, vehicle=row).exists():
        raise Missing("no-such-report", violations=[Violation(pointer="/report", rule="known")])
    made = Maintenance.objects.create(
        id=id,
        vehicle=row,
        kind=kind,
        note=note,
        start=start,
        end=end,
        report_id=report,
        planned_by=actor.party,
        planned_at=clock.now(),
    )
    if row.mode == "car-share":
        calendar.book(SYSTEM, id=id, resource=row.id, start=start, end=end, party=row.operator_id, ref=id)
    seconds = int((end - start).total_seconds())
    fact = MaintenancePlanned(
        maintenance=id, vehicle=row.id, operator=row.operator_id, mode=row.mode, what=kind, seconds=seconds
    )
    emit(fact, subject=row.id, actor=actor.party)
    return made


@transaction.atomic
def begin(actor: Actor, *, id: UUID) -> Maintenance:
    """Work begins: the vehicle goes out of service. Begun already: the same answer. Raises Missing, Forbidden, Conflict."""
    made, row = _locked(actor, id)
    if made.begun_at is None:
        made.begun_at = clock.now()
        made.save(update_fields=["begun_at"])
        if row.state == "available":
            vehicle_states.move(row, _OUT[row.mode], actor=actor)
    return made


@transaction.atomic
def finish(actor: Actor, *, id: UUID, done: bool = True) -> Maintenance:
    """Work is done (or was called off): the vehicle is for riders again, its calendar free. Again: the same answer."""
    made, row = _locked(actor, id, over=True)
    if made.done_at or made.cancelled_at:
        return made
    now = clock.now()
    made.done_at, made.cancelled_at = (now, None) if done else (None, now)
    made.save(update_fields=["done_at", "cancelled_at"])
    if row.state == "non_operational" and made.begun_at is not None:
        vehicle_states.move(row, _BACK[row.mode], actor=actor)
    if row.mode == "car-share":
        calendar.release(SYSTEM, id=id, reason="done" if done else "cancelled")
    fact = MaintenanceEnded(
        maintenance=id, vehicle=row.id, operator=row.operator_id, mode=row.mode, what=made.kind, done=done
    )
    emit(fact, subject=row.id, actor=actor.party)
    return made


@transaction.atomic
def plug_in(actor: Actor, *, id: UUID, vehicle: UUID, station: UUID | None = None) -> Charging:
    """A vehicle stands at a charger. Again: the same answer. Raises Missing, Forbidden, Conflict `wrong-state`."""
    row = _own(actor, vehicle)
    there = Station.objects.filter(id=station, operator=row.operator_id, charging=True).first() if station else None
    if station and there is None:
        raise Missing("no-such-station", violations=[Violation(pointer="/station", rule="charging")])
    known = Charging.objects.filter(id=id).first()
    if known is not None and known.vehicle_id == row.id:
        return known
    if known is not None or Charging.objects.filter(vehicle=row, ended_at=None).exists():
        raise Conflict("wrong-state", violations=[Violation(pointer="/vehicle", rule="charging")])
    return Charging.objects.create(id=id, vehicle=row, station=there, began_at=clock.now(), began_pm=row.energy_pm)


@transaction.atomic
def unplug(actor: Actor, *, id: UUID, energy_pm: int | None = None) -> Charging:
    """And leaves it, with so much in its battery (as it last reported). Again: the same answer."""
    made = Charging.objects.select_for_update().filter(id=id).first()
    if made is None:
        raise Missing("no-such-vehicle", violations=[Violation(pointer="/id", rule="known")])
    row = _own(actor, made.vehicle_id)
    if made.ended_at is not None:
        return made
    if energy_pm is not None and not 0 <= energy_pm <= _FULL:
        raise invalid("/energy_pm", "range", f"0..{_FULL}")
    made.ended_at, made.ended_pm = clock.now(), row.energy_pm if energy_pm is None else energy_pm
    made.save(update_fields=["ended_at", "ended_pm"])
    if energy_pm is not None:
        Vehicle.objects.filter(id=row.id).update(energy_pm=energy_pm)
    fact = VehicleCharged(
        vehicle=row.id,
        operator=row.operator_id,
        mode=row.mode,
        station=made.station_id,
        seconds=int((made.ended_at - made.began_at).total_seconds()),
        gained_pm=max(0, (made.ended_pm or 0) - (made.began_pm or 0)),
    )
    emit(fact, subject=row.id, actor=actor.party)
    return made


_OUT = {"car-share": ["service_end"], "passenger-services": ["service_end"], "micromobility": ["maintenance"]}
_BACK = {"car-share": ["service_start"], "passenger-services": ["service_start"], "micromobility": ["maintenance"]}


def _own(actor: Actor, vehicle: UUID) -> Vehicle:
    row = vehicle_states.locked(vehicle)
    actor.require(row.operator_id, *roles.WORK, scope=roles.FLEET)
    return row


def _locked(actor: Actor, id: UUID, *, over: bool = False) -> tuple[Maintenance, Vehicle]:
    made = Maintenance.objects.select_for_update(of=("self",)).filter(id=id).first()
    if made is None:
        raise Missing("no-such-maintenance", violations=[Violation(pointer="/id", rule="known")])
    row = _own(actor, made.vehicle_id)
    if not over and (made.done_at or made.cancelled_at):
        raise Conflict("wrong-state", violations=[Violation(pointer="/id", rule="over")])
    return made, row
