"""A carrier's fleet and its open shipments at a moment, as a routing problem. Nothing is written here.

Places are told apart by position alone, names are ids, seconds count from `zero`. Who is going to write something from it
holds the desk's lock.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from lilong.fields.delivery.models import Depot, Run, Shipment, Vehicle
from lilong.fields.delivery.queries import fleet_rows as rows
from lilong.fields.delivery.queries import fleet_ways
from lilong.fields.delivery.queries.fleet_rows import OpenStop, Span
from lilong.fields.delivery.queries.fleet_ways import Places
from lilong.fields.delivery.rules import fleets
from lilong.fields.delivery.rules.routing import problem as words
from lilong.fields.delivery.rules.routing.problem import FIRST, LAST, Act
from lilong.kernel.base import clock

_NIGHT = timedelta(hours=30)  # a day's plan looks this far from its midnight: night services end the next morning
_SHIFT = timedelta(hours=18)


class Snapshot(NamedTuple):
    """The problem, and what its names stand for: rows by id, the open stops by act, the open run of each vehicle."""

    problem: words.Problem
    zero: datetime
    places: Places
    shipments: Mapping[str, Shipment]
    vehicles: Mapping[str, Vehicle]
    stops: Mapping[Act, OpenStop]
    runs: Mapping[UUID, Run]

    def moment(self, seconds: int) -> datetime:
        return self.zero + timedelta(seconds=seconds)


def span_of(day: date) -> Span:
    """A day of the city's; from now on if it is today."""
    begins = datetime.combine(day, datetime.min.time(), clock.CITY_ZONE)
    today = day == clock.today()
    return Span(clock.now() if today else begins, begins + _NIGHT, today)


def snapshot(
    carrier: UUID,
    span: Span,
    *,
    depot: UUID | None = None,
    everybody: bool = True,
    held: Iterable[UUID] | None = None,
) -> Snapshot:
    """All that is due in a span, with every way measured: for plans. `depot`: its shipments and the vehicles at home there.

    `everybody`: also who is not at work yet; else of those only who has a run. `held`: only these shipments.
    """
    look = _Look(carrier, span, depot=depot, everybody=everybody)
    look.read(rows.due(span, depot), held)
    return look.snapshot(None)


def due(carrier: UUID, span: Span, *, depot: UUID | None = None) -> list[UUID]:
    """The shipments that `snapshot` would look at, and all that are on a vehicle."""
    wanted = rows.due(span, depot) | Q(state__in=fleets.ABOARD)
    return list(rows.shipments(carrier, wanted).values_list("id", flat=True))


def live(carrier: UUID, fresh: Iterable[UUID], *, exclude: Iterable[UUID] = ()) -> Snapshot:
    """As it is now: the routes' own legs as they were measured, ways only to and from the places of the `fresh` shipments.
    For what has to be answered at once. `exclude`: vehicles that are not asked."""
    now, asked = clock.now(), list(fresh)
    look = _Look(carrier, Span(now, now + _SHIFT, True), exclude=exclude, everybody=False)
    look.cars = [car for car in look.cars if car.state in fleets.READY]
    look.read(Q(id__in=rows.on(look.open_runs)) | Q(id__in=asked))
    return look.snapshot([str(id) for id in asked])


class _Look:
    """What is read, in a handful of statements, and what is made of it."""

    def __init__(
        self,
        carrier: UUID,
        span: Span,
        *,
        depot: UUID | None = None,
        exclude: Iterable[UUID] = (),
        everybody: bool = True,
    ) -> None:
        self.carrier, self.span, self.zero, self.places = carrier, span, span.begins.replace(microsecond=0), Places()
        self.open_runs = rows.runs(carrier, span)
        known, stops = rows.stops(self.open_runs)
        self.stops = {Act(str(stop.shipment), FIRST if stop.kind == "pickup" else LAST): stop for stop in stops}
        self.order: dict[UUID, list[Act]] = {}
        for act, stop in self.stops.items():
            self.order.setdefault(stop.vehicle, []).append(act)
        self.runs: dict[UUID, Run] = {}
        for run in sorted(known.values(), key=lambda run: (run.state != "under-way", run.starts_at, run.id)):
            self.runs.setdefault(run.vehicle_id, run)
        self.cars = rows.vehicles(carrier, depot=depot, exclude=list(exclude))
        if span.today and not everybody:
            self.cars = [car for car in self.cars if car.state in fleets.READY or car.id in self.runs]

    def read(self, wanted: Q, held: Iterable[UUID] | None = None) -> None:
        """The shipments, with what is aboard in any case, and where their parcels are; not those on runs of another time.
        `held`: only these."""
        if self.span.today:
            wanted |= Q(state__in=fleets.ABOARD, vehicle__in=[car.id for car in self.cars])
        found = rows.shipments(self.carrier, wanted)
        found = found if held is None else found.filter(id__in=list(held))
        elsewhere = rows.elsewhere(self.carrier, self.open_runs)
        found = found.exclude(id__in=elsewhere.values("shipment"))
        self.shipments = {str(row.id): row for row in found}
        self.rapid = rows.rapid(self.carrier)
        self.count, self.holder = dict[str, int](), dict[str, tuple[str, UUID]]()
        self.loads: dict[UUID, list[int]] = {}
        for parcel in rows.parcels(found, self.carrier, today=self.span.today):
            id = str(parcel.shipment)
            self.count[id] = self.count.get(id, 0) + 1
            self.holder[id] = (parcel.kind, parcel.holder)
            if id not in self.shipments:  # it rides along: it failed, goes back, or is stopped
                load = self.loads.setdefault(parcel.holder, [0, 0, 0])
                load[:] = [load[0] + parcel.grams, load[1] + parcel.millilitres, load[2] + 1]

    def snapshot(self, fresh: list[str] | None) -> Snapshot:
        depots = Depot.objects.filter(Q(carrier=self.carrier) | Q(id__in=[car.home_id for car in self.cars]))
        self.homes = {each.id: self.places.at(each.latitude_e6, each.longitude_e6) for each in depots}
        tasks = {id: task for id, row in self.shipments.items() if (task := self._task(row)) is not None}
        hours = fleet_ways.shifts(self.carrier, self.cars, self.span.begins, self.span.ends, fresh=fresh is None)
        starts = {car.id: self._spot(car) for car in self.cars}
        allowed = fleet_ways.allowed(self.carrier, self.cars, self.places, self.homes)
        found = fleet_ways.kinds(self.cars)
        numbers = {kind: n for n, kind in enumerate(fleet_ways.numbered(found))}
        cars = {
            car.id: self._vehicle(car, starts[car.id], hours[car.id], allowed[car.id], numbers[found[car.id]], tasks)
            for car in self.cars
            if car.id in hours
        }
        current = {id: tuple(act for act in acts if act.task in tasks) for id, acts in self.order.items() if id in cars}
        if fresh is None:
            travel = fleet_ways.full(self.places, list(numbers))
        else:
            travel = fleet_ways.sparse(
                self.places, list(numbers), self._measured(tasks, fresh), self._legs(current, starts, found)
            )
        problem = words.Problem(
            travel=travel,
            depots=tuple(words.Depot(place, fleets.DEPOT_SECONDS) for place in sorted(set(self.homes.values()))),
            vehicles=tuple(cars.values()),
            tasks=tuple(tasks.values()),
            current=tuple(words.Route(str(id), acts) for id, acts in current.items()),
            change=fleets.CHANGE,
        )
        named = {str(car.id): car for car in self.cars}
        return Snapshot(problem, self.zero, self.places, self.shipments, named, self.stops, self.runs)

    def _measured(self, tasks: Mapping[str, words.Task], fresh: Iterable[str]) -> set[int]:
        """The places that everything is measured to and from: those asked about, and the homes."""
        found = {self.homes[car.home_id] for car in self.cars}
        for id in fresh:
            if id in tasks:
                visits = [tasks[id].give, tasks[id].take]
                found |= {visit.place for visit in visits if visit is not None}
        return found

    def _legs(
        self, current: Mapping[UUID, tuple[Act, ...]], starts: Mapping[UUID, int], found: Mapping[UUID, fleet_ways.Kind]
    ) -> list[tuple[fleet_ways.Kind, int, int, int, int]]:
        legs = []
        for id, acts in current.items():
            before = starts[id]
            for act in acts:
                stop = self.stops[act]
                place = self.places.at(stop.latitude_e6, stop.longitude_e6)
                if place != before:
                    legs.append((found[id], before, place, stop.leg_seconds, stop.leg_metres))
                before = place
        return legs

    def _seconds(self, moment: datetime) -> int:
        return max(0, int((moment - self.zero).total_seconds()))

    def _task(self, row: Shipment) -> words.Task | None:
        """None for goods on a vehicle that does not count: somebody has to fetch them from there first."""
        id = str(row.id)
        kind, holder = self.holder.get(id, ("sender", row.shipper))
        aboard = kind == "vehicle"
        if aboard and not (self.span.today and any(car.id == holder for car in self.cars)):
            return None
        stop = self.stops.get(Act(id, LAST))
        return words.Task(
            id=id,
            amount=(row.weight_g, row.volume_ml, self.count.get(id, 1)),
            take=None if aboard else self._origin(row, holder if kind == "depot" else row.depot_id),
            give=words.Visit(
                self.places.at(row.to_latitude_e6, row.to_longitude_e6),
                fleets.DOOR_SECONDS,
                (words.Window(self._seconds(row.earliest), self._seconds(row.latest)),),
            ),
            aboard=str(holder) if aboard else "",
            skills=frozenset(row.skills),
            temperature=row.temperature,
            priority=fleets.priority(row.temperature, rapid=row.service_id in self.rapid, late=row.latest < self.zero),
            grace=fleets.ABOARD_GRACE_SECONDS if aboard else fleets.GRACE_SECONDS,
            promised=str(stop.vehicle) if stop else "",
        )

    def _origin(self, row: Shipment, depot: UUID | None) -> words.Visit:
        if depot in self.homes:
            return words.Visit(self.homes[depot])
        return words.Visit(self.places.at(row.from_latitude_e6, row.from_longitude_e6), fleets.SENDER_SECONDS)

    def _spot(self, car: Vehicle) -> int:
        """Where it starts from: where it was seen lately, else its home."""
        seen = car.position_at is not None and car.position_at > clock.now() - timedelta(seconds=fleets.SEEN_SECONDS)
        if self.span.today and seen and car.latitude_e6 is not None and car.longitude_e6 is not None:
            return self.places.at(car.latitude_e6, car.longitude_e6)
        return self.homes[car.home_id]

    def _vehicle(
        self,
        car: Vehicle,
        start: int,
        hours: tuple[datetime, datetime],
        zone: frozenset[int] | None,
        matrix: int,
        tasks: Mapping[str, words.Task],
    ) -> words.Vehicle:
        rate, run = fleets.rate(car.kind), self.runs.get(car.id)
        out = run is not None and run.state == "under-way" and self.span.today
        return words.Vehicle(
            id=str(car.id),
            capacity=(car.capacity_g, car.capacity_ml, car.capacity_parcels),
            start=start,
            end=self.homes[car.home_id],
            opens=self._seconds(hours[0]),
            closes=self._seconds(hours[1]),
            reach=fleets.reach(car.range_m, car.battery_percent if self.span.today else None),
            load=tuple(self.loads.get(car.id, (0, 0, 0))),
            skills=frozenset(car.skills),
            temperatures=frozenset(car.temperatures),
            zone=zone,
            matrix=matrix,
            fixed=0 if out else rate.out,
            per_metre=rate.metre,
            per_second=rate.second,
            trips=fleets.LOADINGS,
            locked=self._locked(car, tasks, out=out),
        )

    def _locked(self, car: Vehicle, tasks: Mapping[str, words.Task], *, out: bool) -> tuple[Act, ...]:
        """Where it stands, or is on its way to if it is out: that stays its next stop."""
        acts = [act for act in self.order.get(car.id, []) if act.task in tasks] if self.span.today else []
        arrived = [n for n, act in enumerate(acts) if self.stops[act].state == "arrived"]
        return tuple(acts[: max(arrived) + 1] if arrived else acts[: int(out)])
