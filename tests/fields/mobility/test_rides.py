"""Rides from the quote to the receipt: what each step does, what it refuses, where the money goes."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from lilong.fields.mobility.models import Duty, Receipt, Ride, RideOffer, Vehicle
from lilong.fields.mobility.rules.rides import codes, fares
from lilong.fields.mobility.services.rides import driving, duties, ending, matching, meters, offers, quotes, requests
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing, TooMany
from lilong.kernel.geo.points import Point
from lilong.kernel.ledger import queries as ledger
from tests.fields.mobility.taxis import TERMS, Taxis


def held(ride: Ride) -> int:
    return fares.held_for(TERMS, ride.quote.total)


def refusal(why: str, act: Any, *given: Any, **more: Any) -> Any:
    with pytest.raises((Conflict, Invalid, Missing, Forbidden, TooMany)) as refused:
        act(*given, **more)
    assert refused.value.code == why
    return refused.value


def test_a_whole_ride(taxis: Taxis):
    rider = taxis.rider()
    driver, duty = taxis.on_duty(taxis.at(3))
    ride = taxis.asked(rider)
    assert taxis.purse(rider.party) == (20_000, held(ride))
    (offer,) = taxis.matched()
    offers.accept(driver, offer=offer.id)
    driving.depart(driver, ride=ride.id)
    with clock.at(clock.now() + timedelta(seconds=240)):
        duties.here(driver, duty=duty.id, place=taxis.start(ride))
        driving.arrive(driver, ride=ride.id)
    with clock.at(clock.now() + timedelta(seconds=300)):
        driving.start(driver, ride=ride.id, code=taxis.code(ride))
    began = clock.now() + timedelta(seconds=300)
    path = ride.quote.path
    for n, (longitude, latitude) in enumerate(zip(path[::2], path[1::2], strict=True)):
        with clock.at(began + timedelta(seconds=10 * (n + 1))):
            duties.here(driver, duty=duty.id, place=Point.of_e6(latitude, longitude))
    with clock.at(began + timedelta(seconds=10 * len(path))):
        done = ending.end(driver, ride=ride.id)
    assert (done.state, done.how, done.by, done.total) == ("completed", "arrived", "car", ride.quote.total)
    assert abs(done.metres - ride.quote.metres) < 60
    platform = done.total * TERMS.platform_bp // 10_000
    drivers = (done.total - platform) * TERMS.driver_bp // 10_000
    assert taxis.purse(rider.party) == (20_000 - done.total, 0)
    assert taxis.purse(driver.party) == (drivers, 0)
    assert taxis.purse(taxis.operator, "sales") == (done.total - platform - drivers, 0)
    receipt = Receipt.objects.get(trip=ride.id)
    assert sum(line["amount"] for line in receipt.lines) == receipt.total == done.total
    assert (Duty.objects.get(id=duty.id).state, Vehicle.objects.get(id=duty.vehicle_id).state) == ("free", "available")
    (fact,) = taxis.facts(ride.id, "mobility.ride.completed")
    assert (fact["wait_seconds"], fact["driverless"], fact["detour"], fact["total"]) == (240, False, False, done.total)
    assert fact["deadhead_m"] == offer.metres
    assert ledger.differences() == []


def test_the_same_again_is_the_same_and_another_is_a_conflict(taxis: Taxis):
    rider = taxis.rider()
    way, id = taxis.way(), ids.uuid7()
    quote = quotes.quote(rider, id=id, plan=taxis.type.plan, way=way)
    assert quotes.quote(rider, id=id, plan=taxis.type.plan, way=way) == quote
    refusal("id-taken", quotes.quote, rider, id=id, plan=taxis.type.plan, way=taxis.way(end=5))
    ride = requests.request(rider, id=id, quote=quote.id)
    assert requests.request(rider, id=id, quote=quote.id).id == ride.id
    other = quotes.quote(rider, id=ids.uuid7(), plan=taxis.type.plan, way=way)
    refusal("id-taken", requests.request, rider, id=id, quote=other.id)
    assert refusal("ride-open", requests.request, rider, id=ids.uuid7(), quote=other.id).extra == {"ride": str(ride.id)}
    ending.cancel(rider, ride=ride.id)
    refusal("quote-used", requests.request, rider, id=ids.uuid7(), quote=quote.id)


def test_a_quote_holds_its_time_and_its_version(taxis: Taxis):
    rider = taxis.rider()
    quote = quotes.quote(rider, id=ids.uuid7(), plan=taxis.type.plan, way=taxis.way())
    late = quotes.quote(rider, id=ids.uuid7(), plan=taxis.type.plan, way=taxis.way())
    taxis.tariff(taxis.type.plan, TERMS.__class__(base=9_000))
    ride = requests.request(rider, id=ids.uuid7(), quote=quote.id)
    assert ride.quote.tariff.version == 1
    assert quotes.quote(rider, id=ids.uuid7(), plan=taxis.type.plan, way=taxis.way()).total > 9_000
    ending.cancel(rider, ride=ride.id)
    with clock.at(clock.now() + timedelta(seconds=fares.QUOTE_SECONDS)):
        refusal("quote-expired", requests.request, rider, id=ids.uuid7(), quote=late.id)


def test_quotes_of_all_plans(taxis: Taxis):
    rider, id = taxis.rider(), ids.uuid7()
    found = quotes.quote_all(rider, id=id, way=taxis.way())
    assert {quote.plan for quote in found} == {taxis.type.plan, taxis.robot_type.plan}
    assert quotes.quote_all(rider, id=id, way=taxis.way()) == found
    assert quotes.quote_all(rider, id=ids.uuid7(), way=taxis.way(people=7)) == []
    assert quotes.quote_all(rider, id=ids.uuid7(), way=taxis.way(wheelchair=True)) == []


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"people": 0}, "/people"),
        ({"people": 9}, "/people"),
        ({"start": Point(0, 0)}, "/from"),
        ({"end": Point(116.4, 39.9)}, "/to"),
        ({"stops": [Point(121.47, 31.23)] * 4}, "/stops"),
        ({"stops": [Point(2.35, 48.85)]}, "/stops/0"),
    ],
)
def test_ways_that_cannot_be(taxis: Taxis, more: dict[str, Any], pointer: str):
    way = quotes.Way(**({"start": taxis.at(1), "end": taxis.at(9)} | more))
    found = refusal("invalid", quotes.quote, taxis.rider(), id=ids.uuid7(), plan=taxis.type.plan, way=way)
    assert [violation.pointer for violation in found.violations] == [pointer]


def test_who_cannot_pay_and_who_is_no_person(taxis: Taxis):
    poor = taxis.rider(fen=100)
    quote = quotes.quote(poor, id=ids.uuid7(), plan=taxis.type.plan, way=taxis.way())
    found = refusal("insufficient-funds", requests.request, poor, id=ids.uuid7(), quote=quote.id)
    assert found.extra == {"needed": fares.held_for(TERMS, quote.total), "available": 100}
    assert not Ride.objects.exists()
    device, _ = taxis.robotaxi(taxis.at(4))
    refusal("persons-only", quotes.quote, device, id=ids.uuid7(), plan=taxis.type.plan, way=taxis.way())
    refusal("no-such-plan", quotes.quote, poor, id=ids.uuid7(), plan=ids.uuid7(), way=taxis.way())
    refusal("no-such-quote", requests.request, taxis.rider(), id=ids.uuid7(), quote=quote.id)


def test_the_best_of_all_cars_and_never_one_that_declined(taxis: Taxis):
    rider = taxis.rider()
    far, _ = taxis.on_duty(taxis.at(8))
    near, _ = taxis.on_duty(taxis.at(1))
    ride = taxis.asked(rider)
    (first,) = taxis.matched()
    assert first.duty.driver == near.party
    offers.decline(near, offer=first.id)
    assert offers.decline(near, offer=first.id).state == "requested"
    (second,) = taxis.matched()
    assert second.duty.driver == far.party
    refusal("offer-gone", offers.accept, near, offer=first.id)
    with clock.at(second.expires_at):
        refusal("offer-gone", offers.accept, far, offer=second.id)
        assert offers.lapse(second.id)
        assert not offers.lapse(second.id)
        assert taxis.matched() == []
    assert Ride.objects.get(id=ride.id).state == "requested"


def test_a_round_takes_place_once_in_a_while(taxis: Taxis):
    assert matching.match_round() == matching.Round(0, 0, 0)
    assert matching.match_round() is None
    with clock.at(clock.now() + timedelta(seconds=matching.ROUND_SECONDS)):
        assert matching.match_round() == matching.Round(0, 0, 0)


def test_cars_that_get_no_rides(taxis: Taxis):
    """Another plan, too small, nothing heard of it, a shift too short, a range too short, its own driver as the rider."""
    taxis.robotaxi(taxis.at(1))
    driver, duty = taxis.on_duty(taxis.at(1))
    rider = taxis.rider()
    taxis.asked(rider)
    where = Vehicle.objects.filter(id=duty.vehicle_id)
    where.update(at=clock.now() - timedelta(seconds=matching.FRESH_SECONDS + 1))
    assert taxis.matched() == []
    where.update(at=clock.now(), energy_pm=20)
    assert taxis.matched() == []
    where.update(energy_pm=None)
    Duty.objects.filter(id=duty.id).update(until=clock.now() + timedelta(seconds=200))
    assert taxis.matched() == []
    Duty.objects.filter(id=duty.id).update(until=None, driver=rider.party)
    assert taxis.matched() == []
    Duty.objects.filter(id=duty.id).update(driver=driver.party)
    assert len(taxis.matched()) == 1


def test_only_the_right_code_starts_a_ride(taxis: Taxis):
    rider = taxis.rider()
    driver, _ = taxis.on_duty(taxis.at(1))
    ride = taxis.accepted(rider, driver)
    refusal("wrong-state", driving.start, driver, ride=ride.id, code=taxis.code(ride))
    driving.arrive(driver, ride=ride.id, place=taxis.start(ride))
    wrong = str((int(taxis.code(ride)) + 1) % 10_000).zfill(4)
    for left in (4, 3, 2, 1, 0):
        assert refusal("invalid", driving.start, driver, ride=ride.id, code=wrong).extra == {"tries_left": left}
    refusal("code-locked", driving.start, driver, ride=ride.id, code=taxis.code(ride))
    old = taxis.code(ride)
    requests.new_code(rider, ride=ride.id)
    assert old != taxis.code(ride)
    refusal("ask-the-driver", driving.start, rider, ride=ride.id, code=taxis.code(ride))
    assert driving.start(driver, ride=ride.id, code=taxis.code(ride)).state == "under-way"
    assert driving.start(driver, ride=ride.id, code="").state == "under-way"
    refusal("too-late", requests.new_code, rider, ride=ride.id)


def test_codes_can_be_asked_for_a_few_times(taxis: Taxis):
    rider = taxis.rider()
    ride = taxis.asked(rider)
    for _ in range(codes.TURNS_MAX - 1):
        requests.new_code(rider, ride=ride.id)
    refusal("too-late", requests.new_code, rider, ride=ride.id)


def test_arriving_is_being_there(taxis: Taxis):
    driver, _ = taxis.on_duty(taxis.at(3))
    ride = taxis.accepted(taxis.rider(), driver)
    found = refusal("not-there", driving.arrive, driver, ride=ride.id)
    assert found.extra["metres"] > 150
    assert driving.arrive(driver, ride=ride.id, place=taxis.start(ride)).state == "arrived"
    assert driving.arrive(driver, ride=ride.id).state == "arrived"


def test_a_rider_who_gets_out_early_pays_for_what_was_driven(taxis: Taxis):
    rider = taxis.rider()
    driver, _ = taxis.on_duty(taxis.at(1))
    ride = taxis.under_way(rider, driver)
    done = ending.end(rider, ride=ride.id)
    assert (done.how, done.by, done.total) == ("early", "rider", TERMS.minimum)
    assert taxis.purse(rider.party) == (20_000 - TERMS.minimum, 0)


def test_who_says_that_it_ended_does_not_decide_what_it_costs(taxis: Taxis):
    """A driver who ends a ride half-way gets what was driven, and one who says so at the far end gets the quote."""
    driver, _ = taxis.on_duty(taxis.at(1))
    ride = taxis.under_way(taxis.rider(), driver)
    assert ending.end(driver, ride=ride.id, place=taxis.start(ride)).how == "early"
    again = taxis.under_way(taxis.rider(), driver)
    assert ending.end(driver, ride=again.id, place=taxis.end(again)).total == again.quote.total


def test_a_breakdown_costs_nothing(taxis: Taxis):
    rider = taxis.rider()
    driver, _ = taxis.on_duty(taxis.at(1))
    ride = taxis.under_way(rider, driver)
    assert ending.end(taxis.owner, ride=ride.id, broken=True).total == 0
    assert taxis.purse(rider.party) == (20_000, 0)
    assert Receipt.objects.get(trip=ride.id).lines == []


def test_waiting_at_the_pick_up_is_on_the_receipt(taxis: Taxis):
    driver, _ = taxis.on_duty(taxis.at(1))
    ride = taxis.accepted(taxis.rider(), driver)
    driving.arrive(driver, ride=ride.id, place=taxis.start(ride))
    Ride.objects.filter(id=ride.id).update(arrived_at=clock.now() - timedelta(seconds=240))
    driving.start(driver, ride=ride.id, code=taxis.code(ride))
    done = ending.end(driver, ride=ride.id, place=taxis.end(ride))
    assert done.total == ride.quote.total + 60


def test_another_destination_is_another_price_that_the_rider_accepts(taxis: Taxis):
    rider = taxis.rider()
    driver, _ = taxis.on_duty(taxis.at(1))
    ride = taxis.under_way(rider, driver)
    new = quotes.requote(rider, id=ids.uuid7(), ride=ride.id, end=taxis.at(5), stops=[taxis.at(2)])
    assert {line["code"]: line["amount"] for line in new.lines}["surcharge:stop"] == 300
    assert Ride.objects.get(id=ride.id).quote_id == ride.quote_id
    refusal("no-such-ride", requests.redirect, taxis.rider(), ride=ride.id, quote=new.id)
    changed = requests.redirect(rider, ride=ride.id, quote=new.id)
    assert requests.redirect(rider, ride=ride.id, quote=new.id).version == changed.version
    assert taxis.purse(rider.party) == (20_000, fares.held_for(TERMS, new.total))
    assert ending.end(driver, ride=ride.id, place=taxis.at(5)).total == new.total
    assert ledger.differences() == []


def test_a_redirect_beyond_the_purse_changes_nothing(taxis: Taxis):
    rider = taxis.rider()
    driver, _ = taxis.on_duty(taxis.at(1))
    ride = taxis.under_way(rider, driver)
    far = quotes.requote(rider, id=ids.uuid7(), ride=ride.id, end=Point(121.2, 31.37))
    refusal("insufficient-funds", requests.redirect, rider, ride=ride.id, quote=far.id)
    assert taxis.purse(rider.party) == (20_000, held(ride))
    assert Ride.objects.get(id=ride.id).quote_id == ride.quote_id


@pytest.mark.parametrize(("seconds", "fee"), [(60, 0), (121, TERMS.cancel_fee)])
def test_calling_off_after_a_car_was_found(taxis: Taxis, seconds: int, fee: int):
    rider = taxis.rider()
    driver, duty = taxis.on_duty(taxis.at(1))
    ride = taxis.accepted(rider, driver)
    with clock.at(clock.now() + timedelta(seconds=seconds)):
        done = ending.cancel(rider, ride=ride.id, reason="changed-plans")
    assert (done.state, done.by, done.total) == ("cancelled", "rider", fee)
    assert taxis.purse(rider.party) == (20_000 - fee, 0)
    assert Duty.objects.get(id=duty.id).state == "free"
    assert Vehicle.objects.get(id=duty.vehicle_id).state == "available"
    assert ending.cancel(rider, ride=ride.id).version == done.version
    refusal("wrong-state", driving.arrive, driver, ride=ride.id)


def test_calling_off_while_it_is_offered(taxis: Taxis):
    rider = taxis.rider()
    driver, duty = taxis.on_duty(taxis.at(1))
    ride = taxis.asked(rider)
    (offer,) = taxis.matched()
    ending.cancel(rider, ride=ride.id)
    refusal("offer-gone", offers.accept, driver, offer=offer.id)
    assert RideOffer.objects.get(id=offer.id).state == "withdrawn"
    assert Duty.objects.get(id=duty.id).state == "free"
    assert taxis.purse(rider.party) == (20_000, 0)


def test_a_trip_under_way_is_ended_not_called_off(taxis: Taxis):
    rider = taxis.rider()
    driver, _ = taxis.on_duty(taxis.at(1))
    ride = taxis.under_way(rider, driver)
    refusal("wrong-state", ending.cancel, rider, ride=ride.id)
    refusal("wrong-state", ending.drop, driver, ride=ride.id)


def test_who_does_not_come_pays_after_the_time_for_it(taxis: Taxis):
    rider = taxis.rider()
    driver, _ = taxis.on_duty(taxis.at(1))
    ride = taxis.accepted(rider, driver)
    refusal("wrong-state", ending.no_show, driver, ride=ride.id)
    driving.arrive(driver, ride=ride.id, place=taxis.start(ride))
    refusal("not-yet", ending.no_show, driver, ride=ride.id)
    with clock.at(clock.now() + timedelta(seconds=TERMS.no_show_seconds)):
        done = ending.no_show(driver, ride=ride.id)
        assert ending.no_show(driver, ride=ride.id).id == done.id
    assert (done.by, done.total) == ("no-show", TERMS.no_show_fee)
    assert taxis.purse(rider.party) == (20_000 - TERMS.no_show_fee, 0)
    assert Receipt.objects.get(trip=ride.id).total == TERMS.no_show_fee


def test_a_driver_who_gives_it_up_leaves_it_to_another(taxis: Taxis):
    rider = taxis.rider()
    first, _ = taxis.on_duty(taxis.at(1))
    ride = taxis.accepted(rider, first)
    asked = ride.requested_at
    second, two = taxis.on_duty(taxis.at(2))
    dropped = ending.drop(first, ride=ride.id, reason="flat tyre of Mr Li")
    assert (dropped.state, dropped.driver, dropped.requested_at) == ("requested", None, asked)
    (fact,) = taxis.facts(ride.id, "mobility.ride.reassigned")
    assert (fact["by"], fact["reason"]) == ("car", "other")
    (offer,) = taxis.matched()
    assert offer.duty_id == two.id  # not to the first again, near as it is
    assert offers.accept(second, offer=offer.id).driver == second.party
    assert taxis.purse(rider.party) == (20_000, held(ride))


def test_a_ride_that_loses_its_cars_too_often_is_called_off(taxis: Taxis):
    rider = taxis.rider()
    ride = taxis.asked(rider)
    for turn in range(5):
        driver, _ = taxis.on_duty(taxis.at(turn))
        (offer,) = taxis.matched()
        offers.accept(driver, offer=offer.id)
        last = ending.drop(driver, ride=ride.id)
    assert (last.state, last.by, last.reason) == ("cancelled", "house", "no-car")
    assert taxis.purse(rider.party) == (20_000, 0)


def test_nobody_is_told_of_anothers_ride(taxis: Taxis):
    rider, stranger = taxis.rider(), taxis.rider()
    driver, duty = taxis.on_duty(taxis.at(1))
    other, _ = taxis.on_duty(taxis.at(2))
    ride = taxis.asked(rider)
    (offer,) = taxis.matched()
    refusal("no-such-offer", offers.accept, other, offer=offer.id)
    refusal("no-such-offer", offers.decline, stranger, offer=offer.id)
    offers.accept(driver, offer=offer.id)
    strangers: list[Any] = [stranger, other, taxis.rival_owner]
    for actor in strangers:
        for act in (ending.cancel, ending.end, ending.no_show, ending.drop, driving.depart, driving.arrive):
            refusal("no-such-ride", act, actor, ride=ride.id)
        refusal("no-such-ride", driving.start, actor, ride=ride.id, code="0000")
        refusal("no-such-ride", requests.new_code, actor, ride=ride.id)
        refusal("no-such-duty", duties.here, actor, duty=duty.id, place=taxis.at(1))
        refusal("no-such-duty", duties.go_offline, actor, duty=duty.id)
    refusal("no-such-ride", ending.cancel, driver, ride=ride.id)
    refusal("no-such-ride", requests.redirect, stranger, ride=ride.id, quote=UUID(int=1))


def test_the_phones_points_move_the_car_and_the_meter(taxis: Taxis):
    driver, duty = taxis.on_duty(taxis.at(1))
    ride = taxis.under_way(taxis.rider(), driver)
    refusal("invalid", duties.here, driver, duty=duty.id, place=Point(0, 0))
    refusal("invalid", duties.here, driver, duty=duty.id, place=taxis.at(1), at=clock.now() + timedelta(seconds=60))
    meters.point(duty.vehicle_id, taxis.at(1), clock.now() - timedelta(seconds=60))
    assert Ride.objects.get(id=ride.id).metres == 0
    with clock.at(clock.now() + timedelta(seconds=100)):
        duties.here(driver, duty=duty.id, place=taxis.end(ride), heading=90)
    now = Ride.objects.get(id=ride.id)
    assert now.metres == now.bridged_m > 0
    assert Vehicle.objects.get(id=duty.vehicle_id).heading == 90
