"""Routes written as runs and stops. Whoever calls has locked the carrier's desk, and the shipments whose stops change.

A vehicle has one open run a day: its stops are renumbered behind the numbers they had, so that no two ever share one.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import F

from lilong.fields.delivery.events.plans import ShipmentUnplaced, StopAssigned, StopReassigned
from lilong.fields.delivery.models import Carrier, Desk, RideOffer, Run, Shipment, Stop, Unplaced, Vehicle
from lilong.fields.delivery.models.plans import OFFER_OPEN
from lilong.fields.delivery.models.runs import STOP_OPEN
from lilong.fields.delivery.queries.fleet_now import Snapshot
from lilong.fields.delivery.queries.fleet_rows import RUN_OPEN
from lilong.fields.delivery.rules import fleets
from lilong.fields.delivery.rules.routing.problem import FIRST, LAST, Act, Reason, Route
from lilong.fields.delivery.rules.routing.timeline import Ground, Timeline, timeline
from lilong.fields.delivery.rules.routing.timeline import Stop as Moment
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.events.services import Emission, emit_many

_SAID = ("run_id", "sequence", "eta", "leg_seconds", "leg_metres", "service_seconds")
_UPDATE = """
UPDATE delivery_stop s SET run_id = v.run, sequence = v.n, eta = v.eta, leg_seconds = v.leg_s, leg_metres = v.leg_m,
  service_seconds = v.service
FROM unnest(%s::uuid[], %s::uuid[], %s::int[], %s::timestamptz[], %s::int[], %s::int[], %s::int[])
  AS v(id, run, n, eta, leg_s, leg_m, service)
WHERE s.id = v.id AND s.state IN ('planned', 'arrived')
"""
DIMENSIONS = ("weight", "volume", "parcels")


class Why(NamedTuple):
    """How it comes that routes change: by a plan, by dispatching, because of something."""

    how: str
    actor: UUID
    plan: UUID | None = None
    why: str = ""


def desk(carrier: UUID) -> Desk:
    """The carrier's desk, locked: its runs change by one hand at a time. Raises Missing."""
    if not Carrier.objects.filter(id=carrier).exists():
        raise Missing("no-such-carrier", violations=[Violation(pointer="/carrier", rule="known")])
    Desk.objects.bulk_create([Desk(carrier_id=carrier)], ignore_conflicts=True)
    return Desk.objects.select_for_update().get(carrier=carrier)


def hold(shipments: Iterable[UUID]) -> list[UUID]:
    """Locks shipments, so that no step of theirs goes on meanwhile; answers them."""
    rows = Shipment.objects.select_for_update(of=("self",), no_key=True).filter(id__in=list(shipments))
    return list(rows.order_by("id").values_list("id", flat=True))


def write(snap: Snapshot, routes: Sequence[Route], why: Why) -> None:
    """These vehicles' routes as they are to be from now on, with their times; other vehicles stay as they are."""
    ground = Ground(snap.problem)
    found: list[tuple[Vehicle, Timeline]] = []
    for route in routes:
        found.append((snap.vehicles[route.vehicle], timeline(ground, ground.vehicles[route.vehicle], route.acts)))
    before = {act.task: stop.vehicle for act, stop in snap.stops.items() if act.what == LAST}
    runs = {car.id: _run(snap, car, times) for car, times in found if times.stops or car.id in snap.runs}
    made, changed, numbers = list[Stop](), list[tuple[Any, ...]](), dict[UUID, int]()
    for stop in snap.stops.values():
        numbers[stop.run] = max(stop.sequence, numbers.get(stop.run, 0))
    for car, times in found:
        if times.stops:
            _stops(snap, runs[car.id], times, numbers.get(runs[car.id].id, 0), made, changed)
    _update(changed)
    Stop.objects.bulk_create(made)
    _runs(snap, found, runs, why)
    _tell(snap, found, before, why)


def _run(snap: Snapshot, car: Vehicle, times: Timeline) -> Run:
    standing = snap.runs.get(car.id)
    if standing is not None:
        return standing
    return Run.objects.create(
        id=ids.uuid7(), vehicle=car, depot_id=car.home_id, starts_at=snap.moment(times.leave), made_at=clock.now()
    )


def _stops(
    snap: Snapshot, run: Run, times: Timeline, number: int, made: list[Stop], changed: list[tuple[Any, ...]]
) -> None:
    for number_, moment in enumerate(times.stops, number + 1):
        stop = snap.stops.get(moment.act)
        seconds = min(moment.leave - moment.start, 32_000)
        said = (run.id, number_, snap.moment(moment.start), moment.seconds, moment.metres, seconds)
        if stop is not None:
            changed.append((stop.id, *said))
        else:
            made.append(_new(snap, moment, dict(zip(_SAID, said, strict=True))))


def _update(changed: Sequence[tuple[Any, ...]]) -> None:
    """Many stops in one statement; those that ended meanwhile stay as they are."""
    if changed:
        with connection.cursor() as cursor:
            cursor.execute(_UPDATE, [list(column) for column in zip(*changed, strict=True)])


def _new(snap: Snapshot, moment: Moment, said: dict[str, Any]) -> Stop:
    row, act = snap.shipments[moment.act.task], moment.act
    point = snap.places.points[moment.place]
    return Stop(
        id=ids.uuid7(),
        shipment=row,
        kind="pickup" if act.what == FIRST else "delivery",
        latitude_e6=point.latitude_e6,
        longitude_e6=point.longitude_e6,
        earliest=min(row.earliest, snap.zero) if act.what == FIRST else row.earliest,
        latest=row.latest,
        **said,
    )


def _runs(snap: Snapshot, found: Sequence[tuple[Vehicle, Timeline]], runs: Mapping[UUID, Run], why: Why) -> None:
    """One open run a vehicle: with its new times and one more version; runs that nothing is left of are withdrawn."""
    for car, times in found:
        if car.id not in runs:
            continue
        run = runs[car.id]
        if times.stops:
            run.starts_at = run.starts_at if run.state == "under-way" else snap.moment(times.leave)
            run.ends_at, run.metres = snap.moment(times.end), times.metres
        run.plan = why.plan or run.plan
        run.version += 1
        run.save(update_fields=["starts_at", "ends_at", "metres", "plan", "version"])
    withdraw_empty([car.id for car, _ in found])


def withdraw_empty(vehicles: Iterable[UUID]) -> None:
    empty = Run.objects.filter(vehicle__in=list(vehicles), state__in=RUN_OPEN).exclude(
        id__in=Stop.objects.filter(run__vehicle__in=list(vehicles), state__in=STOP_OPEN).values("run")
    )
    now = clock.now()
    empty.filter(state="planned").update(state="withdrawn", ended_at=now)
    empty.filter(state="under-way").update(state="done", ended_at=now)


def withdraw(snap: Snapshot, shipments: Iterable[str], kept: Iterable[Route]) -> None:
    """Their open stops end, but for those on the `kept` routes (one may be under way): nobody is to go there for now."""
    planned = {act for route in kept for act in route.acts}
    acts = [
        act for id in shipments for act in (Act(id, FIRST), Act(id, LAST)) if act in snap.stops and act not in planned
    ]
    if acts:
        end_offers({UUID(act.task) for act in acts})
        ended, runs = [snap.stops[act].id for act in acts], {snap.stops[act].run for act in acts}
        Stop.objects.filter(id__in=ended, state__in=STOP_OPEN).update(state="withdrawn", ended_at=clock.now())
        Run.objects.filter(id__in=sorted(runs), state__in=RUN_OPEN).update(version=F("version") + 1)


def end_offers(shipments: Iterable[UUID], but: UUID | None = None) -> None:
    """Nobody (but that vehicle) has to answer for these shipments any longer, nor has taken them."""
    RideOffer.objects.filter(shipment__in=list(shipments), state__in=OFFER_OPEN).exclude(vehicle=but).update(
        state="withdrawn", answered_at=clock.now()
    )


def unplaced(snap: Snapshot, reasons: Sequence[Reason], actor: UUID) -> None:
    """Says of each why it is on no run; told as a fact when that is new."""
    now = clock.now()
    known = dict(
        Unplaced.objects.filter(shipment__in=[reason.task for reason in reasons]).values_list("shipment", "code")
    )
    rows = [
        Unplaced(
            shipment_id=UUID(reason.task),
            code=reason.code,
            vehicle=UUID(reason.vehicle) if reason.vehicle else None,
            late_seconds=min(reason.late, 1 << 30),
            over=min(reason.over, 1 << 30),
            dimension=DIMENSIONS[reason.dimension] if reason.dimension >= 0 else "",
            at=now,
        )
        for reason in reasons
    ]
    fields = ["code", "vehicle", "late_seconds", "over", "dimension", "at"]
    Unplaced.objects.bulk_create(rows, update_conflicts=True, unique_fields=["shipment"], update_fields=fields)
    emit_many(
        [
            Emission(
                ShipmentUnplaced(
                    shipment=row.shipment_id,
                    carrier=snap.shipments[str(row.shipment_id)].carrier_id,
                    code=row.code,
                    district=snap.shipments[str(row.shipment_id)].district,
                ),
                row.shipment_id,
                actor,
            )
            for row in rows
            if known.get(row.shipment_id) != row.code
        ]
    )


def _tell(snap: Snapshot, found: Sequence[tuple[Vehicle, Timeline]], before: Mapping[str, UUID], why: Why) -> None:
    now, told, placed = clock.now(), list[Emission](), list[str]()
    for car, times in found:
        for moment in times.stops:
            if moment.act.what != LAST:
                continue
            row = snap.shipments[moment.act.task]
            placed.append(moment.act.task)
            old = before.get(moment.act.task)
            if old == car.id:
                continue
            of = {
                "shipment": row.id, "carrier": row.carrier_id, "vehicle": car.id, "kind": car.kind,
                "unattended": fleets.unattended(car.kind), "district": row.district, "plan": why.plan,
                "late_seconds": moment.late,
            }  # fmt: skip
            if old is None:
                fact = StopAssigned(**of, how=why.how, waited_seconds=_since(row, now))
            else:
                end_offers([row.id], but=car.id)
                fact = StopReassigned(**of, before=old, why=why.why or why.how)
            told.append(Emission(fact, row.id, why.actor))
    Unplaced.objects.filter(shipment__in=placed).delete()
    emit_many(told)


def _since(row: Shipment, now: datetime) -> int:
    return max(0, int((now - row.requested_at).total_seconds()))
