"""Everybody at once, each in a process of its own: one outcome, and money, cars and states agree with it."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from lilong.fields.mobility.models import Duty, Ride, RideOffer, RideRound, Vehicle
from lilong.fields.mobility.rules.rides import fares, states
from lilong.fields.mobility.services.rides import driving, ending, matching, offers, quotes
from lilong.kernel.base import clock, ids
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.parties.actor import SYSTEM
from tests.fields.mobility.crew import Crew
from tests.fields.mobility.taxis import TERMS, Taxis

ROUNDS = 200


@pytest.fixture(scope="module")
def crew(module_database: str) -> Iterator[Crew]:
    """One crew for the whole file: starting it takes longer than most of the races."""
    made = Crew(4)
    yield made
    made.close()


@pytest.fixture
def city(crew: Crew) -> Taxis:
    """A firm of its own for each test, in a city where nothing of the others is under way any more."""
    now = clock.now()
    Ride.objects.filter(state__in=states.OPEN).update(state="cancelled", total=0, ended_at=now)
    RideOffer.objects.filter(state="open").update(state="withdrawn")
    Duty.objects.update(state="ended")
    RideRound.objects.all().delete()
    return Taxis()


def agree(city: Taxis, ride: UUID, rider: UUID, fen: int) -> str:
    """What the ride's state means for money, offers, duties and vehicles is so; answers the state."""
    row = Ride.objects.select_related("quote").get(id=ride)
    taken = list(RideOffer.objects.filter(ride=ride, state="accepted"))
    reserved = set(Vehicle.objects.filter(trip=ride).values_list("id", flat=True))
    if row.state == "accepted":
        assert [offer.vehicle_id for offer in taken] == [row.vehicle_id]
        assert reserved == {row.vehicle_id}
        assert Duty.objects.get(id=row.duty_id).state == "busy"
    else:
        assert reserved == set()
        assert not taken or row.state == "cancelled"  # taken, then called off
    held = 0 if row.state == "cancelled" else fares.held_for(TERMS, row.quote.total)
    fee = row.total or 0
    assert city.purse(rider) == (fen - fee, held)
    offered = RideOffer.objects.filter(ride=ride, state="open").count()
    assert offered == (1 if row.state == "offered" else 0)
    assert Duty.objects.filter(state="offered").count() == offered
    assert Duty.objects.filter(state="busy").count() == len(reserved)
    return row.state


def test_accept_cancel_timeout_and_a_second_driver_have_one_outcome(city: Taxis, crew: Crew):
    rider = city.rider(fen=1_000_000)
    first, one = city.on_duty(city.at(1))
    second, _two = city.on_duty(city.at(8))
    outcomes: dict[str, int] = {}
    for turn in range(ROUNDS):
        now = clock.now()
        Vehicle.objects.update(at=now)
        Duty.objects.update(missed=0)  # else the shift would end
        ride = city.asked(rider)
        (offer,) = city.matched()
        assert offer.duty_id == one.id
        # Half of the time the offer's time is just about to be over.
        RideOffer.objects.filter(id=offer.id).update(expires_at=now + timedelta(milliseconds=30 if turn % 2 else 9_000))
        said = crew.together(
            ("accept", {"actor": first.party, "offer": offer.id}),
            ("cancel", {"actor": rider.party, "ride": ride.id}),
            ("lapse", {"offer": offer.id}),
            ("second", {"actor": second.party, "turns": 3}),
        )
        state = agree(city, ride.id, rider.party, 1_000_000)
        assert state in ("accepted", "cancelled", "requested", "offered"), said
        assert said[1] == ("cancelled" if state == "cancelled" else "wrong-state"), said
        assert [said[0], said[3]].count("accepted") <= 1, said
        outcomes[f"{said[0]} {said[1]} {said[2]} {said[3]}"] = (
            outcomes.get(f"{said[0]} {said[1]} {said[2]} {said[3]}", 0) + 1
        )
        if state != "cancelled":
            ending.cancel(rider, ride=ride.id)
        assert agree(city, ride.id, rider.party, 1_000_000) == "cancelled"
        assert set(Duty.objects.filter(operator=city.operator).values_list("state", flat=True)) == {"free"}
    assert sum(outcomes.values()) == ROUNDS
    assert len(outcomes) > 1, outcomes  # it was a race
    assert ledger.differences() == []


def test_a_request_made_twice_at_once_is_one_ride(city: Taxis, crew: Crew):
    rider = city.rider()
    made = [quotes.quote(rider, id=ids.uuid7(), plan=city.type.plan, way=city.way()) for _ in range(2)]
    same, other = ids.uuid7(), ids.uuid7()
    said = crew.together(
        *[("request", {"actor": rider.party, "id": same, "quote": made[0].id})] * 3,
        ("request", {"actor": rider.party, "id": other, "quote": made[1].id}),
    )
    ride = Ride.objects.select_related("quote").get(rider=rider.party)
    assert set(said) <= {"requested", "ride-open"}
    assert said[3] == ("requested" if ride.id == other else "ride-open")
    assert city.purse(rider.party) == (20_000, fares.held_for(TERMS, ride.quote.total))


def test_workers_match_one_at_a_time_and_no_ride_twice(city: Taxis, crew: Crew):
    rides = [city.asked(city.rider(), start=n, end=n + 30) for n in range(6)]
    for n in range(4):
        city.on_duty(city.at(n * 3))
    said = crew.together(*[("match", {"at_least": 60})] * 4)
    assert sorted(each is None for each in said) == [False, True, True, True]
    offered = RideOffer.objects.filter(state="open")
    assert offered.count() == 4 == len(set(offered.values_list("ride", flat=True)))
    assert Ride.objects.filter(id__in=[ride.id for ride in rides], state="offered").count() == 4


def test_an_end_that_several_bring_about_is_paid_once(city: Taxis, crew: Crew):
    rider = city.rider()
    driver, _ = city.on_duty(city.at(1))
    ride = city.under_way(rider, driver)
    said = crew.together(
        ("end", {"actor": rider.party, "ride": ride.id}),
        *[("end", {"actor": driver.party, "ride": ride.id})] * 2,
        ("cancel", {"actor": rider.party, "ride": ride.id}),
    )
    assert said == ["completed", "completed", "completed", "wrong-state"]
    assert city.purse(rider.party) == (20_000 - TERMS.minimum, 0)
    assert ledger.differences() == []


def test_wrong_codes_from_many_sides_are_all_counted(city: Taxis, crew: Crew):
    driver, _ = city.on_duty(city.at(1))
    ride = city.accepted(city.rider(), driver)
    driving.arrive(driver, ride=ride.id, place=city.start(ride))
    wrong = str((int(city.code(ride)) + 1) % 10_000).zfill(4)
    given = {"actor": driver.party, "ride": ride.id, "code": wrong}
    said = crew.together(*[("start", given)] * 4) + crew.together(*[("start", given)] * 4)
    assert sorted(said) == ["code-locked"] * 3 + ["invalid"] * 5
    assert Ride.objects.get(id=ride.id).tries == 5


def test_sweepers_that_meet_do_everything_once(city: Taxis, crew: Crew):
    """A lapsed offer, a silent car, a rider in vain: four sweepers, each thing happens once."""
    city.on_duty(city.at(1))
    lapsing = city.asked(city.rider())
    (offer,) = city.matched()
    RideOffer.objects.filter(id=offer.id).update(expires_at=clock.now())
    driver, gone = city.on_duty(city.at(20))
    Vehicle.objects.filter(id=gone.vehicle_id).update(at=clock.now())
    silent = city.asked(city.rider(), start=20)
    (second,) = [each for each in city.matched() if each.ride_id == silent.id]
    offers.accept(driver, offer=second.id)
    long_ago = clock.now() - timedelta(seconds=100)
    Ride.objects.filter(id=silent.id).update(accepted_at=long_ago)
    Vehicle.objects.filter(id=gone.vehicle_id).update(at=long_ago)
    vain = city.asked(city.rider(), plan=city.robot_type.plan)
    Ride.objects.filter(id=vain.id).update(requested_at=clock.now() - timedelta(hours=1))
    said = crew.together(*[("sweep", {})] * 4)
    assert sum(said) == 3
    assert [Ride.objects.get(id=ride.id).state for ride in (lapsing, silent, vain)] == [
        "requested",
        "requested",
        "cancelled",
    ]
    assert [len(city.facts(ride.id, "mobility.ride.reassigned")) for ride in (lapsing, silent)] == [0, 1]
    assert len(city.facts(vain.id, "mobility.ride.cancelled")) == 1
    assert Duty.objects.get(id=gone.id).state == "free"


def test_a_car_that_leaves_while_it_is_matched_gets_nothing_afterwards(city: Taxis):
    from lilong.fields.mobility.services.rides import duties

    driver, duty = city.on_duty(city.at(1))
    ride = city.asked(city.rider())
    (offer,) = city.matched()
    duties.go_offline(driver, duty=duty.id)
    assert offers.accept(driver, offer=offer.id).state == "accepted"
    ending.drop(driver, ride=ride.id)
    assert Duty.objects.get(id=duty.id).state == "ended"
    assert Vehicle.objects.get(id=duty.vehicle_id).state == "non_operational"
    assert matching.match_round(at_least=0) == matching.Round(1, 0, 0)
    assert ending.call_off(SYSTEM, Ride.objects.get(id=ride.id), "give-up", "house", "no-car").total == 0
