"""Rides as their riders, their drivers and their operators see them. Nobody is told of others' rides."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.db.models import QuerySet

from lilong.fields.mobility.models import Receipt, Ride, RideQuote, RideRating, RideShare, Vehicle
from lilong.fields.mobility.rules.rides import codes, fares, states
from lilong.fields.mobility.rules.rides.tariffs import RideTariff
from lilong.kernel.base import clock, paging
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.geo import streets
from lilong.kernel.geo.points import E6, Point
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.actor import Actor

DESK = ("manager", "clerk", "dispatcher", "auditor")
_SEEN = ("quote", "quote__tariff", "vehicle", "vehicle__type")


class PlaceView(msgspec.Struct, frozen=True):
    """WGS 84 degrees."""

    longitude: float
    latitude: float


class RideQuoteView(msgspec.Struct, frozen=True, kw_only=True):
    """A price and what it is made of; `path` is the way, `[longitude, latitude]` by point."""

    id: UUID
    operator: UUID
    plan: UUID
    plan_name: dict[str, str]
    from_: PlaceView = msgspec.field(name="from")
    to: PlaceView
    stops: list[PlaceView]
    people: int
    wheelchair: bool
    metres: int
    seconds: int
    path: list[tuple[float, float]]
    lines: list[fares.FareLine]
    total: int
    held: int
    expires_at: datetime


class RideCarView(msgspec.Struct, frozen=True, kw_only=True):
    """The car that comes, and who drives it ('' for one that drives itself); stars are hundredths."""

    vehicle: UUID
    plate: str
    kind: dict[str, str]
    driverless: bool
    driver: str
    stars: int | None
    place: PlaceView | None
    heading: int | None
    seen_at: datetime | None


class RideView(msgspec.Struct, frozen=True, kw_only=True):
    """A ride. `code` is the rider's start code, for the rider alone; `eta` when the car is at the pick-up, or at the end;
    `may` what the reader may do now."""

    id: UUID
    state: str
    version: int
    quote: RideQuoteView
    car: RideCarView | None
    rider: str
    code: str
    eta: datetime | None
    requested_at: datetime
    accepted_at: datetime | None
    arrived_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    free_until: datetime | None
    no_show_at: datetime | None
    metres: int
    how: str
    by: str
    reason: str
    total: int | None
    lines: list[fares.FareLine]
    refunded: bool
    tip: int
    rated: bool
    may: list[str]


class RideRow(msgspec.Struct, frozen=True, kw_only=True):
    """A ride in a list."""

    id: UUID
    state: str
    requested_at: datetime
    ended_at: datetime | None
    from_: PlaceView = msgspec.field(name="from")
    to: PlaceView
    quoted: int
    total: int | None
    driverless: bool | None


def ride(actor: Actor, id: UUID) -> RideView:
    """A ride for its rider, its driver or its operator's desk. Raises Missing for everybody else."""
    return viewed(*row(actor, id))


def row(actor: Actor, id: UUID) -> tuple[Ride, str]:
    """The same as a row, and whose side the actor is on."""
    found = Ride.objects.select_related(*_SEEN, "duty").filter(id=id).first()
    side = side_of(actor, found) if found is not None else ""
    if found is None or not side:
        raise missing()
    return found, side


def side_of(actor: Actor | None, row: Ride) -> str:
    """'rider', 'car', 'desk', or '' for whom it does not concern."""
    if actor is None:
        return ""
    if actor.party == row.rider:
        return "rider"
    if row.driver is not None and actor.party == row.driver:
        return "car"
    return "desk" if actor.acts_for(row.operator_id, *DESK) else ""


def shared(token: str) -> dict[str, Any]:
    """What whoever has a link to a ride sees until it ends: where the car is, where it goes, its plate; no names, no code.
    Raises Missing."""
    found = _links(token).select_related(*(f"ride__{name}" for name in _SEEN)).first()
    if found is None or found.ended_at is not None:
        raise missing()
    row = found.ride
    car = row.vehicle
    return {
        "state": row.state,
        "to": place(row.quote.to_latitude_e6, row.quote.to_longitude_e6),
        "car": place(car.latitude_e6, car.longitude_e6) if car and car.latitude_e6 is not None else None,
        "heading": car.heading if car else None,
        "plate": car.plate if car else "",
        "eta": eta(row),
    }


def holds(token: str) -> bool:
    """Whether the link still shows a ride."""
    return _links(token).filter(ended_at=None).exists()


def was_shared(token: str) -> bool:
    """Whether there ever was such a link."""
    return _links(token).exists()


def sharing(ride: UUID) -> bool:
    """Whether anybody can follow the ride by a link."""
    return RideShare.objects.filter(ride=ride, ended_at=None).exists()


def _links(token: str) -> QuerySet[RideShare]:
    return RideShare.objects.filter(digest=codes.share_digest(token))


def rides_of(actor: Actor, *, cursor: str = "", size: int = paging.SIZE_DEFAULT) -> paging.Slice:
    """The actor's own rides as a rider, the newest first."""
    rows = Ride.objects.filter(rider=actor.party).select_related("quote")
    return _rows(paging.page(rows, by=("-requested_at", "-id"), cursor=cursor, size=size))


def driven_by(actor: Actor, *, cursor: str = "", size: int = paging.SIZE_DEFAULT) -> paging.Slice:
    """Those that the actor drove, the newest first."""
    rows = Ride.objects.filter(driver=actor.party).select_related("quote")
    return _rows(paging.page(rows, by=("-requested_at", "-id"), cursor=cursor, size=size))


def quote(actor: Actor, id: UUID) -> RideQuoteView:
    """One of the actor's own quotes. Raises Missing."""
    row = RideQuote.objects.select_related("tariff").filter(id=id, rider=actor.party).first()
    if row is None:
        raise Missing("no-such-quote", violations=[Violation(pointer="/quote", rule="known")])
    return quoted(row)


def quoted(row: RideQuote) -> RideQuoteView:
    numbers = iter(row.path)
    stops = iter(row.stops)
    return RideQuoteView(
        id=row.id,
        operator=row.operator_id,
        plan=row.plan,
        plan_name=row.tariff.name,
        from_=place(row.from_latitude_e6, row.from_longitude_e6),
        to=place(row.to_latitude_e6, row.to_longitude_e6),
        stops=[place(latitude, longitude) for longitude, latitude in zip(stops, stops, strict=True)],
        people=row.people,
        wheelchair=row.wheelchair,
        metres=row.metres,
        seconds=row.seconds,
        path=[(longitude / E6, latitude / E6) for longitude, latitude in zip(numbers, numbers, strict=True)],
        lines=_lines(row.lines),
        total=row.total,
        held=fares.held_for(_terms(row), row.total),
        expires_at=row.expires_at,
    )


def viewed(row: Ride, side: str) -> RideView:
    """The ride as that side sees it. The caller has checked who asks."""
    terms = _terms(row.quote)
    receipt = Receipt.objects.filter(trip=row.id).first()
    with_car, before = row.state in states.WITH_CAR, row.state in states.BEFORE_START
    arrived = row.arrived_at if row.state == states.ARRIVED else None
    names = with_car or side == "desk"
    return RideView(
        id=row.id,
        state=row.state,
        version=row.version,
        quote=quoted(row.quote),
        car=_car(row, names or side == "rider") if row.vehicle else None,
        rider=_name(row.rider) if names and side != "rider" else "",
        code=codes.code_of(settings.TOKEN_KEY, row.id, row.turn, "rider") if side == "rider" and before else "",
        eta=eta(row),
        requested_at=row.requested_at,
        accepted_at=row.accepted_at,
        arrived_at=row.arrived_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        free_until=arrived + timedelta(seconds=terms.free_wait_seconds) if arrived else None,
        no_show_at=arrived + timedelta(seconds=terms.no_show_seconds) if arrived else None,
        metres=row.metres,
        how=row.how,
        by=row.by,
        reason=row.reason,
        total=row.total,
        lines=_lines(receipt.lines) if receipt else [],
        refunded=row.refunded,
        tip=row.tip,
        rated=RideRating.objects.filter(ride=row, by="driver" if side == "car" else "rider").exists(),
        may=_may(row, side),
    )


def eta(row: Ride) -> datetime | None:
    """When the car is where it is going, by the streets from where it was last seen."""
    way = ahead(row)
    if way is None or row.vehicle is None or row.vehicle.at is None:
        return None
    return max(row.vehicle.at + timedelta(seconds=round(way.seconds)), clock.now())


def ahead(row: Ride) -> streets.Route | None:
    """What the car still has to drive before the next thing happens: to the pick-up, under way to the end."""
    car = place_of(row.vehicle)
    if car is None or row.state not in (states.ACCEPTED, states.ARRIVING, states.UNDER_WAY):
        return None
    return streets.city().route(car, end_of(row.quote) if row.state == states.UNDER_WAY else start_of(row.quote))


def place_of(vehicle: Vehicle | None) -> Point | None:
    if vehicle is None or vehicle.latitude_e6 is None or vehicle.longitude_e6 is None:
        return None
    return Point.of_e6(vehicle.latitude_e6, vehicle.longitude_e6)


def start_of(quote: RideQuote) -> Point:
    return Point.of_e6(quote.from_latitude_e6, quote.from_longitude_e6)


def end_of(quote: RideQuote) -> Point:
    return Point.of_e6(quote.to_latitude_e6, quote.to_longitude_e6)


def place(latitude_e6: int | None, longitude_e6: int | None) -> PlaceView:
    return PlaceView((longitude_e6 or 0) / E6, (latitude_e6 or 0) / E6)


def missing() -> Missing:
    return Missing("no-such-ride", violations=[Violation(pointer="/ride", rule="known")])


def _may(row: Ride, side: str) -> list[str]:
    who = {"rider": "rider", "car": "car"}.get(side, "house")
    acts = [step.act for step in states.STEPS if step.source == row.state and who in step.who]
    if side == "rider" and row.driver is not None and "start" in acts:
        acts.remove("start")
    if side == "rider" and row.state == states.COMPLETED:
        acts.append("rate")
        acts += ["tip"] if row.driver is not None and not row.tip else []
    if side == "desk":
        acts = ["end"] if row.state == states.UNDER_WAY else []
        acts += ["refund"] if row.total and not row.refunded else []
    return acts


def _car(row: Ride, named: bool) -> RideCarView:
    car: Vehicle | None = row.vehicle
    assert car is not None
    seen = row.state in states.WITH_CAR
    return RideCarView(
        vehicle=car.id,
        plate=car.plate,
        kind=car.type.name,
        driverless=row.driver is None,
        driver=_name(row.driver) if named and row.driver else "",
        stars=stars_of(row.driver) if row.driver else None,
        place=place(car.latitude_e6, car.longitude_e6) if seen and car.latitude_e6 is not None else None,
        heading=car.heading if seen else None,
        seen_at=car.at if seen else None,
    )


def stars_of(driver: UUID) -> int | None:
    """A driver's mean of the last hundred ratings, in hundredths of a star."""
    stars = list(
        RideRating.objects.filter(ride__driver=driver, by="rider").order_by("-at").values_list("stars", flat=True)[:100]
    )
    return round(100 * sum(stars) / len(stars)) if stars else None


def _name(person: UUID | None) -> str:
    found = parties.parties([person]).get(person) if person else None
    return str(found.name) if found else ""


def _rows(found: paging.Slice) -> paging.Slice:
    return paging.Slice(items=[row_of(row) for row in found.items], next=found.next)


def row_of(row: Ride) -> RideRow:
    return RideRow(
        id=row.id,
        state=row.state,
        requested_at=row.requested_at,
        ended_at=row.ended_at,
        from_=place(row.quote.from_latitude_e6, row.quote.from_longitude_e6),
        to=place(row.quote.to_latitude_e6, row.quote.to_longitude_e6),
        quoted=row.quote.total,
        total=row.total,
        driverless=row.driver is None if row.vehicle_id else None,
    )


def _terms(row: RideQuote) -> RideTariff:
    return msgspec.convert(row.tariff.terms, RideTariff)


def _lines(lines: Any) -> list[fares.FareLine]:
    return msgspec.convert(lines, list[fares.FareLine])
