"""What drivers and operators' desks see: shifts, offers, the board, alarms, things lost."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Avg, Count, F, Q, Sum

from lilong.fields.mobility.models import Duty, LostItem, Ride, RideAlarm, RideOffer, RideRound, Vehicle
from lilong.fields.mobility.queries import rides
from lilong.fields.mobility.queries.rides import PlaceView, RideRow, RideView
from lilong.fields.mobility.rules.rides import states
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.geo.points import Point
from lilong.kernel.parties.actor import Actor

_BOARD_MAX = 500


class OfferView(msgspec.Struct, frozen=True, kw_only=True):
    """A ride offered to a car, and until when it may be had. `seconds` and `metres` are the way to the pick-up."""

    id: UUID
    ride: UUID
    from_: PlaceView = msgspec.field(name="from")
    to: PlaceView
    people: int
    trip_metres: int
    fare: int
    seconds: int
    metres: int
    made_at: datetime
    expires_at: datetime


class DutyView(msgspec.Struct, frozen=True, kw_only=True):
    """A car on line (or lately so): `ride` is the one it has, `offer` what it is offered."""

    id: UUID
    operator: UUID
    vehicle: UUID
    plate: str
    driverless: bool
    state: str
    leaving: bool
    since: datetime
    until: datetime | None
    ended_at: datetime | None
    reason: str
    place: PlaceView | None
    seen_at: datetime | None
    energy_pm: int | None
    offer: OfferView | None
    ride: RideView | None


class BoardView(msgspec.Struct, frozen=True, kw_only=True):
    """An operator's rides and cars now, and the last 24 hours in figures. `deadhead_m` is what cars drove empty."""

    rides: list[RideRow]
    duties: list[DutyView]
    waiting: int
    free: int
    completed: int
    cancelled: int
    mean_wait_seconds: int | None
    metres: int
    deadhead_m: int
    taken: int
    round_at: datetime | None
    round_ms: int | None


class AlarmView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in a car pressed the emergency button."""

    id: UUID
    ride: UUID
    plate: str
    by: str
    place: PlaceView | None
    raised_at: datetime
    taken: bool
    closed_at: datetime | None
    outcome: str


class LostView(msgspec.Struct, frozen=True, kw_only=True):
    """Something left in a car."""

    id: UUID
    ride: UUID
    plate: str
    what: str
    state: str
    answer: str
    reported_at: datetime


def my_duty(actor: Actor) -> DutyView | None:
    """The driver's shift under way, with what is offered and what is driven."""
    row = _duties().filter(driver=actor.party, ended_at=None).first()
    return _viewed(row) if row else None


def duty(actor: Actor, id: UUID) -> DutyView:
    """A shift, for its driver, its car or its operator's desk. Raises Missing."""
    row = _duties().filter(id=id).first()
    if row is None or not _concerns(actor, row):
        raise Missing("no-such-duty", violations=[Violation(pointer="/duty", rule="known")])
    return _viewed(row)


def _concerns(actor: Actor, row: Duty) -> bool:
    return actor.party in (row.driver, row.vehicle.device) or actor.acts_for(row.operator_id, *rides.DESK)


def board(actor: Actor, operator: UUID) -> BoardView:
    """For the operator's desk. Raises Missing for others'."""
    _require_desk(actor, operator)
    opened = Ride.objects.filter(operator=operator, state__in=states.OPEN).select_related("quote")
    on_line = list(_duties().filter(operator=operator, ended_at=None).order_by("since")[:_BOARD_MAX])
    done = Ride.objects.filter(operator=operator, ended_at__gte=clock.now() - timedelta(days=1)).aggregate(
        completed=Count("id", filter=Q(state="completed")),
        cancelled=Count("id", filter=Q(state="cancelled")),
        wait=Avg(F("arrived_at") - F("requested_at"), filter=Q(arrived_at__isnull=False)),
        metres=Sum("metres"),
        deadhead=Sum("pickup_metres", filter=Q(arrived_at__isnull=False)),
        taken=Sum("total"),
    )
    last = RideRound.objects.filter(id=1).first()
    return BoardView(
        rides=[rides.row_of(row) for row in opened.order_by("requested_at")[:_BOARD_MAX]],
        duties=[_viewed(row, deep=False) for row in on_line],
        waiting=opened.filter(state=states.REQUESTED).count(),
        free=sum(row.state == "free" for row in on_line),
        completed=done["completed"],
        cancelled=done["cancelled"],
        mean_wait_seconds=round(done["wait"].total_seconds()) if done["wait"] is not None else None,
        metres=done["metres"] or 0,
        deadhead_m=done["deadhead"] or 0,
        taken=done["taken"] or 0,
        round_at=last.at if last else None,
        round_ms=last.took_ms if last else None,
    )


def fleet(actor: Actor, operator: UUID) -> dict[str, Any]:
    """The operator's cars on line as a GeoJSON FeatureCollection for the map. Raises Missing."""
    _require_desk(actor, operator)
    rows = _duties().filter(operator=operator, ended_at=None, vehicle__latitude_e6__isnull=False)
    return {"type": "FeatureCollection", "features": [_feature(row) for row in rows.order_by("id")[:_BOARD_MAX]]}


def _feature(row: Duty) -> dict[str, Any]:
    car = row.vehicle
    at = rides.place(car.latitude_e6, car.longitude_e6)
    return {
        "type": "Feature",
        "id": str(car.id),
        "geometry": {"type": "Point", "coordinates": [at.longitude, at.latitude]},
        "properties": {
            "kind": "robotaxi" if row.driver is None else "taxi",
            "label": car.plate,
            "state": row.state,
            "heading": car.heading,
        },
    }


def alarms(actor: Actor, operator: UUID | None = None) -> list[AlarmView]:
    """Open emergencies, the oldest first: an operator's for its desk, all for the city's operators. Raises Missing."""
    rows = RideAlarm.objects.filter(closed_at=None).select_related("ride", "ride__vehicle")
    if operator is not None and not actor.staff:
        _require_desk(actor, operator)
    elif operator is None:
        actor.require_staff()
    if operator is not None:
        rows = rows.filter(ride__operator=operator)
    return [alarm_of(row) for row in rows.order_by("raised_at")[:_BOARD_MAX]]


def alarm_of(row: RideAlarm) -> AlarmView:
    return AlarmView(
        id=row.id,
        ride=row.ride_id,
        plate=row.ride.vehicle.plate if row.ride.vehicle else "",
        by=row.by,
        place=rides.place(row.latitude_e6, row.longitude_e6) if row.latitude_e6 is not None else None,
        raised_at=row.raised_at,
        taken=row.taken_by is not None,
        closed_at=row.closed_at,
        outcome=row.outcome,
    )


def lost(actor: Actor, operator: UUID) -> list[LostView]:
    """What riders of the operator miss, the newest first. Raises Missing for others'."""
    _require_desk(actor, operator)
    rows = LostItem.objects.filter(ride__operator=operator).select_related("ride", "ride__vehicle")
    return [lost_of(row) for row in rows.order_by("-reported_at")[:_BOARD_MAX]]


def lost_of(row: LostItem) -> LostView:
    return LostView(
        id=row.id,
        ride=row.ride_id,
        plate=row.ride.vehicle.plate if row.ride.vehicle else "",
        what=row.what,
        state=row.state,
        answer=row.answer,
        reported_at=row.reported_at,
    )


def robotaxis_of(operator: UUID) -> list[tuple[UUID, Point]]:
    """The devices of an operator's cars on line without a driver, and where these stand. For the house."""
    rows = _duties().filter(operator=operator, driver=None, ended_at=None, vehicle__device__isnull=False)
    return [
        (row.vehicle.device, Point.of_e6(row.vehicle.latitude_e6, row.vehicle.longitude_e6))
        for row in rows.order_by("since", "id")
        if row.vehicle.latitude_e6 is not None
    ]


def earnings(actor: Actor, day: date) -> dict[str, int]:
    """What a driver did on a day of the city: rides, metres driven with riders, tips."""
    start = datetime.combine(day, datetime.min.time(), clock.CITY_ZONE)
    rows = Ride.objects.filter(
        driver=actor.party, state="completed", ended_at__gte=start, ended_at__lt=start + timedelta(days=1)
    )
    found = rows.aggregate(rides=Count("id"), metres=Sum("metres"), fares=Sum("total"), tips=Sum("tip"))
    return {name: value or 0 for name, value in found.items()}


def drivable(actor: Actor) -> list[dict[str, Any]]:
    """The cars that the driver may go on line with: free ones of the operators that the driver drives for."""
    operators = [operator for operator, held in actor.roles.items() if held & {"driver", "owner"}]
    on_line = Duty.objects.filter(ended_at=None).values("vehicle")
    rows = Vehicle.objects.filter(operator__in=operators, mode="passenger-services", type__driverless=False)
    free = rows.filter(retired_at=None, trip=None).exclude(id__in=on_line)
    return list(free.values("operator", "plate", vehicle=F("id")).order_by("plate"))


def _duties() -> Any:
    return Duty.objects.select_related("vehicle", "vehicle__type")


def _viewed(row: Duty, *, deep: bool = True) -> DutyView:
    car = row.vehicle
    offer, ride = None, None
    if deep and row.state == "offered":
        made = RideOffer.objects.select_related("ride", "ride__quote").filter(duty=row, state="open").first()
        offer = offered(made) if made else None
    if deep and row.state == "busy":
        given = Ride.objects.select_related("quote", "quote__tariff", "vehicle", "vehicle__type")
        current = given.filter(duty=row, state__in=states.WITH_CAR).first()
        ride = rides.viewed(current, "car") if current else None
    return DutyView(
        id=row.id,
        operator=row.operator_id,
        vehicle=car.id,
        plate=car.plate,
        driverless=row.driver is None,
        state=row.state,
        leaving=row.leaving,
        since=row.since,
        until=row.until,
        ended_at=row.ended_at,
        reason=row.reason,
        place=rides.place(car.latitude_e6, car.longitude_e6) if car.latitude_e6 is not None else None,
        seen_at=car.at,
        energy_pm=car.energy_pm,
        offer=offer,
        ride=ride,
    )


def offered(made: RideOffer) -> OfferView:
    quote = made.ride.quote
    return OfferView(
        id=made.id,
        ride=made.ride_id,
        from_=rides.place(quote.from_latitude_e6, quote.from_longitude_e6),
        to=rides.place(quote.to_latitude_e6, quote.to_longitude_e6),
        people=quote.people,
        trip_metres=quote.metres,
        fare=quote.total,
        seconds=made.seconds,
        metres=made.metres,
        made_at=made.made_at,
        expires_at=made.expires_at,
    )


def _require_desk(actor: Actor, operator: UUID) -> None:
    if not actor.acts_for(operator, *rides.DESK):
        raise Missing("no-such-operator", violations=[Violation(pointer="/operator", rule="known")])
