"""Killed in the middle: no ride is lost, none doubled, whatever was half done is not done."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import psycopg
import pytest

from lilong.fields.mobility.models import Duty, Ride, RideOffer, RideRound, Vehicle
from lilong.fields.mobility.services.rides import matching, offers, sweeping
from lilong.kernel.base import clock
from lilong.kernel.ledger import queries as ledger
from tests.fields.mobility.crew import Crew
from tests.fields.mobility.taxis import Taxis

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def city(fresh_database: str) -> Taxis:
    return Taxis()


@pytest.fixture
def crew(city: Taxis) -> Iterator[Crew]:
    made = Crew(1)
    yield made
    made.close()


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def killed_at(table: str, url: str, crew: Crew, task: str) -> None:
    """Has the process do the task, and kills it where it is about to write to the table."""
    with psycopg.connect(url) as held:
        held.execute(f"LOCK TABLE {table} IN SHARE MODE")
        with psycopg.connect(url, autocommit=True) as watch:
            crew.tell(0, task, {})
            until(lambda: (watch.execute(_WAITING).fetchone() or (0,))[0] > 0)
            crew.kill(0)
    with psycopg.connect(url, autocommit=True) as watch:  # the server notices that nobody is there any more
        others = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
        until(lambda: (watch.execute(others).fetchone() or (1,))[0] == 0)


def test_a_matcher_killed_between_assignment_and_offer(city: Taxis, crew: Crew, fresh_database: str):
    _driver, duty = city.on_duty(city.at(1))
    ride = city.asked(city.rider())
    killed_at("mobility_rideoffer", fresh_database, crew, "match")
    assert (Ride.objects.get(id=ride.id).state, Duty.objects.get(id=duty.id).state) == ("requested", "free")
    assert not RideOffer.objects.exists() and not RideRound.objects.exists()
    assert matching.match_round() == matching.Round(1, 1, 1)
    assert RideOffer.objects.get().ride_id == ride.id


def test_a_worker_killed_while_it_gives_the_money_back(city: Taxis, crew: Crew, fresh_database: str):
    rider = city.rider()
    ride = city.asked(rider)
    Ride.objects.filter(id=ride.id).update(requested_at=clock.now() - timedelta(hours=1))
    killed_at("ledger_move", fresh_database, crew, "sweep")
    assert Ride.objects.get(id=ride.id).state == "requested"
    assert city.purse(rider.party)[1] > 0
    assert sweeping.sweep() == 1
    assert Ride.objects.get(id=ride.id).state == "cancelled"
    assert city.purse(rider.party) == (20_000, 0)
    assert ledger.differences() == []


def test_workers_killed_again_and_again_lose_no_ride_and_double_none(city: Taxis, fresh_database: str):
    """A worker is killed at no chosen moment, another goes on; in the end every ride has had exactly one car."""
    drivers = [city.on_duty(city.at(n * 5)) for n in range(6)]
    rides = [city.asked(city.rider(), start=n * 5, end=n * 5 + 40) for n in range(6)]
    for turn in range(4):
        crew = Crew(1)
        try:
            crew.tell(0, "turns", {})
            time.sleep(0.02 * turn)  # any moment will do
        finally:
            crew.close()
    Vehicle.objects.update(at=clock.now())
    RideOffer.objects.filter(state="open").update(expires_at=clock.now() + timedelta(seconds=60))
    matching.match_round(at_least=0)
    by_driver = {driver.party: driver for driver, _ in drivers}
    for offer in RideOffer.objects.filter(state="open").select_related("duty"):
        assert offer.duty.driver is not None
        offers.accept(by_driver[offer.duty.driver], offer=offer.id)
    found = Ride.objects.filter(id__in=[ride.id for ride in rides])
    assert set(found.values_list("state", flat=True)) == {"accepted"}
    assert len(set(found.values_list("vehicle", flat=True))) == len(rides)
    assert RideOffer.objects.filter(state="accepted").count() == len(rides)
