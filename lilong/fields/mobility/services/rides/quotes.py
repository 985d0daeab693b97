"""Prices before a ride: for a way, and for another way of a ride that stands."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

import msgspec
from django.db import transaction

from lilong.fields.mobility.models import Duty, Ride, RideQuote, Tariff, VehicleType
from lilong.fields.mobility.queries.zones import Ask, Fence
from lilong.fields.mobility.rules.rides import fares, states
from lilong.fields.mobility.rules.rides.tariffs import RideTariff
from lilong.fields.mobility.services.rides import frame, tariffs
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Problem, Violation
from lilong.kernel.geo import districts, streets
from lilong.kernel.geo.points import Point, metres
from lilong.kernel.geo.streets import Route
from lilong.kernel.parties.actor import Actor

PEOPLE_MAX = 8
STOPS_MAX = 3
SHORTEST_METRES = 100
KEPT = timedelta(days=1)


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """From where to where, over which stops, for whom."""

    start: Point
    end: Point
    stops: list[Point] = []
    people: int = 1
    wheelchair: bool = False


def quote_all(actor: Actor, *, id: UUID, way: Way) -> list[RideQuote]:
    """A quote of every plan that has a vehicle for this; each has an id that follows from `id` and the plan."""
    fit = VehicleType.objects.filter(
        mode=tariffs.MODE, seats__gte=way.people, plan__isnull=False, operator__closed_at=None
    )
    if way.wheelchair:
        fit = fit.filter(wheelchair=True)
    made = []
    for plan in sorted(set(fit.values_list("plan", flat=True))):
        try:
            made.append(quote(actor, id=ids.named("mobility", "quote", id, plan), plan=plan, way=way))
        except Problem as problem:
            if problem.code not in ("no-such-plan", "no-vehicle-fits", "zone-forbids"):
                raise
    return sorted(made, key=lambda each: (each.total, each.id))


@transaction.atomic
def quote(actor: Actor, *, id: UUID, plan: UUID, way: Way) -> RideQuote:
    """A price for the rider's way, which holds for some minutes. The same id with the same body: the same answer.

    Raises Forbidden, Missing `no-such-plan`, Invalid, Conflict (`no-vehicle-fits`, `zone-forbids` with the nearest place where it may, `id-taken`).
    """
    _require_person(actor)
    known = RideQuote.objects.filter(id=id).first()
    if known is not None:
        return _same(known, actor, plan, way)
    district = checked(way)
    tariff = tariffs.current(plan)
    terms = tariffs.terms_of(tariff)
    fit = VehicleType.objects.filter(operator=tariff.operator_id, plan=plan, seats__gte=way.people)
    kind = (fit.filter(wheelchair=True) if way.wheelchair else fit).order_by("id").first()
    if kind is None:
        raise Conflict("no-vehicle-fits", violations=[Violation(pointer="/people", rule="seats")])
    _require_allowed(kind, way)
    route = routed([way.start, *way.stops, way.end])
    now = clock.now()
    fare = fares.quoted(
        terms,
        metres=round(route.metres),
        seconds=round(route.seconds),
        at=now,
        surcharges=surcharges(terms, way),
        surge_bp=_surge(plan, terms),
    )
    return _saved(built(id, actor.party, tariff, way, route, fare, district, now))


@transaction.atomic
def requote(actor: Actor, *, id: UUID, ride: UUID, end: Point, stops: Sequence[Point] = ()) -> RideQuote:
    """The price of the whole ride if it went to `end` instead: what was driven and what is still to drive, by the ride's
    own version of the tariff and its surge. The rider accepts it with `redirect`.

    Raises Missing, Invalid, Conflict (`wrong-state`, `id-taken`).
    """
    found = frame.locked(ride)
    frame.require_rider(actor, found)
    old = found.quote
    way = Way(start=frame.start_of(found), end=end, stops=list(stops), people=old.people, wheelchair=old.wheelchair)
    known = RideQuote.objects.filter(id=id).first()
    if known is not None:
        return _same(known, actor, found.plan, way, found.id)
    checked(way)
    if found.state in states.CLOSED:
        raise Conflict("wrong-state", extra={"state": found.state})
    kind = found.vehicle.type if found.vehicle else VehicleType.objects.filter(plan=found.plan).first()
    if kind is not None:
        Fence(Ask.of(kind)).require(end, "end", pointer="/to")
    terms = tariffs.terms_of(old.tariff)
    driven, seconds, now = 0, 0, clock.now()
    here = way.start
    if found.state == states.UNDER_WAY and found.started_at and found.last_latitude_e6 is not None:
        here = Point.of_e6(found.last_latitude_e6, found.last_longitude_e6 or 0)
        driven, seconds = found.metres, round((now - found.started_at).total_seconds())
    route = routed([here, *way.stops, end])
    fare = fares.quoted(
        terms,
        metres=driven + round(route.metres),
        seconds=seconds + round(route.seconds),
        at=found.started_at or now,
        surcharges=surcharges(terms, way),
        surge_bp=next((line["quantity"] for line in old.lines if line["code"] == "surge"), 0),
    )
    whole = Route(route.points, driven + route.metres, seconds + route.seconds)
    return _saved(built(id, actor.party, old.tariff, way, whole, fare, old.district, now, found.id))


def checked(way: Way) -> str:
    """The district of the pick-up. Raises Invalid, naming every field and rule."""
    district = districts.district_of(way.start)
    broken = [
        ("/from", "in-the-city", not district),
        ("/to", "in-the-city", not districts.district_of(way.end)),
        ("/to", "elsewhere", metres(way.start, way.end) < SHORTEST_METRES and not way.stops),
        ("/people", "range", not 1 <= way.people <= PEOPLE_MAX),
        ("/stops", "at-most", len(way.stops) > STOPS_MAX),
        *((f"/stops/{n}", "in-the-city", not districts.district_of(stop)) for n, stop in enumerate(way.stops)),
    ]
    violations = [Violation(pointer=pointer, rule=rule) for pointer, rule, is_broken in broken if is_broken]
    if violations:
        raise Invalid("invalid", violations=violations)
    return district


def routed(points: Sequence[Point]) -> Route:
    """The way over all points, leg by leg the fastest."""
    legs = [streets.city().route(a, b) for a, b in pairwise(points)]
    whole = [point for leg in legs for point in leg.points]
    return Route(
        whole, sum(leg.metres for leg in legs), sum(leg.seconds for leg in legs), all(leg.exact for leg in legs)
    )


def surcharges(terms: RideTariff, way: Way) -> list[str]:
    """Which of the tariff's surcharges apply: each is named after what it is for."""
    applies = {"stop": bool(way.stops), "large": way.people > 4, "wheelchair": way.wheelchair}  # noqa: PLR2004
    return [each.code for each in terms.surcharges if applies.get(each.code, each.code == "booking")]


def tidy() -> int:
    """Forgets quotes of which nothing came, a day after they were made."""
    old = RideQuote.objects.filter(made_at__lt=clock.now() - KEPT, ride=None)
    return old.delete()[0]


def _require_allowed(kind: VehicleType, way: Way) -> None:
    """Raises Conflict `zone-forbids` where such a vehicle may not let people in or out."""
    fence = Fence(Ask.of(kind))
    fence.require(way.start, "start", pointer="/from")
    fence.require(way.end, "end", pointer="/to")


def _require_person(actor: Actor) -> None:
    actor.require_scope(frame.RIDE)
    if actor.kind != "person":
        raise Forbidden("persons-only", violations=[Violation(pointer="/rider", rule="kind")])


def _surge(plan: UUID, terms: RideTariff) -> int:
    if not terms.surge_max_bp:
        return 0
    waiting = Ride.objects.filter(plan=plan, state=states.REQUESTED).count()
    return fares.surge_of(waiting, Duty.objects.filter(plan=plan, state="free").count(), terms)


def built(
    id: UUID, rider: UUID, tariff: Tariff, way: Way, route: Route, fare: fares.Fare, district: str, at: datetime,
    changes: UUID | None = None,
) -> RideQuote:  # fmt: skip
    """The row of a quote made at `at`. The caller saves it."""
    return RideQuote(
        id=id,
        rider=rider,
        operator_id=tariff.operator_id,
        plan=tariff.plan,
        tariff=tariff,
        people=way.people,
        wheelchair=way.wheelchair,
        from_latitude_e6=way.start.latitude_e6,
        from_longitude_e6=way.start.longitude_e6,
        to_latitude_e6=way.end.latitude_e6,
        to_longitude_e6=way.end.longitude_e6,
        stops=_flat(way.stops),
        district=district,
        metres=round(route.metres),
        seconds=round(route.seconds),
        path=_flat(route.points),
        lines=msgspec.to_builtins(fare.lines),
        total=fare.total,
        changes=changes,
        made_at=at,
        expires_at=at + timedelta(seconds=fares.QUOTE_SECONDS),
    )


def _saved(row: RideQuote) -> RideQuote:
    row.save(force_insert=True)
    return row


def _same(known: RideQuote, actor: Actor, plan: UUID, way: Way, changes: UUID | None = None) -> RideQuote:
    stood = (known.rider, known.plan, known.people, known.wheelchair, known.changes, known.stops)
    ends = (known.from_latitude_e6, known.from_longitude_e6, known.to_latitude_e6, known.to_longitude_e6)
    asked = (way.start.latitude_e6, way.start.longitude_e6, way.end.latitude_e6, way.end.longitude_e6)
    if stood == (actor.party, plan, way.people, way.wheelchair, changes, _flat(way.stops)) and ends == asked:
        return known
    raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])


def _flat(points: Sequence[Point]) -> list[int]:
    return [number for point in points for number in (point.longitude_e6, point.latitude_e6)]
