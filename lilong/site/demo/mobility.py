"""What moves in the demo city: six weeks of rented cars and bikes, some under way right now."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from lilong.fields.mobility.drafts import BookingDraft
from lilong.fields.mobility.queries.finding import place_of, vehicle_of
from lilong.fields.mobility.services import maintenance
from lilong.fields.mobility.services.rentals import booking, driving, rehearsal
from lilong.fields.mobility.services.rentals.rehearsal import Past
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict
from lilong.kernel.geo.points import Point, metres, moved
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.actor import Actor
from lilong.site.demo import city, mobility_fleet
from lilong.site.demo.mobility_fleet import CONNECTED, SQUARE, Fleet, id_of
from lilong.site.demo.people import Town

CAR_TRIPS, BIKE_TRIPS, DRIVERS_N = 260, 420, 40
FARTHEST_M = 6_000.0  # bikes stay in the inner city


def move(rng: Random, town: Town, end: datetime, days: int, scale: float) -> int:
    """Sets everything up `days` before `end`, lets it be rented until then; answers how many trips there were."""
    drivers = [(city.RESIDENT, "jingan"), *town.residents[3 : 3 + max(4, round(DRIVERS_N * scale))]]
    with clock.at(end - timedelta(days=days + 5)):
        fleet = mobility_fleet.settle(rng, town, [person for person, _ in drivers], scale)
    with clock.at(end - timedelta(days=days + 4)):
        trips = _car_trips(rng, fleet.cars, drivers, end, days, scale)
        trips += _bike_trips(rng, fleet.bikes, town.residents, end, days, scale)
        done = rehearsal.rehearse(trips)
    _today(fleet, drivers, end)
    return done


def _car_trips(
    rng: Random,
    cars: Sequence[tuple[UUID, Point]],
    drivers: Sequence[tuple[UUID, str]],
    end: datetime,
    days: int,
    scale: float,
) -> list[Past]:
    found = []
    for _ in range(max(20, round(CAR_TRIPS * scale))):
        vehicle, at = rng.choice(cars)
        start = _moment(rng, end, days, (8, 22))
        length = timedelta(minutes=rng.choice((60, 90, 120, 120, 180, 240, 360)))
        used = length - timedelta(minutes=rng.choice((0, 0, 5, 10, 20)))
        found.append(
            Past(
                id=ids.uuid7(),
                vehicle=vehicle,
                rider=rng.choice(drivers)[0],
                booked_at=start - timedelta(minutes=rng.randrange(10, 2000)),
                start=start,
                end=start + used,
                booked_until=start + length,
                metres=round(used.total_seconds() * rng.uniform(2.0, 5.5)),
                to=moved(at, rng.randrange(3, 40), rng.randrange(360)),
            )
        )
    return sorted(found, key=lambda trip: trip.start)


def _bike_trips(
    rng: Random,
    bikes: Sequence[tuple[UUID, Point]],
    riders: Sequence[tuple[UUID, str]],
    end: datetime,
    days: int,
    scale: float,
) -> list[Past]:
    places, free = dict(bikes), dict.fromkeys(dict(bikes), end - timedelta(days=days + 4))
    starts = sorted(_moment(rng, end, days, (6, 23)) for _ in range(max(40, round(BIKE_TRIPS * scale))))
    found = []
    for start in starts:
        ready = [bike for bike, since in free.items() if since <= start]
        bike = rng.choice(ready or list(free))
        if free[bike] > start:
            continue
        minutes = rng.randrange(4, 46)
        to = moved(places[bike], min(1500, minutes * rng.randrange(120, 220)), rng.randrange(360))
        if metres(to, SQUARE) > FARTHEST_M:
            to = moved(SQUARE, rng.randrange(900), rng.randrange(360))
        until = start + timedelta(minutes=minutes)
        found.append(
            Past(
                id=ids.uuid7(), vehicle=bike, rider=rng.choice(riders)[0], booked_at=start, start=start, end=until,
                booked_until=None, metres=minutes * rng.randrange(150, 240), to=to,
            )
        )  # fmt: skip
        places[bike], free[bike] = to, until + timedelta(minutes=1)
    return found


def _moment(rng: Random, end: datetime, days: int, hours: tuple[int, int]) -> datetime:
    """A whole minute of the past weeks, at a time of the city's day, some hours before `end`."""
    noon = (end - timedelta(days=rng.randrange(1, max(2, days)))).astimezone(clock.CITY_ZONE)
    return noon.replace(hour=rng.randrange(*hours), minute=rng.randrange(0, 60, 5), second=0, microsecond=0)


def _today(fleet: Fleet, drivers: Sequence[tuple[UUID, str]], end: datetime) -> None:
    """Some drive right now, some have booked, one car is being cleaned. All through the services."""
    free = [place for n, place in enumerate(fleet.cars) if n % CONNECTED]  # those opened by hand
    riders = [parties.actor_of_party(person) for person, _ in drivers]
    with clock.at(end - timedelta(minutes=35)):
        now = clock.now()
        for n, (vehicle, _at) in enumerate(free[: min(8, len(free) // 3)]):
            _drive(riders[1 + n % (len(riders) - 1)], vehicle, now, n)
        for n, (vehicle, _at) in enumerate(free[-min(6, len(free) // 4) :]):
            start = now.replace(second=0) + timedelta(hours=3 + 2 * n)
            _book(riders[(3 * n) % len(riders)], id_of("booking", n), vehicle, start, start + timedelta(hours=2))
        maintenance.plan(
            fleet.manager, id=id_of("maintenance"), vehicle=fleet.cars[0][0], kind="cleaning", start=now + timedelta(minutes=5),
            end=now + timedelta(hours=3), note="Weekly cleaning",
        )  # fmt: skip
    with clock.at(end - timedelta(minutes=12)):
        for n, (bike, _at) in enumerate(fleet.bikes[: min(9, len(fleet.bikes) // 4)]):
            _take(riders[-1 - n % (len(riders) // 2)], bike, n)


def _drive(rider: Actor, vehicle: UUID, now: datetime, n: int) -> None:
    rental = id_of("driving", n)
    if _book(rider, rental, vehicle, now.replace(second=0), now.replace(second=0) + timedelta(hours=2 + n % 3)):
        try:
            driving.unlock(rider, id=ids.child(rental, 1), rental=rental, position=_place(vehicle))
        except Conflict:
            return


def _book(rider: Actor, id: UUID, vehicle: UUID, start: datetime, end: datetime) -> bool:
    try:
        booking.book(rider, BookingDraft(id=id, vehicle=vehicle, start=start, end=end, foreseen_m=20_000))
    except Conflict:  # somebody has it, or the wallet is empty: so it goes
        return False
    return True


def _take(rider: Actor, bike: UUID, n: int) -> None:
    try:
        driving.take(rider, id=id_of("riding", n), vehicle=bike, position=_place(bike))
    except Conflict:
        return


def _place(vehicle: UUID) -> Point:
    return place_of(vehicle_of(vehicle, "car-share", "micromobility"))
