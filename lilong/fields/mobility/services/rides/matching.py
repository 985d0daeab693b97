"""Rounds of matching: every few seconds one of the workers gives the waiting riders to the free cars.

A round is one transaction under a lock that only one can have, and does nothing when the last one was a moment ago; so any
number of workers may try. Killed at any point, it has happened or it has not. It decides on what it has read; when it writes, it
locks rides and cars and leaves out whatever has changed meanwhile.
"""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from django.db import connection, transaction

from lilong.fields.mobility.models import Duty, Ride, RideOffer, RideRound, Vehicle
from lilong.fields.mobility.rules.rides import matching as rules
from lilong.fields.mobility.rules.rides import states
from lilong.fields.mobility.services.rides import commands
from lilong.fields.mobility.services.rides.telling import tell
from lilong.kernel.base import clock, ids
from lilong.kernel.geo import streets
from lilong.kernel.geo.points import Point

ROUND_SECONDS = 2
FRESH_SECONDS = 120  # where a car was longer ago is not where it is
RIDERS_MAX, CARS_MAX = 1000, 1500
_KEY = 9_010_001  # of the advisory lock
_REFUSED = ("declined", "lapsed", "withdrawn")


class Round(NamedTuple):
    """What a round saw and did."""

    riders: int
    cars: int
    pairs: int


def match_round(*, at_least: float = ROUND_SECONDS) -> Round | None:
    """One round, or None when another worker is at it or was less than `at_least` seconds ago."""
    began = time.monotonic()
    with transaction.atomic():
        if not _lease(at_least):
            return None
        now = clock.now()
        rides, duties = _waiting(), _free(now)
        pairs = _match(rides, duties, now) if rides and duties else []
        made = _offer(rides, duties, pairs, now)
        took = round((time.monotonic() - began) * 1000)
        RideRound.objects.update_or_create(
            id=1, defaults={"at": now, "riders": len(rides), "cars": len(duties), "pairs": made, "took_ms": took}
        )
        return Round(len(rides), len(duties), made)


def _lease(at_least: float) -> bool:
    """Whether this process may match now; it lasts until the transaction ends, however it ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_KEY])
        (mine,) = cursor.fetchone()
    if not mine:
        return False
    last = RideRound.objects.filter(id=1).first()
    return last is None or (clock.now() - last.at).total_seconds() >= at_least


def _waiting() -> list[Ride]:
    rows = Ride.objects.filter(state=states.REQUESTED).select_related("quote", "quote__tariff")
    return list(rows.order_by("requested_at", "id")[:RIDERS_MAX])


def _free(now: datetime) -> list[Duty]:
    rows = Duty.objects.filter(
        state="free",
        leaving=False,
        vehicle__state="available",
        vehicle__trip=None,
        vehicle__at__gte=now - timedelta(seconds=FRESH_SECONDS),
        vehicle__latitude_e6__isnull=False,
    )
    return list(rows.select_related("vehicle", "vehicle__type").order_by("since", "id")[:CARS_MAX])


def _match(rides: Sequence[Ride], duties: Sequence[Duty], now: datetime) -> list[rules.Pair]:
    plans = {plan: n for n, plan in enumerate({ride.plan for ride in rides} | {duty.plan for duty in duties})}
    riders = rules.Riders(
        waited=np.array([(now - ride.requested_at).total_seconds() for ride in rides], dtype=np.int64),
        plan=np.array([plans[ride.plan] for ride in rides], dtype=np.int64),
        people=np.array([ride.quote.people for ride in rides], dtype=np.int64),
        wheelchair=np.array([ride.quote.wheelchair for ride in rides], dtype=bool),
        metres=np.array([ride.quote.metres for ride in rides], dtype=np.int64),
        seconds=np.array([ride.quote.seconds for ride in rides], dtype=np.int64),
    )
    cars = rules.Cars(
        plan=np.array([plans[duty.plan] for duty in duties], dtype=np.int64),
        seats=np.array([duty.seats for duty in duties], dtype=np.int64),
        wheelchair=np.array([duty.wheelchair for duty in duties], dtype=bool),
        seconds_left=np.array([_seconds_left(duty, now) for duty in duties], dtype=np.int64),
        range_left=np.array([_range_left(duty.vehicle) for duty in duties], dtype=np.int64),
    )
    starts = [Point.of_e6(ride.quote.from_latitude_e6, ride.quote.from_longitude_e6) for ride in rides]
    places = [Point.of_e6(duty.vehicle.latitude_e6 or 0, duty.vehicle.longitude_e6 or 0) for duty in duties]
    ways = streets.city().matrix(places, starts)
    return rules.match(riders, cars, ways.seconds.T, ways.metres.T, forbidden=_forbidden(rides, duties))


def _forbidden(rides: Sequence[Ride], duties: Sequence[Duty]) -> list[tuple[int, int]]:
    """Cars that had their chance at a ride, and drivers who would drive themselves."""
    ride_at = {ride.id: n for n, ride in enumerate(rides)}
    car_at = {duty.vehicle_id: n for n, duty in enumerate(duties)}
    had = RideOffer.objects.filter(ride__in=ride_at, vehicle__in=car_at, state__in=_REFUSED)
    pairs = [(ride_at[ride], car_at[vehicle]) for ride, vehicle in had.values_list("ride_id", "vehicle_id")]
    driver_at = {duty.driver: n for n, duty in enumerate(duties) if duty.driver is not None}
    return pairs + [(n, driver_at[ride.rider]) for n, ride in enumerate(rides) if ride.rider in driver_at]


def _seconds_left(duty: Duty, now: datetime) -> int:
    return round((duty.until - now).total_seconds()) if duty.until else rules.ENDLESS


def _range_left(vehicle: Vehicle) -> int:
    """Metres; what nobody knows does not stand in the way of a car with a driver, who knows."""
    full = vehicle.type.max_range_m
    if full is None or vehicle.energy_pm is None:
        return rules.ENDLESS
    return full * vehicle.energy_pm // 1000


def _offer(rides: Sequence[Ride], duties: Sequence[Duty], pairs: Sequence[rules.Pair], now: datetime) -> int:
    """Writes the offers of those pairs whose ride and car are still as they were read; answers how many."""
    chosen = {rides[pair.rider].id: (duties[pair.car].id, pair) for pair in pairs}
    still = Ride.objects.select_for_update(skip_locked=True).filter(id__in=chosen, state=states.REQUESTED)
    waiting = {ride.id: ride for ride in still.order_by("id")}
    wanted = [chosen[id][0] for id in waiting]
    unbound = Duty.objects.select_for_update(skip_locked=True).filter(id__in=wanted, state="free", leaving=False)
    free = {duty.id: duty for duty in unbound.order_by("id")}
    versions, seen = {ride.id: ride.version for ride in rides}, {ride.id: ride for ride in rides}
    cars = {duty.id: duty.vehicle for duty in duties}
    offers: list[RideOffer] = []
    for id, ride in waiting.items():
        duty, pair = chosen[id]
        if duty in free and ride.version == versions[id]:
            offers.append(_made(ride, free[duty], pair, now))
    RideOffer.objects.bulk_create(offers)
    Ride.objects.bulk_update([offer.ride for offer in offers], ["state", "version"])
    Duty.objects.filter(id__in=[offer.duty_id for offer in offers]).update(state="offered")
    for offer in offers:
        ride = offer.ride
        ride.quote = seen[ride.id].quote
        if offer.duty.driver is None:
            commands.offer(offer, ride, cars[offer.duty_id])
        tell(ride, offer.duty_id)
    return len(offers)


def _made(ride: Ride, duty: Duty, pair: rules.Pair, now: datetime) -> RideOffer:
    step = states.step(ride.state, "offer", "house")
    assert step is not None
    ride.state, ride.version = step.target, ride.version + 1
    seconds = states.DEVICE_SECONDS if duty.driver is None else states.OFFER_SECONDS
    return RideOffer(
        id=ids.uuid7(), ride=ride, duty=duty, vehicle_id=duty.vehicle_id, version=ride.version, seconds=pair.seconds,
        metres=pair.metres, made_at=now, expires_at=now + timedelta(seconds=seconds),
    )  # fmt: skip
