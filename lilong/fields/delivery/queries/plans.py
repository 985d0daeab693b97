"""Reads of plans and runs: for the carrier's office, and for its map. Others are told that there is no such carrier."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Prefetch

from lilong.fields.delivery.models import Carrier, Plan, RideOffer, Run, Shipment, Stop, Unplaced, Vehicle
from lilong.fields.delivery.models.runs import STOP_OPEN
from lilong.fields.delivery.queries import shipments
from lilong.fields.delivery.queries.fleet_rows import RUN_OPEN
from lilong.fields.delivery.rules import fleets, roles
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.base.words import Words
from lilong.kernel.geo.points import Point
from lilong.kernel.geo.streets import city
from lilong.kernel.parties.actor import Actor
from lilong.ui.maps import features

PLANS_MAX = 50
_ICONS = {"courier": "person", "van": "truck", "unmanned": "truck", "robot": "robot", "drone": "drone"}
_COLOURS = tuple(f"c{n}" for n in range(1, 7))


class RoutePlanView(msgspec.Struct, frozen=True, kw_only=True):
    """A plan and how far it is (percent); distances in metres, cost in thousandths of a fen."""

    id: UUID
    carrier: UUID
    depot: UUID | None
    day: date
    seconds: int
    state: str
    progress: int
    vehicles: int
    shipments: int
    unplaced: int
    moved: int
    metres: int
    cost: int
    asked_at: datetime
    ended_at: datetime | None


class RunStopView(msgspec.Struct, frozen=True, kw_only=True):
    """A stop to come: when it begins, what is aboard after it."""

    id: UUID
    shipment: UUID
    kind: str
    latitude_e6: int
    longitude_e6: int
    earliest: datetime
    latest: datetime
    eta: datetime | None
    late: bool
    state: str
    load_g: int
    load_parcels: int


class RunRouteView(msgspec.Struct, frozen=True, kw_only=True):
    """A vehicle's run with its open stops in order."""

    run: UUID
    vehicle: UUID
    kind: str
    name: Words
    state: str
    version: int
    starts_at: datetime
    ends_at: datetime | None
    metres: int
    stops: list[RunStopView]


class UnplacedView(msgspec.Struct, frozen=True, kw_only=True):
    """Why a shipment is on no run. `vehicle` came nearest: `late_seconds` too late, or `over` in `dimension` (grams,
    millilitres, parcels; metres for `range`)."""

    shipment: UUID
    code: str
    vehicle: UUID | None
    late_seconds: int
    over: int
    dimension: str
    at: datetime


class GivenOfferView(msgspec.Struct, frozen=True, kw_only=True):
    """A shipment that a courier was given and may still refuse."""

    shipment: UUID
    offered_at: datetime
    expires_at: datetime


def plan(actor: Actor, id: UUID) -> RoutePlanView:
    """One plan and how far it is. Missing for others."""
    row = Plan.objects.filter(id=id).first()
    if row is None or not actor.acts_for(row.carrier_id, *roles.LOOK):
        raise Missing("no-such-route-plan", violations=[Violation(pointer="/id", rule="known")])
    return _plan(row)


def plans(actor: Actor, carrier: UUID, day: date | None = None) -> list[RoutePlanView]:
    """A carrier's last plans, newest first."""
    require(actor, carrier)
    rows = Plan.objects.filter(carrier=carrier)
    return [_plan(row) for row in (rows.filter(day=day) if day else rows).order_by("-asked_at", "-id")[:PLANS_MAX]]


def routes(actor: Actor, carrier: UUID) -> list[RunRouteView]:
    """All open runs of a carrier with what is still to be done on them, by vehicle."""
    require(actor, carrier)
    return _routes(carrier)


def unplaced(actor: Actor, carrier: UUID) -> list[UnplacedView]:
    """What is on no run, and why; what is due first comes first."""
    require(actor, carrier)
    rows = Unplaced.objects.filter(shipment__carrier=carrier, shipment__state__in=fleets.TASKS)
    return [_unplaced(row) for row in rows.order_by("shipment__latest", "shipment")]


def why(actor: Actor, shipment: UUID) -> UnplacedView | None:
    """Why a shipment is on no run; None if it is on one, or nobody has looked yet. Missing for those it is none of."""
    row = shipments.seen(actor, shipment)
    found = Unplaced.objects.filter(shipment=row).first()
    if found is None:
        return None
    view = _unplaced(found)
    return view if actor.acts_for(row.carrier_id, *roles.LOOK) else msgspec.structs.replace(view, vehicle=None)


def offers(actor: Actor, vehicle: UUID) -> list[GivenOfferView]:
    """What a courier has not answered yet. Raises Missing."""
    row = Vehicle.objects.filter(id=vehicle, removed_at=None).first()
    if row is None or not (actor.party == vehicle or actor.acts_for(row.carrier_id, *roles.LOOK)):
        raise Missing("no-such-vehicle", violations=[Violation(pointer="/vehicle", rule="known")])
    rows = RideOffer.objects.filter(vehicle=vehicle, state="offered", expires_at__gt=clock.now()).order_by("expires_at")
    return [
        GivenOfferView(shipment=row.shipment_id, offered_at=row.offered_at, expires_at=row.expires_at) for row in rows
    ]


def on_map(actor: Actor, carrier: UUID) -> dict[str, Any]:
    """GeoJSON: vehicles, their ways to come and their stops, depots, and what is on no run."""
    require(actor, carrier)
    found = _routes(carrier)
    cars = Vehicle.objects.filter(carrier=carrier, removed_at=None).exclude(latitude_e6=None).order_by("id")
    known = {car.id: car for car in cars}
    colour = {route.vehicle: _COLOURS[n % len(_COLOURS)] for n, route in enumerate(found)}
    shown = [
        features.line(route.run, _way(route, known), colour=colour[route.vehicle]) for route in found if route.stops
    ]
    for route in found:
        for n, stop in enumerate(route.stops, 1):
            shown.append(_stop_mark(stop, n, "bad" if stop.late else colour[route.vehicle]))
    for car in known.values():
        at = Point.of_e6(car.latitude_e6 or 0, car.longitude_e6 or 0)
        mark = {
            "kind": _ICONS[car.kind],
            "state": car.state,
            "heading": car.heading,
            "colour": colour.get(car.id, "ink"),
        }
        shown.append(features.place(car.id, at, label=Words.read(car.name), **mark))
    for row in Shipment.objects.filter(unplaced__isnull=False, carrier=carrier, state__in=fleets.TASKS):
        at = Point.of_e6(row.to_latitude_e6, row.to_longitude_e6)
        shown.append(features.place(row.id, at, label=str(row.id)[-6:], kind="flag", colour="bad"))
    return features.collection(shown)


def require(actor: Actor, carrier: UUID) -> None:
    """Raises Missing for all but the carrier's office."""
    if not Carrier.objects.filter(id=carrier).exists() or not actor.acts_for(carrier, *roles.LOOK):
        raise Missing("no-such-carrier", violations=[Violation(pointer="/carrier", rule="known")])


def _routes(carrier: UUID) -> list[RunRouteView]:
    stops = Stop.objects.filter(state__in=STOP_OPEN).order_by("sequence").select_related("shipment")
    rows = Run.objects.filter(vehicle__carrier=carrier, state__in=RUN_OPEN).select_related("vehicle")
    rows = rows.prefetch_related(Prefetch("stops", stops, to_attr="open_stops")).order_by("vehicle", "starts_at")
    return [
        RunRouteView(
            run=run.id, vehicle=run.vehicle_id, kind=run.vehicle.kind, name=Words.read(run.vehicle.name), state=run.state,
            version=run.version, starts_at=run.starts_at, ends_at=run.ends_at, metres=run.metres,
            stops=_stops(run.open_stops),
        )
        for run in rows
    ]  # fmt: skip


def _stops(rows: Sequence[Stop]) -> list[RunStopView]:
    """With the load after each: what is delivered without being picked up first is aboard from the start."""
    picked = {stop.shipment_id for stop in rows if stop.kind == "pickup"}
    aboard = [stop.shipment for stop in rows if stop.kind == "delivery" and stop.shipment_id not in picked]
    grams, count = sum(each.weight_g for each in aboard), len(aboard)
    found = []
    for stop in rows:
        sign = 1 if stop.kind == "pickup" else -1
        grams, count = grams + sign * stop.shipment.weight_g, count + sign
        same = ("id", "kind", "latitude_e6", "longitude_e6", "earliest", "latest", "eta", "state")
        found.append(
            RunStopView(
                **{name: getattr(stop, name) for name in same}, shipment=stop.shipment_id,
                late=stop.eta is not None and stop.eta > stop.latest, load_g=grams, load_parcels=count,
            )
        )  # fmt: skip
    return found


def _way(route: RunRouteView, cars: dict[UUID, Vehicle]) -> list[Point]:
    """Along the streets, from where the vehicle is; drones fly straight."""
    car = cars.get(route.vehicle)
    points = [Point.of_e6(stop.latitude_e6, stop.longitude_e6) for stop in route.stops]
    if car is not None and car.latitude_e6 is not None and car.longitude_e6 is not None:
        points.insert(0, Point.of_e6(car.latitude_e6, car.longitude_e6))
    if fleets.flies(route.kind):
        return points
    return list(_along(points))


def _along(points: Sequence[Point]) -> Iterable[Point]:
    yield from points[:1]
    for a, b in pairwise(points):
        if a != b:
            yield from city().route(a, b).points[1:]


def _stop_mark(stop: RunStopView, number: int, colour: str) -> dict[str, Any]:
    at = Point.of_e6(stop.latitude_e6, stop.longitude_e6)
    eta = stop.eta.astimezone(clock.CITY_ZONE).strftime("%H:%M") if stop.eta else ""
    return features.place(stop.id, at, label=str(stop.shipment)[-6:], text=str(number), state=eta, colour=colour)


def _plan(row: Plan) -> RoutePlanView:
    same = (
        "id", "day", "seconds", "state", "progress", "vehicles", "shipments", "unplaced", "moved", "metres", "cost",
        "asked_at", "ended_at",
    )  # fmt: skip
    return RoutePlanView(carrier=row.carrier_id, depot=row.depot_id, **{name: getattr(row, name) for name in same})


def _unplaced(row: Unplaced) -> UnplacedView:
    same = ("code", "vehicle", "late_seconds", "over", "dimension", "at")
    return UnplacedView(shipment=row.shipment_id, **{name: getattr(row, name) for name in same})
