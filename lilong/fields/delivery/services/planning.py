"""Plans: asked for, searched in a job, made the one that counts; and runs mended at once when the day goes otherwise.

A plan is searched without any lock and made in one short transaction: what happened meanwhile (new shipments, steps,
vehicles that fell out) is read again under the locks and worked in, so nothing is dropped and nothing doubled. Of two
plans made from the same state one becomes active, the other is stale. Until then the old runs count.
"""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Q, Sum

from lilong.fields.delivery.events.plans import PlanMade
from lilong.fields.delivery.models import Carrier, Depot, Desk, Plan, Run, Stop, Vehicle
from lilong.fields.delivery.models.runs import STOP_OPEN
from lilong.fields.delivery.queries import fleet_now
from lilong.fields.delivery.queries.fleet_now import Snapshot
from lilong.fields.delivery.queries.fleet_rows import RUN_OPEN, Span
from lilong.fields.delivery.rules import roles
from lilong.fields.delivery.rules.routing import planning as rules
from lilong.fields.delivery.rules.routing import problem as words
from lilong.fields.delivery.rules.routing.budget import Budget
from lilong.fields.delivery.rules.routing.problem import LAST
from lilong.fields.delivery.services import routes
from lilong.fields.delivery.services.routes import Why
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Missing, Violation, invalid
from lilong.kernel.events.services import emit
from lilong.kernel.parties.actor import Actor

SECONDS_MAX = 600
DAYS_AHEAD = 14
SLICE_SECONDS = 10  # of search, between two looks at what has happened and a draft that survives a crash
BEAT = timedelta(seconds=60)  # a maker that gave no sign of life for so long is taken to be dead

Progress = Callable[[int], None]


@transaction.atomic
def ask_plan(actor: Actor, *, id: UUID, carrier: UUID, day: date, depot: UUID | None = None, seconds: int = 30) -> Plan:
    """Asks for a plan of a carrier's day, of one depot's shipments or all; `make_plan` then searches for so many seconds.

    The same id with the same body: the same answer. Raises Missing, Forbidden, Invalid (`/day`, `/seconds`, `/depot`),
    Conflict `id-taken`.
    """
    _require(actor, carrier)
    today = clock.today()
    if not today <= day <= today + timedelta(days=DAYS_AHEAD):
        raise invalid("/day", "range", f"{today}..{today + timedelta(days=DAYS_AHEAD)}")
    if not 1 <= seconds <= SECONDS_MAX:
        raise invalid("/seconds", "range", f"1..{SECONDS_MAX}")
    if depot is not None and not Depot.objects.filter(id=depot, carrier=carrier).exists():
        raise invalid("/depot", "own-depot")
    version = routes.desk(carrier).version
    asked = {"carrier_id": carrier, "day": day, "depot_id": depot, "seconds": seconds}
    plan, _ = Plan.objects.get_or_create(
        id=id, defaults=asked | {"base": version, "asked_by": actor.party, "asked_at": clock.now()}
    )
    if any(getattr(plan, name) != value for name, value in asked.items()):
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    return plan


def make_plan(actor: Actor, *, id: UUID, on_progress: Progress | None = None) -> Plan:
    """Searches and makes a plan; one that has ended is answered as it is. Killed in between, run it again: it goes on from
    its last draft. One maker at a time (Conflict `plan-in-work`). Raises Missing, Forbidden."""
    maker = ids.uuid7()
    plan = _claim(actor, id, maker)
    if plan.maker != maker:
        return plan
    span = fleet_now.span_of(plan.day)
    slices = max(1, plan.seconds // SLICE_SECONDS)
    done = round(plan.progress * slices / 100)
    for n in range(done, slices):
        snap = _with_draft(fleet_now.snapshot(plan.carrier_id, span, depot=plan.depot_id), plan)
        budget = Budget(plan.seconds / slices, wall=2 * plan.seconds / slices)
        found = rules.plan(snap.problem, budget, seed=n)
        plan.draft = [[route.vehicle, *map(list, route.acts)] for route in found.routes]
        plan.progress, plan.beat_at = min(99, 100 * (n + 1) // slices), clock.now()
        if not Plan.objects.filter(id=id, maker=maker, state="searching").update(
            draft=plan.draft, progress=plan.progress, beat_at=plan.beat_at
        ):
            return Plan.objects.get(id=id)  # another took over
        if on_progress is not None:
            on_progress(plan.progress)
        span = fleet_now.span_of(plan.day)
    return _publish(actor, plan, maker)


def quick_plan(actor: Actor, *, id: UUID, carrier: UUID, depot: UUID | None = None, seconds: int = 1) -> Plan:
    """Plans the rest of today at once, within a few seconds. Raises what `ask_plan` and `make_plan` raise."""
    ask_plan(actor, id=id, carrier=carrier, day=clock.today(), depot=depot, seconds=seconds)
    return make_plan(actor, id=id)


def unfinished() -> list[tuple[UUID, UUID]]:
    """Plans whose maker died (or never began), with who asked for them: to be made again."""
    dead = Q(beat_at__lt=clock.now() - BEAT) | Q(beat_at=None, asked_at__lt=clock.now() - BEAT)
    rows = Plan.objects.filter(dead, state__in=["asked", "searching"]).order_by("asked_at")
    return list(rows.values_list("id", "asked_by"))


def give_up(id: UUID) -> None:
    """A plan that cannot be gone on with has failed; one that is in work by now stays."""
    dead = Q(beat_at__lt=clock.now() - BEAT) | Q(beat_at=None)
    Plan.objects.filter(dead, id=id, state__in=["asked", "searching"]).update(state="failed", ended_at=clock.now())


@transaction.atomic
def mend(actor: Actor, *, carrier: UUID, why: str) -> words.Plan:
    """Makes today's runs hold again, with the least change: what cannot be kept is given to others, what has no run gets one.

    Raises Missing, Forbidden.
    """
    _require(actor, carrier)
    routes.desk(carrier)
    return _apply(carrier, fleet_now.span_of(clock.today()), None, None, Why("reassign", actor.party, why=why[:60]))


@transaction.atomic
def reassign(actor: Actor, *, vehicle: UUID, why: str) -> list[UUID]:
    """A vehicle falls out: what it has not aboard goes to others at once, or says why not. Answers those shipments.

    What is aboard stays its own, as somebody has to fetch it there. The vehicle's state says whether it gets anything again
    (set it before). Raises Missing, Forbidden.
    """
    row = Vehicle.objects.filter(id=vehicle).first()
    if row is None:
        raise Missing("no-such-vehicle", violations=[Violation(pointer="/vehicle", rule="known")])
    if actor.party != vehicle:
        _require(actor, row.carrier_id)
    routes.desk(row.carrier_id)
    aboard = Q(shipment__parcels__holder=vehicle, shipment__parcels__holder_kind="vehicle")
    mine = Stop.objects.filter(run__vehicle=vehicle, state__in=STOP_OPEN).exclude(aboard)
    shipments = sorted(set(mine.values_list("shipment", flat=True)))
    if shipments:
        span = fleet_now.span_of(clock.today())
        _apply(row.carrier_id, span, None, None, Why("reassign", actor.party, why=why[:60]), without=vehicle)
    return shipments


def _require(actor: Actor, carrier: UUID) -> None:
    if not Carrier.objects.filter(id=carrier).exists() or not actor.acts_for(carrier, *roles.LOOK):
        raise Missing("no-such-carrier", violations=[Violation(pointer="/carrier", rule="known")])
    actor.require(carrier, *roles.DISPATCH, scope=roles.CARRY)


@transaction.atomic
def _claim(actor: Actor, id: UUID, maker: UUID) -> Plan:
    plan = Plan.objects.select_for_update(of=("self",)).filter(id=id).first()
    if plan is None:
        raise Missing("no-such-route-plan", violations=[Violation(pointer="/id", rule="known")])
    _require(actor, plan.carrier_id)
    if plan.state not in ("asked", "searching"):
        return plan
    if plan.state == "searching" and plan.beat_at is not None and plan.beat_at > clock.now() - BEAT:
        raise Conflict("plan-in-work", violations=[Violation(pointer="/id", rule="state")])
    plan.state, plan.maker, plan.beat_at = "searching", maker, clock.now()
    plan.save(update_fields=["state", "maker", "beat_at"])
    return plan


@transaction.atomic
def _publish(actor: Actor, plan: Plan, maker: UUID) -> Plan:
    """The plan becomes the one that counts, unless another did since it was asked for."""
    desk = routes.desk(plan.carrier_id)
    row = Plan.objects.select_for_update(of=("self",)).get(id=plan.id)
    if row.maker != maker or row.state != "searching":
        return row
    row.ended_at, row.progress = clock.now(), 100
    if desk.version != row.base:
        row.state = "stale"
        row.save()
        return row
    found = _apply(row.carrier_id, fleet_now.span_of(row.day), row.depot_id, row, Why("plan", actor.party, row.id))
    others = Plan.objects.filter(carrier=row.carrier_id, day=row.day, state="active")
    (others.filter(depot=row.depot_id) if row.depot_id else others).update(state="superseded")
    Desk.objects.filter(carrier=row.carrier_id).update(version=desk.version + 1)
    row.state, row.draft = "active", None
    row.vehicles, row.unplaced = len(found.routes), len(found.unassigned)
    row.shipments = sum(act.what == LAST for route in found.routes for act in route.acts)
    row.moved, row.cost = found.moved, found.cost
    row.metres = Run.objects.filter(plan=row.id, state__in=RUN_OPEN).aggregate(all=Sum("metres"))["all"] or 0
    row.save()
    fact = PlanMade(
        plan=row.id, carrier=row.carrier_id, depot=row.depot_id, day=row.day.isoformat(), vehicles=row.vehicles,
        shipments=row.shipments, unplaced=row.unplaced, moved=row.moved, metres=row.metres,
    )  # fmt: skip
    emit(fact, subject=row.id, actor=actor.party)
    return row


def _apply(
    carrier: UUID, span: Span, depot: UUID | None, plan: Plan | None, why: Why, *, without: UUID | None = None
) -> words.Plan:
    """Reads everything again under locks, keeps of the draft (or of what stands) what holds, works in the rest, writes it."""
    before = fleet_now.due(carrier, span, depot=depot)
    held = routes.hold(before)
    snap = fleet_now.snapshot(carrier, span, depot=depot, everybody=plan is not None, held=held)
    if plan is not None:
        snap = _with_draft(snap, plan)
    if without is not None:
        snap = _without(snap, str(without))
    found = rules.repaired(snap.problem)
    acts = {route.vehicle: route for route in found.routes}
    routes.withdraw(snap, [reason.task for reason in found.unassigned], found.routes)
    everyone = [acts.get(vehicle.id, words.Route(vehicle.id, ())) for vehicle in snap.problem.vehicles]
    routes.write(snap, everyone, why)
    routes.unplaced(snap, found.unassigned, why.actor)
    others = {stop.vehicle for stop in snap.stops.values()} - {UUID(vehicle.id) for vehicle in snap.problem.vehicles}
    routes.withdraw_empty(others)
    return found


def _with_draft(snap: Snapshot, plan: Plan) -> Snapshot:
    """The same, as if the plan's draft were what stands."""
    if not plan.draft:
        return snap
    drafted = tuple(words.Route(str(id), tuple(words.Act(*act) for act in acts)) for id, *acts in plan.draft)
    return snap._replace(problem=msgspec.structs.replace(snap.problem, current=_locked_first(snap.problem, drafted)))


def _locked_first(problem: words.Problem, routes_: tuple[words.Route, ...]) -> tuple[words.Route, ...]:
    """A draft may be older than what its vehicles are doing by now: that stands first, and in no other route."""
    locked = {vehicle.id: vehicle.locked for vehicle in problem.vehicles}
    under_way = {act for acts in locked.values() for act in acts}
    acts = {route.vehicle: tuple(act for act in route.acts if act not in under_way) for route in routes_}
    return tuple(words.Route(id, first + acts.get(id, ())) for id, first in locked.items())


def _without(snap: Snapshot, vehicle: str) -> Snapshot:
    left = tuple(each for each in snap.problem.vehicles if each.id != vehicle)
    tasks = tuple(task for task in snap.problem.tasks if task.aboard != vehicle)
    return snap._replace(problem=msgspec.structs.replace(snap.problem, vehicles=left, tasks=tasks))
